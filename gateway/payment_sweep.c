#include "gateway/payment_sweep.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/db.h"
#include "gateway/payment.h"
#include "gateway/payment_asker.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_rest.h"

/* So long a turn goes on asking; what it has not come to goes back. */
#define TURN_US (5 * CLOCK_SEC_US)

enum heard { NOT_ASKED, NO_ANSWER, ANSWERED };

/* One turn: the attempts that were claimed, and what was heard of each. */
struct turn {
	const struct payment_asker *asker;
	struct db *db;
	struct db_rows *rows;
	size_t count;
	int64_t began_us; /* by the monotonic clock */
	enum heard *heard;
	bool *last; /* asked for the last time */
	struct pay_notice *said;
};

static bool
claim(struct turn *t, struct err *e)
{
	const struct payment_asker *a = t->asker;

	t->began_us = clock_mono_us();
	if (!db_query(t->db, DB_payment_sweep_claim,
		(const struct db_arg[]){
		    DB_INTS(a->pauses, a->pause_count), DB_END },
		&t->rows, e))
		return false;
	t->count = (size_t)db_count(t->rows);
	t->heard = blob_calloc(t->count + 1, sizeof(*t->heard));
	t->last = blob_calloc(t->count + 1, sizeof(*t->last));
	t->said = blob_calloc(t->count + 1, sizeof(*t->said));
	return true;
}

static void
turn_release(struct turn *t)
{
	for (size_t i = 0; i < t->count; i++)
		pay_notice_release(&t->said[i]);
	free(t->said);
	free(t->last);
	free(t->heard);
	db_rows_free(t->rows);
}

static bool
ask(struct turn *t, int i, struct err *e)
{
	const struct pay_order order = {
		.ref = db_text(t->rows, i, "ref"),
		.amount = { db_int(t->rows, i, "amount") },
		.created_us = db_time(t->rows, i, "created_at"),
		.expires_us = db_time(t->rows, i, "expires_at"),
	};
	struct payment_provider p;
	const struct pay_question question = {
		.terms = &p.terms,
		.order = &order,
		.now_us =
		    db_time(t->rows, i, "now") + clock_mono_us() - t->began_us,
		.client = t->asker->client,
	};

	if (!payment_asker_find(t->asker, db_text(t->rows, i, "provider"),
		db_text(t->rows, i, "terminal"), &p, e))
		return false;
	t->last[i] = question.now_us > order.expires_us + p.ask_us;
	return pay_query(p.adapter, &question, &t->said[i], e);
}

/* What its provider was last heard to do in this turn. */
static enum heard
heard_before(const struct turn *t, int i)
{
	const char *name = db_text(t->rows, i, "provider");

	for (int k = i - 1; k >= 0; k--)
		if (t->heard[k] != NOT_ASKED &&
		    strcmp(db_text(t->rows, k, "provider"), name) == 0)
			return t->heard[k];
	return NOT_ASKED;
}

/* No answer is no failure of the sweep's: the claim has set the next time,
 * and the attempt stays what it is. */
static bool
ask_one(struct turn *t, int i, struct err *e)
{
	enum heard before = heard_before(t, i);
	struct err why = { 0 };
	bool answered;

	if (before == NO_ANSWER)
		return true;
	answered = ask(t, i, &why);
	t->heard[i] = answered ? ANSWERED : NO_ANSWER;
	if (!answered)
		log_warnx("payment %s: no answer: %s",
		    db_text(t->rows, i, "ref"), why.detail);
	return t->heard[i] == before ||
	       payment_rest(
		   t->db, db_text(t->rows, i, "provider"), answered, e);
}

static bool
ask_all(struct turn *t, struct err *e)
{
	for (int i = 0; i < (int)t->count; i++) {
		if (clock_mono_us() - t->began_us > TURN_US)
			break;
		if (!ask_one(t, i, e))
			return false;
	}
	return true;
}

/* The attempts of whom this was heard, an array a column. */
struct picked {
	int64_t *tenants, *ids, *asks, *due_us;
	size_t count;
};

static void
picked_take(struct picked *c, const struct turn *t, enum heard heard)
{
	c->tenants = blob_calloc(t->count, sizeof(*c->tenants));
	c->ids = blob_calloc(t->count, sizeof(*c->ids));
	c->asks = blob_calloc(t->count, sizeof(*c->asks));
	c->due_us = blob_calloc(t->count, sizeof(*c->due_us));
	for (int i = 0; i < (int)t->count; i++) {
		if (t->heard[i] != heard)
			continue;
		c->tenants[c->count] = db_int(t->rows, i, "tenant_id");
		c->ids[c->count] = db_int(t->rows, i, "id");
		c->asks[c->count] = db_int(t->rows, i, "asks");
		c->due_us[c->count++] = db_time(t->rows, i, "due_at");
	}
}

static void
picked_release(struct picked *c)
{
	free(c->due_us);
	free(c->asks);
	free(c->ids);
	free(c->tenants);
}

static bool
give_back(const struct turn *t, struct err *e)
{
	struct picked c = { 0 };
	bool ok;

	picked_take(&c, t, NOT_ASKED);
	ok = c.count == 0 ||
	     db_exec(t->db, DB_payment_sweep_return,
		 (const struct db_arg[]){ DB_INTS(c.tenants, c.count),
		     DB_INTS(c.ids, c.count), DB_INTS(c.asks, c.count),
		     DB_TIMES(c.due_us, c.count), DB_END },
		 NULL, e);
	picked_release(&c);
	return ok;
}

/* What was settled and asked about once more needs no further question. */
static bool
forget_settled(const struct turn *t, struct err *e)
{
	int64_t settled[PAYMENT_STATE_LAST];
	struct picked c = { 0 };
	size_t n = 0;
	bool ok;

	for (int64_t s = 1; s <= PAYMENT_STATE_LAST; s++)
		if (!payment_state_is_asked((enum payment_state)s))
			settled[n++] = s;
	picked_take(&c, t, ANSWERED);
	ok = db_exec(t->db, DB_payment_ask_done,
	    (const struct db_arg[]){ DB_INTS(c.tenants, c.count),
		DB_INTS(c.ids, c.count), DB_INTS(settled, n), DB_END },
	    NULL, e);
	picked_release(&c);
	return ok;
}

static bool
apply(const struct turn *t, struct err *e)
{
	struct payment_notice *in = blob_calloc(t->count, sizeof(*in));
	enum pay_answer *answers = blob_calloc(t->count, sizeof(*answers));
	size_t n = 0;
	bool ok;

	for (int i = 0; i < (int)t->count; i++)
		if (t->heard[i] == ANSWERED)
			in[n++] = (struct payment_notice){
				.provider = db_text(t->rows, i, "provider"),
				.via = PAYMENT_VIA_QUERY,
				.said = &t->said[i],
			};
	ok = n == 0 || (payment_apply_apart(t->db, in, n, answers, e) &&
			   forget_settled(t, e));
	free(answers);
	free(in);
	return ok;
}

/* After the answers: what one of them has ended is no edge any more. */
static bool
leave_to_people(const struct turn *t, struct err *e)
{
	struct payment_notice *in = blob_calloc(t->count, sizeof(*in));
	struct pay_notice *of = blob_calloc(t->count, sizeof(*of));
	enum pay_answer *answers = blob_calloc(t->count, sizeof(*answers));
	size_t n = 0;
	bool ok;

	for (int i = 0; i < (int)t->count; i++) {
		if (!t->last[i])
			continue;
		of[n].amount.dong = db_int(t->rows, i, "amount");
		pay_keep(
		    of[n].ref, sizeof(of[n].ref), db_text(t->rows, i, "ref"));
		pay_keep(of[n].terminal, sizeof(of[n].terminal),
		    db_text(t->rows, i, "terminal"));
		pay_keep(of[n].code, sizeof(of[n].code), "no-word");
		of[n].outcome = PAY_PENDING;
		in[n] = (struct payment_notice){
			.provider = db_text(t->rows, i, "provider"),
			.via = PAYMENT_VIA_SILENCE,
			.said = &of[n],
		};
		n++;
	}
	ok = n == 0 || payment_apply_apart(t->db, in, n, answers, e);
	free(answers);
	free(of);
	free(in);
	return ok;
}

bool
payment_sweep(struct db *db, void *arg, bool *more, struct err *e)
{
	struct turn t = { .asker = arg, .db = db };
	bool ok;

	*more = false;
	if (!claim(&t, e))
		return false;
	*more = t.count > 0;
	ok = t.count == 0 || (ask_all(&t, e) && give_back(&t, e) &&
				 apply(&t, e) && leave_to_people(&t, e));
	turn_release(&t);
	return ok;
}
