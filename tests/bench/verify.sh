#!/bin/sh
# verify.sh [BUILD] [ROUNDS]: signatures checked a second, each figure beside
# the raw RSA-2048 verify rate and beside a tool of others on the same file,
# taken in turns in this run on this machine; medians.  One core, warm; a chain
# of three with two CRLs.  Two cores: a gateway's thread and its child bound to
# each; and left to the scheduler, which likes to wake one of the two on the
# other core.  Wants BUILD/tests/bench/verify and BUILD/hosogate,
# which signs the PDF, as pdfsig would put 800 KB of fonts into it.  Prints a
# table, asserts nothing.
set -eu
build=${1:-build}
rounds=${2:-7}
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sh tests/fixtures/make-xml.sh "$dir"
pki=$dir/pki

### The files: CAdES 100 KB detached, PAdES-B 150 KB, a small XAdES

head -c 100000 /dev/urandom >"$dir/content"
openssl cms -sign -cades -binary -in "$dir/content" -outform DER \
    -signer "$pki/signer.pem" -inkey "$pki/signer.key" \
    -certfile "$pki/ca.pem" -out "$dir/cades.p7s"
openssl pkcs12 -export -inkey "$pki/signer.key" -in "$pki/signer.pem" \
    -certfile "$pki/ca.pem" -name signer -passout pass:bench -out "$dir/p12"
echo 'A page' | LC_ALL=C awk -v pad=117000 -f tests/setup/pdf.awk \
    >"$dir/plain.pdf"
echo bench >"$dir/password"
"$build/hosogate" sign --pkcs12 "$dir/p12" --password-file "$dir/password" \
    --out "$dir/pades.pdf" "$dir/plain.pdf" >/dev/null
mkdir "$dir/nss"
certutil -N -d "sql:$dir/nss" --empty-password
cp "$dir/good/enveloped-b-b.xml" "$dir/xades.xml"
# openssl cms takes CRLs from the file of anchors alone.
cat "$pki/root.pem" "$pki/root.crl" "$pki/ca.crl" >"$pki/all.pem"

# Signers that nobody has seen before, each with a certificate of its own.
unknown=20
for i in $(seq $unknown); do
	openssl req -new -newkey rsa:2048 -nodes -keyout "$dir/u.key" \
	    -subj "/CN=Signer $i" -out "$dir/u.csr" 2>/dev/null
	openssl x509 -req -in "$dir/u.csr" -CA "$pki/ca.pem" \
	    -CAkey "$pki/ca.key" -days 365 -set_serial $((9000 + i)) \
	    -extfile "$pki/signer.ext" -out "$dir/u.pem" 2>/dev/null
	head -c 10000 "$dir/content" | openssl cms -sign -cades -binary -nodetach \
	    -outform DER -signer "$dir/u.pem" -inkey "$dir/u.key" \
	    -certfile "$pki/ca.pem" -out "$dir/unknown-$i.p7m"
done

### The rates

# ours CORES MODE CHILDREN FILE [CONTENT], for a second
ours() {
	cores=$1 mode=$2 children=$3
	shift 3
	taskset -c "$cores" "$build/tests/bench/verify" "$mode" 1 "$children" \
	    "$pki/root.pem" "$pki/crls" "$@"
}

# A gateway's thread and its child on each of two cores.
on_two_cores() {
	ours 1 sandbox 1 "$@" >"$dir/rate" &
	first=$(ours 0 sandbox 1 "$@")
	wait $!
	echo $((first + $(cat "$dir/rate")))
}

raw() {
	taskset -c 0 openssl speed -seconds 1 rsa2048 2>/dev/null |
	    awk '/^rsa 2048/ { print int($NF) }'
}

process() {	# process COMMAND...: how often it runs in a second
	end=$(($(date +%s%N) + 1000000000))
	n=0
	while [ "$(date +%s%N)" -lt "$end" ]; do
		taskset -c 0 "$@" >/dev/null 2>&1 || { "$@" >&2; exit 1; }
		n=$((n + 1))
	done
	echo $n
}

# What is compared is measured in turns, a second each: a machine is not as
# fast in one minute as in the next.  The table has the medians of rates and
# of each turn's ratios.
row() {		# row NAME "FILE [CONTENT]" PEER-NAME PEER...
	name=$1 files=$2 peer=$3
	shift 3
	# shellcheck disable=SC2086
	for _ in $(seq "$rounds"); do
		echo "$(raw) $(ours 0 in-process 1 $files)" \
		    "$(ours 0 sandbox 1 $files) $(on_two_cores $files)" \
		    "$(ours 0,1 sandbox 2 $files) $(process "$@")"
	done | awk -v name="$name" -v peer="$peer" '
	function median(a, n,    i, j, t) {
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && a[j - 1] > a[j]; j--) {
				t = a[j]; a[j] = a[j - 1]; a[j - 1] = t
			}
		return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
	}
	{
		raw[NR] = $1; in_[NR] = $2; one[NR] = $3; two[NR] = $4
		free[NR] = $5; other[NR] = $6
		by_raw[NR] = $2 / $1; by_in[NR] = $3 / $2
		by_one[NR] = $4 / $3; free_by[NR] = $5 / $3; by[NR] = $2 / $6
	}
	END {
		printf "%-22s %7d %7d %6.3f %7d %6.2f %7d %6.2f %7d %6.2f  %s %d, %d x\n",
		    name, median(raw, NR), median(in_, NR), median(by_raw, NR),
		    median(one, NR), median(by_in, NR), median(two, NR),
		    median(by_one, NR), median(free, NR), median(free_by, NR),
		    peer, median(other, NR), median(by, NR)
	}'
}

printf '%-22s %7s %7s %6s %7s %6s %7s %6s %7s %6s  %s\n' 'signatures a second' \
    'raw RSA' 'in-proc' '/raw' 'sandbox' '/in-pr' '2 cores' '/one' 'unbound' \
    '/one' 'other tool'
row 'CAdES 100 KB detached' "$dir/cades.p7s $dir/content" 'openssl cms' \
    openssl cms -verify -binary -inform DER -in "$dir/cades.p7s" \
    -content "$dir/content" -CAfile "$pki/all.pem" -purpose any \
    -crl_check_all -out /dev/null
row 'PAdES 150 KB' "$dir/pades.pdf" 'pdfsig -nocert' \
    pdfsig -nssdir "sql:$dir/nss" -nocert "$dir/pades.pdf"
row 'XAdES 4 KB' "$dir/xades.xml" 'xmlsec1 --verify' \
    xmlsec1 --verify --id-attr:Id SignedProperties \
    --trusted-pem "$pki/root.pem" "$dir/xades.xml"

"$build/tests/bench/verify" unknown "$pki/root.pem" "$pki/crls" \
    "$dir"/unknown-*.p7m | while read -r mean worst; do
	echo "a certificate never seen before: mean $mean us, worst $worst us" \
	    "(limit 2000 us)"
done
