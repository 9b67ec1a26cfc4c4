#ifndef CRYPTO_SIGN_KEY_H
#define CRYPTO_SIGN_KEY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/buf.h"

/*
 * A signer as the makers of signatures see it: certificates, the names of
 * its algorithms, and raw signatures.  Whether the key is a file, a token or
 * far away shows nowhere else.
 */
struct err;
struct signer_key;

#define SIGN_HASH_MAX 64

/* AlgorithmIdentifier, DER. */
void signer_digest_algorithm(const struct signer_key *k, struct buf *out);
void signer_signature_algorithm(const struct signer_key *k, struct buf *out);

/* The certificate and its chain, one a part; parts has room for
 * SIGN_CHAIN_MAX.  The caller releases them. */
#define SIGN_CHAIN_MAX 16
size_t signer_certificates(
    const struct signer_key *k, struct buf parts[SIGN_CHAIN_MAX]);

/* IssuerAndSerialNumber (RFC 5652, 10.2.4), DER. */
void signer_issuer_serial(const struct signer_key *k, struct buf *out);

/* By the signer's digest algorithm, over two pieces; returns the length. */
struct sign_content {
	const uint8_t *part[2];
	size_t len[2];
};
size_t signer_hash(const struct signer_key *k, const struct sign_content *c,
    uint8_t out[SIGN_HASH_MAX]);

/* SHA-256 of the certificate. */
void signer_fingerprint(const struct signer_key *k, uint8_t out[32]);

/* The signature value over the bytes (hashed by the digest algorithm). */
bool signer_raw(const struct signer_key *k, const void *data, size_t len,
    struct blob *out, struct err *e);

#endif /* CRYPTO_SIGN_KEY_H */
