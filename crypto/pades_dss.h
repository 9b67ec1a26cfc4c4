#ifndef CRYPTO_PADES_DSS_H
#define CRYPTO_PADES_DSS_H

#include <stddef.h>

#include "base/blob.h"
#include "crypto/chain.h"

/*
 * The Document Security Store (EN 319 142-1, 5.4.2): certificates and
 * revocation answers that a PDF brings along.  Hints for building paths,
 * never anchors; what is unreadable or too much is left out.
 */
struct graph;

#define DSS_BYTES_MAX (64 * 1024 * 1024) /* in all */

struct dss {
	struct blob blobs[3 * CHAIN_EXTRAS_MAX]; /* what the objects point to */
	size_t blob_count, bytes;
	struct chain_object certificates[CHAIN_EXTRAS_MAX];
	struct chain_object crls[CHAIN_EXTRAS_MAX];
	struct chain_object ocsps[CHAIN_EXTRAS_MAX];
	struct chain_subject hints; /* points at the above */
};

/* dict is the catalog's /DSS; a DSS that is not there is empty. */
void dss_init(struct dss *d, struct graph *g, unsigned dict);
void dss_release(struct dss *d);

#endif /* CRYPTO_PADES_DSS_H */
