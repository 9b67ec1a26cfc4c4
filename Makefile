# make demo        the main job, told as a story on real files
# make run, stop   the same set-up, left running
# make test        every test, under ASan and UBSan
# make             build ./hosogate
# make lint format check docs bench fuzz-smoke fuzz tsan clean
CC      ?= gcc
B       ?= build$(if $(SAN),-san)
JOBS    ?= $(shell nproc)
PKGS    := libcrypto libcurl libmicrohttpd libpq jansson libqpdf libxml-2.0 \
           libconfuse libseccomp libutf8proc libqrencode libpng \
           pangocairo cairo-pdf
HEADERS := $(shell pkg-config --cflags $(PKGS) 2>/dev/null | \
           sed 's/-I\//-isystem \//g')

# Sanitizers do the optimizer's work over: -O2 costs them half as much again
# and runs no faster.  What gcc says of truncated text it knows from strlen.
CFLAGS  ?= $(if $(SAN),-O1 -g1 $(if $(filter clang,$(CC)),,-foptimize-strlen),\
           -O2 -g)
CFLAGS  += -std=c17 -D_GNU_SOURCE -I. -I$(B) -MMD -MP -pthread
CFLAGS  += -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wvla -Wundef
CFLAGS  += -Wstrict-prototypes -Wmissing-prototypes -Wswitch-enum -Wformat=2
CFLAGS  += -Werror
CFLAGS  += -fstack-protector-strong -fstack-clash-protection -fPIE
CFLAGS  += $(if $(SAN),-fsanitize=$(SAN) -fno-omit-frame-pointer \
           -fno-sanitize-recover=all,-D_FORTIFY_SOURCE=2)
CFLAGS  += $(HEADERS) $(MORE)
LDFLAGS += -pie -Wl,-z,relro,-z,now -pthread
LDFLAGS += $(if $(SAN),-fsanitize=$(SAN))
LDLIBS  := $(shell pkg-config --libs $(PKGS) 2>/dev/null)

MODULES := $(filter-out gateway/main.c,\
           $(wildcard base/*.c crypto/*.c adapters/*.c gateway/*.c))
OBJ     := $(MODULES:%.c=$(B)/%.o)
UNIT    := $(patsubst %.c,$(B)/%,$(wildcard tests/unit/test_*.c))
FUZZ    := $(patsubst %.c,$(B)/%,$(wildcard tests/fuzz/fuzz_*.c))
GEN     := $(B)/sql_gen.h $(B)/files_gen.h $(B)/policy_gen.h
SETUP   := tests/setup
FILES   := $$(git ls-files -co --exclude-standard '*.c' '*.h')
SANMAKE := $(MAKE) -s -j$(JOBS) SAN=address,undefined

all: $(B)/hosogate
	@[ $(B) != build ] || ln -sf $(B)/hosogate hosogate

$(B)/hosogate: $(B)/gateway/main.o $(B)/libhosogate.a
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

$(B)/libhosogate.a: $(OBJ)
	@rm -f $@
	ar rcs $@ $^

$(B)/%.o: %.c | $(GEN)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -c -o $@ $<

$(B)/sql_gen.h: gateway/sqlgen.awk $(wildcard schemas/queries/*.sql)
	@mkdir -p $(@D)
	awk -f $^ > $@.new && mv $@.new $@

# Files that the program carries with it: migrations, the API's description.
$(B)/files_gen.h: gateway/embed.awk $(sort $(wildcard schemas/db/[0-9]*.sql)) \
    $(wildcard schemas/api/openapi.json) $(wildcard gateway/web/*)
	@mkdir -p $(@D)
	awk -f $^ > $@.new && mv $@.new $@

# What a verdict goes by where no other policy is given.
$(B)/policy_gen.h: gateway/embed.awk schemas/policy/policy.json
	@mkdir -p $(@D)
	awk -f $^ > $@.new && mv $@.new $@

$(B)/tests/unit/%: $(B)/tests/unit/%.o $(B)/libhosogate.a
	$(CC) $(LDFLAGS) -o $@ $^ -lcmocka $(LDLIBS)

$(B)/tests/fuzz/%: $(B)/tests/fuzz/%.o $(B)/libhosogate.a
	$(CC) $(LDFLAGS) -fsanitize=fuzzer -o $@ $^ $(LDLIBS)

$(patsubst %,$(B)/tests/bench/%,verify clocks sweep mac smtp): $(B)/libhosogate.a
$(B)/tests/bench/%: $(B)/tests/bench/%.o
	$(CC) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# What a user types.  Each installs what is missing first, so the compiler's
# flags are only known to a make below.
demo:
	$(SETUP)/install.sh
	@$(MAKE) -s -j$(JOBS) all
	@$(SETUP)/with-cluster.sh node tests/demo/story.js

run:
	$(SETUP)/install.sh
	@$(MAKE) -s -j$(JOBS) all
	@tests/demo/run.sh start

stop:
	@tests/demo/run.sh stop

test:
	$(SETUP)/install.sh test
	$(MAKE) -s lint docs-fresh npm
	$(MAKE) -s -j$(JOBS) all
	$(SANMAKE) all
	$(SANMAKE) -O unit
	HOSOGATE=$(CURDIR)/build-san/hosogate HOSOGATE_FSYNC=off \
	    $(SETUP)/with-cluster.sh node $(SETUP)/suite.js 6 \
	    tests/*/*.test.js
	$(MAKE) -s fuzz-smoke
	@echo 'make test: all of it passed'

# As many at once as make may start.
unit: $(UNIT:=.run)
$(UNIT:=.run): %.run: %
	@. $(SETUP)/sanitizers.sh; $<

npm:
	cd tests && npm ci --ignore-scripts --no-audit --no-fund
	tests/node_modules/.bin/spectral lint -F warn -q \
	    -r tests/.spectral.yaml schemas/api/openapi.json

lint:
	tests/lint.sh
	clang-format --dry-run -Werror $(FILES)

format:
	clang-format -i $(FILES)

# What other eyes see: another compiler, and three analysers.  gcc 12 takes an
# array set to zero for unset and an asserted pointer for NULL; clang's, which
# clang-tidy runs, does not.
ANALYZER := -fanalyzer -Wno-analyzer-use-of-uninitialized-value \
            -Wno-analyzer-null-dereference -Wno-analyzer-null-argument
check:
	$(SETUP)/install.sh test check
	$(MAKE) -j$(JOBS) CC=clang B=build-clang all
	$(MAKE) -j$(JOBS) CC=gcc B=build-analyzer MORE='$(ANALYZER)' objects
	cppcheck --std=c11 --enable=warning,portability,performance \
	    --inline-suppr --suppressions-list=tests/cppcheck.supp \
	    --error-exitcode=1 -q -j$(JOBS) -I. -Ibuild \
	    base crypto adapters gateway
	printf '%s\n' $(MODULES) gateway/main.c | xargs -n 8 -P $(JOBS) \
	    sh -c 'clang-tidy --quiet "$$@" -- $(filter-out \
	    -MMD -MP,$(CFLAGS)) 2>/dev/null' tidy

objects: $(OBJ) $(B)/gateway/main.o

# Tables that come from the .def files, for readers.
DOCS    := docs/errors.md docs/options.md docs/dossier.dot
docs:
	awk -f docs/errors.awk base/errors.def > docs/errors.md
	awk -f docs/options.awk gateway/config.def > docs/options.md
	awk -f docs/dossier.awk gateway/dossier_state.def > docs/dossier.dot

docs-fresh:
	@mkdir -p $(B)/docs && cp $(DOCS) $(B)/docs/
	@$(MAKE) -s docs
	@for f in $(DOCS); do cmp $$f $(B)/$$f || exit 1; done

bench:
	$(SETUP)/install.sh test check
	@$(MAKE) -s -j$(JOBS) all $(patsubst %,build/tests/bench/%,bare_mhd \
	    verify clocks sweep mac smtp)
	@$(SETUP)/with-cluster.sh node tests/bench/bench.js
	@$(SETUP)/with-cluster.sh node tests/bench/payments.js build
	@tests/bench/verify.sh build
	@$(SETUP)/with-cluster.sh node tests/bench/outbox.js build
	@$(SETUP)/with-cluster.sh node tests/bench/clocks.js build

# A minute for each door that strangers' documents come through; make fuzz is
# the same for as long as one likes.
FUZZ_SECONDS ?= 3600
FUZZMAKE     := $(MAKE) -s -j$(JOBS) CC=clang B=build-fuzz \
                SAN=address,undefined,fuzzer-no-link fuzzers
fuzz-smoke:
	$(SETUP)/install.sh test
	$(FUZZMAKE)
	tests/fuzz/smoke.sh build-fuzz 60 10

fuzz:
	$(SETUP)/install.sh test
	$(FUZZMAKE)
	tests/fuzz/smoke.sh build-fuzz $(FUZZ_SECONDS)

fuzzers: $(FUZZ)

tsan:
	$(SETUP)/install.sh test
	$(MAKE) -j$(JOBS) B=build-tsan SAN=thread all
	HOSOGATE=$(CURDIR)/build-tsan/hosogate HOSOGATE_FSYNC=off \
	    $(SETUP)/with-cluster.sh node --test \
	    --test-reporter=spec tests/api/*.test.js

clean:
	-@tests/demo/run.sh stop 2>/dev/null
	rm -rf build build-* hosogate .run

.PHONY: all demo run stop test unit npm lint format check objects docs \
	docs-fresh bench fuzz fuzz-smoke fuzzers tsan clean $(UNIT:=.run)
.SECONDARY:
-include $(shell find $(B) -name '*.d' 2>/dev/null)
