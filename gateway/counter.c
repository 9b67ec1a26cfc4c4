#include "gateway/counter.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/event.h"
#include "gateway/payment.h"
#include "gateway/request.h"

/* Nobody else may turn the attempt into EXPIRED; a transfer may take days. */
#define LIFE_US  (30 * CLOCK_DAY_SEC * CLOCK_SEC_US)
#define TERMINAL "counter"

struct record {
	struct request *req;
	const struct dossier *d;
	const struct counter_taken *taken;
	char key[300];
	int64_t id;
};

/* The officer's own word, in the dossier's record. */
static bool
tell(struct db *db, const struct record *r, struct err *e)
{
	struct json *data = json_new_object();
	struct event event = {
		.tenant = r->d->tenant.n,
		.dossier = r->d->id.n,
		.kind = "collect",
		.at_us = r->req->now_us,
		.actor = r->req->by.n,
	};
	char *text;
	bool ok;

	json_put_int(data, "amount", r->taken->amount.dong);
	json_put_int(data, "collection", r->id);
	json_put_text(data, "method", r->taken->method);
	json_put_text(data, "reference", r->taken->reference);
	text = json_write_sorted(data);
	event.data = text;
	ok = event_append(db, &event, 1, e);
	free(text);
	json_free(data);
	return ok;
}

static bool
owes_that(struct db *db, const struct record *r, struct payment_attempt *a,
    struct err *e)
{
	struct payment_bill bill = { 0 };

	if (!payment_bill(db, r->d->tenant, r->d->id, &bill, e))
		return false;
	json_free(bill.lines);
	if (bill.amount.dong != r->taken->amount.dong)
		return err_field(e, ERR_WRONG_AMOUNT, "/amount",
		    "dossier %s owes %" PRId64, r->d->code, bill.amount.dong);
	*a = (struct payment_attempt){
		.tenant = r->d->tenant,
		.request = bill.request,
		.provider = COUNTER_PROVIDER,
		.terminal = TERMINAL,
		.amount = bill.amount,
		.created_us = r->req->now_us,
		.expires_us = r->req->now_us + LIFE_US,
	};
	return true;
}

static bool
add(struct db *db, struct record *r, struct err *e)
{
	struct db_rows *rows = NULL;
	struct payment_attempt a;

	if (!owes_that(db, r, &a, e) || !payment_begin(db, &a, e))
		return false;
	if (!db_one(db, DB_counter_add,
		(const struct db_arg[]){ DB_INT(r->d->tenant.n),
		    DB_INT(r->d->id.n), DB_TEXT(a.ref),
		    DB_TEXT(r->taken->method), DB_INT(r->taken->amount.dong),
		    DB_TEXT(r->taken->reference), DB_TEXT(r->key),
		    DB_TIME(r->req->now_us), DB_INT(r->req->by.n), DB_END },
		&rows, e))
		return false;
	r->id = db_int(rows, 0, "id");
	db_rows_free(rows);
	return tell(db, r, e);
}

/* Asked before, and ended in between: it goes on where it was. */
static bool
record_in_tx(struct db *db, void *arg, struct err *e)
{
	struct record *r = arg;
	struct db_rows *rows = NULL;

	if (!db_query(db, DB_counter_find_key,
		(const struct db_arg[]){
		    DB_INT(r->d->tenant.n), DB_TEXT(r->key), DB_END },
		&rows, e))
		return false;
	r->id = db_count(rows) == 1 ? db_int(rows, 0, "id") : 0;
	db_rows_free(rows);
	return r->id != 0 || add(db, r, e);
}

static bool
load(struct db *db, const struct dossier *d, int64_t id, struct db_rows **out,
    struct err *e)
{
	return db_one(db, DB_counter_load,
	    (const struct db_arg[]){
		DB_INT(d->tenant.n), DB_INT(d->id.n), DB_INT(id), DB_END },
	    out, e);
}

/* Says through the door what was decided; the same word twice is no harm. */
static bool
book(struct db *db, const struct db_rows *row, struct err *e)
{
	const char *decision = db_text(row, 0, "decision");
	bool paid = strcmp(decision, "confirmed") == 0;
	struct pay_notice said = {
		.amount = { db_int(row, 0, "amount") },
		.outcome = paid ? PAY_PAID : PAY_FAILED,
	};
	const struct payment_notice notice = {
		.provider = COUNTER_PROVIDER,
		.via = PAYMENT_VIA_NOTICE,
		.said = &said,
	};
	enum pay_answer answer;
	char raw[512];

	snprintf(said.ref, sizeof(said.ref), "%s", db_text(row, 0, "ref"));
	snprintf(said.terminal, sizeof(said.terminal), "%s", TERMINAL);
	snprintf(said.code, sizeof(said.code), "%s", decision);
	if (paid)
		snprintf(said.txn, sizeof(said.txn), "%.1s-%s",
		    db_text(row, 0, "method"), db_text(row, 0, "reference"));
	said.raw.len = (size_t)snprintf(raw, sizeof(raw),
	    "collection %" PRId64 " %s %s by %" PRId64 " %" PRId64,
	    db_int(row, 0, "id"), decision, said.ref,
	    db_int(row, 0, "recorded_by"), db_int(row, 0, "decided_by"));
	said.raw.data = (uint8_t *)raw;
	if (!payment_apply(db, &notice, 1, &answer, e))
		return false;
	if (answer != PAY_ANSWER_DONE && answer != PAY_ANSWER_ALREADY)
		return err_set(e, ERR_CONFLICT,
		    "collection %" PRId64 ": answer %d", db_int(row, 0, "id"),
		    (int)answer);
	return true;
}

bool
counter_collect(struct request *req, const struct dossier *d,
    const struct counter_taken *taken, int64_t *id, struct err *e)
{
	struct record r = { .req = req, .d = d, .taken = taken };
	struct db_rows *row = NULL;
	bool ok = false;

	snprintf(r.key, sizeof(r.key), "%s %s", req->principal,
	    req->idempotency_key);
	if (!db_tx(req->db, record_in_tx, &r, e) ||
	    !load(req->db, d, r.id, &row, e))
		goto out;
	*id = r.id;
	ok = *db_text(row, 0, "decision") == '\0' || book(req->db, row, e);

out:
	db_rows_free(row);
	return ok;
}

static bool
decide(struct request *req, const struct db_rows *row, bool confirmed,
    struct err *e)
{
	const char *word = confirmed ? "confirmed" : "refused";
	const char *was = db_text(row, 0, "decision");
	int decided = 0;

	if (*was != '\0' && strcmp(was, word) == 0 &&
	    db_int(row, 0, "decided_by") == req->by.n)
		return true;
	if (*was != '\0')
		return err_set(e, ERR_WRONG_STATE, "collection: %s", was);
	if (db_int(row, 0, "recorded_by") == req->by.n)
		return err_set(e, ERR_SAME_PERSON, "collection: recorded it");
	if (!db_exec(req->db, DB_counter_decide,
		(const struct db_arg[]){ DB_INT(req->tenant.n),
		    DB_INT(db_int(row, 0, "id")), DB_TEXT(word),
		    DB_TIME(req->now_us), DB_INT(req->by.n), DB_END },
		&decided, e))
		return false;
	return decided == 1 ||
	       err_set(e, ERR_CONFLICT, "collection: decided meanwhile");
}

bool
counter_decide(struct request *req, const struct dossier *d, int64_t id,
    bool confirmed, struct err *e)
{
	struct db_rows *row = NULL;
	bool ok;

	ok = load(req->db, d, id, &row, e) && decide(req, row, confirmed, e);
	db_rows_free(row);
	row = NULL;
	ok = ok && load(req->db, d, id, &row, e) && book(req->db, row, e);
	db_rows_free(row);
	return ok;
}

bool
counter_json(struct db *db, const struct dossier *d, int64_t id,
    struct json **out, struct err *e)
{
	struct db_rows *row = NULL;
	struct json *j;

	if (!load(db, d, id, &row, e))
		return false;
	j = json_new_object();
	json_put_int(j, "id", id);
	json_put_text(j, "dossier", d->code);
	json_put_text(j, "method", db_text(row, 0, "method"));
	json_put_int(j, "amount", db_int(row, 0, "amount"));
	json_put_text(j, "reference", db_text(row, 0, "reference"));
	json_put_text(j, "attempt", db_text(row, 0, "ref"));
	json_put_text_or_null(j, "decision",
	    *db_text(row, 0, "decision") == '\0' ? NULL
						 : db_text(row, 0, "decision"));
	json_put_time(j, "recorded_at", db_time(row, 0, "recorded_at"));
	json_put_time(j, "decided_at", db_time(row, 0, "decided_at"));
	db_rows_free(row);
	*out = j;
	return true;
}
