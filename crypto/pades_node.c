#include "crypto/pades_node.h"

#include <assert.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

/* Keys that are kept before all of a dictionary's are known: as many names as
 * our rules ask for. */
#define ASKED_MAX 32

/* Faults that nobody asks for are printed when a document is closed. */
void
node_forget_faults(qpdf_data q)
{
	while (qpdf_more_warnings(q))
		qpdf_next_warning(q);
	qpdf_get_error(q);
}

void
node_finish(qpdf_data q)
{
	node_forget_faults(q);
	qpdf_cleanup(&q);
}

/* Every document is opened quiet, strict and without repair. */
qpdf_data
node_start(void)
{
	qpdf_data q = qpdf_init();

	qpdf_silence_errors(q);
	qpdf_set_suppress_warnings(q, QPDF_TRUE);
	qpdf_set_attempt_recovery(q, QPDF_FALSE);
	return q;
}

unsigned
node_add(struct graph *g, struct node made)
{
	struct node *n = blob_calloc(1, sizeof(*n));

	*n = made;
	if ((g->count & (g->count - 1)) == 0)
		g->nodes = blob_grow(g->nodes, g->count == 0 ? 1 : 2 * g->count,
		    sizeof(struct node *));
	g->nodes[g->count] = n;
	assert(g->count < UINT_MAX / 2);
	return (unsigned)g->count++;
}

void
node_free(struct node *n)
{
	switch (n->kind) {
	case GRAPH_DICT:
	case GRAPH_STREAM:
		for (size_t i = 0; i < n->count; i++)
			free(n->keys[i].key);
		free(n->keys);
		break;
	case GRAPH_ARRAY:
		free(n->items);
		break;
	case GRAPH_NULL:
	case GRAPH_BOOL:
	case GRAPH_INT:
	case GRAPH_REAL:
	case GRAPH_STRING:
	case GRAPH_NAME:
	case GRAPH_OTHER:
	default:
		free(n->text);
		blob_release(&n->bytes);
	}
	free(n);
}

static unsigned *
slot(const struct graph *g, struct graph_id id)
{
	uint64_t h =
	    ((uint64_t)(uint32_t)id.generation << 32 | (uint32_t)id.number) *
	    UINT64_C(0x9e3779b97f4a7c15);

	for (size_t i = (size_t)(h >> 20);; i++) {
		unsigned *at = &g->slots[i & (g->cap - 1)];
		const struct node *n = g->nodes[*at];

		if (*at == 0 || (n->id.number == id.number &&
				    n->id.generation == id.generation))
			return at;
	}
}

/* Three quarters full is as full as it gets. */
static void
make_room(struct graph *g)
{
	unsigned *old = g->slots;
	size_t cap = g->cap;

	if (4 * g->objects < 3 * g->cap)
		return;
	g->cap = cap == 0 ? 64 : 2 * cap;
	g->slots = blob_calloc(g->cap, sizeof(*g->slots));
	for (size_t i = 0; i < cap; i++)
		if (old[i] != 0)
			*slot(g, g->nodes[old[i]]->id) = old[i];
	free(old);
}

unsigned
node_object(struct graph *g, struct graph_id id)
{
	unsigned *at;

	make_room(g);
	at = slot(g, id);
	if (*at == 0) {
		*at = node_add(g, (struct node){ .id = id });
		g->objects++;
	}
	return *at;
}

void
node_note_faults(struct graph *owner, struct node *n)
{
	if (!qpdf_has_error(owner->q) && !qpdf_more_warnings(owner->q))
		return;
	n->is_faulty = true;
	/* Nobody may come upon it again, as keys without a value are none. */
	if (n->kind == GRAPH_NULL)
		owner->is_damaged = true;
	node_forget_faults(owner->q);
}

static enum graph_kind
kind_of_type(enum qpdf_object_type_e type)
{
	switch (type) {
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

bool
node_is_scalar(enum graph_kind kind)
{
	return kind == GRAPH_NULL || kind == GRAPH_BOOL || kind == GRAPH_INT ||
	       kind == GRAPH_REAL || kind == GRAPH_NAME;
}

/* Of a scalar the text is all there is to know. */
enum graph_kind
node_kind(struct graph *owner, struct node *n)
{
	if (n->has_kind)
		return n->kind;
	if (n->oh == 0)
		n->oh = qpdf_get_object_by_id(
		    owner->q, n->id.number, n->id.generation);
	n->kind = kind_of_type(qpdf_oh_get_type_code(owner->q, n->oh));
	n->has_kind = true;
	if (node_is_scalar(n->kind)) {
		n->text =
		    blob_strdup(qpdf_oh_unparse_resolved(owner->q, n->oh));
		qpdf_oh_release(owner->q, n->oh);
		n->oh = 0;
	} else if (n->kind == GRAPH_ARRAY) {
		n->count = (size_t)qpdf_oh_get_array_n_items(owner->q, n->oh);
		n->items = blob_calloc(n->count + 1, sizeof(*n->items));
	}
	if (n->id.number != 0)
		node_note_faults(owner, n);
	return n->kind;
}

unsigned
node_take(struct graph *owner, qpdf_oh oh)
{
	struct graph_id id;

	if (!qpdf_oh_is_indirect(owner->q, oh))
		return 2 * node_add(owner, (struct node){ .oh = oh });
	id = (struct graph_id){ qpdf_oh_get_object_id(owner->q, oh),
		qpdf_oh_get_generation(owner->q, oh) };
	qpdf_oh_release(owner->q, oh);
	return graph_object(owner, id);
}

/* The dictionary of a dictionary or a stream; *made must be released. */
static qpdf_oh
dict_of(const struct graph *owner, const struct node *n, qpdf_oh *made)
{
	*made = 0;
	if (n->kind == GRAPH_STREAM)
		return *made = qpdf_oh_get_dict(owner->q, n->oh);
	return n->oh;
}

static void
release(const struct graph *owner, qpdf_oh made)
{
	if (made != 0)
		qpdf_oh_release(owner->q, made);
}

static int
by_key(const void *a, const void *b)
{
	const struct entry *x = a, *y = b;

	return strcmp(x->key, y->key);
}

static const struct entry *
find_entry(const struct node *n, const char *key)
{
	struct entry wanted = { .key = (char *)(uintptr_t)key };
	const struct entry *found = NULL;

	if (n->sorted > 0)
		found = bsearch(
		    &wanted, n->keys, n->sorted, sizeof(wanted), by_key);
	for (size_t i = n->sorted; found == NULL && i < n->count; i++)
		if (strcmp(n->keys[i].key, key) == 0)
			found = &n->keys[i];
	return found;
}

static void
keep_entry(struct node *n, const char *key, unsigned value)
{
	n->keys = blob_grow(n->keys, n->count + 1, sizeof(*n->keys));
	n->keys[n->count++] = (struct entry){ blob_strdup(key), value };
}

unsigned
node_value(struct graph *owner, struct node *n, const char *key)
{
	const struct entry *found = find_entry(n, key);
	qpdf_oh made;
	unsigned value;

	if (found != NULL)
		return found->value;
	value = node_take(
	    owner, qpdf_oh_get_key(owner->q, dict_of(owner, n, &made), key));
	release(owner, made);
	if (n->count - n->sorted < ASKED_MAX)
		keep_entry(n, key, value);
	return value;
}

/* qpdf has one iterator a document and leaves out what is null. */
static struct node
list_keys(const struct graph *owner, const struct node *n)
{
	struct node list = { 0 };
	qpdf_oh made;

	qpdf_oh_begin_dict_key_iter(owner->q, dict_of(owner, n, &made));
	while (qpdf_oh_dict_more_keys(owner->q)) {
		if ((list.count & (list.count - 1)) == 0)
			list.keys = blob_grow(list.keys,
			    list.count == 0 ? 1 : 2 * list.count,
			    sizeof(*list.keys));
		list.keys[list.count++].key =
		    blob_strdup(qpdf_oh_dict_next_key(owner->q));
	}
	release(owner, made);
	return list;
}

/* qpdf's order is strcmp()'s. */
void
node_read_keys(struct graph *owner, struct node *n)
{
	struct node list;

	if (n->has_keys)
		return;
	list = list_keys(owner, n);
	for (size_t i = 0; i < list.count; i++)
		list.keys[i].value = node_value(owner, n, list.keys[i].key);
	for (size_t i = 0; i < n->count; i++)
		free(n->keys[i].key);
	free(n->keys);
	n->keys = list.keys;
	n->count = n->sorted = list.count;
	n->has_keys = true;
	node_note_faults(owner, n);
}

unsigned
node_item(struct graph *owner, struct node *n, int i)
{
	if (n->items[i] == 0)
		n->items[i] = node_take(
		    owner, qpdf_oh_get_array_item(owner->q, n->oh, i));
	return n->items[i];
}
