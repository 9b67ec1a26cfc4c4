#ifndef CRYPTO_PATH_CACHE_H
#define CRYPTO_PATH_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/digest.h"

/*
 * Paths that were found before under one trust.  Finding one costs the
 * signatures of its certificates and CRLs; a portal's documents are signed by
 * the same few.  What comes out depends on the certificates given, on the
 * trust and on the moment, so that a path is kept with the span in which no
 * certificate and no CRL begins or ends.
 *
 * Only answers that rest on the trust's own CRLs are kept.
 */
struct path;
struct path_cache;
struct path_span;

struct path_cache *path_cache_new(void);
void path_cache_free(struct path_cache *c); /* NULL is fine */

/* On a hit *out is the caller's, for path_release(). */
bool path_cache_find(const struct path_cache *c, const uint8_t key[DIGEST_LEN],
    int64_t at_us, struct path *out);

/* The moments from and until enclose at_us; nothing changes between them. */
struct path_span {
	int64_t from_us, until_us;
};

/* Takes a moment at which something begins or ends into account. */
void path_span_add(struct path_span *s, int64_t at_us, int64_t moment_us);

void path_cache_keep(struct path_cache *c, const uint8_t key[DIGEST_LEN],
    const struct path_span *span, const struct path *p);

#endif /* CRYPTO_PATH_CACHE_H */
