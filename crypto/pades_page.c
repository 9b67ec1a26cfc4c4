/*
 * The page tree (ISO 32000-1, 7.7.3): the same nodes in the same order with
 * the same contents.  Only annotations have more to say.
 */
#include <stddef.h>

#include "crypto/pades_change.h"
#include "crypto/pdf_token.h"

struct walk {
	struct graph *g;
	struct idset *ruled;
};

/* A node that was seen is not entered again, so circles end. */
static void
collect(struct walk *w, unsigned node, int depth)
{
	unsigned kids;

	if (depth > PDF_DEPTH_MAX ||
	    !idset_add(w->ruled, graph_id(w->g, node).number))
		return;
	kids = graph_key(w->g, node, "/Kids");
	for (int i = 0; i < graph_count(w->g, kids); i++) {
		unsigned kid = graph_item(w->g, kids, i);

		collect(w, kid, depth + 1);
	}
}

static void
collect_all(struct graph *g, struct idset *ruled)
{
	struct walk w = { g, ruled };
	unsigned trailer = graph_trailer(g);
	unsigned root = graph_key(g, trailer, "/Root");
	unsigned pages = graph_key(g, root, "/Pages");

	/* A DocMDP reference's Data leads to the catalog. */
	idset_add(ruled, graph_id(g, root).number);
	collect(&w, pages, 0);
}

void
page_collect(struct change *c)
{
	collect_all(c->was, &c->ruled_was);
	collect_all(c->is, &c->ruled_is);
}

/* DocMDP 3 lets annotations come (ISO 32000-1, table 254), but not what acts
 * or hides: those kinds that a reviewer writes. */
static bool
is_remark(struct change *c, unsigned annot)
{
	static const char *const kinds[] = { "/Text", "/FreeText", "/Highlight",
		"/Underline", "/Squiggly", "/StrikeOut", "/Caret", "/Ink",
		"/Popup", NULL };
	unsigned subtype = graph_key(c->is, annot, "/Subtype");
	bool found = false;

	for (const char *const *k = kinds; !found && *k != NULL; k++)
		found = graph_is_name(c->is, subtype, *k);
	return found && !graph_has(c->is, annot, "/A") &&
	       !graph_has(c->is, annot, "/AA");
}

static bool
may_be_new(struct change *c, unsigned annot)
{
	if (idset_has(&c->new_widgets, graph_id(c->is, annot).number))
		return true;
	if (c->permission != 3 || !is_remark(c, annot) ||
	    cover_hides_page(c, annot))
		return false;
	signature_find(
	    c->out, FIND_ANNOTATED, "object %d", graph_id(c->is, annot).number);
	return true;
}

/* The old ones in their order, and new ones that may be there. */
static void
compare_annots(struct change *c, unsigned was, unsigned is)
{
	int i = 0, n = graph_count(c->was, was), m = graph_count(c->is, is);
	int64_t hidden = 0;

	for (int j = 0; j < m && !c->forbidden; j++) {
		unsigned b = graph_item(c->is, is, j);
		unsigned a = i < n ? graph_item(c->was, was, i) : 0;

		if (i < n && change_same_ref(c, a, b)) {
			change_same(c, a, b, "annotation");
			i++;
		} else if (!may_be_new(c, b)) {
			change_forbid(c, "annotation added (object %d)",
			    graph_id(c->is, b).number);
		} else if ((hidden += cover_area(c->is, b)) > COVER_PAGE_MAX) {
			change_forbid(c, "what was added hides the page");
		}
	}
	if (i < n && !c->forbidden)
		change_forbid(c, "annotation removed or moved");
}

/* 7.7.3.3: the order of the tab key.  PDF/UA wants S on every page with
 * annotations, so that may be put where nothing was. */
static void
compare_tabs(struct change *c, unsigned was, unsigned is)
{
	unsigned tabs = graph_key(c->is, is, "/Tabs");
	bool may = c->permission == 3 || (!graph_has(c->was, was, "/Tabs") &&
					     graph_is_name(c->is, tabs, "/S"));

	if (!may)
		change_same_key(c, was, is, "/Tabs", "page /Tabs");
}

/* The page's key into the structure's parent tree, for a new element. */
static void
compare_key(struct change *c, unsigned was, unsigned is)
{
	if (graph_has(c->was, was, "/StructParents"))
		change_same_key(c, was, is, "/StructParents", "page");
}

static void
compare_page(struct change *c, unsigned was, unsigned is)
{
	static const char *const but[] = { "/Annots", "/Parent",
		"/StructParents", "/Tabs", NULL };
	unsigned a = graph_key(c->was, was, "/Annots");
	unsigned b = graph_key(c->is, is, "/Annots");

	change_same_but(c, was, is, but, "page");
	compare_annots(c, a, b);
	compare_tabs(c, was, is);
	compare_key(c, was, is);
}

static void compare_node(
    struct change *c, unsigned was, unsigned is, int depth);

static void
compare_kids(struct change *c, unsigned was, unsigned is, int depth)
{
	int n = graph_count(c->was, was);

	if (graph_count(c->is, is) != n) {
		change_forbid(c, "pages added or removed");
		return;
	}
	for (int i = 0; i < n && !c->forbidden; i++) {
		unsigned a = graph_item(c->was, was, i);
		unsigned b = graph_item(c->is, is, i);

		compare_node(c, a, b, depth + 1);
	}
}

/* Resources and the like come down by Parent, so it counts too. */
static bool
same_parent(struct change *c, unsigned was, unsigned is)
{
	unsigned a = graph_key(c->was, was, "/Parent");
	unsigned b = graph_key(c->is, is, "/Parent");

	return change_same_ref(c, a, b);
}

static void
compare_node(struct change *c, unsigned was, unsigned is, int depth)
{
	static const char *const but[] = { "/Kids", "/Parent", NULL };
	int id = graph_id(c->is, is).number;
	unsigned a, b;

	/* Also of one that was compared: it may stand for another here. */
	if (!change_same_ref(c, was, is) || !same_parent(c, was, is)) {
		change_forbid(c, "page replaced (object %d)", id);
		return;
	}
	if (id != 0 && !idset_add(&c->compared, id))
		return;
	a = graph_key(c->was, was, "/Kids");
	b = graph_key(c->is, is, "/Kids");
	if (depth > PDF_DEPTH_MAX)
		change_forbid(c, "page tree too deep");
	else if (a == 0 || graph_kind(c->was, a) != GRAPH_ARRAY)
		compare_page(c, was, is);
	else {
		change_same_but(c, was, is, but, "page tree");
		compare_kids(c, a, b, depth);
	}
}

void
page_compare(struct change *c, unsigned was, unsigned is)
{
	drawn_check(c, was);
	compare_node(c, was, is, 0);
}
