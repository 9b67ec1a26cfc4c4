/*
 * qpdf throws in C++ and returns fallbacks in C: a null, a zero, an empty
 * string.  So a fault is never seen at a call but remembered, and asked for
 * with graph_is_damaged() before a verdict.
 */
#include "crypto/pades_graph.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "crypto/pades_node.h"
#include "crypto/pades_same.h"
#include "crypto/pdf_packed.h"

#define WHOLE_MAX 1000000000

bool
graph_open(const uint8_t *data, size_t len, struct graph **out, struct err *e)
{
	qpdf_data q = node_start();
	qpdf_error why;

	if ((qpdf_read_memory(q, "document", (const char *)data, len, NULL) &
		QPDF_ERRORS) != 0) {
		why = qpdf_get_error(q);
		err_set(e, ERR_UNREADABLE, "pdf: %s",
		    qpdf_get_error_message_detail(q, why));
		node_finish(q);
		return false;
	}
	/* Warnings about what was read so far say that the file is sloppy,
	 * which most are; graph_is_damaged() is about what comes later. */
	node_forget_faults(q);
	*out = blob_calloc(1, sizeof(**out));
	(*out)->q = q;
	node_add(*out, (struct node){ .has_kind = true });
	return true;
}

bool
graph_open_before(const struct same *same, struct graph *later,
    struct blob part, struct graph **out, struct err *e)
{
	if (!graph_open(part.data, part.len, out, e))
		return false;
	(*out)->later = later;
	(*out)->same = same;
	return true;
}

void
graph_free(struct graph *g)
{
	if (g == NULL)
		return;
	for (size_t i = 0; i < g->count; i++)
		node_free(g->nodes[i]);
	free(g->nodes);
	free(g->slots);
	node_finish(g->q);
	free(g);
}

bool
graph_is_damaged(const struct graph *g)
{
	return g->is_damaged;
}

static bool
is_same(const struct graph *g, struct graph_id id, unsigned later)
{
	struct node *n = g->later->nodes[later];

	if (!n->has_extent)
		n->extent = same_extent(g->same, id);
	n->has_extent = true;
	return same_has(g->same, id, n->extent);
}

unsigned
graph_object(struct graph *g, struct graph_id id)
{
	unsigned later = g->later == NULL ? 0 : node_object(g->later, id);

	if (later != 0 && is_same(g, id, later))
		return 2 * later + 1;
	return 2 * node_object(g, id);
}

static struct graph *
owner_of(struct graph *g, unsigned handle)
{
	return handle % 2 == 0 ? g : g->later;
}

static struct node *
node_of(struct graph *g, unsigned handle)
{
	return owner_of(g, handle)->nodes[handle / 2];
}

/* What was read for an earlier revision's sake counts against the whole file
 * once that comes upon it. */
static void
blame(struct graph *g, unsigned handle)
{
	if (handle % 2 == 0 && g->nodes[handle / 2]->is_faulty)
		g->is_damaged = true;
}

/* A handle of the owner's as one of g's: a reference may lead elsewhere. */
static unsigned
seen_from(struct graph *g, const struct graph *owner, unsigned handle)
{
	const struct node *n;

	if (g == owner || handle == 0)
		return handle;
	n = owner->nodes[handle / 2];
	return n->id.number == 0 ? handle + 1 : graph_object(g, n->id);
}

void
graph_excuse(struct graph *g, unsigned node)
{
	struct node *n = node_of(g, node);
	bool was_damaged = g->is_damaged;

	node_kind(g, n);
	n->is_faulty = false;
	g->is_damaged = was_damaged;
}

bool
graph_is_null(struct graph *g, struct graph_id id)
{
	unsigned node = node_object(g, id);

	return node_kind(g, g->nodes[node]) == GRAPH_NULL;
}

bool
graph_is_same(unsigned was, unsigned is)
{
	return is != 0 && was == is + 1;
}

unsigned
graph_trailer(struct graph *g)
{
	return node_take(g, qpdf_get_trailer(g->q));
}

enum graph_kind
graph_kind(struct graph *g, unsigned node)
{
	enum graph_kind kind = node_kind(owner_of(g, node), node_of(g, node));

	blame(g, node);
	return kind;
}

struct graph_id
graph_id(struct graph *g, unsigned node)
{
	return node_of(g, node)->id;
}

/* Dictionaries. */

static bool
has_dict(struct graph *g, unsigned node)
{
	enum graph_kind kind = graph_kind(g, node);

	return kind == GRAPH_DICT || kind == GRAPH_STREAM;
}

/* What is no dictionary has no keys: null, so that paths need no checks. */
unsigned
graph_key(struct graph *g, unsigned dict, const char *key)
{
	struct graph *owner = owner_of(g, dict);

	if (!has_dict(g, dict))
		return 0;
	return seen_from(g, owner, node_value(owner, node_of(g, dict), key));
}

bool
graph_has(struct graph *g, unsigned dict, const char *key)
{
	return graph_kind(g, graph_key(g, dict, key)) != GRAPH_NULL;
}

/* Names as they mean, not as they were written: #xx is undone.  What is not
 * null now may have been, never the other way round (pades_same.h). */
const char **
graph_keys(struct graph *g, unsigned dict)
{
	struct graph *owner = owner_of(g, dict);
	struct node *n = node_of(g, dict);
	const char **keys;
	size_t count = 0;

	if (!has_dict(g, dict))
		return blob_calloc(1, sizeof(*keys));
	node_read_keys(owner, n);
	blame(g, dict);
	keys = blob_calloc(n->sorted + 1, sizeof(*keys));
	for (size_t i = 0; i < n->sorted; i++)
		if (g == owner ||
		    graph_kind(g, seen_from(g, owner, n->keys[i].value)) !=
			GRAPH_NULL)
			keys[count++] = n->keys[i].key;
	return keys;
}

/* Arrays and scalars. */

int
graph_count(struct graph *g, unsigned array)
{
	return graph_kind(g, array) == GRAPH_ARRAY
		   ? (int)node_of(g, array)->count
		   : 0;
}

unsigned
graph_item(struct graph *g, unsigned array, int i)
{
	struct graph *owner = owner_of(g, array);
	struct node *n = node_of(g, array);

	if (i < 0 || i >= graph_count(g, array))
		return 0;
	return seen_from(g, owner, node_item(owner, n, i));
}

long long
graph_int(struct graph *g, unsigned node, long long fallback)
{
	return graph_kind(g, node) == GRAPH_INT
		   ? strtoll(node_of(g, node)->text, NULL, 10)
		   : fallback;
}

/* Clamped, so that sums of a stranger's numbers cannot overflow. */
long long
graph_whole(struct graph *g, unsigned node)
{
	long long n = graph_int(g, node, 0);

	if (graph_kind(g, node) == GRAPH_REAL)
		n = strtoll(node_of(g, node)->text, NULL, 10);
	if (n > WHOLE_MAX)
		return WHOLE_MAX;
	return n < -WHOLE_MAX ? -WHOLE_MAX : n;
}

/* In PDF's syntax too, a name without a strange byte is itself. */
bool
graph_is_name(struct graph *g, unsigned node, const char *name)
{
	return graph_kind(g, node) == GRAPH_NAME &&
	       strcmp(node_of(g, node)->text, name) == 0;
}

char *
graph_text(struct graph *g, unsigned node)
{
	struct graph *owner = owner_of(g, node);
	struct node *n = node_of(g, node);

	if (graph_kind(g, node) != GRAPH_STRING)
		return blob_strdup("");
	if (n->text == NULL)
		n->text = blob_strdup(qpdf_oh_get_utf8_value(owner->q, n->oh));
	return blob_strdup(n->text);
}

const char *
graph_string(struct graph *g, unsigned node, size_t *len)
{
	struct graph *owner = owner_of(g, node);
	struct node *n = node_of(g, node);
	const char *bytes;

	*len = 0;
	if (graph_kind(g, node) != GRAPH_STRING)
		return "";
	if (n->bytes.data == NULL) {
		bytes = qpdf_oh_get_binary_string_value(owner->q, n->oh, len);
		n->bytes = blob_copy(bytes, *len);
	}
	*len = n->bytes.len;
	return (const char *)n->bytes.data;
}

/* qpdf puts equal values in equal words, which makes them comparable. */
char *
graph_write(struct graph *g, unsigned node, bool deep)
{
	struct graph *owner = owner_of(g, node);
	struct node *n = node_of(g, node);
	char reference[32], *text;

	if (!deep && n->id.number != 0) {
		snprintf(reference, sizeof(reference), "%d %d R", n->id.number,
		    n->id.generation);
		return blob_strdup(reference);
	}
	if (node == 0)
		return blob_strdup("null");
	if (node_is_scalar(graph_kind(g, node)))
		return blob_strdup(n->text);
	text = blob_strdup(qpdf_oh_unparse_resolved(owner->q, n->oh));
	node_note_faults(owner, n);
	blame(g, node);
	return text;
}

/* A filter that qpdf cannot undo gives nothing rather than raw bytes. */
static bool
stream_bytes(qpdf_data q, qpdf_oh oh, bool filters, struct blob *out)
{
	QPDF_BOOL filtered = QPDF_FALSE;
	unsigned char *bytes = NULL;
	size_t len = 0;

	if ((qpdf_oh_get_stream_data(q, oh,
		 filters ? qpdf_dl_all : qpdf_dl_none, &filtered, &bytes,
		 &len) &
		QPDF_ERRORS) != 0 ||
	    (filters && !filtered)) {
		free(bytes);
		return false;
	}
	*out = (struct blob){ bytes, len };
	return true;
}

static bool
read_stream(struct graph *g, unsigned node, bool filters, struct blob *out)
{
	struct graph *owner = owner_of(g, node);
	struct node *n = node_of(g, node);
	bool ok = graph_kind(g, node) == GRAPH_STREAM &&
		  stream_bytes(owner->q, n->oh, filters, out);

	node_note_faults(owner, n);
	blame(g, node);
	return ok;
}

bool
graph_stream(struct graph *g, unsigned node, struct blob *out)
{
	return read_stream(g, node, false, out);
}

bool
graph_stream_decoded(struct graph *g, unsigned node, struct blob *out)
{
	unsigned filters = graph_key(g, node, "/Filter");

	return graph_count(g, filters) <= PDF_FILTERS_MAX &&
	       read_stream(g, node, true, out);
}

/* A document of one stream, since qpdf has its filters nowhere else. */
bool
graph_inflate(
    const char *filter, const char *params, struct blob raw, struct blob *out)
{
	qpdf_data q = node_start();
	unsigned stream, f, p;
	bool ok;

	qpdf_empty_pdf(q);
	stream = qpdf_oh_new_stream(q);
	f = qpdf_oh_parse(q, filter);
	p = qpdf_oh_parse(q, params == NULL ? "null" : params);
	qpdf_oh_replace_stream_data(q, stream, raw.data, raw.len, f, p);
	ok = stream_bytes(q, stream, true, out);
	node_finish(q);
	return ok;
}
