#ifndef CRYPTO_SIGN_CADES_H
#define CRYPTO_SIGN_CADES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/blob.h"

/*
 * CAdES-B-B (EN 319 122-1, 6) around a signer's raw signature, detached.  In
 * a PDF there is no signing-time: the dictionary's M says it (EN 319 142-1,
 * 6.3, note h).
 */
struct err;
struct sign_content;
struct signer_key;

/* signing_time_us 0: none.  DER; the caller releases *out. */
bool cades_make(const struct signer_key *k, const struct sign_content *content,
    int64_t signing_time_us, struct blob *out, struct err *e);

#endif /* CRYPTO_SIGN_CADES_H */
