#include "gateway/refund.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/ledger.h"
#include "gateway/outbox.h"

#define SURPLUS_REASON "Tiền nộp thừa / Paid and not owed"

/* What is left of the one sum that the wish means. */
static bool
choose_money(struct db *db, const struct refund_wish *w, int64_t *journal,
    int64_t *attempt, struct err *e)
{
	struct db_rows *rows = NULL;
	int64_t left;

	if (!db_query(db, DB_refund_money_of,
		(const struct db_arg[]){ DB_INT(w->tenant.n),
		    DB_INT(w->dossier.n), DB_TEXT(w->attempt), DB_TEXT(w->txn),
		    DB_END },
		&rows, e))
		return false;
	if (db_count(rows) == 0) {
		err_field(e, ERR_BAD_FIELD, "/attempt",
		    "%s: nothing of it can be given back", w->attempt);
	} else if (db_count(rows) > 1) {
		err_field(e, ERR_MISSING_FIELD, "/transaction",
		    "%s: %d transactions", w->attempt, db_count(rows));
	} else {
		*journal = db_int(rows, 0, "id");
		*attempt = db_int(rows, 0, "attempt_id");
		left = db_int(rows, 0, "amount") - db_int(rows, 0, "claimed");
		if (w->amount.dong > left)
			err_field(e, ERR_REFUND_TOO_MUCH, "/amount",
			    "%s: %lld of %lld left", w->attempt,
			    (long long)w->amount.dong, (long long)left);
	}
	db_rows_free(rows);
	return e->code == ERR_NONE;
}

/* The record of what happens to a refund. */
struct news {
	struct tenant_id tenant;
	int64_t dossier, actor, at_us;
	const char *kind;
};

/* Takes data over. */
static bool
tell(struct db *db, const struct news *n, struct json *data, struct err *e)
{
	struct event event = {
		.tenant = n->tenant.n,
		.dossier = n->dossier,
		.kind = n->kind,
		.at_us = n->at_us,
		.actor = n->actor,
	};
	char *text = json_write_sorted(data);
	bool ok;

	event.data = text;
	ok = event_append(db, &event, 1, e) &&
	     outbox_announce(db, n->tenant.n, &event.id, 1, e);
	free(text);
	json_free(data);
	return ok;
}

bool
refund_open(struct db *db, const struct refund_wish *w,
    char ref[REFUND_REF_LEN], struct err *e)
{
	const struct news news = { w->tenant, w->dossier.n, w->by, w->at_us,
		"refund-requested" };
	int64_t journal = 0, attempt = 0;
	struct db_rows *rows = NULL;
	struct json *data;

	assert(db_in_tx(db));

	if (!db_query(db, DB_payment_lock,
		(const struct db_arg[]){
		    DB_INT(w->tenant.n), DB_TEXTS(&w->attempt, 1), DB_END },
		&rows, e))
		return false;
	db_rows_free(rows);
	if (!choose_money(db, w, &journal, &attempt, e))
		return false;
	if (!db_one(db, DB_refund_open,
		(const struct db_arg[]){ DB_INT(w->tenant.n),
		    DB_INT(w->dossier.n), DB_INT(attempt), DB_INT(journal),
		    DB_INT(w->amount.dong), DB_TEXT(w->reason), DB_INT(w->by),
		    DB_TIME(w->at_us), DB_END },
		&rows, e))
		return false;
	snprintf(ref, REFUND_REF_LEN, "%s", db_text(rows, 0, "ref"));
	db_rows_free(rows);
	data = json_new_object();
	json_put_text(data, "refund", ref);
	json_put_text(data, "attempt", w->attempt);
	json_put_int(data, "amount", w->amount.dong);
	json_put_text(data, "reason", w->reason);
	return tell(db, &news, data, e);
}

bool
refund_open_surplus(
    struct db *db, const struct refund_surplus *s, struct err *e)
{
	assert(db_in_tx(db));

	return s->count == 0 ||
	       db_exec(db, DB_refund_open_surplus,
		   (const struct db_arg[]){ DB_INT(s->tenant.n),
		       DB_TEXTS(s->providers, s->count),
		       DB_TEXTS(s->txns, s->count), DB_TEXT(SURPLUS_REASON),
		       DB_TIME(s->at_us), DB_END },
		   NULL, e);
}

void
refund_fill(const struct db_rows *rows, int i, struct refund *out)
{
	out->id = db_int(rows, i, "id");
	out->dossier = db_int(rows, i, "dossier_id");
	out->attempt = db_int(rows, i, "attempt_id");
	out->amount.dong = db_int(rows, i, "amount");
	out->paid.dong = db_int(rows, i, "paid");
	out->state = (enum refund_state)db_int(rows, i, "state");
	out->sends = db_int(rows, i, "sends");
	out->requested_by = db_int(rows, i, "requested_by");
	out->sent_us = db_time(rows, i, "sent_at");
	snprintf(out->ref, sizeof(out->ref), "%s", db_text(rows, i, "ref"));
	snprintf(out->kind, sizeof(out->kind), "%s", db_text(rows, i, "kind"));
	snprintf(
	    out->txn, sizeof(out->txn), "%s", db_text(rows, i, "paid_txn"));
	snprintf(out->provider, sizeof(out->provider), "%s",
	    db_text(rows, i, "provider"));
	snprintf(out->attempt_ref, sizeof(out->attempt_ref), "%s",
	    db_text(rows, i, "attempt"));
}

bool
refund_load(
    struct db *db, const struct refund *key, struct refund *out, struct err *e)
{
	struct db_rows *rows = NULL;

	assert(db_in_tx(db));

	if (!db_one(db, DB_refund_load,
		(const struct db_arg[]){ DB_INT(key->tenant.n),
		    DB_INT(key->dossier), DB_TEXT(key->ref), DB_END },
		&rows, e))
		return false;
	out->tenant = key->tenant;
	refund_fill(rows, 0, out);
	db_rows_free(rows);
	return true;
}

static bool
decides(enum refund_event ev)
{
	return ev == REFUND_EV_APPROVE || ev == REFUND_EV_REJECT;
}

static bool
is_by_hand(enum refund_event ev)
{
	return ev == REFUND_EV_CONFIRM || ev == REFUND_EV_GIVE_UP;
}

static bool
compare_and_set(struct db *db, const struct refund_move *m,
    enum refund_state to, struct err *e)
{
	const struct refund *r = m->r;
	int moved = 0;

	if (!db_exec(db, DB_refund_move,
		(const struct db_arg[]){ DB_INT(r->tenant.n), DB_INT(r->id),
		    DB_INT(r->state), DB_INT(r->sends), DB_INT(to),
		    DB_INT(m->actor), DB_TIME(m->at_us),
		    DB_BOOL(decides(m->event)),
		    DB_BOOL(m->event == REFUND_EV_SUBMIT),
		    DB_BOOL(is_by_hand(m->event)),
		    DB_BOOL(refund_state_is_over(to)), DB_TIME(m->ask_us),
		    DB_TEXT(m->code), DB_TEXT(m->txn), DB_TEXT(m->evidence),
		    DB_END },
		&moved, e))
		return false;
	if (moved != 1)
		return err_set(e, ERR_CONFLICT, "refund %s: not %s any more",
		    r->ref, refund_state_name(r->state));
	return true;
}

/* Out of what the money was, until it is decided to give it back. */
static const char *
source_account(const struct refund *r)
{
	if (strcmp(r->kind, "surplus") == 0)
		return "surplus_payable";
	return strcmp(r->kind, "suspense") == 0 ? "suspense" : "fee_refunded";
}

static bool
book(struct db *db, const struct refund_move *m, enum refund_state to,
    struct err *e)
{
	char provider[64] = "own_funds";
	struct ledger_shift s = { .tenant = m->r->tenant.n,
		.attempt = m->r->attempt,
		.txn = m->r->ref,
		.amount = m->r->amount,
		.at_us = m->at_us };

	if (m->event == REFUND_EV_APPROVE) {
		s.kind = LEDGER_REFUND_DUE;
		s.debit = source_account(m->r);
		s.credit = "refund_payable";
		return ledger_shift(db, &s, e);
	}
	if (to == REFUND_DONE) {
		if (m->event != REFUND_EV_CONFIRM)
			snprintf(provider, sizeof(provider),
			    "provider_clearing:%s", m->r->provider);
		s.kind = LEDGER_REFUND;
		s.debit = "refund_payable";
		s.credit = provider;
		return ledger_shift(db, &s, e);
	}
	if (refund_state_is_over(to) && m->r->state != REFUND_REQUESTED) {
		s.kind = LEDGER_REFUND_UNDONE;
		s.debit = "refund_payable";
		s.credit = source_account(m->r);
		return ledger_shift(db, &s, e);
	}
	return true;
}

static struct json *
record(const struct refund_move *m)
{
	struct json *j = json_new_object();

	json_put_text(j, "refund", m->r->ref);
	json_put_text(j, "attempt", m->r->attempt_ref);
	json_put_text(j, "provider", m->r->provider);
	json_put_int(j, "amount", m->r->amount.dong);
	if (m->code != NULL)
		json_put_text(j, "said", m->code);
	if (m->txn != NULL && m->txn[0] != '\0')
		json_put_text(j, "txn", m->txn);
	if (m->evidence != NULL)
		json_put_text(j, "evidence", m->evidence);
	if (m->reason != NULL)
		json_put_text(j, "reason", m->reason);
	return j;
}

bool
refund_advance(struct db *db, const struct refund_move *m, struct err *e)
{
	const struct news news = { m->r->tenant, m->r->dossier, m->actor,
		m->at_us, refund_event_kind(m->event) };
	enum refund_state to;

	assert(db_in_tx(db));

	if (!refund_next(m->r->state, m->event, &to))
		return err_set(e, ERR_WRONG_STATE, "refund %s: %s in %s",
		    m->r->ref, refund_event_name(m->event),
		    refund_state_name(m->r->state));
	if (decides(m->event) && m->actor == m->r->requested_by)
		return err_set(
		    e, ERR_SAME_PERSON, "refund %s: asked for it", m->r->ref);
	if (!compare_and_set(db, m, to, e) || !book(db, m, to, e))
		return false;
	log_info("refund %s: %s to %s", m->r->ref,
	    refund_state_name(m->r->state), refund_state_name(to));
	return news.kind[0] == '\0' || tell(db, &news, record(m), e);
}

struct json *
refund_row(const struct db_rows *rows, int i)
{
	enum refund_state s = (enum refund_state)db_int(rows, i, "state");
	struct json *j = json_new_object();

	json_put_text(j, "refund", db_text(rows, i, "ref"));
	json_put_text(j, "attempt", db_text(rows, i, "attempt"));
	json_put_text(j, "provider", db_text(rows, i, "provider"));
	json_put_text(j, "of", db_text(rows, i, "kind"));
	json_put_text(j, "transaction", db_text(rows, i, "paid_txn"));
	json_put_int(j, "amount", db_int(rows, i, "amount"));
	json_put_text(j, "state", refund_state_name(s));
	json_put_text(j, "state_vi", refund_state_name_vi(s));
	json_put_text(j, "reason", db_text(rows, i, "reason"));
	json_put_text(j, "requested_by",
	    db_int(rows, i, "requested_by") == ACTOR_GATEWAY ? "gateway"
							     : "officer");
	json_put_time(j, "requested_at", db_time(rows, i, "requested_at"));
	json_put_time(j, "decided_at", db_time(rows, i, "decided_at"));
	json_put_time(j, "sent_at", db_time(rows, i, "sent_at"));
	json_put_time(j, "ended_at", db_time(rows, i, "ended_at"));
	json_put_text(j, "code", db_text(rows, i, "code"));
	json_put_text(j, "evidence", db_text(rows, i, "evidence"));
	return j;
}

bool
refund_json(
    struct db *db, const struct refund *key, struct json **out, struct err *e)
{
	struct db_rows *rows = NULL;

	if (!db_query(db, DB_refund_of_dossier,
		(const struct db_arg[]){
		    DB_INT(key->tenant.n), DB_INT(key->dossier), DB_END },
		&rows, e))
		return false;
	*out = NULL;
	for (int i = 0; i < db_count(rows) && *out == NULL; i++)
		if (strcmp(db_text(rows, i, "ref"), key->ref) == 0)
			*out = refund_row(rows, i);
	db_rows_free(rows);
	if (*out == NULL)
		return err_set(e, ERR_NOT_FOUND, "refund %s", key->ref);
	return true;
}
