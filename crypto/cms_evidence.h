#ifndef CRYPTO_CMS_EVIDENCE_H
#define CRYPTO_CMS_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/chain.h"
#include "crypto/cms.h"
#include "crypto/der.h"
#include "crypto/stamp.h"

/*
 * What a signature of a SignedData brings along for its own proof:
 * certificates, revocation values, timestamps (EN 319 122-1, 5).  Hints, all
 * of it.  For the files that make up the CMS judge only.
 */
struct poe;
struct policy;
struct signer_info;

/* Objects of one kind, up to what chain.c reads. */
struct cms_objects {
	struct chain_object at[CHAIN_EXTRAS_MAX];
	size_t count;
};

struct cms_evidence {
	const struct cms *cms;
	const struct signer_info *si;
	const struct cms_content *content; /* while stamps are judged */
	const struct policy *policy;       /* the same */
	struct cms_objects certificates, crls, ocsps;
	struct chain_subject subject;
	struct poe *poe; /* owned, unless it is shared */
	bool is_shared;
	struct stamp_list stamps;
	bool has_revocations; /* of its own: level B-LT */
};

/* Those inside a signature, and from elsewhere in the document (hints, may be
 * NULL).  All borrowed.  What is inside is proved to have been there since
 * proven_us, when that is not 0.  Proofs go to shared, when that is given. */
struct cms_evidence *cms_evidence_new(const struct cms *cms,
    const struct signer_info *si, const struct chain_subject *hints,
    int64_t proven_us, struct poe *shared);
void cms_evidence_free(struct cms_evidence *e);

/* Proves each certificate, CRL, OCSP answer, token and counter-signature that
 * lies in these bytes. */
void cms_evidence_prove(
    struct cms_evidence *e, const struct der_item *in, int64_t us);

/* cms_stamp.c: opens all timestamps, and judges them into s with the level
 * that they give. */
void cms_stamps_collect(struct cms_evidence *e);
void cms_stamps_judge(struct cms_evidence *e, const struct cms_content *content,
    const struct question *q, struct signature_report *s);

/* cms_archive.c: what an archive timestamp is over, by its form, and what it
 * proves. */
enum cms_archive { CMS_ARCHIVE_V2, CMS_ARCHIVE_V3 };
enum subindication cms_archive_subject(struct cms_evidence *e,
    const struct stamp *s, struct buf *store, struct timestamp_subject *out);
void cms_archive_prove(
    struct cms_evidence *e, const struct stamp *s, int64_t us);

#endif /* CRYPTO_CMS_EVIDENCE_H */
