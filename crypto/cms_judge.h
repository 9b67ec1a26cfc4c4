#ifndef CRYPTO_CMS_JUDGE_H
#define CRYPTO_CMS_JUDGE_H

#include <stdbool.h>

#include "crypto/cms.h"

/* Between the files that make up the CMS judge. */
struct poe;
struct signer_info;

struct cms_task {
	enum cms_profile profile;
	const struct cms_content *content;
	const struct question *q;
	bool counter;    /* a counter-signature (RFC 5652, 11.4) */
	struct poe *poe; /* takes what is proved, for others; may be NULL */
};

/* cms_judge() for a SignerInfo that may also be a counter-signature: then the
 * content is the signature value that it confirms. */
void cms_judge_signer(const struct cms *cms, const struct signer_info *si,
    const struct cms_task *task, struct signature_report *out);

#endif /* CRYPTO_CMS_JUDGE_H */
