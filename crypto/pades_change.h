#ifndef CRYPTO_PADES_CHANGE_H
#define CRYPTO_PADES_CHANGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/pades_graph.h"
#include "crypto/pades_lock.h"
#include "crypto/pades_set.h"
#include "crypto/report.h"

/*
 * What was changed in a PDF after it was signed: the objects that the signed
 * revision reaches, against those that the final one reaches.
 *
 * Everything must be the same but what a rule explains (ISO 32000-2,
 * 12.8.2.2; EN 319 142-1, 5.4.3): further signatures and document timestamps,
 * DSS, form filling by DocMDP, annotations at level 3.  Rules speak of places
 * in the document, not of objects: an object that a rule lets change in its
 * place, and that another path reaches as well, is found on that path.
 */
/* What was signed, and what the signature itself forbids later. */
struct pades_signed {
	struct graph *was;    /* the signed revision */
	struct graph *is;     /* the whole file */
	struct graph_id dict; /* the signature dictionary */
};

/* Sets out->changes_after to permitted or forbidden, with findings. */
void pades_compare(const struct pades_signed *s, struct signature_report *out);

/*
 * The rest is between pades_change.c, which compares and knows the catalog,
 * and the files of the rules: pades_form.c, pades_page.c, pades_struct.c.
 */
struct change_pair {
	struct graph_id was, is;
	const char *where; /* a constant: the place it was first seen from */
};

struct change {
	struct graph *was, *is;
	struct graph_id dict;
	int permission; /* DocMDP's P, or 0 without DocMDP */
	struct lock_set locks;
	/* Objects whose own rule compares them: pages, fields, widgets,
	 * structure elements, the catalog. */
	struct idset ruled_was, ruled_is;
	struct idset new_widgets; /* of signature fields that may be new */
	struct idset values;      /* signatures that a field's V names */
	struct idset given_up;    /* appearances that a field had */
	struct idset compared;    /* nodes whose rule has run */
	struct idset fields;      /* fields of old that were compared */
	struct pairset seen;
	struct change_pair *queue;
	size_t queue_len;
	struct signature_report *out;
	bool forbidden;
};

/* Compares now what is direct and queues what is not. */
void change_same(
    struct change *c, unsigned was, unsigned is, const char *where);

/* The same for one key, and for all keys but those listed. */
void change_same_key(struct change *c, unsigned was, unsigned is,
    const char *key, const char *where);
void change_same_but(struct change *c, unsigned was, unsigned is,
    const char *const *but, const char *where);

void change_forbid(struct change *c, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Both name the same object, or neither names one. */
bool change_same_ref(struct change *c, unsigned was, unsigned is);

/* pades_form.c */
void form_collect(struct change *c);
void form_compare(struct change *c, unsigned was, unsigned is);

/* pades_page.c */
void page_collect(struct change *c);
void page_compare(struct change *c, unsigned was, unsigned is);

/*
 * pades_cover.c: what is added may hide at most a quarter of an A4 page, for a
 * seal and a signer's lines (Decree 30/2020); all that is added to one page,
 * and a field that is filled in, at most half of one.
 */
#define COVER_SIDE_MAX 842
#define COVER_ONE_MAX  (595 * 842 / 4)
#define COVER_PAGE_MAX (595 * 842 / 2)

/* Of an annotation's Rect, in square points; 0 without one, INT64_MAX for what
 * is no rectangle or has a side over COVER_SIDE_MAX. */
int64_t cover_area(struct graph *g, unsigned annot);
bool cover_hides_page(struct change *c, unsigned annot);

/* A flag that hid it is gone. */
bool cover_comes_into_sight(struct change *c, unsigned was, unsigned is);

/* pades_drawn.c: forbids where pages draw with what has a rule of its own. */
void drawn_check(struct change *c, unsigned pages);

/* pades_struct.c */
void struct_collect(struct change *c);
void struct_compare(struct change *c, unsigned was, unsigned is);

#endif /* CRYPTO_PADES_CHANGE_H */
