#include "crypto/xades_c14n.h"

#include <libxml/c14n.h>
#include <libxml/tree.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "crypto/xades_dom.h"

#define PREFIXES_MAX 64

struct c14n {
	const char *uri;
	xmlC14NMode mode;
	bool comments;
};

static const struct c14n table[] = {
#define XML_DIGEST(uri, digest)
#define XML_SIGNATURE(uri, family, digest)
#define XML_C14N(uri, mode, comments) { uri, mode, comments },
#include "crypto/xades_algorithm.def"
};

static const struct c14n *
find(const char *uri)
{
	for (size_t i = 0; i < nitems(table); i++)
		if (uri != NULL && strcmp(table[i].uri, uri) == 0)
			return &table[i];
	return NULL;
}

bool
xades_c14n_known(const char *uri)
{
	return find(uri) != NULL;
}

/* Of a subtree that is less, the root is enough: is_visible() asks for every
 * element on the way up. */
static bool
is_left_out(const struct xades_nodes *set, const xmlNode *n)
{
	if (n == set->without)
		return true;
	if (set->less == XADES_LESS_NONE || !xades_is(n, NS_DSIG, "Signature"))
		return false;
	return set->less == XADES_LESS_ALL ||
	       n->parent == xmlDocGetRootElement(n->doc);
}

/* Attributes and namespaces are in the set with their element; libxml2 hands
 * a namespace over as a node, with its type in the same place. */
static int
is_visible(void *user, xmlNode *node, xmlNode *parent)
{
	const struct xades_nodes *set = user;
	bool inside = set->apex == NULL;
	const xmlNode *at = node;

	if (node->type == XML_COMMENT_NODE && !set->comments)
		return 0;
	if (node->type == XML_ATTRIBUTE_NODE ||
	    node->type == XML_NAMESPACE_DECL)
		at = parent;
	for (; at != NULL; at = at->parent) {
		if (is_left_out(set, at))
			return 0;
		inside |= at == set->apex;
	}
	return inside;
}

/* The PrefixList of exclusive canonicalization, 4; NULL-terminated pointers
 * into *list, which the caller frees.  False: too many. */
static bool
read_prefixes(
    const xmlNode *method, char **list, xmlChar *prefixes[PREFIXES_MAX + 1])
{
	const xmlNode *n = xades_child(method, NS_EXC, "InclusiveNamespaces");
	char *save = NULL, *word;
	size_t count = 0;

	prefixes[0] = NULL;
	*list = n == NULL ? NULL : xades_attr(n, "PrefixList");
	if (*list == NULL)
		return true;
	for (word = strtok_r(*list, " \t\r\n", &save); word != NULL;
	     word = strtok_r(NULL, " \t\r\n", &save)) {
		if (count == PREFIXES_MAX)
			return false;
		prefixes[count++] = (xmlChar *)word;
		prefixes[count] = NULL;
	}
	return true;
}

static int
collect(void *user, const char *data, int len)
{
	buf_put(user, data, (size_t)len);
	return len;
}

static bool
run(const struct xades_nodes *nodes, const struct c14n *c, xmlChar **prefixes,
    struct buf *out)
{
	xmlOutputBuffer *sink =
	    xmlOutputBufferCreateIO(collect, NULL, out, NULL);
	bool ok;

	ok = sink != NULL &&
	     xmlC14NExecute(nodes->doc, is_visible, (void *)(uintptr_t)nodes,
		 (int)c->mode, prefixes, c->comments, sink) >= 0;
	return xmlOutputBufferClose(sink) >= 0 && ok;
}

bool
xades_c14n(
    const struct xades_nodes *nodes, const xmlNode *method, struct buf *out)
{
	char *uri = method == NULL ? blob_strdup(table[0].uri)
				   : xades_attr(method, "Algorithm");
	const struct c14n *c = find(uri);
	xmlChar *prefixes[PREFIXES_MAX + 1];
	char *list = NULL;
	bool ok;

	buf_puts(out, ""); /* an empty form has bytes to point at, too */
	ok = c != NULL && read_prefixes(method, &list, prefixes) &&
	     run(nodes, c, prefixes, out);
	free(list);
	free(uri);
	return ok;
}
