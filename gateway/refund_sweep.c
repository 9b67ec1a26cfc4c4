#include "gateway/refund_sweep.h"

#include "adapters/adapter.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/payment_asker.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_rest.h"
#include "gateway/refund.h"

#define RESEND_HOURS_MAX 20
#define WORKS_DAYS_MAX   7
#define HOUR_US          (3600 * CLOCK_SEC_US)

/* One turn: the refund as it was claimed, and what is asked with. */
struct turn {
	struct db *db;
	struct refund r;
	int64_t now_us, ask_us;
	struct payment_provider provider;
	struct pay_order order;
	struct pay_refund refund;
	struct pay_question question;
	const char *officer;
};

static bool
claim(const struct payment_asker *a, struct db *db, struct db_rows **out,
    struct err *e)
{
	return db_query(db, DB_refund_claim,
	    (const struct db_arg[]){ DB_INTS(a->pauses, a->pause_count),
		DB_INT(REFUND_APPROVED), DB_INT(REFUND_SUBMITTED),
		DB_INT(REFUND_PROCESSING), DB_END },
	    out, e);
}

static bool
prepare(const struct payment_asker *a, const struct db_rows *row,
    struct turn *t, struct err *e)
{
	refund_fill(row, 0, &t->r);
	t->r.tenant.n = db_int(row, 0, "tenant_id");
	t->now_us = db_time(row, 0, "now");
	t->ask_us = db_time(row, 0, "ask_at");
	t->officer = db_text(row, 0, "officer");
	if (!payment_asker_find(
		a, t->r.provider, db_text(row, 0, "terminal"), &t->provider, e))
		return false;
	t->order = (struct pay_order){ .ref = t->r.attempt_ref,
		.amount = { db_int(row, 0, "ordered") },
		.created_us = db_time(row, 0, "created_at") };
	t->refund = (struct pay_refund){ .ref = t->r.ref,
		.amount = t->r.amount,
		.txn = t->r.txn,
		.whole = t->r.amount.dong == t->r.paid.dong,
		.by = t->officer,
		.asked_us = t->r.sent_us == 0 ? t->now_us : t->r.sent_us };
	t->question = (struct pay_question){ .terms = &t->provider.terms,
		.order = &t->order,
		.refund = &t->refund,
		.now_us = t->now_us,
		.client = a->client };
	return true;
}

static bool
advance_in_tx(struct db *db, void *arg, struct err *e)
{
	return refund_advance(db, arg, e);
}

static bool
advance(struct turn *t, enum refund_event event,
    const struct pay_refunded *said, struct err *e)
{
	struct refund_move m = { .r = &t->r,
		.event = event,
		.actor = ACTOR_PROVIDER,
		.at_us = t->now_us };
	enum refund_state to;

	if (!refund_next(t->r.state, event, &to))
		return err_set(e, ERR_WRONG_STATE, "refund %s: %s", t->r.ref,
		    refund_event_name(event));
	if (refund_state_goes_on(to))
		m.ask_us = t->ask_us;
	if (said != NULL) {
		m.code = said->code;
		m.txn = said->txn[0] == '\0' ? NULL : said->txn;
	}
	if (!db_tx(t->db, advance_in_tx, &m, e))
		return false;
	t->r.state = to;
	t->r.sends += event == REFUND_EV_SUBMIT;
	return true;
}

/*
 * A refusal of something that was asked for before may speak of the
 * repetition and not of the refund: the next question will tell.
 */
static bool
hear(struct turn *t, const struct pay_refunded *said, bool asked, struct err *e)
{
	switch (said->outcome) {
	case PAY_REFUND_DONE:
		return advance(t, REFUND_EV_DONE, said, e);
	case PAY_REFUND_PROCESSING:
		return advance(t, REFUND_EV_PROCESSING, said, e);
	case PAY_REFUND_REJECTED:
		if (asked || t->r.sends == 1)
			return advance(t, REFUND_EV_REFUSED, said, e);
		return true;
	case PAY_REFUND_ABSENT:
		return true;
	}
	fatalx("refund: outcome %d", (int)said->outcome);
}

/* No answer is no failure of ours: the claim has set the next time. */
static bool
no_answer(const struct turn *t, const struct err *why)
{
	log_warnx("refund %s: no answer: %s", t->r.ref, why->detail);
	return true;
}

static bool
submit(struct turn *t, struct err *e)
{
	struct pay_refunded said = { 0 };
	struct err why = { 0 };
	bool answered;

	if (!advance(t, REFUND_EV_SUBMIT, NULL, e))
		return false;
	answered = pay_refund(t->provider.adapter, &t->question, &said, &why);
	if (why.code == ERR_WRONG_AMOUNT) {
		log_warnx("refund %s: %s", t->r.ref, why.detail);
		said.outcome = PAY_REFUND_REJECTED;
		return hear(t, &said, true, e);
	}
	if (!payment_rest(t->db, t->r.provider, answered, e))
		return false;
	return answered ? hear(t, &said, false, e) : no_answer(t, &why);
}

/* Past its time nobody knows what a repetition would do. */
static bool
submit_again(struct turn *t, const struct pay_refunded *said, struct err *e)
{
	if (t->now_us - t->r.sent_us > RESEND_HOURS_MAX * HOUR_US)
		return advance(t, REFUND_EV_LOST, said, e);
	if (t->r.state != REFUND_SUBMITTED)
		return true;
	return submit(t, e);
}

static bool
ask(struct turn *t, struct err *e)
{
	struct pay_refunded said = { 0 };
	struct err why = { 0 };
	bool answered;

	answered =
	    pay_refund_query(t->provider.adapter, &t->question, &said, &why);
	if (!payment_rest(t->db, t->r.provider, answered, e))
		return false;
	if (t->now_us - t->r.sent_us > WORKS_DAYS_MAX * 24 * HOUR_US &&
	    (!answered || said.outcome == PAY_REFUND_PROCESSING))
		return advance(t, REFUND_EV_LOST, NULL, e);
	if (!answered)
		return no_answer(t, &why);
	if (said.outcome == PAY_REFUND_ABSENT)
		return submit_again(t, &said, e);
	return hear(t, &said, true, e);
}

bool
refund_sweep(struct db *db, void *arg, bool *more, struct err *e)
{
	const struct payment_asker *a = arg;
	struct turn t = { .db = db };
	struct db_rows *row = NULL;
	bool ok = false;

	*more = false;
	if (!claim(a, db, &row, e))
		return false;
	if (db_count(row) == 0) {
		ok = true;
		goto out;
	}
	*more = true;
	if (!prepare(a, row, &t, e))
		goto out;
	ok = t.r.state == REFUND_APPROVED ? submit(&t, e) : ask(&t, e);
	/* Another gateway, or an officer, was first. */
	if (!ok && e->code == ERR_CONFLICT) {
		log_info("refund %s: %s", t.r.ref, e->detail);
		ok = true;
	}

out:
	db_rows_free(row);
	return ok;
}
