#include "crypto/evidence.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"

static bool
is_same(const struct evidence *a, const struct evidence *b)
{
	return a->kind == b->kind && a->place == b->place &&
	       memcmp(a->sha256, b->sha256, DIGEST_LEN) == 0;
}

void
evidence_add(struct evidence_list *l, const struct evidence *e)
{
	if (l == NULL)
		return;
	for (size_t i = 0; i < l->count; i++)
		if (is_same(&l->at[i], e)) {
			l->at[i].purpose |= e->purpose;
			return;
		}
	if (l->count == EVIDENCE_MAX) {
		l->cut = true;
		return;
	}
	l->at = blob_grow(l->at, l->count + 1, sizeof(*l->at));
	l->at[l->count++] = *e;
}

void
evidence_add_bytes(struct evidence_list *l, enum evidence_kind kind,
    enum evidence_place place, const void *data, size_t len)
{
	struct evidence e = { .kind = kind, .place = place };

	if (l == NULL)
		return;
	digest_sha256(data, len, e.sha256);
	evidence_add(l, &e);
}

void
evidence_release(struct evidence_list *l)
{
	free(l->at);
	*l = (struct evidence_list){ 0 };
}

const char *
evidence_kind_name(enum evidence_kind k)
{
	static const char *const names[] = {
		[EVIDENCE_ANCHOR] = "anchor",
		[EVIDENCE_CERTIFICATE] = "certificate",
		[EVIDENCE_CRL] = "crl",
		[EVIDENCE_OCSP] = "ocsp",
		[EVIDENCE_TIMESTAMP] = "timestamp",
		[EVIDENCE_POLICY] = "policy",
	};

	assert(k < EVIDENCE_KIND_COUNT);
	return names[k];
}

const char *
evidence_place_name(enum evidence_place p)
{
	static const char *const names[] = {
		[EVIDENCE_DOCUMENT] = "document",
		[EVIDENCE_BUNDLE] = "bundle",
		[EVIDENCE_BUILT_IN] = "built-in",
	};

	assert(p < EVIDENCE_PLACE_COUNT);
	return names[p];
}
