/* Transfers that never became a whole fee, when the fee is given up. */
#include <assert.h>
#include <stdlib.h>

#include "adapters/adapter.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/ledger.h"
#include "gateway/outbox.h"
#include "gateway/payment.h"
#include "gateway/payment_hear.h"
#include "gateway/refund.h"

/* What is left in suspense of one attempt. */
struct part {
	struct tenant_id tenant;
	int64_t attempt, dossier, at_us;
	enum payment_state state;
	const char *ref, *provider; /* borrowed */
	struct money amount;
	char txn[PAY_TXN_LEN]; /* our name for the sum */
};

static void
fill(const struct db_rows *rows, int i, const struct payment_given_up *g,
    struct part *p)
{
	*p = (struct part){
		.tenant = g->tenant,
		.attempt = db_int(rows, i, "id"),
		.dossier = db_int(rows, i, "dossier_id"),
		.at_us = g->at_us,
		.state = (enum payment_state)db_int(rows, i, "state"),
		.ref = db_text(rows, i, "ref"),
		.provider = db_text(rows, i, "provider"),
		.amount = { db_int(rows, i, "received") },
	};
	payment_rest_name(p->ref, p->txn);
}

static bool
owe_back(struct db *db, const struct part *p, struct err *e)
{
	const char *provider = "hosogate", *txn = p->txn;
	const struct ledger_shift shift = {
		.tenant = p->tenant.n,
		.attempt = p->attempt,
		.kind = LEDGER_SURPLUS,
		.txn = p->txn,
		.amount = p->amount,
		.debit = "suspense",
		.credit = "surplus_payable",
		.at_us = p->at_us,
	};
	const struct refund_surplus asked = { p->tenant, &provider, &txn, 1,
		p->at_us };

	return ledger_shift(db, &shift, e) &&
	       refund_open_surplus(db, &asked, e);
}

static bool
move(struct db *db, const struct part *p, struct err *e)
{
	const int64_t was = p->state, asked = 0;
	const char *same = NULL;
	enum payment_state to;
	int64_t now;
	int moved = 0;

	if (!payment_next(p->state, PAYMENT_EV_SURPLUS, &to))
		fatalx("payment %s: %s is no surplus", p->ref,
		    payment_state_name(p->state));
	now = to;
	if (!db_exec(db, DB_payment_move,
		(const struct db_arg[]){ DB_INT(p->tenant.n),
		    DB_INTS(&p->attempt, 1), DB_INTS(&was, 1), DB_INTS(&now, 1),
		    DB_TEXTS(&same, 1), DB_TEXTS(&same, 1), DB_INTS(&asked, 1),
		    DB_TIME(p->at_us), DB_END },
		&moved, e))
		return false;
	if (moved != 1)
		return err_set(e, ERR_CONFLICT, "payment %s: not %s any more",
		    p->ref, payment_state_name(p->state));
	log_info("payment %s: %s to %s", p->ref, payment_state_name(p->state),
	    payment_state_name(to));
	return true;
}

static bool
tell(struct db *db, const struct part *p, struct err *e)
{
	struct json *data = json_new_object();
	struct event event = {
		.tenant = p->tenant.n,
		.dossier = p->dossier,
		.kind = "payment-surplus",
		.at_us = p->at_us,
		.actor = ACTOR_GATEWAY,
	};
	char *text;
	bool ok;

	json_put_int(data, "amount", p->amount.dong);
	json_put_text(data, "attempt", p->ref);
	json_put_text(data, "provider", p->provider);
	json_put_text(data, "txn", p->txn);
	text = json_write_sorted(data);
	event.data = text;
	ok = event_append(db, &event, 1, e) &&
	     outbox_announce(db, p->tenant.n, &event.id, 1, e);
	free(text);
	json_free(data);
	return ok;
}

bool
payment_return_parts(
    struct db *db, const struct payment_given_up *g, struct err *e)
{
	struct db_rows *rows = NULL;
	struct part p;
	bool ok;

	assert(db_in_tx(db));

	ok = db_query(db, DB_payment_parts,
	    (const struct db_arg[]){ DB_INT(g->tenant.n),
		DB_INTS(g->dossiers, g->count), DB_INT(PAYMENT_UNDERPAID),
		DB_INT(PAYMENT_REVIEW), DB_END },
	    &rows, e);
	for (int i = 0; ok && i < db_count(rows); i++) {
		fill(rows, i, g, &p);
		ok = owe_back(db, &p, e) && move(db, &p, e) && tell(db, &p, e);
	}
	db_rows_free(rows);
	return ok;
}
