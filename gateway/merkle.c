#include "gateway/merkle.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "crypto/digest.h"

/* Leaves and nodes are hashed apart, so that none passes for the other. */
static void
hash_leaf(const uint8_t leaf[32], uint8_t out[32])
{
	uint8_t bytes[33] = { 0 };

	memcpy(bytes + 1, leaf, 32);
	digest_sha256(bytes, sizeof(bytes), out);
}

static void
hash_node(const uint8_t left[32], const uint8_t right[32], uint8_t out[32])
{
	uint8_t bytes[65] = { 1 };

	memcpy(bytes + 1, left, 32);
	memcpy(bytes + 33, right, 32);
	digest_sha256(bytes, sizeof(bytes), out);
}

void
merkle_add(struct merkle *m, const uint8_t leaf[32])
{
	uint8_t node[32];
	size_t level = 0;

	/* As in adding one to a binary number: full trees of the same size
	 * carry into the next. */
	hash_leaf(leaf, node);
	for (; m->count >> level & 1; level++)
		hash_node(m->full[level], node, node);
	memcpy(m->full[level], node, 32);
	m->count++;
}

void
merkle_root(const struct merkle *m, uint8_t out[32])
{
	bool any = false;

	assert(m->count > 0);
	for (size_t level = 0; level < 64; level++) {
		if ((m->count >> level & 1) == 0)
			continue;
		if (any)
			hash_node(m->full[level], out, out);
		else
			memcpy(out, m->full[level], 32);
		any = true;
	}
}
