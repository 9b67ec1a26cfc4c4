#include "gateway/payment_confirm.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/db.h"
#include "gateway/payment.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_state.h"

static void
keep_found(
    const struct db_rows *rows, struct pay_notice *const *said, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *ref = "";
		int found = 0;

		for (int k = 0; k < db_count(rows); k++) {
			if (strcmp(db_text(rows, k, "mark"), said[i]->mark) !=
			    0)
				continue;
			ref = db_text(rows, k, "ref");
			found++;
		}
		if (said[i]->mark[0] != '\0' && found == 1)
			pay_keep(said[i]->ref, sizeof(said[i]->ref), ref);
	}
}

bool
payment_find(struct db *db, const char *provider,
    struct pay_notice *const *said, size_t count, struct err *e)
{
	const char **marks = blob_calloc(count + 1, sizeof(*marks));
	struct db_rows *rows = NULL;
	size_t n = 0;
	bool ok = true;

	for (size_t i = 0; i < count; i++)
		if (said[i]->mark[0] != '\0')
			marks[n++] = said[i]->mark;
	if (n > 0)
		ok = db_query(db, DB_payment_marked,
		    (const struct db_arg[]){
			DB_TEXT(provider), DB_TEXTS(marks, n), DB_END },
		    &rows, e);
	if (ok && n > 0)
		keep_found(rows, said, count);
	db_rows_free(rows);
	free(marks);
	return ok;
}

/* Told again that this very money came: there is nothing to ask. */
static bool
is_settled(const struct db_rows *row, const struct pay_notice *said)
{
	enum payment_state s = (enum payment_state)db_int(row, 0, "state");

	return said->outcome == PAY_PAID &&
	       (s == PAYMENT_PAID || s == PAYMENT_PAID_LATE ||
		   s == PAYMENT_SURPLUS) &&
	       !db_is_null(row, 0, "txn") &&
	       strcmp(db_text(row, 0, "txn"), said->txn) == 0;
}

/* The provider is asked about the order as we keep it; what the notice made
 * of it does not enter the question. */
static void
ask(const struct payment_doubt *doubt, const struct pay_question *q,
    enum payment_confirmed *how, struct pay_notice *out)
{
	struct err why = { 0 };

	*how = PAYMENT_NO_ANSWER;
	if (doubt->client == NULL)
		return;
	if (pay_query(doubt->provider->adapter, q, out, &why))
		*how = PAYMENT_ASKED;
	else
		log_warnx(
		    "payment %s: no answer: %s", q->order->ref, why.detail);
}

/* Another amount than ours, or something that we did not send: a person looks,
 * and the sweep asks. */
static bool
is_of_order(const struct payment_doubt *doubt, const struct pay_order *o)
{
	const struct pay_adapter *a = doubt->provider->adapter;

	return doubt->said->amount.dong == o->amount.dong &&
	       strcmp(doubt->said->terminal, doubt->provider->terms.terminal) ==
		   0 &&
	       (a->is_echo == NULL || a->is_echo(o, doubt->raw));
}

static void
judge(const struct payment_doubt *doubt, const struct db_rows *row,
    enum payment_confirmed *how, struct pay_notice *out)
{
	const struct pay_order order = {
		.ref = doubt->said->ref,
		.amount = { db_int(row, 0, "amount") },
		.created_us = db_time(row, 0, "created_at"),
		.expires_us = db_time(row, 0, "expires_at"),
		.subject = db_text(row, 0, "code"),
	};
	const struct pay_question q = {
		.terms = &doubt->provider->terms,
		.order = &order,
		.now_us = db_time(row, 0, "now"),
		.client = doubt->client,
	};
	bool settled = is_settled(row, doubt->said);

	if (!is_of_order(doubt, &order)) {
		doubt->said->outcome = PAY_DOUBT;
		doubt->said->amount.dong = -1;
		return;
	}
	doubt->said->outcome = PAY_PENDING;
	if (settled)
		return;
	if (db_bool(row, 0, "rests"))
		*how = PAYMENT_NO_ANSWER;
	else
		ask(doubt, &q, how, out);
}

bool
payment_confirm(struct db *db, const struct payment_doubt *doubt,
    enum payment_confirmed *how, struct pay_notice *out, struct err *e)
{
	struct tenant_id tenant;
	struct db_rows *row = NULL;

	*how = PAYMENT_AS_SAID;
	if (!payment_ref_tenant(doubt->said->ref, &tenant)) {
		doubt->said->outcome = PAY_DOUBT;
		return true;
	}
	if (!db_query(db, DB_payment_doubted,
		(const struct db_arg[]){ DB_INT(tenant.n),
		    DB_TEXT(doubt->said->ref), DB_TEXT(doubt->name), DB_END },
		&row, e))
		return false;
	if (db_count(row) == 1)
		judge(doubt, row, how, out);
	else
		doubt->said->outcome = PAY_DOUBT;
	db_rows_free(row);
	return true;
}
