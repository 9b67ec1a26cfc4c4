#ifndef CRYPTO_PADES_LOCK_H
#define CRYPTO_PADES_LOCK_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What a signature forbids to come later: any change but those of a level, by
 * DocMDP (ISO 32000-1, 12.8.2.2), and changes of certain fields, by FieldMDP
 * (12.8.2.4) or by the Lock of its own field (table 233).  A zeroed set locks
 * nothing.
 */
struct graph;
struct lock;

struct lock_set {
	struct lock *items;
	size_t count;
};

/* dict has Action and Fields; null is no lock; what is unclear locks all. */
void lock_add(struct lock_set *s, struct graph *g, unsigned dict);

/* name is fully qualified; a locked field's children are locked with it. */
bool lock_holds(const struct lock_set *s, const char *name);
void lock_release(struct lock_set *s);

/* TransformParams of the reference with this method; the caller drops. */
unsigned lock_transform(
    struct graph *g, unsigned signature, const char *method);

/* DocMDP's P, 0 without DocMDP.  Table 254: P is 2 where it is not said; what
 * is not 1 to 3 is taken as the strictest. */
int lock_level(struct graph *g, unsigned signature);

#endif /* CRYPTO_PADES_LOCK_H */
