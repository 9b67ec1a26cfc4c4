#include "gateway/ledger.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/db.h"
#include "gateway/payment_state.h"

static const char *const kinds[] = {
	[LEDGER_PAYMENT] = "payment",
	[LEDGER_SURPLUS] = "surplus",
	[LEDGER_SUSPENSE] = "suspense",
	[LEDGER_REVERSAL] = "reversal",
	[LEDGER_REFUND_DUE] = "refund-due",
	[LEDGER_REFUND_UNDONE] = "refund-undone",
	[LEDGER_REFUND] = "refund",
};

static enum ledger_kind
kind_of(const char *name)
{
	for (size_t i = 0; i < nitems(kinds); i++)
		if (strcmp(kinds[i], name) == 0)
			return (enum ledger_kind)i;
	fatalx("ledger: no kind %s", name);
}

/* The columns of a batch, one array each. */
struct columns {
	const char **kind, **provider, **txn;
	int64_t *attempt, *amount;
	size_t count;
};

static void
columns_make(struct columns *c, const struct ledger_batch *b, bool reversals)
{
	c->kind = blob_calloc(b->count + 1, sizeof(*c->kind));
	c->provider = blob_calloc(b->count + 1, sizeof(*c->provider));
	c->txn = blob_calloc(b->count + 1, sizeof(*c->txn));
	c->attempt = blob_calloc(b->count + 1, sizeof(*c->attempt));
	c->amount = blob_calloc(b->count + 1, sizeof(*c->amount));
	c->count = 0;
	for (size_t i = 0; i < b->count; i++) {
		const struct ledger_posting *p = &b->postings[i];

		if (reversals && !p->reverses)
			continue;
		c->kind[c->count] = kinds[p->kind];
		c->provider[c->count] = p->provider;
		c->txn[c->count] = p->txn;
		c->attempt[c->count] = p->attempt;
		c->amount[c->count] = p->amount.dong;
		c->count++;
	}
}

static void
columns_release(struct columns *c)
{
	free(c->kind);
	free(c->provider);
	free(c->txn);
	free(c->attempt);
	free(c->amount);
}

bool
ledger_find(struct db *db, const struct ledger_batch *asked,
    struct ledger_booked **out, size_t *count, struct err *e)
{
	struct db_rows *rows = NULL;
	struct columns c;
	bool ok = false;

	columns_make(&c, asked, false);
	if (!db_query(db, DB_ledger_find,
		(const struct db_arg[]){
		    DB_INT(asked->tenant), DB_TEXTS(c.txn, c.count), DB_END },
		&rows, e))
		goto out;
	*count = (size_t)db_count(rows);
	*out = blob_calloc(*count + 1, sizeof(**out));
	for (size_t i = 0; i < *count; i++) {
		struct ledger_booked *b = &(*out)[i];

		b->tenant = db_int(rows, (int)i, "tenant_id");
		b->kind = kind_of(db_text(rows, (int)i, "kind"));
		b->attempt = db_int(rows, (int)i, "attempt_id");
		snprintf(b->provider, sizeof(b->provider), "%s",
		    db_text(rows, (int)i, "provider"));
		snprintf(
		    b->txn, sizeof(b->txn), "%s", db_text(rows, (int)i, "txn"));
	}
	ok = true;

out:
	db_rows_free(rows);
	columns_release(&c);
	return ok;
}

static bool
reverse(struct db *db, const struct ledger_batch *b, struct err *e)
{
	struct columns c;
	bool ok = true;

	columns_make(&c, b, true);
	if (c.count > 0)
		ok = db_exec(db, DB_ledger_reverse,
		    (const struct db_arg[]){ DB_INT(b->tenant),
			DB_TEXTS(c.provider, c.count), DB_TEXTS(c.txn, c.count),
			DB_TIME(b->at_us), DB_END },
		    NULL, e);
	columns_release(&c);
	return ok;
}

bool
ledger_book(struct db *db, const struct ledger_batch *b, struct err *e)
{
	struct columns c;
	bool ok;

	assert(db_in_tx(db));

	if (b->count == 0)
		return true;
	columns_make(&c, b, false);
	ok = db_exec(db, DB_ledger_book,
	    (const struct db_arg[]){ DB_INT(b->tenant),
		DB_TEXTS(c.kind, c.count), DB_INTS(c.attempt, c.count),
		DB_TEXTS(c.provider, c.count), DB_TEXTS(c.txn, c.count),
		DB_INTS(c.amount, c.count), DB_TIME(b->at_us), DB_END },
	    NULL, e);
	columns_release(&c);
	return ok && reverse(db, b, e);
}

bool
ledger_shift(struct db *db, const struct ledger_shift *s, struct err *e)
{
	assert(db_in_tx(db));

	return db_exec(db, DB_ledger_shift,
	    (const struct db_arg[]){ DB_INT(s->tenant), DB_TEXT(kinds[s->kind]),
		DB_INT(s->attempt), DB_TEXT(s->txn), DB_INT(s->amount.dong),
		DB_TEXT(s->debit), DB_TEXT(s->credit), DB_TIME(s->at_us),
		DB_END },
	    NULL, e);
}

static bool
book_requests(struct db *db, enum db_stmt stmt, const struct ledger_requests *r,
    struct err *e)
{
	assert(db_in_tx(db));

	return r->count == 0 ||
	       db_exec(db, stmt,
		   (const struct db_arg[]){ DB_INT(r->tenant),
		       DB_INTS(r->ids, r->count), DB_TIME(r->at_us), DB_END },
		   NULL, e);
}

bool
ledger_demand(struct db *db, const struct ledger_requests *r, struct err *e)
{
	return book_requests(db, DB_ledger_demand, r, e);
}

bool
ledger_release(struct db *db, const struct ledger_requests *r, struct err *e)
{
	return book_requests(db, DB_ledger_release, r, e);
}

static const int64_t paid_states[] = { PAYMENT_PAID, PAYMENT_PAID_LATE };

/* Every column of the one row, all of them integers. */
static bool
add_figures(struct db *db, struct json *out, bool *balances, struct err *e)
{
	static const char *const columns[] = { "journals", "entries", "balance",
		"paid", "paid_amount", "surplus", "review", "unanswered",
		"orphans", "strays" };
	struct db_rows *rows = NULL;

	if (!db_one(db, DB_ledger_figures,
		(const struct db_arg[]){
		    DB_INTS(paid_states, nitems(paid_states)),
		    DB_INT(PAYMENT_SURPLUS), DB_INT(PAYMENT_REVIEW), DB_END },
		&rows, e))
		return false;
	for (size_t i = 0; i < nitems(columns); i++)
		json_put_int(out, columns[i], db_int(rows, 0, columns[i]));
	*balances = db_int(rows, 0, "balance") == 0;
	db_rows_free(rows);
	return true;
}

static bool
add_accounts(struct db *db, struct json *out, struct err *e)
{
	struct json *list = json_new_list(), *item;
	struct db_rows *rows = NULL;
	bool ok;

	ok = db_query(db, DB_ledger_balances, (const struct db_arg[]){ DB_END },
	    &rows, e);
	for (int i = 0; ok && i < db_count(rows); i++) {
		item = json_new_object();
		json_put_text(item, "tenant", db_text(rows, i, "tenant"));
		json_put_text(item, "account", db_text(rows, i, "account"));
		json_put_int(item, "balance", db_int(rows, i, "balance"));
		json_put_int(item, "entries", db_int(rows, i, "entries"));
		json_add(list, item);
	}
	json_put(out, "accounts", list);
	db_rows_free(rows);
	return ok;
}

static void
list_faults(const struct db_rows *rows, struct json *list)
{
	for (int i = 0; i < db_count(rows); i++) {
		struct json *item = json_new_object();

		json_put_text(item, "rule", db_text(rows, i, "rule"));
		json_put_int(item, "count", db_int(rows, i, "count"));
		json_put_text(item, "which", db_text(rows, i, "which"));
		json_add(list, item);
	}
}

static bool
add_faults(struct db *db, struct json *out, bool *balances, struct err *e)
{
	const struct db_arg payments[] = { DB_INTS(paid_states,
					       nitems(paid_states)),
		DB_INT(PAYMENT_SURPLUS), DB_END };
	const struct db_arg refunds[] = { DB_END };
	struct db_rows *of_payments = NULL, *of_refunds = NULL;
	struct json *list = json_new_list();
	bool ok;

	json_put(out, "faults", list);
	ok = db_query(db, DB_ledger_faults, payments, &of_payments, e) &&
	     db_query(db, DB_ledger_refund_faults, refunds, &of_refunds, e);
	if (ok) {
		list_faults(of_payments, list);
		list_faults(of_refunds, list);
		*balances = *balances && json_count(list) == 0;
	}
	db_rows_free(of_refunds);
	db_rows_free(of_payments);
	return ok;
}

bool
ledger_check(struct db *db, struct json **out, bool *balances, struct err *e)
{
	struct json *j = json_new_object();

	if (!add_figures(db, j, balances, e) || !add_accounts(db, j, e) ||
	    !add_faults(db, j, balances, e)) {
		json_free(j);
		return false;
	}
	json_put_bool(j, "balances", *balances);
	*out = j;
	return true;
}
