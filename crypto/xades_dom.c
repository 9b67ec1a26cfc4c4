/*
 * libxml2 under orders.  XML_PARSE_HUGE is never given, so that its own limits
 * on depth, names and texts hold; XML_PARSE_NOENT neither, and without a
 * DOCTYPE there are no entities but XML's five.  An external entity could not
 * be loaded either: xades_init() took the loader away.
 */
#include "crypto/xades_dom.h"

#include <ctype.h>
#include <libxml/parser.h>
#include <libxml/parserInternals.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/xades.h"

struct id {
	xmlChar *value;
	xmlNode *node;
};

struct xades_dom {
	xmlDoc *doc;
	struct id *ids; /* sorted by value */
	size_t id_count;
	bool doctype;
	int first_error; /* xmlParserErrors; later ones follow from it */
};

/* Called before the first declaration of a DTD is read. */
static void
refuse_doctype(void *ctx, const xmlChar *name, const xmlChar *public_id,
    const xmlChar *system_id)
{
	xmlParserCtxt *parser = ctx;
	struct xades_dom *d = parser->_private;

	(void)name;
	(void)public_id;
	(void)system_id;
	d->doctype = true;
	xmlStopParser(parser);
}

static void
note_error(void *ctx, xmlError *error)
{
	struct xades_dom *d = ((xmlParserCtxt *)ctx)->_private;

	if (d->first_error == XML_ERR_OK)
		d->first_error = error->code;
}

/* Others would be read by iconv, which loads code for them. */
static bool
is_known_encoding(const xmlDoc *doc)
{
	static const char *const known[] = { "UTF-8", "UTF-16", "UTF-16LE",
		"UTF-16BE", "ISO-8859-1", "US-ASCII", "ASCII" };

	if (doc->encoding == NULL)
		return true;
	for (size_t i = 0; i < nitems(known); i++)
		if (text_ieq((const char *)doc->encoding, known[i]))
			return true;
	return false;
}

static bool
parse(struct xades_dom *d, const uint8_t *data, size_t len, struct err *e)
{
	xmlParserCtxt *parser =
	    xmlCreateMemoryParserCtxt((const char *)data, (int)len);
	bool ok = false;

	if (parser == NULL)
		return err_set(e, ERR_UNREADABLE, "xml: empty");
	xmlCtxtUseOptions(
	    parser, XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING);
	parser->_private = d;
	parser->sax->internalSubset = refuse_doctype;
	parser->sax->serror = note_error;
	xmlParseDocument(parser);
	d->doc = parser->myDoc;
	parser->myDoc = NULL;
	if (d->doctype)
		err_set(e, ERR_UNREADABLE, "xml: a DOCTYPE");
	else if (parser->nodeNr > XADES_DEPTH_MAX)
		err_set(e, ERR_TOO_LARGE, "xml: deeper than %d elements",
		    XADES_DEPTH_MAX);
	else if (d->first_error == XML_ERR_NO_MEMORY)
		/* Memory always suffices (xades_init()): so it says of a text
		 * that is longer than it takes without XML_PARSE_HUGE. */
		err_set(e, ERR_TOO_LARGE, "xml: a text over %d bytes",
		    XML_MAX_TEXT_LENGTH);
	else if (!parser->wellFormed || d->doc == NULL)
		err_set(e, ERR_UNREADABLE, "xml: line %d: not well-formed",
		    parser->lastError.line);
	else if (!is_known_encoding(d->doc))
		err_set(e, ERR_UNREADABLE, "xml: encoding");
	else
		ok = true;
	xmlFreeParserCtxt(parser);
	return ok;
}

static void
add_id(struct xades_dom *d, size_t *cap, const xmlNode *n, const xmlAttr *a)
{
	xmlChar *value = xmlNodeListGetString(n->doc, a->children, 1);

	if (value == NULL)
		return;
	if (d->id_count == *cap) {
		*cap = *cap == 0 ? 16 : *cap * 2;
		d->ids = blob_grow(d->ids, *cap, sizeof(*d->ids));
	}
	d->ids[d->id_count++] = (struct id){ value, (xmlNode *)(uintptr_t)n };
}

/* Without a schema any attribute could be the Id; these are the names that
 * signing software writes. */
bool
xades_is_id(const xmlAttr *a)
{
	const char *name = (const char *)a->name;

	if (a->ns != NULL)
		return strcmp(name, "id") == 0 &&
		       xmlStrEqual(a->ns->href, XML_XML_NAMESPACE);
	return strcmp(name, "Id") == 0 || strcmp(name, "ID") == 0 ||
	       strcmp(name, "id") == 0;
}

static int
compare_ids(const void *a, const void *b)
{
	return xmlStrcmp(
	    ((const struct id *)a)->value, ((const struct id *)b)->value);
}

/* Sorted, so that a document of many Ids and references stays cheap. */
static void
index_ids(struct xades_dom *d)
{
	xmlNode *root = xmlDocGetRootElement(d->doc);
	size_t cap = 0;

	for (xmlNode *n = root; n != NULL; n = xades_dom_walk(root, n))
		for (xmlAttr *a = n->properties; a != NULL; a = a->next)
			if (xades_is_id(a))
				add_id(d, &cap, n, a);
	if (d->id_count > 0)
		qsort(d->ids, d->id_count, sizeof(*d->ids), compare_ids);
}

bool
xades_dom_open(
    const uint8_t *data, size_t len, struct xades_dom **out, struct err *e)
{
	struct xades_dom *d;

	if (len > XADES_FILE_MAX)
		return err_set(e, ERR_TOO_LARGE, "xml: %zu bytes", len);
	d = blob_calloc(1, sizeof(*d));
	if (!parse(d, data, len, e)) {
		xades_dom_free(d);
		return false;
	}
	index_ids(d);
	*out = d;
	return true;
}

void
xades_dom_free(struct xades_dom *d)
{
	if (d == NULL)
		return;
	for (size_t i = 0; i < d->id_count; i++)
		xmlFree(d->ids[i].value);
	free(d->ids);
	xmlFreeDoc(d->doc);
	free(d);
}

xmlDoc *
xades_dom_doc(const struct xades_dom *d)
{
	return d->doc;
}

xmlNode *
xades_dom_root(const struct xades_dom *d)
{
	return xmlDocGetRootElement(d->doc);
}

size_t
xades_dom_id(const struct xades_dom *d, const char *id, xmlNode **out)
{
	const struct id key = { (xmlChar *)(uintptr_t)id, NULL };
	struct id *at = NULL;
	size_t i, n = 0;

	if (d->id_count > 0)
		at = bsearch(
		    &key, d->ids, d->id_count, sizeof(key), compare_ids);
	if (at == NULL)
		return 0;
	*out = at->node;
	i = (size_t)(at - d->ids);
	while (i > 0 && compare_ids(&d->ids[i - 1], &key) == 0)
		i--;
	for (; i < d->id_count && compare_ids(&d->ids[i], &key) == 0; i++)
		n++;
	return n;
}

xmlNode *
xades_dom_skip(const xmlNode *top, xmlNode *at)
{
	xmlNode *next;

	for (; at != top; at = at->parent)
		if ((next = xades_next(at)) != NULL)
			return next;
	return NULL;
}

xmlNode *
xades_dom_walk(const xmlNode *top, xmlNode *at)
{
	xmlNode *next = xades_first(at);

	return next != NULL ? next : xades_dom_skip(top, at);
}

bool
xades_is(const xmlNode *n, const char *ns, const char *name)
{
	if (n == NULL || n->type != XML_ELEMENT_NODE ||
	    strcmp((const char *)n->name, name) != 0)
		return false;
	return ns == NULL ||
	       (n->ns != NULL && strcmp((const char *)n->ns->href, ns) == 0);
}

bool
xades_contains(const xmlNode *top, const xmlNode *n)
{
	for (; n != NULL; n = n->parent)
		if (n == top)
			return true;
	return false;
}

static xmlNode *
element_from(xmlNode *n)
{
	while (n != NULL && n->type != XML_ELEMENT_NODE)
		n = n->next;
	return n;
}

xmlNode *
xades_first(const xmlNode *parent)
{
	return element_from(parent->children);
}

xmlNode *
xades_next(const xmlNode *n)
{
	return element_from(n->next);
}

xmlNode *
xades_child(const xmlNode *parent, const char *ns, const char *name)
{
	xmlNode *n;

	if (parent == NULL)
		return NULL;
	for (n = xades_first(parent); n != NULL; n = xades_next(n))
		if (xades_is(n, ns, name))
			return n;
	return NULL;
}

/* What libxml2 allocated, as something that free() takes. */
static char *
adopt(xmlChar *s)
{
	char *copy = s == NULL ? NULL : blob_strdup((const char *)s);

	xmlFree(s);
	return copy;
}

char *
xades_attr(const xmlNode *n, const char *name)
{
	return adopt(xmlGetNoNsProp(n, (const xmlChar *)name));
}

bool
xades_attr_is(const xmlNode *n, const char *name, const char *value)
{
	char *have = xades_attr(n, name);
	bool same = have != NULL && strcmp(have, value) == 0;

	free(have);
	return same;
}

/* An element inside would be read by one program and skipped by another. */
char *
xades_text(const xmlNode *n)
{
	char *s, *end;

	if (n == NULL || xades_first(n) != NULL)
		return NULL;
	s = adopt(xmlNodeGetContent(n));
	if (s == NULL)
		return NULL;
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	memmove(
	    s, s + strspn(s, " \t\r\n"), strlen(s + strspn(s, " \t\r\n")) + 1);
	return s;
}

/* XML 1.0, 2.3: S. */
static bool
is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

bool
xades_base64(const char *text, struct blob *out)
{
	size_t len = strlen(text);
	char *packed = blob_calloc(len + 1, 1);
	size_t n = 0;
	bool ok;

	for (size_t i = 0; i < len; i++)
		if (!is_blank(text[i]))
			packed[n++] = text[i];
	out->data = blob_calloc(n / 4 * 3 + 4, 1);
	out->len = n / 4 * 3 + 4;
	ok = text_unbase64(packed, out->data, &out->len);
	free(packed);
	if (!ok)
		blob_release(out);
	return ok;
}

bool
xades_bytes(const xmlNode *n, struct blob *out)
{
	char *text = xades_text(n);
	bool ok = text != NULL && xades_base64(text, out);

	free(text);
	return ok;
}
