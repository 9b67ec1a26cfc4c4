#ifndef CRYPTO_CMS_H
#define CRYPTO_CMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * CMS signed data (RFC 5652), alone, in a PDF or as CAdES (EN 319 122-1).
 *
 * cms_open() parses strictly: one object, within CMS_LEN_MAX, and not one
 * byte after it.  cms_judge() says what one of its signatures proves.  A bad
 * signature is a verdict, not an error: the report then says TOTAL-FAILED
 * and names the clause.
 *
 * Nothing here reads a clock, a file or a socket, trusts a certificate that
 * trust.c does not trust, or calls doubt a pass.
 *
 * DIAGNOSTICS
 *	ERR_TOO_LARGE	more than CMS_LEN_MAX bytes or CMS_SIGNERS_MAX signers
 *	ERR_UNREADABLE	no SignedData, or more than SignedData
 *	fatal		out of memory
 */
struct chain_subject;
struct cms;
struct err;
struct question;
struct report;
struct signature_report;

#define CMS_LEN_MAX     (4 * 1024 * 1024)
#define CMS_SIGNERS_MAX 64

/* DER, or BER after a bounded normalisation.  The bytes are borrowed until
 * cms_free().  On success the caller owns *out; else *out is as it was. */
bool cms_open(const uint8_t *der, size_t len, struct cms **out, struct err *e);

/* NULL is fine. */
void cms_free(struct cms *cms);

int cms_signer_count(const struct cms *cms);

/* What encloses the signature decides what it must hold. */
enum cms_profile {
	CMS_ALONE,     /* .p7s, .p7m: content inside, or in q->contents[0] */
	CMS_IN_PDF,    /* ETSI.CAdES.detached or adbe.pkcs7.detached */
	CMS_TIMESTAMP, /* ETSI.RFC3161: the content is a TSTInfo */
};

/*
 * Judges signer i over the content: the digest is taken once for each
 * algorithm.  content may be two ranges of a PDF that follow one another.
 * The report is always filled in: integrity, digest, algorithm, signer,
 * times, chain and findings.  For CMS_TIMESTAMP the content is what the token's
 * imprint covers, and a good token brings proven_us to its own time.  A
 * proven_us that stands already (a later document timestamp's) is used.
 */
struct cms_content {
	const uint8_t *part[2];
	size_t len[2];
	bool absent; /* detached, and nobody has the content */
	/* Certificates and evidence that stand elsewhere in the document, as
	 * a PDF's DSS; only extras, crls and ocsps are read.  May be NULL. */
	const struct chain_subject *hints;
};

void cms_judge(const struct cms *cms, int i, enum cms_profile profile,
    const struct cms_content *content, const struct question *q,
    struct signature_report *out);

/* A whole .p7m or .p7s file: every signer into r. */
void cms_judge_file(const uint8_t *data, size_t len, const struct question *q,
    struct report *r);

#endif /* CRYPTO_CMS_H */
