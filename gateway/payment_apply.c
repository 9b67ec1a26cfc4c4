/*
 * The door: what providers say becomes money, states and moves.
 *
 * For one tenant at a time, in one transaction: lock the requests behind the
 * references, load their attempts, the dossiers that wait for them and what
 * has been booked; payment_hear() decides; write what follows, set by set.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/event.h"
#include "gateway/ledger.h"
#include "gateway/metrics.h"
#include "gateway/outbox.h"
#include "gateway/payment.h"
#include "gateway/payment_hear.h"
#include "gateway/receipt.h"

#define RUNS_MAX 3

/* One transaction's work: the batch, and what it stands on. */
struct apply {
	struct payment_batch b;
	int64_t *requests;
	size_t request_count;
	struct dossier *dossiers;
	size_t dossier_count;
};

/* What a run has filled in; the notices and answers stay. */
static void
apply_release(struct apply *ap)
{
	struct payment_batch *b = &ap->b;

	free(ap->requests);
	free(ap->dossiers);
	free(b->tries);
	free(b->booked);
	free(b->postings);
	free(b->news);
	*ap = (struct apply){
		.b = { .tenant = b->tenant,
		    .in = b->in,
		    .answers = b->answers,
		    .count = b->count },
	};
}

static bool
lock(struct apply *ap, struct db *db, struct err *e)
{
	struct payment_batch *b = &ap->b;
	const char **refs = blob_calloc(b->count, sizeof(*refs));
	struct db_rows *rows = NULL;
	bool ok;

	for (size_t i = 0; i < b->count; i++)
		refs[i] = b->in[i]->said->ref;
	ok = db_query(db, DB_payment_lock,
	    (const struct db_arg[]){
		DB_INT(b->tenant.n), DB_TEXTS(refs, b->count), DB_END },
	    &rows, e);
	free(refs);
	if (!ok)
		return false;
	ap->request_count = (size_t)db_count(rows);
	ap->requests =
	    blob_calloc(ap->request_count + 1, sizeof(*ap->requests));
	for (size_t i = 0; i < ap->request_count; i++)
		ap->requests[i] = db_int(rows, (int)i, "id");
	db_rows_free(rows);
	return true;
}

static void
fill(const struct db_rows *rows, int i, struct payment_try *a)
{
	a->id = db_int(rows, i, "id");
	a->request = db_int(rows, i, "request_id");
	a->dossier = db_int(rows, i, "dossier_id");
	a->amount.dong = db_int(rows, i, "amount");
	a->expires_us = db_time(rows, i, "expires_at");
	a->owed = db_bool(rows, i, "owed");
	a->was = a->now = (enum payment_state)db_int(rows, i, "state");
	snprintf(a->ref, sizeof(a->ref), "%s", db_text(rows, i, "ref"));
	snprintf(a->provider, sizeof(a->provider), "%s",
	    db_text(rows, i, "provider"));
	snprintf(a->terminal, sizeof(a->terminal), "%s",
	    db_text(rows, i, "terminal"));
}

/* A statement of its own, so that it sees what was committed while we waited
 * for the locks. */
static bool
load_tries(struct apply *ap, struct db *db, struct err *e)
{
	struct payment_batch *b = &ap->b;
	struct db_rows *rows = NULL;

	if (!db_query(db, DB_payment_load,
		(const struct db_arg[]){ DB_INT(b->tenant.n),
		    DB_INTS(ap->requests, ap->request_count), DB_END },
		&rows, e))
		return false;
	b->try_count = (size_t)db_count(rows);
	b->tries = blob_calloc(b->try_count + 1, sizeof(*b->tries));
	for (size_t i = 0; i < b->try_count; i++)
		fill(rows, (int)i, &b->tries[i]);
	db_rows_free(rows);
	return true;
}

static int
by_number(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return (x > y) - (x < y);
}

/* The dossiers for which there is word of money: sorted, each once. */
static int64_t *
dossiers_spoken_of(const struct payment_batch *b, size_t *count)
{
	int64_t *ids = blob_calloc(b->count, sizeof(*ids));
	size_t n = 0, kept = 0;

	for (size_t i = 0; i < b->count; i++) {
		const struct payment_try *a = payment_try_of(b, b->in[i]);

		if (a != NULL && a->owed && b->in[i]->said->outcome == PAY_PAID)
			ids[n++] = a->dossier;
	}
	qsort(ids, n, sizeof(*ids), by_number);
	for (size_t i = 0; i < n; i++)
		if (kept == 0 || ids[kept - 1] != ids[i])
			ids[kept++] = ids[i];
	*count = kept;
	return ids;
}

static bool
load_dossiers(struct apply *ap, struct db *db, struct err *e)
{
	struct payment_batch *b = &ap->b;
	size_t n;
	int64_t *ids = dossiers_spoken_of(b, &n);
	const struct dossier_keys keys = { ids, n };
	struct dossier_list found = { NULL, 0 };
	bool ok = n == 0 || dossier_load_many(db, b->tenant, &keys, &found, e);

	free(ids);
	if (!ok)
		return false;
	ap->dossiers = found.item;
	ap->dossier_count = n = found.count;
	for (size_t i = 0; i < b->try_count; i++)
		for (size_t k = 0; k < n; k++)
			if (ap->dossiers[k].id.n == b->tries[i].dossier)
				b->tries[i].d = &ap->dossiers[k];
	return true;
}

/* What is already in the ledger under the transactions that are spoken of. */
static bool
load_booked(struct payment_batch *b, struct db *db, struct err *e)
{
	struct ledger_batch asked = { .tenant = b->tenant.n };
	bool ok = true;

	asked.postings = blob_calloc(b->count, sizeof(*asked.postings));
	for (size_t i = 0; i < b->count; i++)
		if (b->in[i]->said->outcome == PAY_PAID)
			asked.postings[asked.count++] = (struct ledger_posting){
				.kind = LEDGER_PAYMENT,
				.provider = b->in[i]->provider,
				.txn = b->in[i]->said->txn,
			};
	if (asked.count > 0)
		ok = ledger_find(db, &asked, &b->booked, &b->booked_count, e);
	free(asked.postings);
	return ok;
}

/* The columns of provider_event, one array each. */
struct heard {
	int64_t *tenant, *attempt, *amount;
	const char **provider, **via, **ref, **outcome, **txn, **code, **answer;
	struct db_bytes *raw;
};

static void
heard_release(struct heard *h)
{
	free(h->tenant);
	free(h->attempt);
	free(h->amount);
	free(h->provider);
	free(h->via);
	free(h->ref);
	free(h->outcome);
	free(h->txn);
	free(h->code);
	free(h->answer);
	free(h->raw);
}

static void
heard_make(struct heard *h, size_t n)
{
	h->tenant = blob_calloc(n, sizeof(*h->tenant));
	h->attempt = blob_calloc(n, sizeof(*h->attempt));
	h->amount = blob_calloc(n, sizeof(*h->amount));
	h->provider = blob_calloc(n, sizeof(*h->provider));
	h->via = blob_calloc(n, sizeof(*h->via));
	h->ref = blob_calloc(n, sizeof(*h->ref));
	h->outcome = blob_calloc(n, sizeof(*h->outcome));
	h->txn = blob_calloc(n, sizeof(*h->txn));
	h->code = blob_calloc(n, sizeof(*h->code));
	h->answer = blob_calloc(n, sizeof(*h->answer));
	h->raw = blob_calloc(n, sizeof(*h->raw));
}

static void
heard_put(struct heard *h, size_t i, const struct payment_batch *b)
{
	static const char *const outcomes[] = {
		[PAY_PAID] = "paid",
		[PAY_FAILED] = "failed",
		[PAY_PENDING] = "pending",
		[PAY_DOUBT] = "doubt",
		[PAY_ABSENT] = "absent",
	};
	static const char *const answers[] = {
		[PAY_ANSWER_DONE] = "done",
		[PAY_ANSWER_ALREADY] = "already",
		[PAY_ANSWER_UNKNOWN] = "unknown",
		[PAY_ANSWER_OTHER_AMOUNT] = "other-amount",
		[PAY_ANSWER_TROUBLE] = "trouble",
	};
	const struct payment_notice *n = b->in[i];
	const struct payment_try *a = payment_try_of(b, n);

	h->tenant[i] = a == NULL ? 0 : b->tenant.n;
	h->attempt[i] = a == NULL ? 0 : a->id;
	h->amount[i] = n->said->amount.dong;
	h->provider[i] = n->provider;
	h->via[i] = n->via == PAYMENT_VIA_QUERY ? "query" : "notice";
	h->ref[i] = n->said->ref;
	h->outcome[i] = outcomes[n->said->outcome];
	h->txn[i] = n->said->txn;
	h->code[i] = n->said->code;
	h->answer[i] = answers[b->answers[i]];
	h->raw[i] = (struct db_bytes){ n->said->raw.data, n->said->raw.len };
}

static bool
write_heard(const struct payment_batch *b, struct db *db, struct err *e)
{
	struct heard h;
	size_t n = b->count;
	bool ok;

	heard_make(&h, n);
	for (size_t i = 0; i < n; i++)
		heard_put(&h, i, b);
	ok = db_exec(db, DB_payment_hear,
	    (const struct db_arg[]){ DB_INTS(h.tenant, n),
		DB_TEXTS(h.provider, n), DB_TEXTS(h.via, n), DB_TEXTS(h.ref, n),
		DB_INTS(h.attempt, n), DB_TEXTS(h.outcome, n),
		DB_INTS(h.amount, n), DB_TEXTS(h.txn, n), DB_TEXTS(h.code, n),
		DB_TEXTS(h.answer, n), DB_BYTESS(h.raw, n), DB_TIME(b->at_us),
		DB_END },
	    NULL, e);
	heard_release(&h);
	return ok;
}

/* The columns of payment_move, in one allocation each. */
enum { COL_ID, COL_WAS, COL_NOW, COL_ASKED, COLS };

static bool
write_moves(const struct payment_batch *b, struct db *db, struct err *e)
{
	size_t cap = b->try_count + 1, n = 0;
	int64_t *col = blob_calloc(COLS * cap, sizeof(*col));
	const char **code = blob_calloc(cap, sizeof(*code));
	const char **txn = blob_calloc(cap, sizeof(*txn));
	int moved = 0;
	bool ok = true;

	for (size_t i = 0; i < b->try_count; i++) {
		const struct payment_try *a = &b->tries[i];

		if (!a->moved)
			continue;
		col[COL_ID * cap + n] = a->id;
		col[COL_WAS * cap + n] = a->was;
		col[COL_NOW * cap + n] = a->now;
		col[COL_ASKED * cap + n] = payment_state_is_asked(a->now);
		code[n] = a->code;
		txn[n++] = a->txn;
	}
	if (n > 0)
		ok = db_exec(db, DB_payment_move,
		    (const struct db_arg[]){ DB_INT(b->tenant.n),
			DB_INTS(col + COL_ID * cap, n),
			DB_INTS(col + COL_WAS * cap, n),
			DB_INTS(col + COL_NOW * cap, n), DB_TEXTS(code, n),
			DB_TEXTS(txn, n), DB_INTS(col + COL_ASKED * cap, n),
			DB_TIME(b->at_us), DB_END },
		    &moved, e);
	free(txn);
	free(code);
	free(col);
	if (ok && (size_t)moved != n)
		return err_set(
		    e, ERR_CONFLICT, "payment: %zu to move, %d did", n, moved);
	return ok;
}

static bool
write_settled(const struct payment_batch *b, struct db *db, struct err *e)
{
	int64_t *request = blob_calloc(b->try_count + 1, sizeof(*request));
	int64_t *attempt = blob_calloc(b->try_count + 1, sizeof(*attempt));
	size_t n = 0;
	int settled = 0;
	bool ok = true;

	for (size_t i = 0; i < b->try_count; i++) {
		if (!b->tries[i].pays)
			continue;
		request[n] = b->tries[i].request;
		attempt[n++] = b->tries[i].id;
	}
	if (n > 0)
		ok = db_exec(db, DB_payment_settle,
		    (const struct db_arg[]){ DB_INT(b->tenant.n),
			DB_INTS(request, n), DB_INTS(attempt, n),
			DB_TIME(b->at_us), DB_END },
		    &settled, e);
	free(attempt);
	free(request);
	if (ok && (size_t)settled != n)
		return err_set(e, ERR_CONFLICT,
		    "payment: %zu requests to settle, %d did", n, settled);
	return ok;
}

/* What the record says of money. */
static struct json *
record(const struct payment_try *a, const char *txn, struct money amount)
{
	struct json *j = json_new_object();

	json_put_text(j, "attempt", a->ref);
	json_put_text(j, "provider", a->provider);
	json_put_text(j, "txn", txn == NULL ? "" : txn);
	if (amount.dong < 0)
		json_put_null(j, "amount");
	else
		json_put_int(j, "amount", amount.dong);
	return j;
}

static bool
write_paid(const struct payment_batch *b, struct db *db, struct err *e)
{
	struct dossier_move *moves = blob_calloc(b->paid + 1, sizeof(*moves));
	struct json **data = blob_calloc(b->paid + 1, sizeof(struct json *));
	size_t n = 0;
	bool ok;

	for (size_t i = 0; i < b->try_count; i++) {
		const struct payment_try *a = &b->tries[i];

		if (!a->pays)
			continue;
		data[n] = record(a, a->txn, a->amount);
		moves[n] = (struct dossier_move){
			.d = a->d,
			.event = DOSSIER_EV_PAID,
			.by = { ACTOR_PROVIDER },
			.at_us = b->at_us,
			.ground = "",
			.data = data[n],
		};
		n++;
	}
	ok = dossier_advance(db, moves, n, e);
	for (size_t i = 0; i < n; i++)
		json_free(data[i]);
	free(data);
	free(moves);
	return ok;
}

/* Takes of the news what has not been told and has a chain of its own among
 * those taken: an append makes one link to a chain. */
static size_t
take_news(struct payment_batch *b, struct event *out)
{
	size_t n = 0, k;

	for (size_t i = 0; i < b->news_count; i++) {
		struct payment_news *news = &b->news[i];
		struct json *j;

		for (k = 0; k < n; k++)
			if (out[k].dossier == news->a->dossier)
				break;
		if (news->told || k < n)
			continue;
		j = record(
		    news->a, news->said->said->txn, news->said->said->amount);
		json_put_text(j, "said", news->said->said->code);
		out[n++] = (struct event){
			.tenant = b->tenant.n,
			.dossier = news->a->dossier,
			.kind = news->kind,
			.at_us = b->at_us,
			.actor = ACTOR_PROVIDER,
			.data = json_write_sorted(j),
		};
		json_free(j);
		news->told = true;
	}
	return n;
}

static bool
write_news(struct payment_batch *b, struct db *db, struct err *e)
{
	struct event *events = blob_calloc(b->news_count + 1, sizeof(*events));
	int64_t *ids = blob_calloc(b->news_count + 1, sizeof(*ids));
	size_t n;
	bool ok = true;

	while (ok && (n = take_news(b, events)) > 0) {
		ok = event_append(db, events, n, e);
		for (size_t i = 0; i < n; i++) {
			ids[i] = events[i].id;
			free((char *)(uintptr_t)events[i].data);
		}
		ok = ok && outbox_announce(db, b->tenant.n, ids, n, e);
	}
	free(ids);
	free(events);
	return ok;
}

static bool
write_receipts(const struct payment_batch *b, struct db *db, struct err *e)
{
	int64_t *paid = blob_calloc(b->paid + 1, sizeof(*paid));
	struct receipt_batch r = { b->tenant.n, b->at_us, paid, 0 };
	bool ok;

	for (size_t i = 0; i < b->try_count; i++)
		if (b->tries[i].pays)
			paid[r.count++] = b->tries[i].id;
	ok = receipt_issue(db, &r, e);
	free(paid);
	return ok;
}

static bool
write_all(struct payment_batch *b, struct db *db, struct err *e)
{
	struct ledger_batch ledger = {
		.tenant = b->tenant.n,
		.at_us = b->at_us,
		.postings = b->postings,
		.count = b->posting_count,
	};

	return write_heard(b, db, e) && write_moves(b, db, e) &&
	       write_settled(b, db, e) && ledger_book(db, &ledger, e) &&
	       write_receipts(b, db, e) && write_paid(b, db, e) &&
	       write_news(b, db, e);
}

static bool
apply_in_tx(struct db *db, void *arg, struct err *e)
{
	struct apply *ap = arg;
	struct payment_batch *b = &ap->b;

	apply_release(ap);
	b->postings = blob_calloc(b->count, sizeof(*b->postings));
	b->news = blob_calloc(b->count, sizeof(*b->news));

	if (!lock(ap, db, e) || !load_tries(ap, db, e) ||
	    !load_dossiers(ap, db, e) || !load_booked(b, db, e) ||
	    !db_now(db, &b->at_us, e))
		return false;
	payment_hear(b);
	return write_all(b, db, e);
}

static void
note(const struct payment_batch *b)
{
	for (size_t i = 0; i < b->try_count; i++)
		if (b->tries[i].moved)
			log_info("payment %s: %s to %s", b->tries[i].ref,
			    payment_state_name(b->tries[i].was),
			    payment_state_name(b->tries[i].now));
	metrics_add(METRIC_payments_paid_total, (int64_t)b->paid);
	metrics_add(METRIC_sweep_corrections_total, (int64_t)b->corrected);
}

/* Whoever was first with the same money or the same request has committed by
 * now, so that another run finds it. */
static bool
apply_tenant(struct db *db, struct payment_batch *b, struct err *e)
{
	struct apply ap = { .b = *b };
	struct err why = { .code = ERR_CONFLICT };
	bool ok = false;

	for (int run = 0; run < RUNS_MAX && !ok && why.code == ERR_CONFLICT;
	     run++)
		ok = db_tx(db, apply_in_tx, &ap, &why);
	if (ok) {
		note(&ap.b);
	} else {
		for (size_t i = 0; i < b->count; i++)
			b->answers[i] = PAY_ANSWER_TROUBLE;
		*e = why;
	}
	apply_release(&ap);
	return ok;
}

/* 0 for a reference that is none of ours. */
static int64_t
tenant_of(const struct payment_notice *n)
{
	struct tenant_id t;

	return payment_ref_tenant(n->said->ref, &t) ? t.n : 0;
}

bool
payment_apply(struct db *db, const struct payment_notice *notices, size_t count,
    enum pay_answer *answers, struct err *e)
{
	const struct payment_notice **in = blob_calloc(count + 1, sizeof(*in));
	enum pay_answer *told = blob_calloc(count + 1, sizeof(*told));
	size_t *from = blob_calloc(count + 1, sizeof(*from));
	bool *taken = blob_calloc(count + 1, sizeof(*taken));
	bool ok = true;

	for (size_t first = 0; first < count; first++) {
		struct payment_batch b = { .in = in, .answers = told };

		if (taken[first])
			continue;
		b.tenant.n = tenant_of(&notices[first]);
		for (size_t i = first; i < count; i++) {
			if (tenant_of(&notices[i]) != b.tenant.n)
				continue;
			taken[i] = true;
			from[b.count] = i;
			in[b.count++] = &notices[i];
		}
		ok = apply_tenant(db, &b, e) && ok;
		for (size_t i = 0; i < b.count; i++)
			answers[from[i]] = told[i];
	}
	free(taken);
	free(from);
	free(told);
	free(in);
	return ok;
}
