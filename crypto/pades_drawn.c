/*
 * What a page draws with: contents, resources, the looks of its annotations,
 * and all that these lead to.
 *
 * Pages, fields, structure elements and the catalog have rules that let some
 * of their keys change.  A page whose resources are such an object could draw
 * with a key that may change ("/V Do" where XObject is a field, "/DSS 12 Tf"
 * where Font is the catalog), so none may lie among them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "crypto/pades_change.h"
#include "crypto/pdf_token.h"

/* Objects of the signed revision that are still to be looked into. */
struct drawn {
	struct change *c;
	struct idset seen;
	struct graph_id *queue;
	size_t count;
};

/* These lead back up, or to what is private to some program. */
static bool
leads_away(const char *key)
{
	static const char *const keys[] = { "/Parent", "/P", "/StructParent",
		"/StructParents", "/Metadata", "/PieceInfo", NULL };

	for (const char *const *k = keys; *k != NULL; k++)
		if (strcmp(key, *k) == 0)
			return true;
	return false;
}

static void
enqueue(struct drawn *d, struct graph_id id)
{
	if (idset_has(&d->c->ruled_was, id.number)) {
		change_forbid(
		    d->c, "drawn with by a page (object %d)", id.number);
		return;
	}
	if (!idset_add(&d->seen, id.number))
		return;
	if ((d->count & (d->count - 1)) == 0)
		d->queue = blob_grow(d->queue, d->count == 0 ? 1 : 2 * d->count,
		    sizeof(*d->queue));
	d->queue[d->count++] = id;
}

static void look_into(struct drawn *d, unsigned node);

/* References wait in the queue; what is direct is as deep as a parser lets
 * it be. */
static void
look_at(struct drawn *d, unsigned node)
{
	struct graph_id id = graph_id(d->c->was, node);

	if (id.number != 0)
		enqueue(d, id);
	else
		look_into(d, node);
}

static void
look_into(struct drawn *d, unsigned node)
{
	struct graph *g = d->c->was;
	const char **keys = graph_keys(g, node);

	for (const char **k = keys; *k != NULL && !d->c->forbidden; k++) {
		unsigned value = leads_away(*k) ? 0 : graph_key(g, node, *k);

		if (value != 0)
			look_at(d, value);
	}
	free(keys);
	for (int i = 0; i < graph_count(g, node) && !d->c->forbidden; i++) {
		unsigned item = graph_item(g, node, i);

		look_at(d, item);
	}
}

static void
look_at_key(struct drawn *d, unsigned node, const char *key)
{
	look_at(d, graph_key(d->c->was, node, key));
}

static void
look_at_annotations(struct drawn *d, unsigned page)
{
	unsigned annots = graph_key(d->c->was, page, "/Annots");

	for (int i = 0; i < graph_count(d->c->was, annots); i++) {
		unsigned annot = graph_item(d->c->was, annots, i);

		look_at_key(d, annot, "/AP");
	}
}

/* Resources come down from the nodes above a page (7.7.3.4). */
static void
walk_pages(struct drawn *d, unsigned node, struct idset *nodes, int depth)
{
	struct graph *g = d->c->was;
	int id = graph_id(g, node).number;
	unsigned kids;

	if (depth > PDF_DEPTH_MAX || (id != 0 && !idset_add(nodes, id)))
		return;
	look_at_key(d, node, "/Resources");
	look_at_key(d, node, "/Contents");
	look_at_annotations(d, node);
	kids = graph_key(g, node, "/Kids");
	for (int i = 0; i < graph_count(g, kids) && !d->c->forbidden; i++) {
		unsigned kid = graph_item(g, kids, i);

		walk_pages(d, kid, nodes, depth + 1);
	}
}

void
drawn_check(struct change *c, unsigned pages)
{
	struct drawn d = { .c = c };
	struct idset nodes = { 0 };

	walk_pages(&d, pages, &nodes, 0);
	for (size_t i = 0; i < d.count && !c->forbidden; i++) {
		unsigned node = graph_object(c->was, d.queue[i]);

		look_into(&d, node);
	}
	idset_release(&nodes);
	idset_release(&d.seen);
	free(d.queue);
}
