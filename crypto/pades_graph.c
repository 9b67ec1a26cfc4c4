/*
 * qpdf throws in C++ and returns fallbacks in C: a null, a zero, an empty
 * string.  So a fault is never seen at a call but remembered, and asked for
 * with graph_is_damaged() before a verdict.
 */
#include "crypto/pades_graph.h"

#include <qpdf/qpdf-c.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "crypto/pdf_packed.h"

#define WHOLE_MAX 1000000000

struct graph {
	qpdf_data q;
	bool is_damaged;
};

/* Faults that nobody asks for are printed when a document is closed. */
static void
forget_faults(qpdf_data q)
{
	while (qpdf_more_warnings(q))
		qpdf_next_warning(q);
	qpdf_get_error(q);
}

static void
finish(qpdf_data q)
{
	forget_faults(q);
	qpdf_cleanup(&q);
}

/* Every document is opened quiet, strict and without repair. */
static qpdf_data
start(void)
{
	qpdf_data q = qpdf_init();

	qpdf_silence_errors(q);
	qpdf_set_suppress_warnings(q, QPDF_TRUE);
	qpdf_set_attempt_recovery(q, QPDF_FALSE);
	return q;
}

bool
graph_open(const uint8_t *data, size_t len, struct graph **out, struct err *e)
{
	qpdf_data q = start();
	qpdf_error why;

	if ((qpdf_read_memory(q, "document", (const char *)data, len, NULL) &
		QPDF_ERRORS) != 0) {
		why = qpdf_get_error(q);
		err_set(e, ERR_UNREADABLE, "pdf: %s",
		    qpdf_get_error_message_detail(q, why));
		finish(q);
		return false;
	}
	/* Warnings about what was read so far say that the file is sloppy,
	 * which most are; graph_is_damaged() is about what comes later. */
	forget_faults(q);
	*out = blob_calloc(1, sizeof(**out));
	(*out)->q = q;
	return true;
}

void
graph_free(struct graph *g)
{
	if (g == NULL)
		return;
	finish(g->q);
	free(g);
}

bool
graph_is_damaged(struct graph *g)
{
	if (qpdf_has_error(g->q) || qpdf_more_warnings(g->q))
		g->is_damaged = true;
	return g->is_damaged;
}

void
graph_excuse(struct graph *g, unsigned node)
{
	graph_is_damaged(g);
	graph_kind(g, node);
	forget_faults(g->q);
}

unsigned
graph_trailer(struct graph *g)
{
	return qpdf_get_trailer(g->q);
}

unsigned
graph_object(struct graph *g, struct graph_id id)
{
	return qpdf_get_object_by_id(g->q, id.number, id.generation);
}

void
graph_drop(struct graph *g, unsigned node)
{
	if (node != 0)
		qpdf_oh_release(g->q, node);
}

enum graph_kind
graph_kind(struct graph *g, unsigned node)
{
	if (node == 0)
		return GRAPH_NULL;
	switch (qpdf_oh_get_type_code(g->q, node)) {
	case ot_null:
		return GRAPH_NULL;
	case ot_boolean:
		return GRAPH_BOOL;
	case ot_integer:
		return GRAPH_INT;
	case ot_real:
		return GRAPH_REAL;
	case ot_string:
		return GRAPH_STRING;
	case ot_name:
		return GRAPH_NAME;
	case ot_array:
		return GRAPH_ARRAY;
	case ot_dictionary:
		return GRAPH_DICT;
	case ot_stream:
		return GRAPH_STREAM;
	case ot_uninitialized:
	case ot_reserved:
	case ot_operator:
	case ot_inlineimage:
	case ot_unresolved:
	case ot_destroyed:
	default:
		return GRAPH_OTHER;
	}
}

struct graph_id
graph_id(struct graph *g, unsigned node)
{
	if (node == 0 || !qpdf_oh_is_indirect(g->q, node))
		return (struct graph_id){ 0, 0 };
	return (struct graph_id){ qpdf_oh_get_object_id(g->q, node),
		qpdf_oh_get_generation(g->q, node) };
}

/* The dictionary of a dictionary or a stream; *made must be dropped. */
static unsigned
dict_of(struct graph *g, unsigned node, unsigned *made)
{
	*made = 0;
	if (graph_kind(g, node) == GRAPH_STREAM)
		return *made = qpdf_oh_get_dict(g->q, node);
	return graph_kind(g, node) == GRAPH_DICT ? node : 0;
}

/* What is no dictionary has no keys: null, so that paths need no checks. */
unsigned
graph_key(struct graph *g, unsigned dict, const char *key)
{
	unsigned made, d = dict_of(g, dict, &made);
	unsigned value = d == 0 ? 0 : qpdf_oh_get_key(g->q, d, key);

	graph_drop(g, made);
	return value;
}

bool
graph_has(struct graph *g, unsigned dict, const char *key)
{
	unsigned value = graph_key(g, dict, key);
	bool has = graph_kind(g, value) != GRAPH_NULL;

	graph_drop(g, value);
	return has;
}

/* Names as they mean, not as they were written: #xx is undone. */
char **
graph_keys(struct graph *g, unsigned dict)
{
	unsigned made, d = dict_of(g, dict, &made);
	char **keys = blob_calloc(1, sizeof(*keys));
	size_t n = 0;

	if (d != 0) {
		/* qpdf has one iterator a document, so no recursion yet. */
		qpdf_oh_begin_dict_key_iter(g->q, d);
		while (qpdf_oh_dict_more_keys(g->q)) {
			keys = blob_grow(keys, n + 2, sizeof(*keys));
			keys[n++] = blob_strdup(qpdf_oh_dict_next_key(g->q));
			keys[n] = NULL;
		}
	}
	graph_drop(g, made);
	return keys;
}

void
graph_keys_free(char **keys)
{
	for (char **k = keys; *k != NULL; k++)
		free(*k);
	free(keys);
}

int
graph_count(struct graph *g, unsigned array)
{
	return graph_kind(g, array) == GRAPH_ARRAY
		   ? qpdf_oh_get_array_n_items(g->q, array)
		   : 0;
}

unsigned
graph_item(struct graph *g, unsigned array, int i)
{
	return qpdf_oh_get_array_item(g->q, array, i);
}

long long
graph_int(struct graph *g, unsigned node, long long fallback)
{
	return graph_kind(g, node) == GRAPH_INT
		   ? qpdf_oh_get_int_value(g->q, node)
		   : fallback;
}

/* Clamped, so that sums of a stranger's numbers cannot overflow. */
long long
graph_whole(struct graph *g, unsigned node)
{
	long long n = graph_int(g, node, 0);

	if (graph_kind(g, node) == GRAPH_REAL)
		n = strtoll(qpdf_oh_get_real_value(g->q, node), NULL, 10);
	if (n > WHOLE_MAX)
		return WHOLE_MAX;
	return n < -WHOLE_MAX ? -WHOLE_MAX : n;
}

bool
graph_is_name(struct graph *g, unsigned node, const char *name)
{
	return graph_kind(g, node) == GRAPH_NAME &&
	       strcmp(qpdf_oh_get_name(g->q, node), name) == 0;
}

char *
graph_text(struct graph *g, unsigned node)
{
	return blob_strdup(graph_kind(g, node) == GRAPH_STRING
			       ? qpdf_oh_get_utf8_value(g->q, node)
			       : "");
}

const char *
graph_string(struct graph *g, unsigned node, size_t *len)
{
	*len = 0;
	if (graph_kind(g, node) != GRAPH_STRING)
		return "";
	return qpdf_oh_get_binary_string_value(g->q, node, len);
}

/* qpdf puts equal values in equal words, which makes them comparable. */
char *
graph_write(struct graph *g, unsigned node, bool deep)
{
	if (node == 0)
		return blob_strdup("null");
	return blob_strdup(deep ? qpdf_oh_unparse_resolved(g->q, node)
				: qpdf_oh_unparse(g->q, node));
}

/* A filter that qpdf cannot undo gives nothing rather than raw bytes. */
static bool
stream_bytes(qpdf_data q, unsigned node, bool filters, struct blob *out)
{
	QPDF_BOOL filtered = QPDF_FALSE;
	unsigned char *bytes = NULL;
	size_t len = 0;

	if ((qpdf_oh_get_stream_data(q, node,
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

bool
graph_stream(struct graph *g, unsigned node, struct blob *out)
{
	return stream_bytes(g->q, node, false, out);
}

bool
graph_stream_decoded(struct graph *g, unsigned node, struct blob *out)
{
	unsigned filters = graph_key(g, node, "/Filter");
	bool few = graph_count(g, filters) <= PDF_FILTERS_MAX;

	graph_drop(g, filters);
	return few && stream_bytes(g->q, node, true, out);
}

/* A document of one stream, since qpdf has its filters nowhere else. */
bool
graph_inflate(
    const char *filter, const char *params, struct blob raw, struct blob *out)
{
	qpdf_data q = start();
	unsigned stream, f, p;
	bool ok;

	qpdf_empty_pdf(q);
	stream = qpdf_oh_new_stream(q);
	f = qpdf_oh_parse(q, filter);
	p = qpdf_oh_parse(q, params == NULL ? "null" : params);
	qpdf_oh_replace_stream_data(q, stream, raw.data, raw.len, f, p);
	ok = stream_bytes(q, stream, true, out);
	finish(q);
	return ok;
}
