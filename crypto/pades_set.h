#ifndef CRYPTO_PADES_SET_H
#define CRYPTO_PADES_SET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Sets of object numbers, and of pairs of them.  A zeroed set is empty. */

struct idset {
	uint64_t *bits;
	size_t words;
};

/* False when id was in already, or is no number that a PDF may use: no object
 * over PDF_NUMBER_MAX comes out of pdf_open(). */
bool idset_add(struct idset *s, int id);
bool idset_has(const struct idset *s, int id);
void idset_release(struct idset *s);

struct pair {
	int was, is;
};

/* Open addressing; a pair of zeros is an empty slot. */
struct pairset {
	struct pair *slots;
	size_t count, cap;
};

bool pairset_add(struct pairset *s, struct pair p); /* false: was in already */
void pairset_release(struct pairset *s);

#endif /* CRYPTO_PADES_SET_H */
