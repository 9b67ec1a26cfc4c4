#ifndef CRYPTO_PADES_SAME_H
#define CRYPTO_PADES_SAME_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/pades_graph.h"
#include "crypto/pades_set.h"

/*
 * Which objects of an earlier revision are the very same bytes in the whole
 * file: those that no later section names, and that lie whole in what was
 * there.  They need be read only once (graph_open_before()).
 *
 * Their references may lead elsewhere now, which is for who follows them.
 * But to leave a reference in a dictionary out, since it leads nowhere, would
 * hide that it led somewhere: where any object that was in use is null now,
 * or packed into a stream that is another now, nothing counts as the same.
 */
struct pdf;

struct same {
	const struct pdf *is;
	size_t end;           /* of the earlier revision; 0: nothing counts */
	struct idset touched; /* named by later sections */
};

/* was is the earlier revision, whose end is given, and later the graph of is,
 * the whole file. */
void same_init(struct same *s, const struct pdf *was, size_t end,
    const struct pdf *is, struct graph *later);
void same_release(struct same *s);

/* Where an object that stands by itself ends; 0: it does not, or its end
 * depends on another object. */
size_t same_extent(const struct same *s, struct graph_id id);

/* extent is what same_extent() says. */
bool same_has(const struct same *s, struct graph_id id, size_t extent);

#endif /* CRYPTO_PADES_SAME_H */
