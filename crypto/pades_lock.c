#include "crypto/pades_lock.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "crypto/pades_graph.h"

enum action { LOCK_ALL, LOCK_INCLUDE, LOCK_EXCLUDE };

struct lock {
	enum action action;
	char **fields;
	size_t field_count;
};

/* Table 233 and 256 spell it alike; an unknown word locks all. */
static enum action
action_of(struct graph *g, unsigned dict)
{
	unsigned name = graph_key(g, dict, "/Action");
	enum action action = LOCK_ALL;

	if (graph_is_name(g, name, "/Include"))
		action = LOCK_INCLUDE;
	else if (graph_is_name(g, name, "/Exclude"))
		action = LOCK_EXCLUDE;
	return action;
}

/* Copied out, so that the set outlives the graph's nodes. */
void
lock_add(struct lock_set *s, struct graph *g, unsigned dict)
{
	struct lock *l;
	unsigned fields;
	int n;

	if (graph_kind(g, dict) == GRAPH_NULL)
		return;
	s->items = blob_grow(s->items, s->count + 1, sizeof(*s->items));
	l = &s->items[s->count++];
	*l = (struct lock){ .action = action_of(g, dict) };
	fields = graph_key(g, dict, "/Fields");
	n = graph_count(g, fields);
	l->fields = blob_calloc((size_t)n + 1, sizeof(*l->fields));
	for (int i = 0; i < n; i++) {
		unsigned item = graph_item(g, fields, i);

		l->fields[l->field_count++] = graph_text(g, item);
	}
}

/* The field itself, or one of its parents. */
static bool
names(const struct lock *l, const char *name)
{
	for (size_t i = 0; i < l->field_count; i++) {
		size_t n = strlen(l->fields[i]);

		if (strncmp(name, l->fields[i], n) == 0 &&
		    (name[n] == '\0' || name[n] == '.'))
			return true;
	}
	return false;
}

/* Include names what is locked, Exclude what is not. */
bool
lock_holds(const struct lock_set *s, const char *name)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct lock *l = &s->items[i];

		if (l->action == LOCK_ALL ||
		    names(l, name) == (l->action == LOCK_INCLUDE))
			return true;
	}
	return false;
}

void
lock_release(struct lock_set *s)
{
	for (size_t i = 0; i < s->count; i++) {
		for (size_t j = 0; j < s->items[i].field_count; j++)
			free(s->items[i].fields[j]);
		free(s->items[i].fields);
	}
	free(s->items);
	*s = (struct lock_set){ 0 };
}

/* 12.8.2: a signature may have several references; the first counts. */
unsigned
lock_transform(struct graph *g, unsigned signature, const char *method)
{
	unsigned list = graph_key(g, signature, "/Reference"), params = 0;

	for (int i = 0; params == 0 && i < graph_count(g, list); i++) {
		unsigned item = graph_item(g, list, i);
		unsigned name = graph_key(g, item, "/TransformMethod");

		if (graph_is_name(g, name, method))
			params = graph_key(g, item, "/TransformParams");
	}
	return params;
}

int
lock_level(struct graph *g, unsigned signature)
{
	unsigned params = lock_transform(g, signature, "/DocMDP");
	unsigned p = graph_key(g, params, "/P");
	long long n = graph_int(g, p, 2);
	bool certifies = params != 0;

	if (!certifies)
		return 0;
	return n < 1 || n > 3 ? 1 : (int)n;
}
