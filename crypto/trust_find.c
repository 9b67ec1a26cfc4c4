#include "crypto/trust_find.h"

#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/policy.h"
#include "crypto/trust.h"

static bool
is_named(const uint8_t sha256[DIGEST_LEN], const void *data, size_t len)
{
	uint8_t own[DIGEST_LEN];

	digest_sha256(data, len, own);
	return memcmp(own, sha256, DIGEST_LEN) == 0;
}

static bool
find_certificate(const STACK_OF(X509) * list, const uint8_t sha256[DIGEST_LEN],
    struct blob *out)
{
	uint8_t own[DIGEST_LEN], *der = NULL;
	int len;

	for (int i = 0; i < sk_X509_num(list); i++) {
		const X509 *x = sk_X509_value(list, i);

		if (X509_digest(x, EVP_sha256(), own, NULL) != 1 ||
		    memcmp(own, sha256, DIGEST_LEN) != 0)
			continue;
		if ((len = i2d_X509(x, &der)) <= 0)
			fatalx("trust: out of memory");
		*out = blob_copy(der, (size_t)len);
		OPENSSL_free(der);
		return true;
	}
	return false;
}

static bool
find_anchor(
    const struct trust *t, const uint8_t sha256[DIGEST_LEN], struct blob *out)
{
	static const unsigned stores[] = { TRUST_PUBLIC, TRUST_TIMESTAMP };
	bool found = false;

	for (size_t i = 0; i < nitems(stores) && !found; i++) {
		STACK_OF(X509) *all =
		    X509_STORE_get1_all_certs(trust_store(t, stores[i]));

		found = find_certificate(all, sha256, out);
		sk_X509_pop_free(all, X509_free);
	}
	return found;
}

static bool
find_crl(
    const struct trust *t, const uint8_t sha256[DIGEST_LEN], struct blob *out)
{
	const STACK_OF(X509_CRL) *crls = trust_crls(t);
	uint8_t *der = NULL;
	int len;

	for (int i = 0; i < sk_X509_CRL_num(crls); i++) {
		const X509_CRL *crl = sk_X509_CRL_value(crls, i);

		if (memcmp(trust_crl_sha256(t, crl), sha256, DIGEST_LEN) != 0)
			continue;
		if ((len = i2d_X509_CRL(crl, &der)) <= 0)
			fatalx("trust: out of memory");
		*out = blob_copy(der, (size_t)len);
		OPENSSL_free(der);
		return true;
	}
	return false;
}

static bool
find_ocsp(
    const struct trust *t, const uint8_t sha256[DIGEST_LEN], struct blob *out)
{
	for (size_t i = 0; i < trust_ocsp_count(t); i++) {
		size_t len;
		const uint8_t *data = trust_ocsp(t, i, &len);

		if (!is_named(sha256, data, len))
			continue;
		*out = blob_copy(data, len);
		return true;
	}
	return false;
}

bool
trust_find(
    const struct trust *t, const uint8_t sha256[DIGEST_LEN], struct blob *out)
{
	const struct blob *policy = policy_bytes(trust_policy(t));

	if (find_anchor(t, sha256, out) ||
	    find_certificate(trust_untrusted(t), sha256, out) ||
	    find_crl(t, sha256, out) || find_ocsp(t, sha256, out))
		return true;
	if (!is_named(sha256, policy->data, policy->len))
		return false;
	*out = blob_copy(policy->data, policy->len);
	return true;
}
