#include "crypto/algorithm.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "crypto/der.h"

static const struct {
	const char *oid, *name;
} digests[] = {
	{ "1.2.840.113549.2.5", "md5" },
	{ "1.3.14.3.2.26", "sha1" },
	{ "1.3.36.3.2.1", "ripemd160" },
	{ "2.16.840.1.101.3.4.2.4", "sha224" },
	{ "2.16.840.1.101.3.4.2.1", "sha256" },
	{ "2.16.840.1.101.3.4.2.2", "sha384" },
	{ "2.16.840.1.101.3.4.2.3", "sha512" },
	{ "2.16.840.1.101.3.4.2.5", "sha512-224" },
	{ "2.16.840.1.101.3.4.2.6", "sha512-256" },
	{ "2.16.840.1.101.3.4.2.7", "sha3-224" },
	{ "2.16.840.1.101.3.4.2.8", "sha3-256" },
	{ "2.16.840.1.101.3.4.2.9", "sha3-384" },
	{ "2.16.840.1.101.3.4.2.10", "sha3-512" },
	{ "2.16.840.1.101.3.4.2.12", "shake256" },
};

/* Digest "" where the identifier leaves it to digestAlgorithm. */
static const struct {
	const char *oid, *name, *digest;
} signatures[] = {
	{ "1.2.840.113549.1.1.1", "rsa-pkcs1", "" },
	{ "1.2.840.113549.1.1.4", "rsa-pkcs1", "md5" },
	{ "1.2.840.113549.1.1.5", "rsa-pkcs1", "sha1" },
	{ "1.3.14.3.2.29", "rsa-pkcs1", "sha1" },
	{ "1.3.36.3.3.1.2", "rsa-pkcs1", "ripemd160" },
	{ "1.2.840.113549.1.1.14", "rsa-pkcs1", "sha224" },
	{ "1.2.840.113549.1.1.11", "rsa-pkcs1", "sha256" },
	{ "1.2.840.113549.1.1.12", "rsa-pkcs1", "sha384" },
	{ "1.2.840.113549.1.1.13", "rsa-pkcs1", "sha512" },
	{ "2.16.840.1.101.3.4.3.13", "rsa-pkcs1", "sha3-224" },
	{ "2.16.840.1.101.3.4.3.14", "rsa-pkcs1", "sha3-256" },
	{ "2.16.840.1.101.3.4.3.15", "rsa-pkcs1", "sha3-384" },
	{ "2.16.840.1.101.3.4.3.16", "rsa-pkcs1", "sha3-512" },
	{ "1.2.840.113549.1.1.10", "rsa-pss", "" },
	{ "1.2.840.10045.2.1", "ecdsa", "" },
	{ "1.2.840.10045.4.1", "ecdsa", "sha1" },
	{ "1.2.840.10045.4.3.1", "ecdsa", "sha224" },
	{ "1.2.840.10045.4.3.2", "ecdsa", "sha256" },
	{ "1.2.840.10045.4.3.3", "ecdsa", "sha384" },
	{ "1.2.840.10045.4.3.4", "ecdsa", "sha512" },
	{ "2.16.840.1.101.3.4.3.9", "ecdsa", "sha3-224" },
	{ "2.16.840.1.101.3.4.3.10", "ecdsa", "sha3-256" },
	{ "2.16.840.1.101.3.4.3.11", "ecdsa", "sha3-384" },
	{ "2.16.840.1.101.3.4.3.12", "ecdsa", "sha3-512" },
	{ "1.2.840.10040.4.1", "dsa", "" },
	{ "1.2.840.10040.4.3", "dsa", "sha1" },
	{ "2.16.840.1.101.3.4.3.1", "dsa", "sha224" },
	{ "2.16.840.1.101.3.4.3.2", "dsa", "sha256" },
	{ "1.3.101.112", "ed25519", "" },
	{ "1.3.101.113", "ed448", "" },
};

/* The identifier's OID; what follows it is left in *parameters. */
static bool
read_oid(const struct der_item *identifier, char oid[DER_OID_LEN],
    struct der *parameters)
{
	struct der d = der_into(identifier);
	struct der_item i;

	if (identifier->tag != DER_SEQUENCE || !der_take(&d, DER_OID, &i) ||
	    !der_oid(&i, oid))
		return false;
	*parameters = d;
	return true;
}

/* Absent or NULL (RFC 4055, 2.1 and 5; RFC 5754, 3): the two are one. */
static bool
is_plain(struct der parameters)
{
	struct der_item i;

	return der_at_end(&parameters) ||
	       (der_take(&parameters, DER_NULL, &i) && i.len == 0 &&
		   der_at_end(&parameters));
}

bool
algorithm_digest(const struct der_item *identifier, char out[16])
{
	char oid[DER_OID_LEN];
	struct der rest;

	if (!read_oid(identifier, oid, &rest) || !is_plain(rest))
		return false;
	for (size_t i = 0; i < nitems(digests); i++)
		if (strcmp(digests[i].oid, oid) == 0) {
			snprintf(out, 16, "%s", digests[i].name);
			return true;
		}
	return false;
}

/* MGF1 (RFC 4055, 2.2) and no other mask generation. */
static bool
read_mask(const struct der_item *identifier, char out[16])
{
	char oid[DER_OID_LEN];
	struct der_item i;
	struct der rest;

	return read_oid(identifier, oid, &rest) &&
	       strcmp(oid, "1.2.840.113549.1.1.8") == 0 &&
	       der_take(&rest, DER_SEQUENCE, &i) && algorithm_digest(&i, out);
}

/* RSASSA-PSS-params (RFC 4055, 3.1): absent fields mean SHA-1, MGF1 with
 * SHA-1, 20 octets of salt. */
static bool
read_pss(struct der parameters, struct algorithm *out)
{
	struct der_item params, field, inner;
	struct der d, f;

	snprintf(out->digest, sizeof(out->digest), "sha1");
	snprintf(out->mask, sizeof(out->mask), "sha1");
	out->salt_len = 20;
	if (!der_take(&parameters, DER_SEQUENCE, &params) ||
	    !der_at_end(&parameters))
		return false;
	d = der_into(&params);
	while (!der_at_end(&d)) {
		if (!der_next(&d, &field))
			return false;
		f = der_into(&field);
		if (!der_next(&f, &inner) || !der_at_end(&f))
			return false;
		if (field.tag == DER_CONTEXT + 0) {
			if (!algorithm_digest(&inner, out->digest))
				return false;
		} else if (field.tag == DER_CONTEXT + 1) {
			if (!read_mask(&inner, out->mask))
				return false;
		} else if (field.tag == DER_CONTEXT + 2) {
			if (!der_small(&inner, &out->salt_len))
				return false;
		} else if (field.tag != DER_CONTEXT + 3) {
			return false;
		}
	}
	return true;
}

bool
algorithm_signature(const struct der_item *identifier, struct algorithm *out)
{
	char oid[DER_OID_LEN];
	struct der rest;

	memset(out, 0, sizeof(*out));
	if (!read_oid(identifier, oid, &rest))
		return false;
	for (size_t i = 0; i < nitems(signatures); i++) {
		if (strcmp(signatures[i].oid, oid) != 0)
			continue;
		snprintf(
		    out->name, sizeof(out->name), "%s", signatures[i].name);
		snprintf(out->digest, sizeof(out->digest), "%s",
		    signatures[i].digest);
		return strcmp(out->name, "rsa-pss") == 0 ? read_pss(rest, out)
							 : is_plain(rest);
	}
	return false;
}

bool
algorithm_x509(const X509_ALGOR *identifier, struct algorithm *out)
{
	struct der_item item;
	uint8_t *der = NULL;
	int len = i2d_X509_ALGOR(identifier, &der);
	bool known = len > 0 && der_is_whole(der, (size_t)len, &item) &&
		     algorithm_signature(&item, out);

	OPENSSL_free(der);
	return known;
}

/* The key must be of the algorithm's kind: an identifier cannot make a key
 * serve another scheme. */
static bool
key_fits(const struct algorithm *a, const EVP_PKEY *key)
{
	static const struct {
		const char *name, *type;
	} kinds[] = {
		{ "rsa-pkcs1", "RSA" },
		{ "rsa-pss", "RSA" },
		{ "rsa-pss", "RSA-PSS" },
		{ "ecdsa", "EC" },
		{ "dsa", "DSA" },
		{ "ed25519", "ED25519" },
		{ "ed448", "ED448" },
	};

	for (size_t i = 0; i < nitems(kinds); i++)
		if (strcmp(a->name, kinds[i].name) == 0 &&
		    EVP_PKEY_is_a(key, kinds[i].type))
			return true;
	return false;
}

static bool
set_padding(EVP_PKEY_CTX *ctx, const struct algorithm *a)
{
	if (strcmp(a->name, "rsa-pkcs1") == 0)
		return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) ==
		       1;
	if (strcmp(a->name, "rsa-pss") != 0)
		return true;
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) == 1 &&
	       EVP_PKEY_CTX_set_rsa_mgf1_md_name(ctx, a->mask, NULL) == 1 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, a->salt_len) == 1;
}

bool
algorithm_check(const struct algorithm_check *c, EVP_PKEY *key)
{
	bool pure = strncmp(c->algorithm->name, "ed", 2) == 0;
	EVP_PKEY_CTX *pctx = NULL;
	EVP_MD_CTX *ctx;
	bool ok;

	if (!key_fits(c->algorithm, key))
		return false;
	ctx = EVP_MD_CTX_new();
	/* EdDSA hashes by itself (RFC 8419); the others are told how. */
	ok = ctx != NULL &&
	     EVP_DigestVerifyInit_ex(ctx, &pctx, pure ? NULL : c->digest, NULL,
		 NULL, key, NULL) == 1 &&
	     set_padding(pctx, c->algorithm) &&
	     EVP_DigestVerify(ctx, c->signature, c->signature_len, c->message,
		 c->message_len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}
