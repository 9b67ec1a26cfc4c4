#include "crypto/xades_algorithm.h"

#include <openssl/ec.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/log.h"
#include "crypto/algorithm.h"
#include "crypto/certificate.h"
#include "crypto/digest.h"

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

/* algorithm_check() refuses a key of another family: without that an RSA
 * method would run with whatever key the certificate has. */
bool
xades_verify(const struct xades_method *m, const struct blob *certificate,
    const struct buf *data, const struct blob *value)
{
	uint8_t any[DIGEST_LEN_MAX];
	/* RFC 9231, 2.3.9: MGF1 with the same digest, a salt as long. */
	struct algorithm algorithm = {
		.salt_len = (int)digest_named(m->digest, "", 0, any),
	};
	struct algorithm_check check = {
		.algorithm = &algorithm,
		.digest = m->digest,
		.message = (const uint8_t *)data->data,
		.message_len = data->len,
		.signature = value->data,
		.signature_len = value->len,
	};
	struct blob pair = { 0 };
	X509 *x;
	bool ok = false;

	snprintf(algorithm.name, sizeof(algorithm.name), "%s", m->family);
	snprintf(algorithm.mask, sizeof(algorithm.mask), "%s", m->digest);
	x = certificate_parse(certificate->data, certificate->len);
	if (x == NULL || X509_get0_pubkey(x) == NULL)
		goto out;
	if (strcmp(m->family, "ecdsa") == 0 || strcmp(m->family, "dsa") == 0) {
		if (value->len % 2 != 0 || !as_sequence(value, &pair))
			goto out;
		check.signature = pair.data;
		check.signature_len = pair.len;
	}
	ok = algorithm_check(&check, X509_get0_pubkey(x));

out:
	OPENSSL_free(pair.data);
	X509_free(x);
	return ok;
}
