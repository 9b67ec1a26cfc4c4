#ifndef CRYPTO_CERTIFICATE_CACHE_H
#define CRYPTO_CERTIFICATE_CACHE_H

#include <stdint.h>

#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "crypto/report.h"

/*
 * Parsed certificates by the SHA-256 of their DER.  OpenSSL takes a tenth of
 * a millisecond to parse one, of which the signature check itself is a fifth,
 * and a verdict asks for the same few again and again.
 *
 * The cache lives while some trust is open, which is in a verifier child: one
 * process, one thread, no other use.  Elsewhere there is none, and so nothing
 * that threads could share.
 */
struct x509_st;

void certificate_cache_open(void);
void certificate_cache_close(void);

/* A reference for the caller to free, or NULL. */
struct x509_st *certificate_cache_find(const uint8_t sha256[DIGEST_LEN]);
void certificate_cache_keep(
    const uint8_t sha256[DIGEST_LEN], struct x509_st *x);

/* Where the description of a kept certificate belongs: zeroed until it has
 * been written.  NULL when the certificate is not kept. */
struct certificate_words {
	struct signer signer;
	struct certificate_key key;
};
struct certificate_words *certificate_cache_words(
    const uint8_t sha256[DIGEST_LEN]);

#endif /* CRYPTO_CERTIFICATE_CACHE_H */
