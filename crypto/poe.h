#ifndef CRYPTO_POE_H
#define CRYPTO_POE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Proofs of existence (EN 319 102-1, 5.6.2.3): which certificates, CRLs, OCSP
 * answers and timestamps are shown to have been there, and since when, by a
 * good timestamp over them.  Objects are known by the SHA-256 of their bytes,
 * so that it does not matter where in a document they stand.
 *
 * What is not proved is not said to be new: it has no proof, that is all.
 * Nothing here reads a clock, or judges the timestamp that is the proof.
 */
struct poe;

#define POE_OBJECTS_MAX 4096 /* what is beyond is not proved */

/* What is asked of the new one and not found is asked of above, which may be
 * NULL and must outlive it. */
struct poe *poe_new(const struct poe *above);
void poe_free(struct poe *p); /* NULL is fine */

void poe_add(struct poe *p, const void *data, size_t len, int64_t us);

/* The earliest proven moment; 0: no proof.  NULL proves nothing. */
int64_t poe_since(const struct poe *p, const void *data, size_t len);

/* Most documents prove nothing, and then nothing need be hashed. */
bool poe_is_empty(const struct poe *p);

/* The earlier of two proofs, either of which may be 0. */
int64_t poe_earlier(int64_t a_us, int64_t b_us);

#endif /* CRYPTO_POE_H */
