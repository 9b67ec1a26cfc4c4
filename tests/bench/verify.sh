#!/bin/sh
# verify.sh [BUILD] [ROUNDS]: signatures checked a second, each figure beside
# the raw RSA-2048 verify rate and beside a tool of others on the same file,
# taken in turns in this run on this machine; medians.  One core, warm; a chain
# of three with two CRLs.  Wants BUILD/tests/bench/verify and BUILD/hosogate,
# which signs the PDF, as pdfsig would put 800 KB of fonts into it.  Prints a
# table, asserts nothing.
set -eu
build=${1:-build}
rounds=${2:-7}
seconds=3 # of another tool
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
sh tests/fixtures/make-xml.sh "$dir"
pki=$dir/pki
cpu=0

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

ours() {	# ours MODE CHILDREN FILE [CONTENT], for a second
	pin="taskset -c $cpu"
	[ "$2" = 1 ] || pin=
	mode=$1 children=$2
	shift 2
	$pin "$build/tests/bench/verify" "$mode" 1 "$children" \
	    "$pki/root.pem" "$pki/crls" "$@"
}

raw() {
	taskset -c $cpu openssl speed -seconds 1 rsa2048 2>/dev/null |
	    awk '/^rsa 2048/ { print int($NF) }'
}

# What is compared is measured in turns, a second each: a machine is not as
# fast in one minute as in the next.
turns() {	# turns FILE [CONTENT]: raw, in-process, sandbox, two children
	for _ in $(seq "$rounds"); do
		echo "$(raw) $(ours in-process 1 "$@") $(ours sandbox 1 "$@")" \
		    "$(ours sandbox 2 "$@")"
	done
}

process() {	# process COMMAND...: how often it runs in a second
	end=$(($(date +%s%N) + seconds * 1000000000))
	n=0
	while [ "$(date +%s%N)" -lt "$end" ]; do
		taskset -c $cpu "$@" >/dev/null 2>&1 || { "$@" >&2; exit 1; }
		n=$((n + 1))
	done
	echo $((n / seconds))
}

row() {	# row NAME PEER PEER-RATE < turns: the medians of rates and ratios
	awk -v name="$1" -v peer="$2" -v p="$3" '
	function median(a, n,    i, j, t) {
		for (i = 2; i <= n; i++)
			for (j = i; j > 1 && a[j - 1] > a[j]; j--) {
				t = a[j]; a[j] = a[j - 1]; a[j - 1] = t
			}
		return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
	}
	{
		raw[NR] = $1; in_[NR] = $2; one[NR] = $3; two[NR] = $4
		by_raw[NR] = $2 / $1; by_in[NR] = $3 / $2; by_one[NR] = $4 / $3
	}
	END {
		printf "%-22s %7d %8d %6.3f %8d %6.2f %8d %6.2f   %s %d, %d x\n",
		    name, median(raw, NR), median(in_, NR), median(by_raw, NR),
		    median(one, NR), median(by_in, NR), median(two, NR),
		    median(by_one, NR), peer, p, (p > 0 ? median(one, NR) / p : 0)
	}'
}

printf '%-22s %7s %8s %6s %8s %6s %8s %6s   %s\n' 'signatures a second' \
    'raw RSA' 'in-proc' '/raw' 'sandbox' '/in-pr' '2 child' '/one' 'other tool'
peer=$(process openssl cms -verify -binary -inform DER -in "$dir/cades.p7s" \
    -content "$dir/content" -CAfile "$pki/all.pem" -purpose any \
    -crl_check_all -out /dev/null)
turns "$dir/cades.p7s" "$dir/content" |
    row 'CAdES 100 KB detached' 'openssl cms' "$peer"
peer=$(process pdfsig -nssdir "sql:$dir/nss" -nocert "$dir/pades.pdf")
turns "$dir/pades.pdf" | row 'PAdES 150 KB' 'pdfsig -nocert' "$peer"
peer=$(process xmlsec1 --verify --id-attr:Id SignedProperties \
    --trusted-pem "$pki/root.pem" "$dir/xades.xml")
turns "$dir/xades.xml" | row 'XAdES 4 KB' 'xmlsec1 --verify' "$peer"

"$build/tests/bench/verify" unknown "$pki/root.pem" "$pki/crls" \
    "$dir"/unknown-*.p7m | while read -r mean worst; do
	echo "a certificate never seen before: mean $mean us, worst $worst us" \
	    "(limit 2000 us)"
done
