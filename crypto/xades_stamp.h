#ifndef CRYPTO_XADES_STAMP_H
#define CRYPTO_XADES_STAMP_H

#include "crypto/chain.h"
#include "crypto/stamp.h"
#include "crypto/xades_properties.h"

/*
 * The timestamps of one XML signature (EN 319 132-1, 5.2.8, 5.3, 5.5 and
 * A.1.5), each over the canonical forms of the elements that its kind covers,
 * in document order; and the evidence that the signature brings along.
 */
struct poe;
struct xades_seal;

struct xades_evidence {
	struct xades_seal *seal;
	struct chain_object extras[XADES_PILE_MAX], crls[XADES_PILE_MAX],
	    ocsps[XADES_PILE_MAX];
	struct chain_subject subject; /* points at the above */
	struct poe *poe;              /* of the document; borrowed */
	struct xades_pile tokens;
	struct stamp_list stamps;
};

void xades_evidence_init(
    struct xades_evidence *e, struct xades_seal *seal, struct poe *poe);
void xades_evidence_release(struct xades_evidence *e);

/* Judges all timestamps into s. */
void xades_evidence_judge(struct xades_evidence *e, struct signature_report *s);

#endif /* CRYPTO_XADES_STAMP_H */
