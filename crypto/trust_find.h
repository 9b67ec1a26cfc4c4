#ifndef CRYPTO_TRUST_FIND_H
#define CRYPTO_TRUST_FIND_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The bytes of a piece of evidence (evidence.h) that stood in the trust: the
 * DER of a certificate, CRL or OCSP answer, or the policy's file.  What a
 * bundle holds as PEM, in base64 or within a trusted list is only known by
 * these hashes to whoever has parsed it.
 */
struct blob;
struct trust;

/* False, with *out untouched, when there is no such piece. */
bool trust_find(
    const struct trust *t, const uint8_t sha256[32], struct blob *out);

#endif /* CRYPTO_TRUST_FIND_H */
