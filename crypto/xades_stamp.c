#include "crypto/xades_stamp.h"

#include <libxml/tree.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/buf.h"
#include "crypto/digest.h"
#include "crypto/poe.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/xades_algorithm.h"
#include "crypto/xades_c14n.h"
#include "crypto/xades_dom.h"
#include "crypto/xades_seal.h"

static size_t
borrow(const struct xades_pile *pile, struct chain_object *out)
{
	for (size_t i = 0; i < pile->count; i++)
		out[i] = (struct chain_object){ pile->item[i].data,
			pile->item[i].len };
	return pile->count;
}

/* Which version of the namespace tells two kinds of one name apart. */
#define V141 "http://uri.etsi.org/01903/v1.4.1#"

enum form { FORM_PLAIN, FORM_V2, FORM_INDIVIDUAL };

static const struct {
	const char *name;
	enum timestamp_kind kind;
	int form; /* enum form */
	bool is_signed;
} kinds[] = {
	{ "AllDataObjectsTimeStamp", TIMESTAMP_CONTENT, FORM_PLAIN, true },
	{ "IndividualDataObjectsTimeStamp", TIMESTAMP_CONTENT, FORM_INDIVIDUAL,
	    true },
	{ "SignatureTimeStamp", TIMESTAMP_SIGNATURE, FORM_PLAIN, false },
	{ "RefsOnlyTimeStamp", TIMESTAMP_REFERENCES, FORM_PLAIN, false },
	{ "RefsOnlyTimeStampV2", TIMESTAMP_REFERENCES, FORM_V2, false },
	{ "SigAndRefsTimeStamp", TIMESTAMP_SIGNATURE_AND_REFERENCES, FORM_PLAIN,
	    false },
	{ "SigAndRefsTimeStampV2", TIMESTAMP_SIGNATURE_AND_REFERENCES, FORM_V2,
	    false },
	{ "ArchiveTimeStamp", TIMESTAMP_ARCHIVE, FORM_PLAIN, false },
};

static void
add_tokens(struct xades_evidence *e, const xmlNode *stamp, size_t kind)
{
	bool v2 = kinds[kind].kind == TIMESTAMP_ARCHIVE &&
		  xades_is(stamp, V141, kinds[kind].name);
	size_t from = e->tokens.count;
	struct stamp *s;

	xades_pile_collect(&e->tokens, stamp, "EncapsulatedTimeStamp");
	for (size_t i = from; i < e->tokens.count; i++) {
		s = stamp_add(&e->stamps, kinds[kind].kind,
		    e->tokens.item[i].data, e->tokens.item[i].len);
		if (s == NULL)
			return;
		s->place = stamp;
		s->form = v2 ? (int)FORM_V2 : kinds[kind].form;
	}
}

static void
collect(struct xades_evidence *e, const xmlNode *properties, bool is_signed)
{
	const xmlNode *n = properties == NULL ? NULL : xades_first(properties);

	for (; n != NULL; n = xades_next(n))
		for (size_t i = 0; i < nitems(kinds); i++)
			if (kinds[i].is_signed == is_signed &&
			    xades_in_etsi(n, kinds[i].name))
				add_tokens(e, n, i);
}

/* A content timestamp counts when it is signed. */
static void
collect_all(struct xades_evidence *e)
{
	const struct xades_seal *seal = e->seal;

	if (seal->claims_signed)
		collect(e, seal->properties.data_objects, true);
	collect(e, seal->properties.unsigned_, false);
}

void
xades_evidence_init(
    struct xades_evidence *e, struct xades_seal *seal, struct poe *poe)
{
	*e = (struct xades_evidence){ .seal = seal, .poe = poe };
	e->subject = (struct chain_subject){ .use = CHAIN_SIGNER,
		.extras = e->extras,
		.extra_count = borrow(&seal->certificates, e->extras),
		.crls = e->crls,
		.crl_count = borrow(&seal->crls, e->crls),
		.ocsps = e->ocsps,
		.ocsp_count = borrow(&seal->ocsps, e->ocsps),
		.poe = e->poe };
	collect_all(e);
}

void
xades_evidence_release(struct xades_evidence *e)
{
	stamp_release(&e->stamps);
	xades_pile_release(&e->tokens);
}

/* What a timestamp is over. */

/* Some leave the Algorithm empty and mean the default. */
static const xmlNode *
method(const struct stamp *s)
{
	const xmlNode *n =
	    xades_child(s->place, NS_DSIG, "CanonicalizationMethod");

	return n == NULL || xades_attr_is(n, "Algorithm", "") ? NULL : n;
}

static bool
put(const struct xades_evidence *e, const struct stamp *s, const xmlNode *n,
    struct buf *store)
{
	const struct xades_nodes nodes = {
		.doc = xades_dom_doc(e->seal->scope.dom),
		.apex = n,
		.comments = true,
	};

	return xades_c14n(&nodes, method(s), store);
}

static bool
put_reference(const struct xades_evidence *e, const struct stamp *s,
    const xmlNode *reference, struct buf *store)
{
	return xades_reference_bytes(
	    &e->seal->scope, reference, method(s), store);
}

static const xmlNode *
first_reference(const struct xades_evidence *e)
{
	return xades_child(e->seal->signed_info, NS_DSIG, "Reference");
}

static bool
is_to_properties(const xmlNode *reference)
{
	char *type = xades_attr(reference, "Type");
	bool is = xades_properties_type(type);

	free(type);
	return is;
}

/* EN 319 132-1, 5.2.8.1: what is signed but the properties. */
static bool
put_objects(
    const struct xades_evidence *e, const struct stamp *s, struct buf *store)
{
	const xmlNode *n = first_reference(e);

	for (; n != NULL; n = xades_next(n))
		if (!is_to_properties(n) && !put_reference(e, s, n, store))
			return false;
	return true;
}

/* The Reference with the Id that an Include names. */
static const xmlNode *
included(const struct xades_evidence *e, const xmlNode *include)
{
	char *uri = xades_attr(include, "URI");
	const xmlNode *n = uri == NULL ? NULL : first_reference(e);

	while (n != NULL && !(uri[0] == '#' && xades_attr_is(n, "Id", uri + 1)))
		n = xades_next(n);
	free(uri);
	return n;
}

/* 5.2.8.2: the references that Include elements name, and their data. */
static bool
put_individual(
    const struct xades_evidence *e, const struct stamp *s, struct buf *store)
{
	const xmlNode *n = xades_first(s->place);
	bool any = false;

	for (; n != NULL; n = xades_next(n)) {
		const xmlNode *reference;

		if (!xades_in_etsi(n, "Include"))
			continue;
		reference = included(e, n);
		if (reference == NULL ||
		    !xades_attr_is(n, "referencedData", "true") ||
		    !put_reference(e, s, reference, store))
			return false;
		any = true;
	}
	return any;
}

static bool
is_reference_property(const xmlNode *n, bool v2)
{
	static const struct {
		const char *name;
		bool first, second; /* in which of the two editions */
	} names[] = {
		{ "CompleteCertificateRefs", true, false },
		{ "CompleteCertificateRefsV2", false, true },
		{ "CompleteRevocationRefs", true, true },
		{ "AttributeCertificateRefs", true, false },
		{ "AttributeCertificateRefsV2", false, true },
		{ "AttributeRevocationRefs", true, true },
	};

	for (size_t i = 0; i < nitems(names); i++)
		if ((v2 ? names[i].second : names[i].first) &&
		    xades_in_etsi(n, names[i].name))
			return true;
	return false;
}

/* Whether a property that stands before is among what it is over. */
static bool
is_covered(const struct stamp *s, const xmlNode *n)
{
	if (s->kind == TIMESTAMP_ARCHIVE)
		return true;
	if (s->kind == TIMESTAMP_SIGNATURE_AND_REFERENCES &&
	    xades_in_etsi(n, "SignatureTimeStamp"))
		return true;
	return (s->kind == TIMESTAMP_SIGNATURE_AND_REFERENCES ||
		   s->kind == TIMESTAMP_REFERENCES) &&
	       is_reference_property(n, s->form == FORM_V2);
}

static const xmlNode *
first_unsigned(const struct xades_evidence *e)
{
	const xmlNode *properties = e->seal->properties.unsigned_;

	return properties == NULL ? NULL : xades_first(properties);
}

static bool
put_unsigned(
    const struct xades_evidence *e, const struct stamp *s, struct buf *store)
{
	const xmlNode *n = first_unsigned(e);

	for (; n != s->place; n = xades_next(n))
		if (is_covered(s, n) && !put(e, s, n, store))
			return false;
	return true;
}

static bool
is_referenced(const struct xades_evidence *e, const xmlNode *object)
{
	for (size_t i = 0; i < e->seal->reference_count; i++)
		if (e->seal->references[i].node == object)
			return true;
	return false;
}

/* 5.5.2.2: each Object but that of the properties.  TS 101 903 of 1.3.2 also
 * leaves out those that a reference names. */
static bool
put_others(
    const struct xades_evidence *e, const struct stamp *s, struct buf *store)
{
	const xmlNode *n = xades_first(e->seal->scope.signature);

	for (; n != NULL; n = xades_next(n)) {
		if (!xades_is(n, NS_DSIG, "Object") ||
		    xades_contains(n, e->seal->properties.all))
			continue;
		if (s->form != FORM_V2 && is_referenced(e, n))
			continue;
		if (!put(e, s, n, store))
			return false;
	}
	return true;
}

static bool
put_archive(
    const struct xades_evidence *e, const struct stamp *s, struct buf *store)
{
	const struct xades_seal *seal = e->seal;
	const xmlNode *n = first_reference(e);

	for (; n != NULL; n = xades_next(n))
		if (!put_reference(e, s, n, store))
			return false;
	return put(e, s, seal->signed_info, store) &&
	       put(e, s, seal->value_node, store) &&
	       (seal->key_info == NULL || put(e, s, seal->key_info, store)) &&
	       put_unsigned(e, s, store) && put_others(e, s, store);
}

static bool
put_all(
    const struct xades_evidence *e, const struct stamp *s, struct buf *store)
{
	switch (s->kind) {
	case TIMESTAMP_CONTENT:
		return s->form == FORM_INDIVIDUAL ? put_individual(e, s, store)
						  : put_objects(e, s, store);
	case TIMESTAMP_ARCHIVE:
		return put_archive(e, s, store);
	case TIMESTAMP_REFERENCES:
		return put_unsigned(e, s, store);
	case TIMESTAMP_SIGNATURE:
	case TIMESTAMP_SIGNATURE_AND_REFERENCES:
	default:
		return put(e, s, e->seal->value_node, store) &&
		       put_unsigned(e, s, store);
	}
}

/* Why it cannot be laid out: what was signed is not at hand, or a form that is
 * not ours. */
static enum subindication
missing(const struct xades_evidence *e, const struct stamp *s)
{
	if (s->kind == TIMESTAMP_CONTENT || s->kind == TIMESTAMP_ARCHIVE)
		for (size_t i = 0; i < e->seal->reference_count; i++)
			if (e->seal->references[i].outcome == XADES_ABSENT)
				return SUB_SIGNED_DATA_NOT_FOUND;
	return SUB_SIG_CONSTRAINTS_FAILURE;
}

/* Those that name what they are over one by one (Include) are of the
 * distributed case, which is refused: with it the order is the signer's. */
static enum subindication
subject(void *ctx, const struct stamp *s, struct buf *store,
    struct timestamp_subject *out)
{
	const struct xades_evidence *e = ctx;

	if ((s->form != FORM_INDIVIDUAL &&
		xades_child(s->place, NULL, "Include") != NULL) ||
	    !put_all(e, s, store))
		return missing(e, s);
	out->part[0] = (const uint8_t *)store->data;
	out->len[0] = store->len;
	return SUB_NONE;
}

/* What it proves. */

/* Also the values of counter-signatures in there. */
static void
prove_element(struct xades_evidence *e, const xmlNode *top, int64_t us)
{
	static const char *const names[] = { "X509Certificate", "X509CRL",
		"EncapsulatedX509Certificate", "EncapsulatedCRLValue",
		"EncapsulatedOCSPValue", "EncapsulatedTimeStamp",
		"SignatureValue" };

	for (size_t i = 0; top != NULL && i < nitems(names); i++) {
		struct xades_pile pile = { 0 };

		xades_pile_collect(&pile, top, names[i]);
		for (size_t k = 0; k < pile.count; k++)
			poe_add(
			    e->poe, pile.item[k].data, pile.item[k].len, us);
		xades_pile_release(&pile);
	}
}

/* Whose digest stands in what was stamped was there too, as long as nobody
 * could make another of the same digest. */
static void
prove_digest(struct xades_evidence *e, const xmlNode *value, int64_t us)
{
	const struct xades_pile *piles[] = { &e->seal->certificates,
		&e->seal->crls, &e->seal->ocsps };
	const xmlNode *named = xades_child(value->parent, NULL, "DigestMethod");
	char *uri = named == NULL ? NULL : xades_attr(named, "Algorithm");
	const char *name = xades_digest_name(uri);
	struct blob want = { 0 };
	uint8_t have[DIGEST_LEN_MAX];

	free(uri);
	if (name == NULL ||
	    us >= policy_digest_end(e->seal->scope.q->policy, name) ||
	    !xades_bytes(value, &want))
		return;
	for (size_t i = 0; i < nitems(piles); i++)
		for (size_t k = 0; k < piles[i]->count; k++) {
			const struct blob *b = &piles[i]->item[k];
			size_t len = digest_named(name, b->data, b->len, have);

			if (len > 0 && want.len == len &&
			    memcmp(want.data, have, len) == 0)
				poe_add(e->poe, b->data, b->len, us);
		}
	blob_release(&want);
}

static void
prove_references(struct xades_evidence *e, const xmlNode *top, int64_t us)
{
	xmlNode *n = (xmlNode *)(uintptr_t)top;

	for (; n != NULL; n = xades_dom_walk(top, n))
		if (xades_is(n, NULL, "DigestValue"))
			prove_digest(e, n, us);
}

static void
prove(void *ctx, const struct stamp *s, int64_t us)
{
	struct xades_evidence *e = ctx;
	const xmlNode *n = first_unsigned(e);

	if (s->kind == TIMESTAMP_ARCHIVE)
		prove_element(e, e->seal->key_info, us);
	for (; n != s->place; n = xades_next(n)) {
		if (!is_covered(s, n))
			continue;
		prove_element(e, n, us);
		prove_references(e, n, us);
	}
}

/* What is there and says something, but is judged elsewhere or not at all. */
static void
name_others(const struct xades_evidence *e, struct signature_report *s)
{
	const xmlNode *n = first_unsigned(e);

	for (; n != NULL; n = xades_next(n))
		if (xades_is(n, NULL, "SealingEvidenceRecords"))
			signature_find(
			    s, FIND_EVIDENCE_RECORD, "SealingEvidenceRecords");
		else if (xades_in_etsi(n, "CounterSignature"))
			signature_find(
			    s, FIND_COUNTER_SIGNATURE, "EN 319 132-1, 5.2.7");
}

void
xades_evidence_judge(struct xades_evidence *e, struct signature_report *s)
{
	const struct stamp_format format = { e, subject, prove };

	stamp_judge(&e->stamps, &format, e->seal->scope.q, &e->subject, s);
	name_others(e, s);
}
