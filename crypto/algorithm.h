#ifndef CRYPTO_ALGORITHM_H
#define CRYPTO_ALGORITHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Algorithm identifiers of CMS and X.509 by the names that reports use, and
 * the one place that checks a signature value.  What the table does not know
 * is not checked, and so never good.
 */
struct der_item;
struct X509_algor_st;
struct evp_pkey_st; /* OpenSSL's EVP_PKEY */

struct algorithm {
	char name[24];   /* "rsa-pkcs1", "rsa-pss", "ecdsa" ... */
	char digest[16]; /* "" where the identifier names none */
	char mask[16];   /* MGF1's digest, for PSS */
	int salt_len;    /* for PSS */
};

/* An AlgorithmIdentifier of a digest: "sha256". */
bool algorithm_digest(const struct der_item *identifier, char out[16]);

/* An AlgorithmIdentifier of a signature, also the bare key types of CMS. */
bool algorithm_signature(
    const struct der_item *identifier, struct algorithm *out);

/* The same of what OpenSSL has read. */
bool algorithm_x509(
    const struct X509_algor_st *identifier, struct algorithm *out);

/* What is to be checked; message and signature are borrowed. */
struct algorithm_check {
	const struct algorithm *algorithm;
	const char *digest; /* hashes the message */
	const uint8_t *message;
	size_t message_len;
	const uint8_t *signature;
	size_t signature_len;
};

/* True when the value is right under the key.  How large a key may be has been
 * seen to by certificate_parse(). */
bool algorithm_check(const struct algorithm_check *c, struct evp_pkey_st *key);

#endif /* CRYPTO_ALGORITHM_H */
