/*
 * What comes onto a page after signing, and how much of it that may hide
 * (Mainka et al., "Shadow Attacks"; Rohlmann et al., "Breaking the
 * Specification: PDF Certification"): a look is drawn over the text, whatever
 * kind of annotation it belongs to.
 */
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>

#include "crypto/pades_change.h"

/* ISO 32000-1, table 165: Invisible, Hidden, NoView. */
#define FLAGS_UNSEEN (1 | 2 | 32)

/* One side of a rectangle in whole points. */
static int64_t
side(struct graph *g, unsigned rect, int from, int to)
{
	unsigned a = graph_item(g, rect, from), b = graph_item(g, rect, to);

	return llabs(graph_whole(g, a) - graph_whole(g, b));
}

int64_t
cover_area(struct graph *g, unsigned annot)
{
	unsigned rect = graph_key(g, annot, "/Rect");
	int64_t area = INT64_MAX;

	if (graph_kind(g, rect) == GRAPH_NULL) {
		area = 0;
	} else if (graph_count(g, rect) == 4) {
		int64_t w = side(g, rect, 0, 2), h = side(g, rect, 1, 3);

		if (w <= COVER_SIDE_MAX && h <= COVER_SIDE_MAX)
			area = w * h;
	}
	return area;
}

bool
cover_hides_page(struct change *c, unsigned annot)
{
	return cover_area(c->is, annot) > COVER_ONE_MAX;
}

static long long
flags(struct graph *g, unsigned annot)
{
	return graph_int(g, graph_key(g, annot, "/F"), 0);
}

bool
cover_comes_into_sight(struct change *c, unsigned was, unsigned is)
{
	return (flags(c->was, was) & ~flags(c->is, is) & FLAGS_UNSEEN) != 0;
}
