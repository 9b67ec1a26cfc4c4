/*
 * What a signature covers.  A signature that verifies says nothing on what is
 * shown: the report names the elements that were signed, and calls them the
 * whole only where nothing else is there to be shown.  So an invoice whose
 * one element of data was signed by its Id is whole, and the same with a
 * second element beside it is not.
 */
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "crypto/question.h"
#include "crypto/xades_dom.h"
#include "crypto/xades_seal.h"

#define NAMED_MAX 16

/* The signature's own parts carry it and are not what people read. */
static bool
is_machinery(const struct xades_seal *seal, const xmlNode *n)
{
	return xades_contains(seal->signed_info, n) ||
	       xades_contains(seal->value_node, n) ||
	       (seal->key_info != NULL && xades_contains(seal->key_info, n)) ||
	       (seal->properties.all != NULL &&
		   xades_contains(seal->properties.all, n));
}

static bool
is_data(const struct xades_seal *seal, const struct xades_reference *r)
{
	if (r->outcome != XADES_HOLDS)
		return false;
	return r->document || r->content != NULL ||
	       (r->node != NULL && !is_machinery(seal, r->node));
}

/* Elements of XMLDSig and XAdES alone, so that nothing else can be read
 * there: KeyInfo and unsigned properties are open to any content (XMLDSig,
 * 4.5).  What our claims hold is signed. */
static bool
is_standard(const struct xades_seal *seal, xmlNode *top)
{
	static const char *const known[] = { NS_DSIG,
		"http://www.w3.org/2009/xmldsig11#", "http://uri.etsi.org/" };
	xmlNode *n = top;

	while (n != NULL) {
		bool is = false;

		if (seal->claims_signed && n == seal->properties.claims) {
			n = xades_dom_skip(top, n);
			continue;
		}
		for (size_t i = 0; n->ns != NULL && i < nitems(known); i++)
			is |= strncmp((const char *)n->ns->href, known[i],
				  strlen(known[i])) == 0;
		if (!is)
			return false;
		n = xades_dom_walk(top, n);
	}
	return true;
}

/* Signed, with all below it; or what a signature needs to be one. */
static bool
is_settled(const struct xades_seal *seal, xmlNode *n)
{
	xmlNode *only = xades_first(n);

	for (size_t i = 0; i < seal->reference_count; i++)
		if (seal->references[i].node == n &&
		    is_data(seal, &seal->references[i]))
			return true;
	if (!xades_is(n->parent, NS_DSIG, "Signature"))
		return false;
	if (!xades_is(n, NS_DSIG, "Object"))
		return is_standard(seal, n);
	return only != NULL && xades_in_etsi(only, "QualifyingProperties") &&
	       xades_next(only) == NULL && is_standard(seal, only);
}

/* Among siblings, what can change what is read: a text, or a processing
 * instruction, since xml-stylesheet shows whatever its sheet makes of the
 * data. */
static bool
has_words(const xmlNode *c)
{
	for (; c != NULL; c = c->next)
		if (c->type == XML_PI_NODE ||
		    ((c->type == XML_TEXT_NODE ||
			 c->type == XML_CDATA_SECTION_NODE) &&
			!xmlIsBlankNode(c)))
			return true;
	return false;
}

/* An element that says nothing by itself: it holds other elements, no words,
 * and no attribute but its Id. */
static bool
is_wrapper(const xmlNode *n)
{
	if (xades_first(n) == NULL || has_words(n->children))
		return false;
	for (const xmlAttr *a = n->properties; a != NULL; a = a->next)
		if (!xades_is_id(a) && !xades_is(n, NS_DSIG, "Object"))
			return false;
	return true;
}

/* Nothing to read in this document but what was signed. */
static bool
is_all_signed(const struct xades_seal *seal)
{
	xmlNode *root = xades_dom_root(seal->scope.dom), *n = root;

	if (has_words(xades_dom_doc(seal->scope.dom)->children))
		return false;
	while (n != NULL) {
		if (is_settled(seal, n))
			n = xades_dom_skip(root, n);
		else if (is_wrapper(n))
			n = xades_dom_walk(root, n);
		else
			return false;
	}
	return true;
}

static bool
is_settled_object(const struct xades_seal *seal, xmlNode *object)
{
	xmlNode *only = xades_first(object);

	return is_settled(seal, object) ||
	       (only != NULL && xades_next(only) == NULL &&
		   is_wrapper(object) && is_settled(seal, only));
}

/* An enveloped signature leaves itself out, and with it whatever was put
 * into it: such a document is not signed as a whole. */
static bool
hides_nothing(const struct xades_seal *seal)
{
	xmlNode *root = xades_dom_root(seal->scope.dom);

	for (xmlNode *n = root; n != NULL; n = xades_dom_walk(root, n)) {
		if (!xades_is(n->parent, NS_DSIG, "Signature"))
			continue;
		if (xades_is(n, NS_DSIG, "Object") ? !is_settled_object(seal, n)
						   : !is_standard(seal, n))
			return false;
	}
	return true;
}

static bool
covers_all_contents(const struct xades_seal *seal, struct signature_report *s)
{
	const struct question *q = seal->scope.q;
	bool all = true;

	for (size_t i = 0; i < q->content_count; i++) {
		bool found = false;

		for (size_t j = 0; j < seal->reference_count; j++)
			found |= seal->references[j].content == &q->contents[i];
		if (!found)
			signature_find(s, FIND_SIGNED_DATA,
			    "%.100s: was given and is not signed",
			    q->contents[i].name);
		all &= found;
	}
	return all;
}

static void
name_element(const struct xades_reference *r, struct signature_report *s)
{
	char *path;

	if (r->content != NULL) {
		signature_find(
		    s, FIND_SIGNED_ELEMENT, "file %.120s", r->content->name);
		return;
	}
	if (r->node == NULL)
		return;
	path = (char *)xmlGetNodePath(r->node);
	signature_find(s, FIND_SIGNED_ELEMENT, "%.60s is %.80s", r->uri,
	    path == NULL ? "an element" : path);
	free(path);
}

/* A counter-signature signs the value of the signature it stands in. */
static void
check_counter(const struct xades_seal *seal, struct signature_report *s)
{
	const xmlNode *at = seal->scope.signature->parent, *value;

	while (at != NULL && !xades_is(at, NS_DSIG, "Signature"))
		at = at->parent;
	value = xades_child(at, NS_DSIG, "SignatureValue");
	for (size_t i = 0; i < seal->reference_count; i++)
		if (value != NULL && seal->references[i].node == value)
			return;
	signature_sink(s, SUB_SIG_CONSTRAINTS_FAILURE);
	signature_find(
	    s, FIND_WRAPPING, "it does not sign the signature it stands in");
}

void
xades_seal_cover(const struct xades_seal *seal, struct signature_report *s)
{
	size_t data = 0;
	bool document = false, whole;

	for (size_t i = 0; i < seal->reference_count; i++) {
		const struct xades_reference *r = &seal->references[i];

		if (!is_data(seal, r))
			continue;
		document |= r->document;
		if (data++ < NAMED_MAX)
			name_element(r, s);
	}
	if (data == 0 && s->integrity == INTEGRITY_INTACT) {
		signature_sink(s, SUB_SIG_CONSTRAINTS_FAILURE);
		signature_find(s, FIND_WRAPPING, "it signs nothing but itself");
	}
	whole =
	    document ? hides_nothing(seal) : data > 0 && is_all_signed(seal);
	if (s->kind == KIND_COUNTER_SIGNATURE)
		check_counter(seal, s);
	else
		whole &= covers_all_contents(seal, s);
	s->covers = whole ? COVERS_WHOLE : COVERS_PART;
}
