#!/bin/sh
# smoke.sh BUILD [SECONDS]: runs every fuzz target of BUILD for 60 seconds, two
# at a time, from seeds that the fixtures' scripts make anew.  A crash, a leak,
# a sanitizer's report, ten seconds on one input or 2 GB fail, and the input
# lies in BUILD/fuzz/<target>/.
set -eu
build=$1
seconds=${2:-60}
work=$build/fuzz
. tests/setup/sanitizers.sh
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
	cp "$work/made/cms/good/"*.p7? "$work/made/cms/bad/"*.p7? "$1"
}

seeds_pdf() {
	cp "$work/made/pdf/good/"*.pdf "$work/made/pdf/bad/"*.pdf "$1"
}

# The first byte asks for a true CRC.
seeds_vietqr() {
	grep -o '38[0-9]*0010A000000727[0-9A-Za-z ]*' tests/unit/test_vietqr.c |
	    while read -r line; do
		printf '1000201010212%s53037045802VN' "$line" \
		    >"$1/$(printf '%s' "$line" | cksum | tr ' ' -)"
	done
}

for kind in xml cms pdf; do
	sh "tests/fixtures/make-$kind.sh" "$work/made/$kind" >"$work/made/log" ||
	    { cat "$work/made/log"; exit 1; }
done

run() {	# run NAME
	mkdir -p "$work/$1/seeds" "$work/$1/found"
	if command -v "seeds_$1" >/dev/null; then
		"seeds_$1" "$work/$1/seeds"
	fi
	if "$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=10 \
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
for t in "$build"/tests/fuzz/fuzz_*; do
	case $t in *.o | *.d) continue ;; esac
	name=${t##*/fuzz_}
	run "$name" &
	set -- "$@" $!
	if [ $# -eq 2 ]; then
		for p; do wait "$p" || bad=1; done
		set --
	fi
done
for p; do wait "$p" || bad=1; done
exit $bad
