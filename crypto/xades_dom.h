#ifndef CRYPTO_XADES_DOM_H
#define CRYPTO_XADES_DOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"

/*
 * An XML document, read as a stranger's: no DOCTYPE, so no entities and no
 * external files; no network; 256 levels; the encodings that libxml2 knows by
 * itself.  Ids are found by our own walk, since without a schema there are
 * none, and an Id that stands twice names nothing.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	not well-formed, a DOCTYPE, another encoding
 *	ERR_TOO_LARGE	over XADES_FILE_MAX, deeper than XADES_DEPTH_MAX
 *	fatal		out of memory
 */
struct _xmlAttr;
struct _xmlDoc;
struct _xmlNode;
struct err;
struct xades_dom;

#define NS_DSIG   "http://www.w3.org/2000/09/xmldsig#"
#define NS_EXC    "http://www.w3.org/2001/10/xml-exc-c14n#"
#define NS_FILTER "http://www.w3.org/2002/06/xmldsig-filter2"

bool xades_dom_open(
    const uint8_t *data, size_t len, struct xades_dom **out, struct err *e);
void xades_dom_free(struct xades_dom *d); /* NULL is fine */

struct _xmlDoc *xades_dom_doc(const struct xades_dom *d);
struct _xmlNode *xades_dom_root(const struct xades_dom *d);

/* How many elements have this Id; *out is one of them. */
size_t xades_dom_id(
    const struct xades_dom *d, const char *id, struct _xmlNode **out);
bool xades_is_id(const struct _xmlAttr *a);

/* The next element in document order below top, or NULL. */
struct _xmlNode *xades_dom_walk(
    const struct _xmlNode *top, struct _xmlNode *at);

/* The same, but nothing below at. */
struct _xmlNode *xades_dom_skip(
    const struct _xmlNode *top, struct _xmlNode *at);

/* ns NULL: any namespace. */
bool xades_is(const struct _xmlNode *n, const char *ns, const char *name);
bool xades_contains(const struct _xmlNode *top, const struct _xmlNode *n);

/* Element children: the first, the one after n, the first of that name. */
struct _xmlNode *xades_first(const struct _xmlNode *parent);
struct _xmlNode *xades_next(const struct _xmlNode *n);
struct _xmlNode *xades_child(
    const struct _xmlNode *parent, const char *ns, const char *name);

/* An attribute without a namespace; NULL when absent.  The caller frees. */
char *xades_attr(const struct _xmlNode *n, const char *name);
bool xades_attr_is(
    const struct _xmlNode *n, const char *name, const char *value);

/* The text inside, which must be all there is inside; NULL otherwise.  White
 * space at both ends is cut.  The caller frees. */
char *xades_text(const struct _xmlNode *n);

/* Base64 with white space in it and nothing else (XML Schema 2, 3.2.16). */
bool xades_base64(const char *text, struct blob *out);
bool xades_bytes(const struct _xmlNode *n, struct blob *out);

#endif /* CRYPTO_XADES_DOM_H */
