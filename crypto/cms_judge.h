#ifndef CRYPTO_CMS_JUDGE_H
#define CRYPTO_CMS_JUDGE_H

#include <stdbool.h>

#include "crypto/chain.h"
#include "crypto/cms.h"

/* Between the files that make up the CMS judge. */
struct cms_evidence;
struct signer_info;

struct cms_task {
	enum cms_profile profile;
	const struct cms_content *content;
	const struct question *q;
	bool counter; /* a counter-signature (RFC 5652, 11.4) */
};

/* cms_judge() for a SignerInfo that may also be a counter-signature: then the
 * content is the signature value that it confirms. */
void cms_judge_signer(const struct cms *cms, const struct signer_info *si,
    const struct cms_task *task, struct signature_report *out);

/* Certificates, CRLs and OCSP answers inside a signature, and from elsewhere
 * in the document (hints, may be NULL).  All borrowed. */
struct cms_evidence *cms_evidence_new(const struct cms *cms,
    const struct signer_info *si, const struct chain_subject *hints);
struct chain_subject *cms_evidence_subject(struct cms_evidence *e);
void cms_evidence_free(struct cms_evidence *e);

/* Judges content and signature timestamps into s, and says the level. */
void cms_evidence_timestamps(struct cms_evidence *e,
    const struct cms_content *content, const struct question *q,
    struct signature_report *s);

#endif /* CRYPTO_CMS_JUDGE_H */
