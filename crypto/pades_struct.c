/*
 * The structure tree (ISO 32000-1, 14.7): it says what the content means and
 * in which order it is read.  A new signature's widget has a Form element;
 * nothing else may come, and nothing go.
 */
#include <stdlib.h>
#include <string.h>

#include "crypto/pades_change.h"
#include "crypto/pdf_token.h"

/* K is one kid or an array of them. */
static int
kid_count(struct graph *g, unsigned k)
{
	if (graph_kind(g, k) == GRAPH_ARRAY)
		return graph_count(g, k);
	return graph_kind(g, k) == GRAPH_NULL ? 0 : 1;
}

static unsigned
kid_at(struct graph *g, unsigned parent, unsigned k, int i)
{
	return graph_kind(g, k) == GRAPH_ARRAY ? graph_item(g, k, i)
					       : graph_key(g, parent, "/K");
}

static void
collect(struct graph *g, struct idset *ruled, unsigned node, int depth)
{
	unsigned k = graph_key(g, node, "/K");

	for (int i = 0; depth < 4 * PDF_DEPTH_MAX && i < kid_count(g, k); i++) {
		unsigned kid = kid_at(g, node, k, i);

		if (graph_has(g, kid, "/S") &&
		    idset_add(ruled, graph_id(g, kid).number))
			collect(g, ruled, kid, depth + 1);
	}
}

static void
collect_all(struct graph *g, struct idset *ruled)
{
	unsigned trailer = graph_trailer(g);
	unsigned root = graph_key(g, trailer, "/Root");
	unsigned tree = graph_key(g, root, "/StructTreeRoot");

	if (idset_add(ruled, graph_id(g, tree).number))
		collect(g, ruled, tree, 0);
}

void
struct_collect(struct change *c)
{
	collect_all(c->was, &c->ruled_was);
	collect_all(c->is, &c->ruled_is);
}

/* An object reference to a widget that may be new (14.7.4.3). */
static bool
is_widget_reference(struct change *c, unsigned kid)
{
	unsigned object = graph_key(c->is, kid, "/Obj");

	return idset_has(&c->new_widgets, graph_id(c->is, object).number);
}

/* An element that holds nothing but such references, however deep. */
static bool
may_be_new(struct change *c, unsigned element, int depth)
{
	unsigned k = graph_key(c->is, element, "/K");
	bool may = depth < PDF_DEPTH_MAX && graph_has(c->is, element, "/S") &&
		   idset_add(&c->compared, graph_id(c->is, element).number);

	for (int i = 0; may && i < kid_count(c->is, k); i++) {
		unsigned kid = kid_at(c->is, element, k, i);

		may = is_widget_reference(c, kid) ||
		      may_be_new(c, kid, depth + 1);
	}
	return may;
}

static void compare_element(
    struct change *c, unsigned was, unsigned is, int depth);

static void
compare_kid(struct change *c, unsigned was, unsigned is, int depth)
{
	if (idset_has(&c->ruled_was, graph_id(c->was, was).number) &&
	    graph_has(c->was, was, "/S"))
		compare_element(c, was, is, depth + 1);
	else
		change_same(c, was, is, "structure element");
}

static bool
same_kid(struct change *c, unsigned was, unsigned is)
{
	return change_same_ref(c, was, is) &&
	       (graph_id(c->is, is).number != 0 || !is_widget_reference(c, is));
}

static void
compare_kids(struct change *c, unsigned was, unsigned is, int depth)
{
	unsigned a = graph_key(c->was, was, "/K");
	unsigned b = graph_key(c->is, is, "/K");
	int i = 0, n = kid_count(c->was, a), m = kid_count(c->is, b);

	for (int j = 0; j < m && !c->forbidden; j++) {
		unsigned y = kid_at(c->is, is, b, j);
		unsigned x = i < n ? kid_at(c->was, was, a, i) : 0;

		if (i < n && same_kid(c, x, y)) {
			compare_kid(c, x, y, depth);
			i++;
		} else if (!may_be_new(c, y, 0)) {
			change_forbid(c, "structure element added");
		}
	}
	if (i < n && !c->forbidden)
		change_forbid(c, "structure element removed or moved");
}

static void
compare_element(struct change *c, unsigned was, unsigned is, int depth)
{
	static const char *const but[] = { "/K", NULL };
	int id = graph_id(c->is, is).number;

	if (depth > 4 * PDF_DEPTH_MAX)
		change_forbid(c, "structure tree too deep");
	else if (id == 0 || idset_add(&c->compared, id)) {
		change_same_but(c, was, is, but, "structure element");
		compare_kids(c, was, is, depth);
	}
}

/* A number tree's leaves (7.9.7): the old ones first, in their order; what
 * comes belongs to new elements, which the tree itself has checked. */
static void
compare_numbers(struct change *c, unsigned was, unsigned is, int depth)
{
	static const char *const but[] = { "/Nums", "/Limits", NULL };
	unsigned a = graph_key(c->was, was, "/Nums");
	unsigned b = graph_key(c->is, is, "/Nums");
	int n = graph_count(c->was, a);

	/* Inner nodes are compared whole. */
	if (n == 0 || depth > 0) {
		change_same(c, was, is, "structure parent tree");
	} else if (graph_count(c->is, b) < n) {
		change_forbid(c, "structure parent tree");
	} else {
		change_same_but(c, was, is, but, "structure parent tree");
		for (int i = 0; i < n; i++) {
			unsigned x = graph_item(c->was, a, i);
			unsigned y = graph_item(c->is, b, i);

			change_same(c, x, y, "structure parent tree");
		}
	}
}

void
struct_compare(struct change *c, unsigned was, unsigned is)
{
	static const char *const but[] = { "/K", "/ParentTree",
		"/ParentTreeNextKey", NULL };
	unsigned a = graph_key(c->was, was, "/ParentTree");
	unsigned b = graph_key(c->is, is, "/ParentTree");

	if (graph_has(c->was, was, "/K") && !change_same_ref(c, was, is)) {
		change_forbid(c, "another structure tree");
	} else {
		if (graph_has(c->was, was, "/K"))
			change_same_but(c, was, is, but, "structure tree");
		compare_kids(c, was, is, 0);
		if (graph_kind(c->was, a) != GRAPH_NULL)
			compare_numbers(c, a, b, 0);
	}
}
