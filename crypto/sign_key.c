/*
 * Keys from files.  What a key is good for shows in one table; the rest of
 * signing asks for algorithms and raw signatures by the functions below, so
 * that a token or a remote signer can stand here as well.
 */
#include "crypto/sign_key.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/path.h"
#include "crypto/sign.h"
#include "crypto/sign_der.h"

#define PASSWORD_MAX 1024

struct algorithm {
	int key_type, bits_least; /* of the curve; 0: any key */
	const char *digest;
	const char *digest_oid;
	const char *signature_oid;
	bool null_parameters; /* RFC 4055, 5 wants NULL; RFC 5758 and 8410
			       * want nothing */
};

/* The first row that fits.  RFC 8419, 3.1: SHA-512 goes with Ed25519. */
static const struct algorithm algorithms[] = {
	{ EVP_PKEY_RSA, 0, "SHA256", "2.16.840.1.101.3.4.2.1",
	    "1.2.840.113549.1.1.11", true },
	{ EVP_PKEY_EC, 512, "SHA512", "2.16.840.1.101.3.4.2.3",
	    "1.2.840.10045.4.3.4", false },
	{ EVP_PKEY_EC, 384, "SHA384", "2.16.840.1.101.3.4.2.2",
	    "1.2.840.10045.4.3.3", false },
	{ EVP_PKEY_EC, 0, "SHA256", "2.16.840.1.101.3.4.2.1",
	    "1.2.840.10045.4.3.2", false },
	{ EVP_PKEY_ED25519, 0, "SHA512", "2.16.840.1.101.3.4.2.3",
	    "1.3.101.112", false },
};

struct signer_key {
	EVP_PKEY *key;
	X509 *certificate;
	STACK_OF(X509) * chain; /* may be NULL */
	const struct algorithm *algorithm;
};

struct own_key {
	EVP_PKEY *key;
};

/* OpenSSL's own word for what went wrong last. */
static const char *
reason(void)
{
	const char *why = ERR_reason_error_string(ERR_peek_last_error());

	return why == NULL ? "unknown" : why;
}

/* One line; *out is "" without a file. */
static bool
read_password(const char *path, char out[PASSWORD_MAX], struct err *e)
{
	FILE *f;
	bool ok;

	out[0] = '\0';
	if (path == NULL)
		return true;
	f = fopen(path, "re");
	if (f == NULL)
		return err_set(e, ERR_FILE, "%s: %s", path, strerror(errno));
	ok = fgets(out, PASSWORD_MAX, f) != NULL;
	fclose(f);
	if (!ok)
		return err_set(e, ERR_FILE, "%s: no password in it", path);
	out[strcspn(out, "\r\n")] = '\0';
	return true;
}

/* By kind, and by size where the hash should match the curve. */
static const struct algorithm *
choose(const EVP_PKEY *key)
{
	for (size_t i = 0; i < nitems(algorithms); i++)
		if (EVP_PKEY_get_base_id(key) == algorithms[i].key_type &&
		    EVP_PKEY_get_bits(key) >= algorithms[i].bits_least)
			return &algorithms[i];
	return NULL;
}

static bool
read_pkcs12(
    struct signer_key *k, const char *path, const char *password, struct err *e)
{
	BIO *in = BIO_new_file(path, "rb");
	PKCS12 *p12;
	bool ok;

	if (in == NULL)
		return err_set(e, ERR_FILE, "%s: %s", path, reason());
	p12 = d2i_PKCS12_bio(in, NULL);
	BIO_free(in);
	if (p12 == NULL)
		return err_set(e, ERR_FILE, "%s: no PKCS#12 file", path);
	ok = PKCS12_parse(p12, password, &k->key, &k->certificate, &k->chain) ==
	     1;
	PKCS12_free(p12);
	if (!ok)
		return err_set(e, ERR_FILE, "%s: %s", path, reason());
	if (k->key == NULL || k->certificate == NULL)
		return err_set(
		    e, ERR_FILE, "%s: no key with its certificate", path);
	return true;
}

bool
sign_open_pkcs12(const char *path, const char *password_file,
    struct signer_key **out, struct err *e)
{
	struct signer_key *k = blob_calloc(1, sizeof(*k));
	char password[PASSWORD_MAX];
	bool ok = false;

	ERR_clear_error();
	if (!read_password(password_file, password, e))
		goto out;
	if (!read_pkcs12(k, path, password, e))
		goto out;
	if (X509_check_private_key(k->certificate, k->key) != 1) {
		err_set(e, ERR_FILE, "%s: key and certificate differ", path);
		goto out;
	}
	k->algorithm = choose(k->key);
	if (k->algorithm == NULL) {
		err_set(e, ERR_FILE, "%s: a key of an unknown kind", path);
		goto out;
	}

	*out = k;
	k = NULL; /* the caller owns it now */
	ok = true;

out:
	OPENSSL_cleanse(password, sizeof(password));
	sign_close(k);
	return ok;
}

void
sign_close(struct signer_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->key);
	X509_free(k->certificate);
	sk_X509_pop_free(k->chain, X509_free);
	free(k);
}

int64_t
sign_not_after_us(const struct signer_key *k)
{
	return path_time(X509_get0_notAfter(k->certificate));
}

static void
put_algorithm(struct buf *out, const char *oid, bool null_parameters)
{
	ASN1_OBJECT *o = OBJ_txt2obj(oid, 1);
	struct buf body = { 0 };

	if (o == NULL)
		fatalx("sign: no memory for %s", oid);
	der_put(&body, DER_OID, OBJ_get0_data(o), OBJ_length(o));
	ASN1_OBJECT_free(o);
	if (null_parameters)
		der_put(&body, DER_NULL, NULL, 0);
	der_wrap(out, DER_SEQUENCE, &body);
}

/* RFC 5754, 2: no parameters for SHA-2. */
void
signer_digest_algorithm(const struct signer_key *k, struct buf *out)
{
	put_algorithm(out, k->algorithm->digest_oid, false);
}

void
signer_signature_algorithm(const struct signer_key *k, struct buf *out)
{
	put_algorithm(
	    out, k->algorithm->signature_oid, k->algorithm->null_parameters);
}

/* As it was issued, byte for byte: its hash is signed. */
static void
put_certificate(struct buf *out, X509 *certificate)
{
	unsigned char *der = NULL;
	int len = i2d_X509(certificate, &der);

	if (len < 0)
		fatalx("sign: a certificate that cannot be written");
	buf_put(out, der, (size_t)len);
	OPENSSL_free(der);
}

size_t
signer_certificates(
    const struct signer_key *k, struct buf parts[SIGN_CHAIN_MAX])
{
	size_t n = 0;

	put_certificate(&parts[n++], k->certificate);
	for (int i = 0; n < SIGN_CHAIN_MAX && i < sk_X509_num(k->chain); i++)
		put_certificate(&parts[n++], sk_X509_value(k->chain, i));
	return n;
}

void
signer_issuer_serial(const struct signer_key *k, struct buf *out)
{
	const X509_NAME *issuer = X509_get_issuer_name(k->certificate);
	unsigned char *serial = NULL;
	struct buf body = { 0 };
	const uint8_t *name;
	size_t name_len;
	int len;

	len = i2d_ASN1_INTEGER(X509_get0_serialNumber(k->certificate), &serial);
	if (X509_NAME_get0_der(issuer, &name, &name_len) != 1 || len < 0)
		fatalx("sign: an issuer that cannot be written");
	buf_put(&body, name, name_len);
	buf_put(&body, serial, (size_t)len);
	OPENSSL_free(serial);
	der_wrap(out, DER_SEQUENCE, &body);
}

size_t
signer_hash(const struct signer_key *k, const struct sign_content *c,
    uint8_t out[SIGN_HASH_MAX])
{
	const EVP_MD *md = EVP_get_digestbyname(k->algorithm->digest);
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	unsigned len = 0;

	if (ctx == NULL || EVP_DigestInit_ex(ctx, md, NULL) != 1)
		fatalx("sign: no %s", k->algorithm->digest);
	for (size_t i = 0; i < nitems(c->part); i++)
		EVP_DigestUpdate(ctx, c->part[i], c->len[i]);
	EVP_DigestFinal_ex(ctx, out, &len);
	EVP_MD_CTX_free(ctx);
	return len;
}

void
signer_fingerprint(const struct signer_key *k, uint8_t out[32])
{
	struct buf der = { 0 };

	put_certificate(&der, k->certificate);
	digest_sha256(der.data, der.len, out);
	buf_release(&der);
}

/* md is NULL for Ed25519, which hashes by itself (RFC 8032). */
static bool
raw(EVP_PKEY *key, const char *md, const void *data, size_t len,
    struct blob *out)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	size_t n = 0;
	bool ok;

	if (ctx == NULL)
		fatalx("out of memory");
	ok = EVP_DigestSignInit_ex(ctx, NULL, md, NULL, NULL, key, NULL) == 1 &&
	     EVP_DigestSign(ctx, NULL, &n, data, len) == 1;
	if (ok) {
		*out = (struct blob){ blob_calloc(n + 1, 1), n };
		ok = EVP_DigestSign(ctx, out->data, &out->len, data, len) == 1;
		if (!ok)
			blob_release(out);
	}
	EVP_MD_CTX_free(ctx);
	return ok;
}

/* RFC 8032 signs the bytes themselves, ECDSA their SHA-256. */
static const char *
own_md(const EVP_PKEY *key)
{
	return EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519 ? NULL : "SHA256";
}

bool
signer_raw(const struct signer_key *k, const void *data, size_t len,
    struct blob *out, struct err *e)
{
	bool hashes = k->algorithm->key_type == EVP_PKEY_ED25519;

	ERR_clear_error();
	if (!raw(k->key, hashes ? NULL : k->algorithm->digest, data, len, out))
		return err_set(e, ERR_FILE, "sign: %s", reason());
	return true;
}

bool
sign_open_own(const char *path, struct own_key **out, struct err *e)
{
	BIO *in = BIO_new_file(path, "rb");
	EVP_PKEY *key;
	int type;

	ERR_clear_error();
	if (in == NULL)
		return err_set(e, ERR_FILE, "%s: cannot be read", path);
	/* A key that asks for a pass phrase would ask the terminal. */
	key = PEM_read_bio_PrivateKey(in, NULL, NULL, (void *)"");
	BIO_free(in);
	if (key == NULL)
		return err_set(e, ERR_FILE, "%s: no private key", path);
	type = EVP_PKEY_get_base_id(key);
	if (type != EVP_PKEY_ED25519 &&
	    (type != EVP_PKEY_EC || EVP_PKEY_get_bits(key) != 256)) {
		EVP_PKEY_free(key);
		return err_set(
		    e, ERR_FILE, "%s: neither Ed25519 nor P-256", path);
	}
	*out = blob_calloc(1, sizeof(**out));
	(*out)->key = key;
	return true;
}

void
sign_close_own(struct own_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->key);
	free(k);
}

void
sign_own(
    const struct own_key *k, const void *data, size_t len, struct blob *out)
{
	if (!raw(k->key, own_md(k->key), data, len, out))
		fatalx("sign: own key: %s", reason());
}

bool
sign_own_check(const struct own_key *k, const void *data, size_t len,
    const uint8_t *signature, size_t signature_len)
{
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	bool ok;

	if (ctx == NULL)
		fatalx("out of memory");
	ok = EVP_DigestVerifyInit_ex(
		 ctx, NULL, own_md(k->key), NULL, NULL, k->key, NULL) == 1 &&
	     EVP_DigestVerify(ctx, signature, signature_len, data, len) == 1;
	EVP_MD_CTX_free(ctx);
	ERR_clear_error();
	return ok;
}
