#include "crypto/xades_algorithm.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/log.h"

static const struct {
	const char *uri;
	const char *name;
} digests[] = {
#define XML_DIGEST(uri, digest) { uri, digest },
#define XML_SIGNATURE(uri, family, digest)
#define XML_C14N(uri, mode, comments)
#include "crypto/xades_algorithm.def"
};

static const struct xades_method methods[] = {
#define XML_DIGEST(uri, digest)
#define XML_SIGNATURE(uri, family, digest) { uri, family, digest },
#define XML_C14N(uri, mode, comments)
#include "crypto/xades_algorithm.def"
};

const char *
xades_digest_name(const char *uri)
{
	for (size_t i = 0; i < nitems(digests); i++)
		if (uri != NULL && strcmp(digests[i].uri, uri) == 0)
			return digests[i].name;
	return NULL;
}

const struct xades_method *
xades_method(const char *uri)
{
	for (size_t i = 0; i < nitems(methods); i++)
		if (uri != NULL && strcmp(methods[i].uri, uri) == 0)
			return &methods[i];
	return NULL;
}

static bool
is(const struct xades_method *m, const char *family)
{
	return strcmp(m->family, family) == 0;
}

/* Without this an RSA method would run with whatever key is there. */
static bool
key_fits(const struct xades_method *m, const EVP_PKEY *key)
{
	int type = EVP_PKEY_get_base_id(key);

	if (is(m, "rsa-pkcs1"))
		return type == EVP_PKEY_RSA;
	if (is(m, "rsa-pss"))
		return type == EVP_PKEY_RSA || type == EVP_PKEY_RSA_PSS;
	if (is(m, "ecdsa"))
		return type == EVP_PKEY_EC;
	if (is(m, "dsa"))
		return type == EVP_PKEY_DSA;
	if (is(m, "ed25519"))
		return type == EVP_PKEY_ED25519;
	return is(m, "ed448") && type == EVP_PKEY_ED448;
}

/* XML has r and s side by side (XMLDSig, 6.4.3), OpenSSL wants the SEQUENCE
 * of two INTEGERs that ECDSA and DSA share. */
static bool
as_sequence(const struct blob *value, struct blob *out)
{
	ECDSA_SIG *sig = ECDSA_SIG_new();
	int half = (int)(value->len / 2);
	BIGNUM *r = BN_bin2bn(value->data, half, NULL);
	BIGNUM *s = BN_bin2bn(value->data + half, half, NULL);
	int len;

	if (sig == NULL || r == NULL || s == NULL ||
	    ECDSA_SIG_set0(sig, r, s) != 1)
		fatalx("out of memory");
	len = i2d_ECDSA_SIG(sig, &out->data);
	ECDSA_SIG_free(sig);
	if (len < 0)
		return false;
	out->len = (size_t)len;
	return true;
}

/* RFC 9231, 2.3.9: MGF1 with the same digest, a salt as long as it. */
static bool
set_pss(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PSS_PADDING) > 0 &&
	       EVP_PKEY_CTX_set_rsa_pss_saltlen(ctx, RSA_PSS_SALTLEN_DIGEST) >
		   0;
}

static bool
verify(const struct xades_method *m, EVP_PKEY *key, const struct buf *data,
    const struct blob *value)
{
	bool edwards = is(m, "ed25519") || is(m, "ed448");
	EVP_MD_CTX *md = EVP_MD_CTX_new();
	EVP_PKEY_CTX *ctx;
	bool ok;

	ok = EVP_DigestVerifyInit_ex(md, &ctx, edwards ? NULL : m->digest, NULL,
		 NULL, key, NULL) == 1 &&
	     (!is(m, "rsa-pss") || set_pss(ctx)) &&
	     EVP_DigestVerify(md, value->data, value->len,
		 (const uint8_t *)data->data, data->len) == 1;
	EVP_MD_CTX_free(md);
	return ok;
}

bool
xades_verify(const struct xades_method *m, const struct blob *certificate,
    const struct buf *data, const struct blob *value)
{
	const uint8_t *p = certificate->data;
	X509 *x = d2i_X509(NULL, &p, (long)certificate->len);
	EVP_PKEY *key = x == NULL ? NULL : X509_get0_pubkey(x);
	bool pair = is(m, "ecdsa") || is(m, "dsa");
	struct blob sequence = { 0 };
	bool ok = false;

	if (key == NULL || !key_fits(m, key))
		goto out;
	if (pair && (value->len % 2 != 0 || !as_sequence(value, &sequence)))
		goto out;
	ok = verify(m, key, data, pair ? &sequence : value);

out:
	OPENSSL_free(sequence.data);
	X509_free(x);
	ERR_clear_error();
	return ok;
}
