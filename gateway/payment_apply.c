/*
 * The door: what providers say becomes money, states and moves.
 *
 * For one tenant at a time, in one transaction: lock the requests behind the
 * references, load their attempts, the dossiers that wait for them and what
 * has been booked; payment_hear() decides; payment_write() writes what follows,
 * set by set.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/ledger.h"
#include "gateway/metrics.h"
#include "gateway/payment.h"
#include "gateway/payment_hear.h"
#include "gateway/payment_write.h"

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
	free(b->shifts);
	free(b->news);
	free(b->clashes);
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
	a->received.dong = db_int(rows, i, "received");
	a->was = a->now = (enum payment_state)db_int(rows, i, "state");
	snprintf(a->ref, sizeof(a->ref), "%s", db_text(rows, i, "ref"));
	snprintf(a->provider, sizeof(a->provider), "%s",
	    db_text(rows, i, "provider"));
	snprintf(a->terminal, sizeof(a->terminal), "%s",
	    db_text(rows, i, "terminal"));
	a->adds_up = pay_adds_up(a->provider);
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

static bool
apply_in_tx(struct db *db, void *arg, struct err *e)
{
	struct apply *ap = arg;
	struct payment_batch *b = &ap->b;

	apply_release(ap);
	b->postings = blob_calloc(b->count, sizeof(*b->postings));
	b->clashes = blob_calloc(2 * b->count, sizeof(*b->clashes));

	if (!lock(ap, db, e) || !load_tries(ap, db, e) ||
	    !load_dossiers(ap, db, e) || !load_booked(b, db, e) ||
	    !db_now(db, &b->at_us, e))
		return false;
	/* Two of a notice, and one of an attempt that is given up. */
	b->shifts =
	    blob_calloc(2 * b->count + b->try_count, sizeof(*b->shifts));
	/* The same, and two of a clash. */
	b->news = blob_calloc(4 * b->count + b->try_count, sizeof(*b->news));
	payment_hear(b);
	return payment_write(b, db, e);
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
 * now, so that another run finds it; and so does one after a commit whose
 * answer was lost, if that commit was ours. */
static bool
apply_tenant(struct db *db, struct payment_batch *b, struct err *e)
{
	struct apply ap = { .b = *b };
	struct err why = { .code = ERR_CONFLICT };
	bool ok = false;

	for (int run = 0; run < RUNS_MAX && !ok &&
			  (why.code == ERR_CONFLICT || db_unknown(db));
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

bool
payment_apply_apart(struct db *db, const struct payment_notice *notices,
    size_t count, enum pay_answer *answers, struct err *e)
{
	bool ok = true;

	if (payment_apply(db, notices, count, answers, e))
		return true;
	log_warnx("payment: %zu not applied: %s", count, e->detail);
	if (e->code == ERR_STORAGE || count == 1)
		return false;
	for (size_t i = 0; i < count; i++) {
		if (answers[i] != PAY_ANSWER_TROUBLE ||
		    payment_apply(db, &notices[i], 1, &answers[i], e))
			continue;
		log_warnx("payment %s: not applied: %s", notices[i].said->ref,
		    e->detail);
		ok = false;
	}
	return ok;
}
