#include "crypto/poe.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "crypto/digest.h"

struct proof {
	uint8_t sha256[DIGEST_LEN];
	int64_t since_us;
};

struct poe {
	const struct poe *above;
	struct proof *proofs; /* owned */
	size_t count;
};

struct poe *
poe_new(const struct poe *above)
{
	struct poe *p = blob_calloc(1, sizeof(*p));

	p->above = above;
	return p;
}

void
poe_free(struct poe *p)
{
	if (p == NULL)
		return;
	free(p->proofs);
	free(p);
}

int64_t
poe_earlier(int64_t a_us, int64_t b_us)
{
	if (a_us == 0 || b_us == 0)
		return a_us + b_us;
	return a_us < b_us ? a_us : b_us;
}

static struct proof *
find(const struct poe *p, const uint8_t sha256[DIGEST_LEN])
{
	for (size_t i = 0; i < p->count; i++)
		if (memcmp(p->proofs[i].sha256, sha256, DIGEST_LEN) == 0)
			return &p->proofs[i];
	return NULL;
}

void
poe_add(struct poe *p, const void *data, size_t len, int64_t us)
{
	uint8_t sha256[DIGEST_LEN];
	struct proof *proof;

	digest_sha256(data, len, sha256);
	proof = find(p, sha256);
	if (proof == NULL && p->count < POE_OBJECTS_MAX) {
		p->proofs =
		    blob_grow(p->proofs, p->count + 1, sizeof(*p->proofs));
		proof = &p->proofs[p->count++];
		memcpy(proof->sha256, sha256, DIGEST_LEN);
		proof->since_us = 0;
	}
	if (proof != NULL)
		proof->since_us = poe_earlier(proof->since_us, us);
}

bool
poe_is_empty(const struct poe *p)
{
	while (p != NULL && p->count == 0)
		p = p->above;
	return p == NULL;
}

int64_t
poe_since(const struct poe *p, const void *data, size_t len)
{
	const struct proof *proof;
	uint8_t sha256[DIGEST_LEN];
	int64_t since_us = 0;

	if (poe_is_empty(p))
		return 0;
	digest_sha256(data, len, sha256);
	for (; p != NULL; p = p->above) {
		proof = find(p, sha256);
		if (proof != NULL)
			since_us = poe_earlier(since_us, proof->since_us);
	}
	return since_us;
}
