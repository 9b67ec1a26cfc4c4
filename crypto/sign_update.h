#ifndef CRYPTO_SIGN_UPDATE_H
#define CRYPTO_SIGN_UPDATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "crypto/pades_graph.h"

/*
 * An incremental update of a PDF (ISO 32000-1, 7.5.6): objects appended, then
 * cross-references in the way the base has them.  Earlier bytes are never
 * written again.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	malformed, or encrypted: cannot be updated
 */
struct err;
struct pdf;

#define UPDATE_OBJECTS_MAX 8

struct update_place {
	struct graph_id id;
	size_t at;
};

struct update {
	struct pdf *pdf;
	struct graph *graph;
	struct buf out; /* the base and what was appended */
	int next;       /* the first free object number */
	struct update_place places[UPDATE_OBJECTS_MAX];
	size_t place_count;
};

/* The bytes are borrowed until update_release(). */
bool update_init(
    struct update *u, const uint8_t *data, size_t len, struct err *e);
void update_release(struct update *u);

struct graph_id update_new_id(struct update *u);

/* "12 0 obj"; the caller writes the value to u->out, then update_end(). */
void update_begin(struct update *u, struct graph_id id);
void update_end(struct update *u);

/* "<<" and every entry of a dictionary but those listed, without ">>". */
void update_copy(struct update *u, unsigned dict, const char *const *but);

/* "[" and every item of an array (none when it is null), without "]". */
void update_copy_items(struct update *u, unsigned array);

/* Cross-references, trailer, startxref. */
void update_finish(struct update *u);

/* UTF-8 as a text string (7.9.2.2). */
void update_put_text(struct buf *out, const char *utf8);

#endif /* CRYPTO_SIGN_UPDATE_H */
