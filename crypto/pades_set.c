#include "crypto/pades_set.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "crypto/pdf_revision.h"

/* A bit for each number, as far as numbers have come. */
bool
idset_has(const struct idset *s, int id)
{
	size_t word = (size_t)id / 64;

	return id > 0 && word < s->words &&
	       (s->bits[word] >> ((size_t)id % 64) & 1) != 0;
}

/* Twice the room that is needed, since numbers mostly rise. */
bool
idset_add(struct idset *s, int id)
{
	size_t word = (size_t)id / 64, old = s->words;

	if (id <= 0 || id > PDF_NUMBER_MAX || idset_has(s, id))
		return false;
	if (word >= old) {
		s->words = 2 * word + 1;
		s->bits = blob_grow(s->bits, s->words, sizeof(*s->bits));
		memset(s->bits + old, 0, (s->words - old) * sizeof(*s->bits));
	}
	s->bits[word] |= UINT64_C(1) << ((size_t)id % 64);
	return true;
}

void
idset_release(struct idset *s)
{
	free(s->bits);
	*s = (struct idset){ 0 };
}

/* The slot of p, or the empty one where it belongs. */
static struct pair *
slot(const struct pairset *s, struct pair p)
{
	uint64_t h = ((uint64_t)(uint32_t)p.was << 32 | (uint32_t)p.is) *
		     UINT64_C(0x9e3779b97f4a7c15);
	size_t i = (size_t)(h >> 20) & (s->cap - 1);

	while ((s->slots[i].was != 0 || s->slots[i].is != 0) &&
	       (s->slots[i].was != p.was || s->slots[i].is != p.is))
		i = (i + 1) & (s->cap - 1);
	return &s->slots[i];
}

/* Three quarters full is as full as it gets. */
static void
grow(struct pairset *s)
{
	struct pairset bigger = { NULL, s->count,
		s->cap == 0 ? 256 : 2 * s->cap };

	bigger.slots = blob_calloc(bigger.cap, sizeof(*bigger.slots));
	for (size_t i = 0; i < s->cap; i++)
		if (s->slots[i].was != 0 || s->slots[i].is != 0)
			*slot(&bigger, s->slots[i]) = s->slots[i];
	free(s->slots);
	*s = bigger;
}

bool
pairset_add(struct pairset *s, struct pair p)
{
	struct pair *at;

	if (4 * s->count >= 3 * s->cap)
		grow(s);
	at = slot(s, p);
	if (at->was == p.was && at->is == p.is)
		return false;
	*at = p;
	s->count++;
	return true;
}

void
pairset_release(struct pairset *s)
{
	free(s->slots);
	*s = (struct pairset){ 0 };
}
