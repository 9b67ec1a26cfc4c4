#ifndef CRYPTO_XADES_PROPERTIES_H
#define CRYPTO_XADES_PROPERTIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"

/*
 * QualifyingProperties (EN 319 132-1, 4.3) of one signature, all published
 * namespaces.  They count only where they belong: in an Object of this very
 * Signature, with a Target that names it.  What they say is a claim until
 * xades.c has seen that a reference signs them.
 */
struct _xmlNode;

#define XADES_PILE_MAX 64

/* DER objects of one kind, owned; what is beyond the limit is not read. */
struct xades_pile {
	struct blob item[XADES_PILE_MAX];
	size_t count;
	bool cut_short; /* there were more */
};

struct xades_properties {
	struct _xmlNode *all;          /* NULL: the signature has none */
	struct _xmlNode *claims;       /* SignedProperties; may be NULL */
	struct _xmlNode *signature;    /* SignedSignatureProperties, same */
	struct _xmlNode *data_objects; /* SignedDataObjectProperties */
	struct _xmlNode *unsigned_;    /* UnsignedSignatureProperties, same */
};

/* False: more than one, or not this signature's own. */
bool xades_properties_find(
    const struct _xmlNode *signature, struct xades_properties *out);

/* A Type that says SignedProperties, in any version. */
bool xades_properties_type(const char *type);

bool xades_in_etsi(const struct _xmlNode *n, const char *name);

int64_t xades_signing_time(const struct xades_properties *p); /* 0: none */

/* EN 319 132-1, 5.2.9; false: the signature names none. */
struct signature_policy;
bool xades_policy(
    const struct xades_properties *p, struct signature_policy *out);

/* Whether SigningCertificate or SigningCertificateV2 is there, and whether
 * its first Cert, which is the signer's, names this certificate. */
bool xades_has_binding(const struct xades_properties *p);
bool xades_binds(
    const struct xades_properties *p, const struct blob *certificate);

/* Adds the base64 text of every element of that name below top. */
void xades_pile_collect(
    struct xades_pile *pile, const struct _xmlNode *top, const char *name);
void xades_pile_release(struct xades_pile *pile);

#endif /* CRYPTO_XADES_PROPERTIES_H */
