/*
 * One Signature, by the schema of XMLDSig and not a child more: an element
 * where none belongs is where wrapped content hides.  References are judged
 * before the value, so that HASH_FAILURE and SIG_CRYPTO_FAILURE are told
 * apart (EN 319 102-1, 5.2.7.4); a value that holds over digests that do not
 * still tells who signed.
 */
#include "crypto/xades_seal.h"

#include <libxml/tree.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "crypto/certificate.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/xades.h"
#include "crypto/xades_algorithm.h"
#include "crypto/xades_c14n.h"
#include "crypto/xades_dom.h"

#define VALUE_MAX     2048 /* an RSA key of 16384 bits */
#define TYPE_MANIFEST NS_DSIG "Manifest"

/* XMLDSig, 4.1: SignedInfo, SignatureValue, KeyInfo?, Object*. */
static bool
read_parts(struct xades_seal *seal, const char **why)
{
	xmlNode *n = xades_first(seal->scope.signature);

	*why = "not SignedInfo, SignatureValue, KeyInfo, Object";
	if (!xades_is(n, NS_DSIG, "SignedInfo"))
		return false;
	seal->signed_info = n;
	n = xades_next(n);
	if (!xades_is(n, NS_DSIG, "SignatureValue"))
		return false;
	seal->value_node = n;
	n = xades_next(n);
	if (xades_is(n, NS_DSIG, "KeyInfo")) {
		seal->key_info = n;
		n = xades_next(n);
	}
	while (xades_is(n, NS_DSIG, "Object"))
		n = xades_next(n);
	return n == NULL;
}

/* 4.4: CanonicalizationMethod, SignatureMethod, Reference+. */
static bool
check_signed_info(const struct xades_seal *seal, const char **why)
{
	const xmlNode *n = xades_first(seal->signed_info);
	size_t count = 0;

	*why = "SignedInfo holds something else";
	if (!xades_is(n, NS_DSIG, "CanonicalizationMethod"))
		return false;
	n = xades_next(n);
	if (!xades_is(n, NS_DSIG, "SignatureMethod"))
		return false;
	for (n = xades_next(n); n != NULL; n = xades_next(n), count++)
		if (!xades_is(n, NS_DSIG, "Reference"))
			return false;
	return count > 0;
}

static bool
read_value(struct xades_seal *seal, const char **why)
{
	*why = "SignatureValue is not base64";
	if (!xades_bytes(seal->value_node, &seal->value))
		return false;
	*why = "SignatureValue's length"; /* before any arithmetic on it */
	return seal->value.len > 0 && seal->value.len <= VALUE_MAX;
}

/* KeyInfo's certificates, and those that XAdES keeps for later; evidence for
 * the path stands beside them. */
static void
read_evidence(struct xades_seal *seal)
{
	const xmlNode *kept = seal->properties.unsigned_;

	if (seal->key_info != NULL) {
		xades_pile_collect(
		    &seal->certificates, seal->key_info, "X509Certificate");
		xades_pile_collect(&seal->crls, seal->key_info, "X509CRL");
	}
	if (kept == NULL)
		return;
	xades_pile_collect(
	    &seal->certificates, kept, "EncapsulatedX509Certificate");
	xades_pile_collect(&seal->crls, kept, "EncapsulatedCRLValue");
	xades_pile_collect(&seal->ocsps, kept, "EncapsulatedOCSPValue");
}

bool
xades_seal_read(
    const struct xades_scope *scope, struct xades_seal *out, const char **why)
{
	char *uri;

	*out = (struct xades_seal){ .scope = *scope };
	if (!read_parts(out, why) || !check_signed_info(out, why) ||
	    !read_value(out, why))
		return false;
	*why = "QualifyingProperties: more than one, or not its own";
	if (!xades_properties_find(scope->signature, &out->properties))
		return false;
	uri = xades_attr(
	    xades_child(out->signed_info, NS_DSIG, "SignatureMethod"),
	    "Algorithm");
	out->method = xades_method(uri);
	free(uri);
	read_evidence(out);
	return true;
}

void
xades_seal_release(struct xades_seal *seal)
{
	for (size_t i = 0; i < seal->reference_count; i++)
		xades_reference_release(&seal->references[i]);
	free(seal->references);
	blob_release(&seal->value);
	xades_pile_release(&seal->certificates);
	xades_pile_release(&seal->crls);
	xades_pile_release(&seal->ocsps);
	*seal = (struct xades_seal){ 0 };
}

/* The digest that ends first is the one by which the policy judges. */
static void
note_digest(const struct xades_seal *seal, struct signature_report *s,
    const char *digest)
{
	const struct policy *p = seal->scope.q->policy;

	if (s->digest[0] == '\0' ||
	    policy_digest_end(p, digest) < policy_digest_end(p, s->digest))
		snprintf(s->digest, sizeof(s->digest), "%s", digest);
}

static void
sink(const struct xades_reference *r, struct signature_report *s)
{
	const char *uri = r->uri == NULL      ? "(no URI)"
			  : r->uri[0] == '\0' ? "(whole document)"
					      : r->uri;

	switch (r->outcome) {
	case XADES_HOLDS:
		return;
	case XADES_DIFFERS:
		s->integrity = INTEGRITY_BROKEN;
		signature_sink(s, SUB_HASH_FAILURE);
		break;
	case XADES_ABSENT:
		signature_sink(s, SUB_SIGNED_DATA_NOT_FOUND);
		break;
	case XADES_REFUSED:
		signature_sink(s, SUB_SIG_CONSTRAINTS_FAILURE);
		break;
	case XADES_MALFORMED:
		signature_sink(s, SUB_FORMAT_FAILURE);
		break;
	}
	signature_find(s, r->finding, "%.80s: %s", uri, r->why);
}

/* False at XADES_REFERENCES_MAX. */
static bool
judge_reference(
    struct xades_seal *seal, const xmlNode *n, struct signature_report *s)
{
	struct xades_reference *r;

	if (seal->reference_count == XADES_REFERENCES_MAX) {
		signature_sink(s, SUB_SIG_CONSTRAINTS_FAILURE);
		signature_find(
		    s, FIND_LIMIT, "%d references", XADES_REFERENCES_MAX);
		return false;
	}
	seal->references = blob_grow(seal->references,
	    seal->reference_count + 1, sizeof(*seal->references));
	r = &seal->references[seal->reference_count++];
	xades_reference_judge(&seal->scope, n, r);
	if (r->digest != NULL)
		note_digest(seal, s, r->digest);
	sink(r, s);
	return true;
}

static bool
judge_list(
    struct xades_seal *seal, const xmlNode *list, struct signature_report *s)
{
	const xmlNode *n = xades_child(list, NS_DSIG, "Reference");

	for (; n != NULL; n = xades_next(n))
		if (xades_is(n, NS_DSIG, "Reference") &&
		    !judge_reference(seal, n, s))
			return false;
	return true;
}

/* XMLDSig, 5.1 leaves a Manifest's references to the application.  Ours takes
 * them like the others: who signs a list means what is on it. */
static void
judge_manifests(struct xades_seal *seal, struct signature_report *s)
{
	size_t count = seal->reference_count;

	for (size_t i = 0; i < count; i++) {
		const struct xades_reference *r = &seal->references[i];

		if (r->type == NULL || strcmp(r->type, TYPE_MANIFEST) != 0)
			continue;
		if (!xades_is(r->node, NS_DSIG, "Manifest")) {
			signature_sink(s, SUB_FORMAT_FAILURE);
			signature_find(s, FIND_WRAPPING,
			    "the Type says Manifest and it is none");
		} else if (!judge_list(seal, r->node, s)) {
			return;
		}
	}
}

/* Only canonicalizations leave the claims as they are. */
static bool
is_plain(const xmlNode *reference)
{
	const xmlNode *list = xades_child(reference, NS_DSIG, "Transforms");
	const xmlNode *n = list == NULL ? NULL : xades_first(list);
	bool plain = true;

	for (; n != NULL && plain; n = xades_next(n)) {
		char *uri = xades_attr(n, "Algorithm");

		plain = xades_c14n_known(uri);
		free(uri);
	}
	return plain;
}

/* EN 319 132-1, 4.4.2: exactly one reference with the Type of SignedProperties
 * and it must be ours.  A Type that points elsewhere is the attack in which
 * claims are swapped and the signed ones put aside. */
static void
check_claims(struct xades_seal *seal, struct signature_report *s)
{
	const xmlNode *n = xades_child(seal->signed_info, NS_DSIG, "Reference");
	size_t typed = 0;

	for (size_t i = 0; n != NULL && i < seal->reference_count; i++) {
		const struct xades_reference *r = &seal->references[i];
		bool ours =
		    r->node != NULL && r->node == seal->properties.claims;

		if (xades_properties_type(r->type)) {
			typed++;
			seal->claims_signed |=
			    ours && is_plain(n) && r->outcome == XADES_HOLDS;
			if (!ours && r->outcome != XADES_ABSENT)
				typed = 2; /* not ours is one too many */
		}
		n = xades_next(n);
	}
	if (typed > 1 || (seal->properties.claims != NULL && typed == 0)) {
		seal->claims_signed = false;
		signature_sink(s, SUB_FORMAT_FAILURE);
		signature_find(s, FIND_WRAPPING,
		    "SignedProperties are not those that were signed");
	}
}

void
xades_seal_references(struct xades_seal *seal, struct signature_report *s)
{
	judge_list(seal, seal->signed_info, s);
	check_claims(seal, s);
	judge_manifests(seal, s);
}

static bool
signed_by(const struct xades_seal *seal, const struct buf *info, size_t i)
{
	return xades_verify(
	    seal->method, &seal->certificates.item[i], info, &seal->value);
}

static bool
is_readable(const struct blob *certificate)
{
	struct signer who;

	return certificate_describe(
	    certificate->data, certificate->len, &who, NULL);
}

/* The certificate that SigningCertificate names; without it, or where it
 * names none of ours, the one whose key fits. */
static const struct blob *
find_signer(const struct xades_seal *seal, const struct buf *info)
{
	const struct xades_pile *pile = &seal->certificates;

	for (size_t i = 0; i < pile->count; i++)
		if (seal->claims_signed &&
		    xades_binds(&seal->properties, &pile->item[i]) &&
		    is_readable(&pile->item[i]))
			return &pile->item[i];
	for (size_t i = 0; i < pile->count; i++)
		if (signed_by(seal, info, i))
			return &pile->item[i];
	return NULL;
}

/* Whether there is a certificate that can be read; names the limit where that
 * is why not. */
static bool
has_certificate(const struct xades_pile *pile, struct signature_report *s)
{
	bool has = false;

	for (size_t i = 0; i < pile->count; i++) {
		const struct blob *der = &pile->item[i];
		const char *excess = NULL;

		if (is_readable(der))
			has = true;
		else
			excess = certificate_excess(der->data, der->len);
		if (excess != NULL)
			signature_find(s, FIND_LIMIT, "%s", excess);
	}
	return has;
}

/* Nobody's key fits.  Where the claims name a certificate that is not here,
 * nothing was found broken; where any certificate should do, it was. */
static void
no_signer(struct xades_seal *seal, struct signature_report *s)
{
	bool bound =
	    seal->claims_signed && xades_has_binding(&seal->properties);

	if (!has_certificate(&seal->certificates, s)) {
		signature_sink(s, SUB_NO_SIGNING_CERTIFICATE_FOUND);
		signature_find(
		    s, FIND_KEY_INFO, "no X509Certificate that can be read");
	} else if (bound) {
		signature_sink(s, SUB_NO_SIGNING_CERTIFICATE_FOUND);
		signature_find(s, FIND_CERTIFICATE_MISMATCH,
		    "the certificate it names is not here");
	} else {
		s->integrity = INTEGRITY_BROKEN;
		signature_sink(s, SUB_SIG_CRYPTO_FAILURE);
	}
}

/* A value that does not hold under the certificate that the claims bind is a
 * broken signature, though another key in the file may fit. */
static void
check_value(
    struct xades_seal *seal, const struct buf *info, struct signature_report *s)
{
	bool all_hold =
	    s->integrity != INTEGRITY_BROKEN && !signature_has(s, FIND_LIMIT);

	if (!xades_verify(seal->method, seal->signer, info, &seal->value)) {
		s->integrity = INTEGRITY_BROKEN;
		signature_sink(s, SUB_SIG_CRYPTO_FAILURE);
		return;
	}
	for (size_t i = 0; i < seal->reference_count; i++)
		all_hold &= seal->references[i].outcome == XADES_HOLDS;
	if (all_hold)
		s->integrity = INTEGRITY_INTACT;
	if (seal->properties.claims == NULL)
		return;
	if (!seal->claims_signed || !xades_has_binding(&seal->properties)) {
		signature_sink(s, SUB_NO_SIGNING_CERTIFICATE_FOUND);
		signature_find(s, FIND_CERTIFICATE_NOT_BOUND,
		    "no SigningCertificate among what is signed");
	} else if (!xades_binds(&seal->properties, seal->signer)) {
		signature_sink(s, SUB_NO_SIGNING_CERTIFICATE_FOUND);
		signature_find(s, FIND_CERTIFICATE_MISMATCH,
		    "SigningCertificate is another");
	}
}

static void
unknown_method(const struct xades_seal *seal, struct signature_report *s)
{
	char *uri = xades_attr(
	    xades_child(seal->signed_info, NS_DSIG, "SignatureMethod"),
	    "Algorithm");
	bool shared = uri != NULL && strstr(uri, "#hmac-") != NULL;

	/* Whoever can check an HMAC can make it: it names no signer. */
	signature_sink(s, shared ? SUB_NO_SIGNING_CERTIFICATE_FOUND
				 : SUB_SIG_CONSTRAINTS_FAILURE);
	signature_find(s, shared ? FIND_KEY_INFO : FIND_ALGORITHM_UNKNOWN,
	    "SignatureMethod %.100s", uri == NULL ? "" : uri);
	free(uri);
}

/* SignedInfo is canonicalized where it stands, with the namespaces of the
 * elements around it (XMLDSig, 3.2.2). */
void
xades_seal_value(struct xades_seal *seal, struct signature_report *s)
{
	const struct xades_nodes nodes = {
		.doc = xades_dom_doc(seal->scope.dom),
		.apex = seal->signed_info,
		.comments = true,
	};
	struct buf info = { 0 };

	if (seal->method == NULL) {
		unknown_method(seal, s);
		return;
	}
	snprintf(
	    s->algorithm, sizeof(s->algorithm), "%s", seal->method->family);
	if (!xades_c14n(&nodes,
		xades_child(
		    seal->signed_info, NS_DSIG, "CanonicalizationMethod"),
		&info)) {
		signature_sink(s, SUB_SIG_CONSTRAINTS_FAILURE);
		signature_find(
		    s, FIND_ALGORITHM_UNKNOWN, "CanonicalizationMethod");
		goto out;
	}
	if (strncmp(seal->method->family, "ed", 2) != 0)
		note_digest(seal, s, seal->method->digest);
	seal->signer = find_signer(seal, &info);
	if (seal->signer == NULL)
		no_signer(seal, s);
	else
		check_value(seal, &info, s);

out:
	buf_release(&info);
}
