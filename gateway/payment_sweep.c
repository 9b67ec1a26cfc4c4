#include "gateway/payment_sweep.h"

#include "adapters/adapter.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/db.h"
#include "gateway/payment.h"
#include "gateway/payment_asker.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_rest.h"

/* Claims one attempt of a provider that is not at rest. */
static bool
claim(const struct payment_asker *a, struct db *db, struct db_rows **out,
    struct err *e)
{
	return db_query(db, DB_payment_sweep_claim,
	    (const struct db_arg[]){
		DB_INTS(a->pauses, a->pause_count), DB_END },
	    out, e);
}

/* Asks about the attempt of the claimed row. */
static bool
ask(const struct payment_asker *a, const struct db_rows *row,
    struct pay_notice *said, struct err *e)
{
	const struct pay_order order = {
		.ref = db_text(row, 0, "ref"),
		.amount = { db_int(row, 0, "amount") },
		.created_us = db_time(row, 0, "created_at"),
		.expires_us = db_time(row, 0, "expires_at"),
	};
	struct payment_provider p;
	const struct pay_question question = {
		.terms = &p.terms,
		.order = &order,
		.now_us = db_time(row, 0, "now"),
		.client = a->client,
	};

	return payment_asker_find(a, db_text(row, 0, "provider"),
		   db_text(row, 0, "terminal"), &p, e) &&
	       pay_query(p.adapter, &question, said, e);
}

/* What was settled and asked about once more needs no further question. */
static bool
forget_settled(struct db *db, const char *ref, struct err *e)
{
	int64_t settled[PAYMENT_STATE_LAST];
	struct tenant_id tenant;
	size_t n = 0;

	for (int64_t s = 1; s <= PAYMENT_STATE_LAST; s++)
		if (!payment_state_is_asked((enum payment_state)s))
			settled[n++] = s;
	return !payment_ref_tenant(ref, &tenant) ||
	       db_exec(db, DB_payment_ask_done,
		   (const struct db_arg[]){ DB_INT(tenant.n), DB_TEXT(ref),
		       DB_INTS(settled, n), DB_END },
		   NULL, e);
}

/* No answer is no failure of the sweep's: the claim has set the next time,
 * and the attempt stays what it is. */
bool
payment_sweep(struct db *db, void *arg, bool *more, struct err *e)
{
	const struct payment_asker *a = arg;
	struct pay_notice said = { 0 };
	struct payment_notice notice = { .via = PAYMENT_VIA_QUERY,
		.said = &said };
	struct db_rows *row = NULL;
	enum pay_answer answer;
	struct err why = { 0 };
	bool ok = true, answered;

	*more = false;
	if (!claim(a, db, &row, e))
		return false;
	if (db_count(row) == 0)
		goto out;
	*more = true;
	notice.provider = db_text(row, 0, "provider");
	answered = ask(a, row, &said, &why);
	if (!payment_rest(db, notice.provider, answered, e)) {
		ok = false;
		goto out;
	}
	if (!answered) {
		log_warnx("payment %s: no answer: %s", db_text(row, 0, "ref"),
		    why.detail);
		goto out;
	}
	ok = payment_apply(db, &notice, 1, &answer, e) &&
	     forget_settled(db, said.ref, e);

out:
	pay_notice_release(&said);
	db_rows_free(row);
	return ok;
}
