#ifndef CRYPTO_PADES_NODE_H
#define CRYPTO_PADES_NODE_H

#include <qpdf/qpdf-c.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/blob.h"
#include "crypto/pades_graph.h"

/*
 * What pades_graph.c knows of a PDF's values.  A call of qpdf costs a hundred
 * times what a look at memory does, and each signature asks for the same
 * things again: so an answer is kept, and what two revisions have in common
 * is asked for once.  For pades_graph.c alone.
 */

/* Its value is a handle of the graph that owns the dictionary. */
struct entry {
	char *key;
	unsigned value;
};

struct node {
	qpdf_oh oh;         /* 0: not asked for yet, or given back */
	struct graph_id id; /* number 0: direct */
	bool has_kind, has_extent, has_keys;
	bool is_faulty; /* qpdf complained when it was read */
	enum graph_kind kind;
	size_t extent; /* same_extent() */
	size_t count;  /* of keys, or of items */
	size_t sorted; /* so many keys, from the first on, are all there are */
	union {
		struct entry *keys;
		unsigned *items; /* 0: not asked for yet */
		struct {
			char *text; /* in UTF-8, or in PDF's syntax */
			struct blob bytes;
		};
	};
};

/*
 * A handle is a node's index, twice, and one more where the node is the later
 * graph's.  Objects are found by their number in a table of indexes with open
 * addressing; 0 is none.
 */
struct graph {
	qpdf_data q;
	bool is_damaged;
	struct node **nodes; /* the first is none */
	size_t count;
	unsigned *slots;
	size_t cap, objects;
	struct graph *later; /* NULL: all is read here */
	const struct same *same;
};

/* Every document is opened quiet, strict and without repair. */
qpdf_data node_start(void);
void node_finish(qpdf_data q);

unsigned node_add(struct graph *g, struct node made);
void node_free(struct node *n);

/* The index of an object's node, which need not have been read. */
unsigned node_object(struct graph *g, struct graph_id id);

/* An owner is the graph whose node it is. */
enum graph_kind node_kind(struct graph *owner, struct node *n);

/* Of a dictionary or a stream: a handle of the owner's. */
unsigned node_value(struct graph *owner, struct node *n, const char *key);
void node_read_keys(struct graph *owner, struct node *n);

/* Of an array; i is within. */
unsigned node_item(struct graph *owner, struct node *n, int i);

/* Takes over a value that qpdf gave. */
unsigned node_take(struct graph *owner, qpdf_oh oh);

/* Remembers what qpdf complained of since it was asked last. */
void node_note_faults(struct graph *owner, struct node *n);
bool node_is_scalar(enum graph_kind kind);
void node_forget_faults(qpdf_data q);

#endif /* CRYPTO_PADES_NODE_H */
