#ifndef CRYPTO_STAMP_H
#define CRYPTO_STAMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/report.h"
#include "crypto/timestamp.h"

/*
 * The timestamps that a signature carries, judged together (EN 319 102-1,
 * 5.6.3): the latest first, since it proves that what it covers was there,
 * the earlier timestamps and the evidence for their authorities too.
 *
 * What a timestamp of each kind covers is the format's to say.  One that is
 * not good proves nothing and is reported; two good ones that contradict each
 * other are TIMESTAMP_ORDER_FAILURE of the signature.
 */
struct buf;
struct chain_subject;
struct poe;
struct question;

struct stamp {
	enum timestamp_kind kind;
	struct timestamp token;
	const void *place; /* where it stands: the format's own */
	int form;          /* which of its kind: the format's own */
	struct timestamp_report verdict;
};

struct stamp_list {
	struct stamp at[REPORT_TIMESTAMPS_MAX];
	size_t count;
	bool cut_short;
};

struct stamp_format {
	void *ctx;

	/* Lays out what the token must have been made over, in store where it
	 * must be put together.  SUB_NONE, or why that cannot be had. */
	enum subindication (*subject)(void *ctx, const struct stamp *s,
	    struct buf *store, struct timestamp_subject *out);

	/* Writes down what a good one of us proves besides the signature. */
	void (*prove)(void *ctx, const struct stamp *s, int64_t us);
};

/* The token is borrowed until stamp_release(). */
struct stamp *stamp_add(struct stamp_list *l, enum timestamp_kind kind,
    const uint8_t *token, size_t len);

/* Judges all of them into s->timestamps, and brings s->proven_us to the
 * earliest proven moment.  hints->poe must be poe, to which format->prove()
 * adds; hints->not_before_us gets the moment after which the signature was
 * made. */
void stamp_judge(struct stamp_list *l, const struct stamp_format *format,
    const struct question *q, struct chain_subject *hints,
    struct signature_report *s);

/* Whether one of this kind is intact: levels are said by that. */
bool stamp_has(const struct stamp_list *l, enum timestamp_kind kind);

void stamp_release(struct stamp_list *l);

#endif /* CRYPTO_STAMP_H */
