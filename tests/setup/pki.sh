#!/bin/sh
# The demo's public-key infrastructure, made with the openssl command alone
# in .run/pki/; kept while its CRLs are good for days yet.
#
#	public/root.crt       anchor of the public CAs
#	government/root.crt   anchor of the government's CA, name with diacritics
#	timestamp/root.crt    anchor of the TSA
#	unknown/root.crt      an anchor that nobody trusts
#	untrusted/issuing.crt the CA between the public root and its signers
#	crl/NAME.crl          of every CA above, in DER
#	people/NAME.crt .key .p12, the password in people/.password
#	  citizen citizen2 revoked enterprise (EC)   under issuing
#	  officer officer2 agency (signs receipts)   under government
#	  stranger (the citizen's very subject)      under unknown
#	  tsa                                        under timestamp
#	tls/ca.crt, tls/NAME.crt .key: gateway portal vnpay smtp, for localhost
#	secret/link.key head.key webhook.secret vnpay.secret client.key
set -eu
here=$(cd "$(dirname "$0")" && pwd)
run=$here/../../.run
mkdir -p "$run"
run=$(cd "$run" && pwd)
pki=$run/pki
sum=$(cat "$here/pki.sh" "$here/openssl.cnf" | cksum)

exec 9>"$run/pki.lock"
flock 9
# CRLs last 30 days.
if [ "$(cat "$pki/made-by" 2>/dev/null)" = "$sum" ] &&
    [ -z "$(find "$pki/made-by" -mtime +20)" ]; then
	exit 0
fi

rm -rf "$pki"
umask 077
mkdir -p "$pki"
cd "$pki"
mkdir ca public government timestamp unknown untrusted crl people tls secret
exec 3>&2 2>log
trap '[ $? -eq 0 ] || tail -n 20 log >&3' EXIT

key() {	# key FILE rsa:BITS|ec|ed25519
	case $2 in
	rsa:*) openssl genpkey -quiet -algorithm RSA -out "$1" \
	    -pkeyopt "rsa_keygen_bits:${2#rsa:}" ;;
	ec) openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
	    -out "$1" ;;
	*) openssl genpkey -algorithm "$2" -out "$1" ;;
	esac
}

folder() {	# folder NAME KIND: of an authority, with its key
	mkdir "ca/$1"
	: >"ca/$1/index.txt"
	echo 01 >"ca/$1/crlnumber"
	key "ca/$1/ca.key" "$2"
}

root() {	# root NAME KIND SUBJECT
	folder "$1" "$2"
	DIR=ca/$1 openssl req -config "$here/openssl.cnf" -new -x509 \
	    -sha256 -days 3650 -extensions root -key "ca/$1/ca.key" \
	    -subj "$3" -out "ca/$1/ca.crt"
}

ca() {	# ca NAME ARGUMENTS of openssl ca
	name=$1
	shift
	DIR=ca/$name openssl ca -config "$here/openssl.cnf" "$@"
}

issue() {	# issue CA PROFILE KEYFILE CERTFILE SUBJECT
	DIR=ca/$1 openssl req -config "$here/openssl.cnf" -new -key "$3" \
	    -subj "$5" -out request.pem
	ca "$1" -batch -notext -preserveDN -extensions "$2" \
	    -in request.pem -out "$4"
}

person() {	# person CA PROFILE NAME KIND SUBJECT
	key "people/$3.key" "$4"
	issue "$1" "$2" "people/$3.key" "people/$3.crt" "$5"
}

bag() {	# bag NAME CHAIN: PKCS#12 with the key and the chain
	openssl pkcs12 -export -inkey "people/$1.key" -in "people/$1.crt" \
	    -certfile "$2" -name "$1" -passout file:people/.password \
	    -out "people/$1.p12"
}

server() {	# server NAME
	key "tls/$1.key" ec
	issue tls server "tls/$1.key" leaf.pem '/CN=localhost'
	cat leaf.pem ca/tls/ca.crt >"tls/$1.crt"
}

root public rsa:3072 '/C=VN/O=Demo Public CA/CN=Demo Public Root CA'
root government rsa:3072 "/C=VN/O=Ban Cơ yếu Chính phủ (thử nghiệm)/CN=\
Cơ quan chứng thực số chuyên dùng Chính phủ (thử nghiệm)"
root timestamp rsa:2048 '/C=VN/O=Demo TSA/CN=Demo Timestamp Root'
root unknown rsa:2048 '/C=VN/O=Nobody/CN=Unknown Root'
root tls ec '/CN=Demo TLS CA'
folder issuing rsa:2048
issue public issuing ca/issuing/ca.key ca/issuing/ca.crt \
    '/C=VN/O=Demo Public CA/CN=Demo Issuing CA'

city='/C=VN/ST=Thành phố Hồ Chí Minh'
person issuing signer citizen rsa:2048 \
    "$city/CN=NGUYỄN VĂN AN/UID=CCCD:012345678901"
person issuing signer citizen2 rsa:2048 \
    "$city/CN=TRẦN THỊ BƯỞI/UID=CCCD:079200000002"
person issuing signer revoked rsa:2048 \
    "$city/CN=LÊ VĂN CŨ/UID=CCCD:079200000003"
person issuing signer enterprise ec \
    "$city/CN=CÔNG TY TNHH GIÁO DỤC MINH KHAI/UID=MST:0312345678"
org='/C=VN/L=Thành phố Hồ Chí Minh/O=Ủy ban nhân dân Thành phố Hồ Chí Minh'
org="$org/OU=Sở Giáo dục và Đào tạo"
person government officer officer rsa:2048 "$org/OU=Phòng Khảo thí\
/CN=Phạm Thị Dung/emailAddress=ptdung.sgddt@tphcm.gov.vn"
person government officer officer2 rsa:2048 "$org/OU=Văn phòng\
/CN=Võ Văn Em/emailAddress=vvem.sgddt@tphcm.gov.vn"
person government officer agency rsa:2048 \
    "$org/CN=Sở Giáo dục và Đào tạo Thành phố Hồ Chí Minh"
person timestamp tsa tsa rsa:2048 '/C=VN/O=Demo TSA/CN=Demo TSA 1'
person unknown signer stranger rsa:2048 \
    "$city/CN=NGUYỄN VĂN AN/UID=CCCD:012345678901"
ca issuing -revoke people/revoked.crt -crl_reason keyCompromise

printf %s demo-pkcs12 >people/.password
cat ca/issuing/ca.crt ca/public/ca.crt >chain.pem
for name in citizen citizen2 revoked enterprise; do bag "$name" chain.pem; done
for name in officer officer2 agency; do bag "$name" ca/government/ca.crt; done
bag stranger ca/unknown/ca.crt
for name in gateway portal vnpay smtp; do server "$name"; done

for name in public issuing government timestamp unknown; do
	ca "$name" -gencrl -out crl.pem
	openssl crl -in crl.pem -outform DER -out "crl/$name.crl"
done
for name in public government timestamp unknown; do
	cp "ca/$name/ca.crt" "$name/root.crt"
done
cp ca/issuing/ca.crt untrusted/issuing.crt
cp ca/tls/ca.crt tls/ca.crt

openssl rand -hex 32 >secret/link.key
key secret/head.key ed25519
echo "whsec_$(openssl rand -base64 32)" >secret/webhook.secret
openssl rand -hex 16 | tr '[:lower:]' '[:upper:]' >secret/vnpay.secret
echo "portal-$(openssl rand -hex 24)" >secret/client.key
rm -f request.pem crl.pem leaf.pem chain.pem
echo "$sum" >made-by
