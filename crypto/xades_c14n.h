#ifndef CRYPTO_XADES_C14N_H
#define CRYPTO_XADES_C14N_H

#include <stdbool.h>

/*
 * Canonical XML (1.0, 1.1, exclusive; each with and without comments) of a
 * node-set that is a subtree less some subtrees, which is all that our
 * allow-list of transforms can make.
 */
struct _xmlDoc;
struct _xmlNode;
struct buf;

enum xades_less {
	XADES_LESS_NONE,
	XADES_LESS_TOP, /* less every ds:Signature below the root element */
	XADES_LESS_ALL, /* less every ds:Signature */
};

struct xades_nodes {
	struct _xmlDoc *doc;
	const struct _xmlNode *apex;    /* NULL: the whole document */
	const struct _xmlNode *without; /* NULL, or a subtree less */
	enum xades_less less;
	bool comments;
};

bool xades_c14n_known(const char *uri);

/* method carries Algorithm and perhaps InclusiveNamespaces; NULL: 1.0, the
 * default of XMLDSig, 4.4.3.2.  False when the method is not one of ours, or
 * the nodes have no canonical form. */
bool xades_c14n(const struct xades_nodes *nodes, const struct _xmlNode *method,
    struct buf *out);

#endif /* CRYPTO_XADES_C14N_H */
