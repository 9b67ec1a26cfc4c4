#!/bin/sh
# smoke.sh BUILD SECONDS [OTHERS]: runs every fuzz target of BUILD, two at a
# time, from seeds that the fixtures' scripts make anew: PDF, CMS, XML and
# reports for SECONDS, the others for OTHERS, or as long.  A crash, a leak,
# a sanitizer's report, ten seconds on one input or 2 GB fail, and the input
# lies in BUILD/fuzz/<target>/.
set -eu
build=$1
seconds=$2
others=${3:-$2}
work=$build/fuzz
long='cms pdf report xades'
. tests/setup/sanitizers.sh
rm -rf "$work/made"
mkdir -p "$work/made"

# What each target begins with; one without a script begins with nothing.
seeds_xades() {	# those that try a limit are too slow to begin with
	find "$work/made/xml/good" "$work/made/xml/bad" -name '*.xml' \
	    -size -20k -exec cp {} "$1" \;
}

seeds_report() {	# the target writes its own
	SEEDS=$1 "$build/tests/fuzz/fuzz_report" -runs=0 >"$work/made/log" 2>&1
}

seeds_cms() {
	find "$work/made/cms/good" "$work/made/cms/bad" -name '*.p7?' \
	    -size -64k -exec cp {} "$1" \;
}

seeds_pdf() {	# as above
	find "$work/made/pdf/good" "$work/made/pdf/bad" -name '*.pdf' \
	    ! -name 'inflating-*' ! -name 'chain-*' ! -name 'revisions-*' \
	    -size -64k -exec cp {} "$1" \;
}

seeds_dsn() {	# the test's string, without its C
	sed -n '/^static const char whole/,/;$/p' tests/unit/test_dsn.c |
	    sed -n 's/^ *"\(.*\)\\r\\n".*/\1/p' | tr -d '\\' >"$1/postfix"
}

seeds_smtp_reply() {	# the first byte says in what pieces the rest comes
	printf '\005250-size\r\n250 pipelining\r\n354 go\r\n' >"$1/good"
	printf '\002550-5.1.1 no\r\n550 user\r\n421\r\n' >"$1/bad"
}

# The first byte asks for a true CRC.
seeds_vietqr() {
	grep -o '38[0-9]*0010A000000727[0-9A-Za-z ]*' tests/unit/test_vietqr.c |
	    while read -r line; do
		printf '1000201010212%s53037045802VN' "$line" \
		    >"$1/$(printf '%s' "$line" | cksum | tr ' ' -)"
	done
}

seeds_timestamp() {
	cp "$work/made/cms/pki/token.der" "$work/made/cms/good/stamped"*.p7? "$1"
}

seeds_certificate() {
	cp "$work/made/cms/pki/"*.der "$1"
	for f in "$work/made/xml/pki/"*.der; do
		cp "$f" "$1/xml-$(basename "$f")"
	done
}

seeds_policy() {
	cp schemas/policy/policy.json "$1"
}

# One byte before each file says what it is (fuzz_trust.c).
seeds_trust() {
	for f in "$work/made/cms/pki/"*.der "$work/made/xml/pki/"*.pem; do
		as "$1" 0 "$f"
		as "$1" 1 "$f"
	done
	for f in "$work/made/cms/pki/"*.crl; do as "$1" 2 "$f"; done
	for f in "$work/made/cms/pki/ocsp-"*; do
		case $f in *.*) ;; *) as "$1" 3 "$f" ;; esac
	done
	as "$1" 4 schemas/policy/policy.json
	for f in "$work/made/xml/"*/list*.xml; do as "$1" 0 "$f"; done
}

as() {		# as FOLDER KIND FILE
	{ printf "\\00$2"; cat "$3"; } >"$1/$2-$(basename "$3")"
}

for kind in xml cms pdf; do
	sh "tests/fixtures/make-$kind.sh" "$work/made/$kind" >"$work/made/log" ||
	    { cat "$work/made/log"; exit 1; }
done

is_long() {	# is_long NAME
	case " $long " in
	*" $1 "*) ;;
	*) return 1 ;;
	esac
}

# Two that run at once take as long as each other: the long ones come first.
names() {
	for name in $long; do echo "$name"; done
	for t in tests/fuzz/fuzz_*.c; do
		name=${t##*/fuzz_}
		is_long "${name%.c}" || echo "${name%.c}"
	done
}

run() {	# run NAME
	mkdir -p "$work/$1/seeds" "$work/$1/found"
	if command -v "seeds_$1" >/dev/null; then
		"seeds_$1" "$work/$1/seeds"
	fi
	time=$others
	! is_long "$1" || time=$seconds
	if "$build/tests/fuzz/fuzz_$1" -max_total_time="$time" -timeout=10 \
	    -rss_limit_mb=2048 -artifact_prefix="$work/$1/" \
	    "$work/$1/found" "$work/$1/seeds" >"$work/$1/log" 2>&1; then
		echo "fuzz_$1: $(grep '^Done' "$work/$1/log")"
	else
		tail -40 "$work/$1/log"
		echo "fuzz_$1: FAILED"
		return 1
	fi
}

bad=0
set --
for name in $(names); do
	run "$name" &
	set -- "$@" $!
	if [ $# -eq 2 ]; then
		for p; do wait "$p" || bad=1; done
		set --
	fi
done
for p; do wait "$p" || bad=1; done
exit $bad
