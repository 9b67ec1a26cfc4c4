#!/bin/sh
# Real documents in .run/documents/, signed by tools that are not ours; made
# anew when the PKI is.
#
#	application.pdf          the form; nobody signed it
#	application-signed.pdf   by the citizen, with poppler's pdfsig
#	application-tampered.pdf the same with one byte of its text changed
#	application-stranger.pdf, -revoked.pdf, -citizen2.pdf  by those people
#	transcript.pdf .p7s      detached CAdES by the citizen, openssl cms
#	transcript-enterprise.p7s                by the enterprise
#	declaration.xml          enveloped XML signature of the citizen, xmlsec1
#	declaration-unsigned.xml
#	result.pdf               what the officer will sign
#	result-signed.pdf, result-officer2.pdf   by the officers, with pdfsig
set -eu
here=$(cd "$(dirname "$0")" && pwd)
"$here/pki.sh"
run=$(cd "$here/../../.run" && pwd)
pki=$run/pki
out=$run/documents
sum=$(cat "$here/documents.sh" "$here/pdf.awk" "$here/form.xml" | cksum)
sum="$sum $(openssl x509 -in "$pki/people/citizen.crt" -noout -serial)"

exec 9>"$run/documents.lock"
flock 9
[ "$(cat "$out/made-by" 2>/dev/null)" != "$sum" ] || exit 0

rm -rf "$out"
mkdir -p "$out/nss"
cd "$out"
exec 3>&2 2>log
trap '[ $? -eq 0 ] || tail -n 20 log >&3' EXIT

pdf() {
	LC_ALL=C awk -f "$here/pdf.awk"
}

pdfsign() {	# pdfsign WHO IN OUT
	# A database for each: NSS gives two certificates of one subject one
	# nickname, and the stranger's subject is the citizen's.  pdfsig says
	# that NSS could not shut down, and exits 0 all the same.
	mkdir -p "nss/$1"
	certutil -N -d "sql:nss/$1" --empty-password
	pk12util -i "$pki/people/$1.p12" -d "sql:nss/$1" -K '' \
	    -w "$pki/people/.password" >>log
	pdfsig -nssdir "sql:nss/$1" -add-signature -nick "$1" "$2" "$3" >>log
	pdfsig -nssdir "sql:nss/$1" -nocert "$3" |
	    grep -q 'Signature is Valid'
	rm -r "nss/$1"
}

pdf >application.pdf <<'E'
DON DE NGHI CHINH SUA NOI DUNG VAN BANG, CHUNG CHI
Kinh gui: So Giao duc va Dao tao Thanh pho Ho Chi Minh
Ho va ten: NGUYEN VAN AN
So dinh danh ca nhan: 012345678901
E
pdf >transcript.pdf <<'E'
BANG TOT NGHIEP TRUNG HOC PHO THONG (ban sao)
Ho va ten: NGUYEN VAN ANH. So hieu: B 0123456
E
pdf >result.pdf <<'E'
QUYET DINH CHINH SUA VAN BANG
Ho va ten nay la: NGUYEN VAN AN. So hieu: B 0123456
E

pdfsign citizen application.pdf application-signed.pdf
for name in citizen2 revoked stranger; do
	pdfsign "$name" application.pdf "application-$name.pdf"
done
LC_ALL=C sed 's/ca nhan: 012345678901/ca nhan: 912345678901/' \
    application-signed.pdf >application-tampered.pdf
cmp -s application-signed.pdf application-tampered.pdf && exit 1
pdfsign officer result.pdf result-signed.pdf
pdfsign officer2 result.pdf result-officer2.pdf

for name in citizen enterprise; do
	openssl cms -sign -cades -binary -outform DER -md sha256 \
	    -in transcript.pdf -signer "$pki/people/$name.crt" \
	    -inkey "$pki/people/$name.key" \
	    -certfile "$pki/untrusted/issuing.crt" \
	    -out "transcript-$name.p7s"
done
mv transcript-citizen.p7s transcript.p7s

cp "$here/form.xml" declaration-template.xml
citizen=$pki/people/citizen.key,$pki/people/citizen.crt
xmlsec1 --sign --output declaration.xml \
    --privkey-pem "$citizen,$pki/untrusted/issuing.crt" declaration-template.xml
sed '/<Signature /,/<\/Signature>/d' "$here/form.xml" \
    >declaration-unsigned.xml
rm -r nss declaration-template.xml
echo "$sum" >made-by
