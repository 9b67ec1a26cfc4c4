#ifndef CRYPTO_XADES_REFERENCE_H
#define CRYPTO_XADES_REFERENCE_H

#include <stdbool.h>
#include <stddef.h>

#include "crypto/report.h"

/*
 * One ds:Reference (XMLDSig, 4.4.3): finds what it names, in this document or
 * among the contents the caller handed over, never elsewhere; applies the
 * transforms of our allow-list; compares the digest.
 *
 * The allow-list: enveloped-signature, canonicalizations, base64, and the two
 * XPath spellings of "less all signatures", which are recognised as words and
 * never evaluated.
 */
struct _xmlNode;
struct buf;
struct content;
struct question;
struct xades_dom;

enum xades_outcome {
	XADES_HOLDS,     /* the digest is right */
	XADES_DIFFERS,   /* it is not */
	XADES_ABSENT,    /* what it names is not at hand */
	XADES_REFUSED,   /* an algorithm or a transform that is not ours */
	XADES_MALFORMED, /* against the schema, or pointing wrongly */
};

/* Where the reference stands. */
struct xades_scope {
	const struct xades_dom *dom;
	const struct _xmlNode *signature;
	const struct question *q;
};

struct xades_reference {
	enum xades_outcome outcome;
	enum finding_code finding; /* for an outcome other than HOLDS */
	const char *why;           /* static */
	const char *digest;        /* the report's name; NULL: unknown */
	char *uri, *type;          /* owned; NULL when absent */
	bool document;             /* the whole document, or */
	struct _xmlNode *node;     /* this element, or */
	const struct content *content;
};

void xades_reference_judge(const struct xades_scope *scope,
    const struct _xmlNode *element, struct xades_reference *out);
void xades_reference_release(struct xades_reference *r);

/* Appends what the reference is over, for a timestamp over the same: nodes by
 * the canonicalization that last names (may be NULL).  False: it cannot be
 * had. */
bool xades_reference_bytes(const struct xades_scope *scope,
    const struct _xmlNode *element, const struct _xmlNode *last,
    struct buf *out);

#endif /* CRYPTO_XADES_REFERENCE_H */
