#ifndef CRYPTO_XADES_SEAL_H
#define CRYPTO_XADES_SEAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/blob.h"
#include "crypto/report.h"
#include "crypto/xades_properties.h"
#include "crypto/xades_reference.h"

/*
 * One ds:Signature taken apart (XMLDSig, 4), and the three things found out
 * about it: what it signs, whether that is intact, and who signed.
 */
struct xades_method;

struct xades_seal {
	struct xades_scope scope;
	struct _xmlNode *signed_info, *value_node, *key_info;
	const struct xades_method *method; /* NULL: not one of ours */
	struct blob value;
	struct xades_reference *references; /* with those of manifests */
	size_t reference_count;
	struct xades_properties properties;
	bool claims_signed; /* a reference that holds covers the claims */
	struct xades_pile certificates, crls, ocsps;
	const struct blob *signer; /* one of certificates, or NULL */
};

/* Reads by the schema; false: it is another thing, and why says which. */
bool xades_seal_read(
    const struct xades_scope *scope, struct xades_seal *out, const char **why);
void xades_seal_release(struct xades_seal *seal);

/* Judges every reference into s. */
void xades_seal_references(struct xades_seal *seal, struct signature_report *s);

/* Finds the signer's certificate and checks the value with its key. */
void xades_seal_value(struct xades_seal *seal, struct signature_report *s);

/* xades_cover.c: which elements were signed, in words and as a verdict. */
void xades_seal_cover(
    const struct xades_seal *seal, struct signature_report *s);

#endif /* CRYPTO_XADES_SEAL_H */
