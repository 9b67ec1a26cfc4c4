#include "crypto/stamp.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/chain.h"
#include "crypto/poe.h"

struct stamp *
stamp_add(struct stamp_list *l, enum timestamp_kind kind, const uint8_t *token,
    size_t len)
{
	struct stamp *s;

	if (l->count == REPORT_TIMESTAMPS_MAX) {
		l->cut_short = true;
		return NULL;
	}
	s = &l->at[l->count++];
	*s = (struct stamp){ .kind = kind };
	timestamp_open(token, len, &s->token);
	return s;
}

void
stamp_release(struct stamp_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		timestamp_close(&l->at[i].token);
	l->count = 0;
}

bool
stamp_has(const struct stamp_list *l, enum timestamp_kind kind)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->at[i].kind == kind &&
		    l->at[i].verdict.integrity == INTEGRITY_INTACT)
			return true;
	return false;
}

/* The outermost first, and of those of one kind the latest; else as they
 * stand. */
static int
by_cover(const void *a, const void *b)
{
	const struct stamp *x = *(const struct stamp *const *)a;
	const struct stamp *y = *(const struct stamp *const *)b;
	int64_t x_us = x->token.info.time_us, y_us = y->token.info.time_us;

	if (x->kind != y->kind)
		return x->kind > y->kind ? -1 : 1;
	if (x_us != y_us)
		return x_us > y_us ? -1 : 1;
	return (x > y) - (x < y);
}

/* Why a token is not good, under the finding that says so. */
static void
say_why(const struct stamp *stamp, struct signature_report *s)
{
	enum subindication why = stamp->verdict.subindication;
	char when[CLOCK_RFC3339_LEN];

	clock_rfc3339(stamp->verdict.time_us, when);
	signature_find(s, FIND_TIMESTAMP, "%s, %s: %s %s",
	    timestamp_kind_name(stamp->kind),
	    stamp->verdict.time_us == 0 ? "unreadable" : when,
	    indication_name(stamp->verdict.indication),
	    why == SUB_NONE ? "" : subindication_name(why));
}

/* What it must be over cannot be laid out: broken by that, or not decided. */
static void
refuse(
    struct stamp *stamp, enum subindication why, struct signature_report *out)
{
	*out = (struct signature_report){ 0 };
	signature_begin(out);
	signature_sink(out, why);
	out->claimed_us = stamp->token.info.time_us;
	if (why == SUB_HASH_FAILURE)
		out->integrity = INTEGRITY_BROKEN;
}

static void
judge_one(struct stamp *stamp, const struct stamp_format *format,
    const struct question *q, struct chain_subject *hints,
    struct signature_report *s)
{
	struct timestamp_subject subject = { 0 };
	struct signature_report verdict;
	struct buf store = { 0 };
	enum subindication why;

	why = format->subject(format->ctx, stamp, &store, &subject);
	subject.hints = hints;
	if (why == SUB_NONE)
		timestamp_judge(&stamp->token, &subject, q, &verdict);
	else
		refuse(stamp, why, &verdict);
	buf_release(&store);

	stamp->verdict = (struct timestamp_report){ stamp->kind,
		verdict.integrity, verdict.indication, verdict.subindication,
		verdict.claimed_us };
	if (verdict.indication != TOTAL_PASSED) {
		say_why(stamp, s);
		return;
	}
	if (stamp->kind == TIMESTAMP_CONTENT) {
		if (verdict.claimed_us > hints->not_before_us)
			hints->not_before_us = verdict.claimed_us;
		return;
	}
	if (stamp->kind != TIMESTAMP_REFERENCES)
		s->proven_us = poe_earlier(s->proven_us, verdict.claimed_us);
	format->prove(format->ctx, stamp, verdict.claimed_us);
}

/* EN 319 102-1, 5.5.4: a good token that is proved to have been there before
 * its own time, or a signature before the content timestamp that it signs. */
static void
judge_order(const struct stamp_list *l, const struct chain_subject *hints,
    struct signature_report *s)
{
	bool good = s->proven_us == 0 || s->proven_us >= hints->not_before_us;

	for (size_t i = 0; i < l->count; i++) {
		const struct timestamp *t = &l->at[i].token;
		int64_t since_us = poe_since(hints->poe, t->token, t->len);

		if (l->at[i].verdict.indication == TOTAL_PASSED &&
		    since_us != 0 && since_us < t->info.time_us)
			good = false;
	}
	if (good)
		return;
	signature_find(s, FIND_TIMESTAMP_ORDER, "EN 319 102-1, 5.5.4");
	signature_sink(s, SUB_TIMESTAMP_ORDER_FAILURE);
}

void
stamp_judge(struct stamp_list *l, const struct stamp_format *format,
    const struct question *q, struct chain_subject *hints,
    struct signature_report *s)
{
	struct stamp *order[REPORT_TIMESTAMPS_MAX] = { NULL };

	if (l->cut_short)
		signature_find(s, FIND_LIMIT, "%d timestamps in a signature",
		    REPORT_TIMESTAMPS_MAX);
	for (size_t i = 0; i < l->count; i++)
		order[i] = &l->at[i];
	qsort(order, l->count, sizeof(order[0]), by_cover);
	for (size_t i = 0; i < l->count; i++)
		judge_one(order[i], format, q, hints, s);
	judge_order(l, hints, s);
	for (size_t i = 0; i < l->count; i++)
		s->timestamps[s->timestamp_count++] = l->at[i].verdict;
}
