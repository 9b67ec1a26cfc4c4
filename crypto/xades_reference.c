/*
 * A reference runs in one direction: it is resolved once, to one element, the
 * document or one content, and then transformed.  What was resolved is kept
 * and reported, whatever the transforms made of it, since the attacks on XML
 * signatures live on the difference between what was digested and what is
 * read.
 */
#include "crypto/xades_reference.h"

#include <libxml/tree.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/question.h"
#include "crypto/xades.h"
#include "crypto/xades_algorithm.h"
#include "crypto/xades_c14n.h"
#include "crypto/xades_dom.h"

#define ALG_ENVELOPED NS_DSIG "enveloped-signature"
#define ALG_BASE64    NS_DSIG "base64"
#define ALG_XPATH     "http://www.w3.org/TR/1999/REC-xpath-19991116"
#define TYPE_OBJECT   NS_DSIG "Object"

/* What runs through the transforms: nodes until something makes them octets
 * (XMLDSig, 4.4.3.2). */
struct stream {
	bool octets;
	struct xades_nodes nodes;
	struct xades_dom *parsed; /* owned: octets that became nodes again */
	const uint8_t *data;      /* borrowed: a content or bytes */
	size_t len;
	struct buf bytes; /* owned */
};

static bool
fail(struct xades_reference *r, enum xades_outcome outcome,
    enum finding_code finding, const char *why)
{
	r->outcome = outcome;
	r->finding = finding;
	r->why = why;
	return false;
}

/* A URI's name of a file: percent-decoded (RFC 3986, 2.1), the part after
 * the last slash.  The caller frees; NULL: not a name. */
static char *
file_name(const char *uri)
{
	const char *slash = strrchr(uri, '/');
	struct buf b = { 0 };
	uint8_t byte;

	for (const char *p = slash == NULL ? uri : slash + 1; *p != '\0'; p++) {
		if (*p != '%') {
			buf_put(&b, p, 1);
			continue;
		}
		if (strlen(p) < 3 || !text_unhex(p + 1, &byte, 1) ||
		    byte == '\0') {
			buf_release(&b);
			return NULL;
		}
		buf_put(&b, &byte, 1);
		p += 2;
	}
	return buf_take(&b);
}

/* The content of that name; none when two have it. */
static const struct content *
find_content(const struct question *q, const char *uri)
{
	const struct content *found = NULL;
	char *name = file_name(uri);

	for (size_t i = 0; name != NULL && i < q->content_count; i++) {
		if (strcmp(q->contents[i].name, name) != 0)
			continue;
		if (found != NULL) {
			found = NULL;
			break;
		}
		found = &q->contents[i];
	}
	free(name);
	return found;
}

static bool
resolve_content(const struct xades_scope *scope, struct xades_reference *r)
{
	const struct question *q = scope->q;

	if (r->uri != NULL && r->uri[0] != '\0')
		r->content = find_content(q, r->uri);
	else if (q->content_count == 1)
		r->content = &q->contents[0];
	if (r->content == NULL)
		return fail(r, XADES_ABSENT, FIND_SIGNED_DATA,
		    "no content was given for it");
	return true;
}

static bool
resolve_id(
    const struct xades_scope *scope, const char *id, struct xades_reference *r)
{
	switch (xades_dom_id(scope->dom, id, &r->node)) {
	case 0:
		return fail(r, XADES_ABSENT, FIND_SIGNED_DATA,
		    "no element has this Id");
	case 1:
		return true;
	default:
		r->node = NULL;
		return fail(r, XADES_MALFORMED, FIND_DUPLICATE_ID,
		    "the Id stands twice");
	}
}

/* xpointer(/) and xpointer(id('...')), the two that XMLDSig, 4.4.3.3 knows;
 * unlike the shorter forms they keep comments. */
static bool
resolve_xpointer(
    const struct xades_scope *scope, const char *at, struct xades_reference *r)
{
	size_t len = strlen(at);
	char *id;
	bool ok;

	if (strcmp(at, "xpointer(/)") == 0) {
		r->document = true;
		return true;
	}
	if (len < 16 || strncmp(at, "xpointer(id(", 12) != 0 ||
	    strcmp(at + len - 2, "))") != 0 ||
	    (at[12] != '\'' && at[12] != '"') || at[len - 3] != at[12])
		return fail(r, XADES_REFUSED, FIND_TRANSFORM,
		    "an XPointer that is not accepted");
	id = strndup(at + 13, len - 16);
	ok = resolve_id(scope, id, r);
	free(id);
	return ok;
}

/* A reference to the whole document that does not leave its own signature out
 * holds its own digest, so it cannot mean this document: the content was
 * elsewhere and had no name. */
static bool
is_self_inclusive(
    const struct xades_scope *scope, const struct xades_reference *r)
{
	return r->uri[0] == '\0' &&
	       xades_dom_root(scope->dom) == scope->signature;
}

static bool
resolve(const struct xades_scope *scope, struct xades_reference *r)
{
	if (r->uri == NULL || is_self_inclusive(scope, r))
		return resolve_content(scope, r);
	if (r->uri[0] == '\0') {
		r->document = true;
		return true;
	}
	if (r->uri[0] != '#')
		return resolve_content(scope, r);
	if (strncmp(r->uri, "#xpointer(", 10) == 0)
		return resolve_xpointer(scope, r->uri + 1, r);
	return resolve_id(scope, r->uri + 1, r);
}

/* A reference that says Object must point at one: else what was signed can be
 * taken out of the signature and shown as something else. */
static bool
check_type(struct xades_reference *r)
{
	if (r->type == NULL || strcmp(r->type, TYPE_OBJECT) != 0 ||
	    xades_is(r->node, NS_DSIG, "Object"))
		return true;
	return fail(r, XADES_MALFORMED, FIND_WRAPPING,
	    "the Type says Object and it is none");
}

static void
open_stream(const struct xades_scope *scope, const struct xades_reference *r,
    struct stream *s)
{
	if (r->content != NULL) {
		s->octets = true;
		s->data = r->content->data;
		s->len = r->content->len;
		return;
	}
	s->nodes.doc = xades_dom_doc(scope->dom);
	s->nodes.apex = r->document ? NULL : r->node;
	s->nodes.comments =
	    r->uri != NULL && strncmp(r->uri, "#xpointer(", 10) == 0;
}

static void
set_bytes(struct stream *s, struct buf *bytes)
{
	buf_release(&s->bytes);
	s->bytes = *bytes;
	*bytes = (struct buf){ 0 };
	s->octets = true;
	s->data = (const uint8_t *)s->bytes.data;
	s->len = s->bytes.len;
}

/* Octets that a transform wants as nodes are parsed as strictly as a file. */
static bool
need_nodes(struct stream *s)
{
	struct err e = { 0 };

	if (!s->octets)
		return true;
	xades_dom_free(s->parsed);
	s->parsed = NULL;
	if (!xades_dom_open(s->data, s->len, &s->parsed, &e))
		return false;
	s->nodes = (struct xades_nodes){
		.doc = xades_dom_doc(s->parsed),
		.comments = true,
	};
	s->octets = false;
	return true;
}

static bool
canonicalize(
    struct stream *s, const xmlNode *transform, struct xades_reference *r)
{
	struct buf out = { 0 };

	if (!need_nodes(s) || !xades_c14n(&s->nodes, transform, &out)) {
		buf_release(&out);
		return fail(r, XADES_MALFORMED, FIND_FORMAT,
		    "no canonical form can be had");
	}
	set_bytes(s, &out);
	return true;
}

static bool
decode(struct stream *s, struct xades_reference *r)
{
	struct blob raw = { 0 };
	struct buf out = { 0 };
	char *text;
	bool ok;

	if (s->octets)
		text = strndup((const char *)s->data, s->len);
	else if (s->nodes.apex != NULL && s->nodes.without == NULL &&
		 s->nodes.less == XADES_LESS_NONE)
		text = (char *)xmlNodeGetContent(s->nodes.apex);
	else
		return fail(r, XADES_REFUSED, FIND_TRANSFORM,
		    "base64 of more than one element");
	/* What stands behind a NUL would be part of no digest. */
	ok = text != NULL && (!s->octets || strlen(text) == s->len) &&
	     xades_base64(text, &raw);
	free(text);
	if (!ok)
		return fail(r, XADES_MALFORMED, FIND_FORMAT, "not base64");
	buf_put(&out, raw.data, raw.len);
	blob_release(&raw);
	set_bytes(s, &out);
	return true;
}

/* The signature must lie in what it signs (XMLDSig, 6.6.4).  A signed element
 * that was moved elsewhere, with another put in its place, ends here. */
static bool
leave_out(const struct xades_scope *scope, struct stream *s,
    enum xades_less less, struct xades_reference *r)
{
	if (s->octets || s->nodes.doc != xades_dom_doc(scope->dom) ||
	    (s->nodes.apex != NULL &&
		!xades_contains(s->nodes.apex, scope->signature)))
		return fail(r, XADES_MALFORMED, FIND_WRAPPING,
		    "the signature does not lie in what it signs");
	if (less == XADES_LESS_NONE)
		s->nodes.without = scope->signature;
	else
		s->nodes.less = less;
	return true;
}

/*
 * The spellings of "less the signatures" that common software writes: the
 * filter's (or none: XPath 1.0), what stands before the prefix, what stands
 * after the name.  They are compared as words; nothing evaluates an XPath.
 */
static const struct {
	const char *filter, *head, *tail;
	enum xades_less less;
} spellings[] = {
	{ NULL, "not(ancestor-or-self::", ")", XADES_LESS_ALL },
	{ "subtract", "/descendant::", "", XADES_LESS_ALL },
	{ "subtract", "/*/", "", XADES_LESS_TOP },
};

/* head PREFIX ":Signature" tail, where the prefix is declared as XMLDSig's. */
static bool
is_spelled(xmlNode *n, const char *text, const char *head, const char *tail)
{
	const char *colon = strchr(text + strlen(head), ':');
	struct buf name = { 0 };
	const xmlNs *ns = NULL;
	char *prefix;

	if (colon == NULL)
		return false;
	buf_printf(&name, ":Signature%s", tail);
	if (strcmp(colon, name.data) == 0) {
		text += strlen(head);
		prefix = strndup(text, (size_t)(colon - text));
		ns = xmlSearchNs(n->doc, n, (const xmlChar *)prefix);
		free(prefix);
	}
	buf_release(&name);
	return ns != NULL && xmlStrEqual(ns->href, (const xmlChar *)NS_DSIG);
}

static enum xades_less
read_less(const xmlNode *transform, bool filter)
{
	xmlNode *n =
	    xades_child(transform, filter ? NS_FILTER : NS_DSIG, "XPath");
	char *text = xades_text(n);
	enum xades_less less = XADES_LESS_NONE;

	for (size_t i = 0; text != NULL && i < nitems(spellings); i++) {
		const char *head = spellings[i].head;

		if (filter != (spellings[i].filter != NULL) ||
		    strncmp(text, head, strlen(head)) != 0)
			continue;
		if (filter && !xades_attr_is(n, "Filter", spellings[i].filter))
			continue;
		if (is_spelled(n, text, head, spellings[i].tail))
			less = spellings[i].less;
	}
	free(text);
	if (n == NULL || xades_next(n) != NULL)
		return XADES_LESS_NONE;
	return less;
}

static bool
apply_xpath(const struct xades_scope *scope, const xmlNode *transform,
    struct stream *s, struct xades_reference *r)
{
	bool filter = xades_attr_is(transform, "Algorithm", NS_FILTER);
	enum xades_less less = read_less(transform, filter);

	if (less == XADES_LESS_NONE)
		return fail(r, XADES_REFUSED, FIND_TRANSFORM,
		    "an XPath that is not accepted");
	return leave_out(scope, s, less, r);
}

static bool
apply(const struct xades_scope *scope, const xmlNode *transform,
    struct stream *s, struct xades_reference *r)
{
	char *uri = xades_attr(transform, "Algorithm");
	bool ok;

	if (uri == NULL)
		ok = fail(r, XADES_MALFORMED, FIND_FORMAT, "no Algorithm");
	else if (xades_c14n_known(uri))
		ok = canonicalize(s, transform, r);
	else if (strcmp(uri, ALG_ENVELOPED) == 0)
		ok = leave_out(scope, s, XADES_LESS_NONE, r);
	else if (strcmp(uri, ALG_BASE64) == 0)
		ok = decode(s, r);
	else if (strcmp(uri, ALG_XPATH) == 0 || strcmp(uri, NS_FILTER) == 0)
		ok = apply_xpath(scope, transform, s, r);
	else
		ok = fail(r, XADES_REFUSED, FIND_TRANSFORM,
		    "a transform that is not accepted");
	free(uri);
	return ok;
}

/* Nodes at the end are canonicalized by the last method; NULL: by 1.0
 * (4.4.3.2). */
static bool
transform(const struct xades_scope *scope, const xmlNode *element,
    const xmlNode *last, struct stream *s, struct xades_reference *r)
{
	const xmlNode *list = xades_child(element, NS_DSIG, "Transforms");
	xmlNode *n = list == NULL ? NULL : xades_first(list);
	size_t count = 0;

	for (; n != NULL; n = xades_next(n)) {
		if (!xades_is(n, NS_DSIG, "Transform"))
			return fail(r, XADES_MALFORMED, FIND_FORMAT,
			    "Transforms holds something else");
		if (++count > XADES_TRANSFORMS_MAX)
			return fail(r, XADES_REFUSED, FIND_LIMIT,
			    "more than 4 transforms");
		if (!apply(scope, n, s, r))
			return false;
	}
	return s->octets || canonicalize(s, last, r);
}

static void
compare(
    const xmlNode *element, const struct stream *s, struct xades_reference *r)
{
	uint8_t have[DIGEST_LEN_MAX];
	size_t len = digest_named(r->digest, s->data, s->len, have);
	struct blob want = { 0 };

	if (!xades_bytes(xades_child(element, NS_DSIG, "DigestValue"), &want))
		fail(r, XADES_MALFORMED, FIND_FORMAT, "no DigestValue");
	else if (len == 0 || want.len != len ||
		 memcmp(want.data, have, len) != 0)
		fail(r, XADES_DIFFERS, FIND_DIGEST, "its digest is another");
	else
		r->outcome = XADES_HOLDS;
	blob_release(&want);
}

static bool
read_digest_name(const xmlNode *element, struct xades_reference *r)
{
	const xmlNode *n = xades_child(element, NS_DSIG, "DigestMethod");
	char *uri = n == NULL ? NULL : xades_attr(n, "Algorithm");

	r->digest = xades_digest_name(uri);
	free(uri);
	if (n == NULL)
		return fail(r, XADES_MALFORMED, FIND_FORMAT, "no DigestMethod");
	if (r->digest == NULL)
		return fail(r, XADES_REFUSED, FIND_ALGORITHM_UNKNOWN,
		    "an unknown DigestMethod");
	return true;
}

void
xades_reference_judge(const struct xades_scope *scope, const xmlNode *element,
    struct xades_reference *out)
{
	struct stream s = { 0 };

	*out = (struct xades_reference){ 0 };
	out->uri = xades_attr(element, "URI");
	out->type = xades_attr(element, "Type");
	if (!read_digest_name(element, out))
		return;
	if (!resolve(scope, out) || !check_type(out))
		return;
	open_stream(scope, out, &s);
	if (transform(scope, element, NULL, &s, out))
		compare(element, &s, out);
	xades_dom_free(s.parsed);
	buf_release(&s.bytes);
}

bool
xades_reference_bytes(const struct xades_scope *scope, const xmlNode *element,
    const xmlNode *last, struct buf *out)
{
	struct xades_reference r = { .uri = xades_attr(element, "URI") };
	struct stream s = { 0 };
	bool ok = resolve(scope, &r);

	if (ok) {
		open_stream(scope, &r, &s);
		ok = transform(scope, element, last, &s, &r);
	}
	if (ok && s.len > 0)
		buf_put(out, s.data, s.len);
	xades_dom_free(s.parsed);
	buf_release(&s.bytes);
	xades_reference_release(&r);
	return ok;
}

void
xades_reference_release(struct xades_reference *r)
{
	free(r->uri);
	free(r->type);
	*r = (struct xades_reference){ 0 };
}
