#ifndef CRYPTO_PADES_GRAPH_H
#define CRYPTO_PADES_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"

/*
 * The objects of a PDF as they refer to each other, read from memory.  The
 * only file that knows qpdf, with pades_node.c.  Recovery is off: a PDF whose
 * structure must be guessed at is refused, since another reader would guess
 * otherwise.
 *
 * A node is a handle, good until graph_free().  Node 0 is none.  Keys are
 * written with their slash.  What is absent reads as null.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	no PDF, or one that needs recovery or a password
 */
struct err;
struct graph;

enum graph_kind {
	GRAPH_NULL,
	GRAPH_BOOL,
	GRAPH_INT,
	GRAPH_REAL,
	GRAPH_STRING,
	GRAPH_NAME,
	GRAPH_ARRAY,
	GRAPH_DICT,
	GRAPH_STREAM,
	GRAPH_OTHER, /* what no document may hold */
};

/* Number and generation of an indirect object; number 0 for a direct one. */
struct graph_id {
	int number, generation;
};

/* The bytes are borrowed until graph_free(). */
bool graph_open(
    const uint8_t *data, size_t len, struct graph **out, struct err *e);
void graph_free(struct graph *g); /* NULL is fine */

/* An earlier revision, `part` of later's bytes: what is the same in both is
 * read from later, which like `same` must live longer.  Of a stream that is
 * the same, what a filter's parameters refer to is later's. */
struct same;
bool graph_open_before(const struct same *same, struct graph *later,
    struct blob part, struct graph **out, struct err *e);

/* Something that was read since graph_open() is not as it should be. */
bool graph_is_damaged(const struct graph *g);

/* Reads a node whose own faults do no harm. */
void graph_excuse(struct graph *g, unsigned node);

unsigned graph_trailer(struct graph *g);
unsigned graph_object(struct graph *g, struct graph_id id);
bool graph_is_null(struct graph *g, struct graph_id id);

/* A node of an earlier revision and one of the later graph are one object, or
 * one part of it: the same but for where references lead. */
bool graph_is_same(unsigned was, unsigned is);

enum graph_kind graph_kind(struct graph *g, unsigned node);
struct graph_id graph_id(struct graph *g, unsigned node);

/* Of a dictionary, or of a stream's dictionary. */
unsigned graph_key(struct graph *g, unsigned dict, const char *key);
bool graph_has(struct graph *g, unsigned dict, const char *key);

/* Sorted, NULL at the end; the caller frees the array only. */
const char **graph_keys(struct graph *g, unsigned dict);

int graph_count(struct graph *g, unsigned array);
unsigned graph_item(struct graph *g, unsigned array, int i);

long long graph_int(struct graph *g, unsigned node, long long fallback);
/* The whole part of a number, at most a thousand million either way; 0 for
 * anything else. */
long long graph_whole(struct graph *g, unsigned node);
bool graph_is_name(struct graph *g, unsigned node, const char *name);

/* A text string in UTF-8, "" for anything else; the caller frees. */
char *graph_text(struct graph *g, unsigned node);

/* A string's bytes, good until graph_free(). */
const char *graph_string(struct graph *g, unsigned node, size_t *len);

/* In PDF's own syntax, indirect objects inside as references; whole for the
 * node itself where deep.  The caller frees. */
char *graph_write(struct graph *g, unsigned node, bool deep);

/* A stream's bytes before any filter but decryption. */
bool graph_stream(struct graph *g, unsigned node, struct blob *out);

/* The same after its filters, none of which may lose anything; false over
 * PDF_FILTERS_MAX of them. */
bool graph_stream_decoded(struct graph *g, unsigned node, struct blob *out);

/* Applies a stream's filters to bytes; filter and params are PDF's syntax,
 * params may be NULL. */
bool graph_inflate(
    const char *filter, const char *params, struct blob raw, struct blob *out);

#endif /* CRYPTO_PADES_GRAPH_H */
