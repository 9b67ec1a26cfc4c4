#include "crypto/certificate.h"

#include <ctype.h>
#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "crypto/certificate_cache.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/report.h"

/* OpenSSL decodes the key while it parses (a tenth of a millisecond), so a
 * length that cannot be right is refused before. */
#define CERTIFICATE_LEN_MAX (256 * 1024)

/* CPU time grows with the modulus and, much more, with the exponent. */
#define RSA_BITS_MAX      8192
#define RSA_EXPONENT_BITS 64

static bool
is_bounded(const X509 *x)
{
	EVP_PKEY *key = X509_get0_pubkey(x);
	BIGNUM *e = NULL;
	bool ok;

	if (key == NULL) {
		ERR_clear_error();
		return true; /* of no use, and no harm */
	}
	if (!EVP_PKEY_is_a(key, "RSA") && !EVP_PKEY_is_a(key, "RSA-PSS"))
		return true;
	ok = EVP_PKEY_get_bits(key) <= RSA_BITS_MAX &&
	     EVP_PKEY_get_bn_param(key, "e", &e) == 1 &&
	     BN_num_bits(e) <= RSA_EXPONENT_BITS;
	BN_free(e);
	return ok;
}

X509 *
certificate_parse(const uint8_t *der, size_t len)
{
	uint8_t sha256[DIGEST_LEN];
	const uint8_t *p = der;
	X509 *x;

	if (len == 0 || len > CERTIFICATE_LEN_MAX)
		return NULL;
	digest_sha256(der, len, sha256);
	x = certificate_cache_find(sha256);
	if (x != NULL)
		return x;
	x = d2i_X509(NULL, &p, (long)len);
	ERR_clear_error();
	if (x == NULL)
		return NULL;
	if (p != der + len || !is_bounded(x)) {
		X509_free(x);
		return NULL;
	}
	certificate_cache_keep(sha256, x);
	return x;
}

const char *
certificate_excess(const uint8_t *der, size_t len)
{
	const uint8_t *p = der;
	const char *what = NULL;
	X509 *x;

	if (len > CERTIFICATE_LEN_MAX)
		return "certificate over 256 KiB";
	x = d2i_X509(NULL, &p, (long)len);
	ERR_clear_error();
	if (x != NULL && !is_bounded(x))
		what = "RSA modulus over 8192 or exponent over 64 bits";
	X509_free(x);
	return what;
}

/* RFC 4514, most specific RDN first, UTF-8 as it is. */
static void
put_name(const X509_NAME *name, char *out, size_t cap)
{
	const unsigned long how =
	    XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB;
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;

	out[0] = '\0';
	if (bio != NULL && X509_NAME_print_ex(bio, name, 0, how) >= 0) {
		len = BIO_get_mem_data(bio, &text);
		if (len > 0)
			report_text(out, cap, text, (size_t)len);
	}
	BIO_free(bio);
}

static void
put_serial(const X509 *x, char *out, size_t cap)
{
	BIGNUM *n = ASN1_INTEGER_to_BN(X509_get0_serialNumber(x), NULL);
	char *hex = n == NULL ? NULL : BN_bn2hex(n);

	snprintf(out, cap, "%s", hex == NULL ? "" : hex);
	for (char *c = out; *c != '\0'; c++)
		*c = (char)tolower((unsigned char)*c);
	OPENSSL_free(hex);
	BN_free(n);
}

/* The value of RDN i as clean UTF-8; false when it is no string. */
static bool
rdn_text(const X509_NAME *name, int i, char *out, size_t cap)
{
	const ASN1_STRING *v =
	    X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, i));
	unsigned char *utf8 = NULL;
	int len = ASN1_STRING_to_UTF8(&utf8, v);

	if (len < 0) {
		ERR_clear_error();
		return false;
	}
	report_text(out, cap, (const char *)utf8, (size_t)len);
	OPENSSL_free(utf8);
	return true;
}

/* RDNs of one kind, the last one; names go from the country to the person. */
static void
put_last(const X509_NAME *name, int nid, char *out, size_t cap)
{
	int at = -1, last = -1;

	while ((at = X509_NAME_get_index_by_NID(name, nid, at)) >= 0)
		last = at;
	if (last >= 0)
		rdn_text(name, last, out, cap);
}

static void
put_units(const X509_NAME *name, char *out, size_t cap)
{
	char unit[256], all[1024] = "";
	int at = -1;

	while ((at = X509_NAME_get_index_by_NID(
		    name, NID_organizationalUnitName, at)) >= 0) {
		size_t len = strlen(all);

		if (!rdn_text(name, at, unit, sizeof(unit)))
			continue;
		snprintf(all + len, sizeof(all) - len, "%s%s",
		    len > 0 ? ", " : "", unit);
	}
	report_text(out, cap, all, strlen(all));
}

/* An address with a NUL inside reads otherwise in C than in the certificate;
 * report_text() turns it into '?', which matches nobody's. */
static void
put_email(const X509 *x, char *out, size_t cap)
{
	GENERAL_NAMES *names;

	put_last(X509_get_subject_name(x), NID_pkcs9_emailAddress, out, cap);
	if (out[0] != '\0')
		return;
	names = X509_get_ext_d2i(x, NID_subject_alt_name, NULL, NULL);
	for (int i = 0; out[0] == '\0' && i < sk_GENERAL_NAME_num(names); i++) {
		const GENERAL_NAME *n = sk_GENERAL_NAME_value(names, i);

		if (n->type == GEN_EMAIL)
			report_text(out, cap,
			    (const char *)ASN1_STRING_get0_data(
				n->d.rfc822Name),
			    (size_t)ASN1_STRING_length(n->d.rfc822Name));
	}
	GENERAL_NAMES_free(names);
	ERR_clear_error();
}

/* "CCCD:001099000123": capital letters, a colon, a value without blanks. */
static bool
split_id(const char *text, struct signer_id *id)
{
	size_t kind = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
	const char *value = text + kind + 1;

	if (kind == 0 || kind >= sizeof(id->kind) || text[kind] != ':' ||
	    value[0] == '\0' || strlen(value) >= sizeof(id->value) ||
	    strpbrk(value, " \"'?") != NULL)
		return false;
	memcpy(id->kind, text, kind);
	id->kind[kind] = '\0';
	memcpy(id->value, value, strlen(value) + 1);
	return true;
}

/* Two values of one kind: which of the two persons signed cannot be said, so
 * the kind is struck out, and stays so. */
struct id_list {
	struct signer_id ids[REPORT_IDS_MAX];
	bool struck[REPORT_IDS_MAX];
	size_t count;
};

static void
add_id(struct id_list *l, const struct signer_id *id)
{
	for (size_t i = 0; i < l->count; i++) {
		if (strcmp(l->ids[i].kind, id->kind) != 0)
			continue;
		if (strcmp(l->ids[i].value, id->value) != 0)
			l->struck[i] = true;
		return;
	}
	if (l->count < REPORT_IDS_MAX)
		l->ids[l->count++] = *id;
}

static void
put_ids(const X509_NAME *name, struct signer *out)
{
	struct id_list l = { 0 };
	struct signer_id id;
	char text[64];
	int at = -1;

	while ((at = X509_NAME_get_index_by_NID(name, NID_userId, at)) >= 0) {
		memset(&id, 0, sizeof(id));
		if (rdn_text(name, at, text, sizeof(text)) &&
		    split_id(text, &id))
			add_id(&l, &id);
	}
	for (size_t i = 0; i < l.count; i++)
		if (!l.struck[i])
			out->ids[out->id_count++] = l.ids[i];
}

void
certificate_subject(const X509 *x, char out[CERTIFICATE_SUBJECT_LEN])
{
	put_name(X509_get_subject_name(x), out, CERTIFICATE_SUBJECT_LEN);
}

void
certificate_signer(const X509 *x, struct signer *out)
{
	const X509_NAME *subject = X509_get_subject_name(x);

	memset(out, 0, sizeof(*out));
	put_name(subject, out->subject, sizeof(out->subject));
	put_name(X509_get_issuer_name(x), out->issuer, sizeof(out->issuer));
	put_serial(x, out->serial, sizeof(out->serial));
	put_last(subject, NID_commonName, out->name, sizeof(out->name));
	put_last(subject, NID_organizationName, out->organisation,
	    sizeof(out->organisation));
	put_units(subject, out->unit, sizeof(out->unit));
	put_email(x, out->email, sizeof(out->email));
	put_ids(subject, out);
}

void
certificate_key(const X509 *x, struct certificate_key *out)
{
	static const char *const families[][2] = {
		{ "RSA", "rsa" },
		{ "RSA-PSS", "rsa" },
		{ "EC", "ecdsa" },
		{ "DSA", "dsa" },
		{ "ED25519", "ed25519" },
		{ "ED448", "ed448" },
	};
	EVP_PKEY *key = X509_get0_pubkey(x);

	memset(out, 0, sizeof(*out));
	if (key == NULL) {
		ERR_clear_error();
		return;
	}
	for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++)
		if (EVP_PKEY_is_a(key, families[i][0]))
			snprintf(out->family, sizeof(out->family), "%s",
			    families[i][1]);
	out->bits = EVP_PKEY_get_bits(key);
}

static void
describe(const X509 *x, const uint8_t sha256[DIGEST_LEN],
    struct certificate_words *out)
{
	certificate_signer(x, &out->signer);
	text_hex(sha256, DIGEST_LEN, out->signer.certificate_sha256);
	certificate_key(x, &out->key);
}

bool
certificate_describe(const uint8_t *der, size_t len, struct signer *out,
    struct certificate_key *key)
{
	struct certificate_words fresh = { 0 }, *words;
	uint8_t sha256[DIGEST_LEN];
	X509 *x = certificate_parse(der, len);

	memset(out, 0, sizeof(*out));
	if (key != NULL)
		memset(key, 0, sizeof(*key));
	if (x == NULL)
		return false;
	digest_sha256(der, len, sha256);
	words = certificate_cache_words(sha256);
	if (words == NULL)
		words = &fresh;
	if (words->signer.certificate_sha256[0] == '\0')
		describe(x, sha256, words);
	*out = words->signer;
	if (key != NULL)
		*key = words->key;
	X509_free(x);
	return true;
}

/* TBSCertificate (RFC 5280, 4.1): version, serialNumber, signature, issuer. */
bool
certificate_issuer_serial(
    const uint8_t *der, size_t len, struct certificate_issuer_serial *out)
{
	struct der_item cert, tbs, serial, algorithm, issuer, version;
	struct der d;

	if (!der_is_whole(der, len, &cert) || cert.tag != DER_SEQUENCE)
		return false;
	d = der_into(&cert);
	if (!der_take(&d, DER_SEQUENCE, &tbs))
		return false;
	d = der_into(&tbs);
	if (der_peek(&d) == DER_CONTEXT && !der_next(&d, &version))
		return false;
	if (!der_take(&d, DER_INTEGER, &serial) ||
	    !der_take(&d, DER_SEQUENCE, &algorithm) ||
	    !der_take(&d, DER_SEQUENCE, &issuer))
		return false;
	out->serial = serial.body;
	out->serial_len = serial.len;
	out->issuer = issuer.whole;
	out->issuer_len = issuer.whole_len;
	return true;
}
