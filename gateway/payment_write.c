#include "gateway/payment_write.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/event.h"
#include "gateway/ledger.h"
#include "gateway/outbox.h"
#include "gateway/payment.h"
#include "gateway/payment_hear.h"
#include "gateway/payment_voucher.h"
#include "gateway/receipt.h"
#include "gateway/refund.h"

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
heard_put(struct heard *h, size_t i, const struct payment_batch *b, size_t from)
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
		[PAY_ANSWER_CLASH] = "trouble",
		[PAY_ANSWER_TROUBLE] = "trouble",
	};
	const struct payment_notice *n = b->in[from];
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
	h->answer[i] = answers[b->answers[from]];
	h->raw[i] = (struct db_bytes){ n->said->raw.data, n->said->raw.len };
}

/* Silence is nobody's word. */
static bool
write_heard(const struct payment_batch *b, struct db *db, struct err *e)
{
	struct heard h;
	size_t n = 0;
	bool ok;

	heard_make(&h, b->count);
	for (size_t i = 0; i < b->count; i++)
		if (b->in[i]->via != PAYMENT_VIA_SILENCE)
			heard_put(&h, n++, b, i);
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

/* Money for no order, or under another terminal than its order's, is parked:
 * it is somebody's, and a person finds out whose. */
static bool
write_strays(const struct payment_batch *b, struct db *db, struct err *e)
{
	struct heard h;
	const char **terminal = blob_calloc(b->count + 1, sizeof(*terminal));
	size_t n = 0;
	bool ok;

	heard_make(&h, b->count + 1);
	for (size_t i = 0; i < b->count; i++) {
		const struct pay_notice *said = b->in[i]->said;

		if (b->answers[i] != PAY_ANSWER_UNKNOWN ||
		    said->outcome != PAY_PAID || said->amount.dong <= 0 ||
		    said->txn[0] == '\0')
			continue;
		log_warnx("%s: money for nobody: %s, transaction %s",
		    b->in[i]->provider, said->ref, said->txn);
		h.tenant[n] = b->tenant.n;
		h.provider[n] = b->in[i]->provider;
		terminal[n] = said->terminal;
		h.ref[n] = said->ref;
		h.txn[n] = said->txn;
		h.amount[n++] = said->amount.dong;
	}
	ok =
	    n == 0 || db_exec(db, DB_payment_park,
			  (const struct db_arg[]){ DB_INTS(h.tenant, n),
			      DB_TEXTS(h.provider, n), DB_TEXTS(terminal, n),
			      DB_TEXTS(h.ref, n), DB_TEXTS(h.txn, n),
			      DB_INTS(h.amount, n), DB_TIME(b->at_us), DB_END },
			  NULL, e);
	heard_release(&h);
	free(terminal);
	return ok;
}

static bool
write_questions(const struct payment_batch *b, struct db *db, struct err *e)
{
	int64_t *ids = blob_calloc(b->try_count + 1, sizeof(*ids));
	size_t n = 0;
	bool ok;

	for (size_t i = 0; i < b->try_count; i++) {
		if (!b->tries[i].doubted)
			continue;
		log_warnx("payment %s: said to have failed, and is paid",
		    b->tries[i].ref);
		ids[n++] = b->tries[i].id;
	}
	ok = n == 0 || db_exec(db, DB_payment_ask_again,
			   (const struct db_arg[]){ DB_INT(b->tenant.n),
			       DB_INTS(ids, n), DB_TIME(b->at_us), DB_END },
			   NULL, e);
	free(ids);
	return ok;
}

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
		col[COL_ASKED * cap + n] =
		    !a->adds_up && !a->silent && payment_state_is_asked(a->now);
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
record(const char *attempt, const char *provider, const char *txn,
    struct money amount)
{
	struct json *j = json_new_object();

	json_put_text(j, "attempt", attempt);
	json_put_text(j, "provider", provider);
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
		data[n] = record(a->ref, a->provider, a->txn, a->amount);
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

/* Takes of one tenant's news what has not been told and has a chain of its own
 * among those taken: an append makes one link to a chain. */
static size_t
take_news(struct payment_batch *b, struct event *out)
{
	size_t n = 0, k;

	for (size_t i = 0; i < b->news_count; i++) {
		struct payment_news *news = &b->news[i];
		struct json *j;

		for (k = 0; k < n; k++)
			if (out[k].dossier == news->dossier ||
			    out[k].tenant != news->tenant)
				break;
		if (news->told || k < n)
			continue;
		j = record(news->ref, news->provider, news->txn, news->amount);
		if (news->code != NULL)
			json_put_text(j, "said", news->code);
		if (news->left.dong > 0)
			json_put_int(j, "left", news->left.dong);
		out[n++] = (struct event){
			.tenant = news->tenant,
			.dossier = news->dossier,
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

static void
add_clash(struct payment_batch *b, const struct db_rows *rows, int i)
{
	const struct payment_clash *c = b->clashes;

	while (c->tenant != db_int(rows, i, "tenant_id") ||
	       c->attempt != db_int(rows, i, "attempt_id") ||
	       strcmp(c->said->said->txn, db_text(rows, i, "txn")) != 0)
		c++;
	b->news[b->news_count++] = (struct payment_news){
		.tenant = c->tenant,
		.dossier = db_int(rows, i, "dossier_id"),
		.ref = db_text(rows, i, "ref"),
		.provider = db_text(rows, i, "provider"),
		.kind = "payment-review",
		.txn = c->said->said->txn,
		.code = c->said->said->code,
		.amount = c->said->said->amount,
	};
}

/* The other order of a clash is seldom among the locked ones, and providers
 * call again: whose record does not say so yet is looked up.  *rows holds what
 * the news borrow. */
static bool
add_clashes(struct payment_batch *b, struct db *db, struct db_rows **rows,
    struct err *e)
{
	size_t n = b->clash_count;
	int64_t *tenants = blob_calloc(n + 1, sizeof(*tenants));
	int64_t *attempts = blob_calloc(n + 1, sizeof(*attempts));
	const char **txns = blob_calloc(n + 1, sizeof(*txns));
	bool ok;

	for (size_t i = 0; i < n; i++) {
		tenants[i] = b->clashes[i].tenant;
		attempts[i] = b->clashes[i].attempt;
		txns[i] = b->clashes[i].said->said->txn;
	}
	ok =
	    n == 0 || db_query(db, DB_payment_clash,
			  (const struct db_arg[]){ DB_INTS(tenants, n),
			      DB_INTS(attempts, n), DB_TEXTS(txns, n), DB_END },
			  rows, e);
	for (int i = 0; ok && n > 0 && i < db_count(*rows); i++)
		add_clash(b, *rows, i);
	free(txns);
	free(attempts);
	free(tenants);
	return ok;
}

static bool
write_news(struct payment_batch *b, struct db *db, struct err *e)
{
	struct db_rows *clashed = NULL;
	bool ok = add_clashes(b, db, &clashed, e);
	struct event *events = blob_calloc(b->news_count + 1, sizeof(*events));
	int64_t *ids = blob_calloc(b->news_count + 1, sizeof(*ids));
	size_t n;

	while (ok && (n = take_news(b, events)) > 0) {
		ok = event_append(db, events, n, e);
		for (size_t i = 0; i < n; i++) {
			ids[i] = events[i].id;
			free((char *)(uintptr_t)events[i].data);
		}
		ok = ok && outbox_announce(db, events[0].tenant, ids, n, e);
	}
	free(ids);
	free(events);
	db_rows_free(clashed);
	return ok;
}

static bool
write_shifts(const struct payment_batch *b, struct db *db, struct err *e)
{
	for (size_t i = 0; i < b->shift_count; i++)
		if (!ledger_shift(db, &b->shifts[i], e))
			return false;
	return true;
}

/* Money that nobody owed asks to be given back. */
static bool
write_refunds(const struct payment_batch *b, struct db *db, struct err *e)
{
	struct refund_surplus s = { .tenant = b->tenant, .at_us = b->at_us };
	size_t cap = b->posting_count + b->shift_count + 1;
	bool ok;

	s.providers = blob_calloc(cap, sizeof(*s.providers));
	s.txns = blob_calloc(cap, sizeof(*s.txns));
	for (size_t i = 0; i < b->posting_count; i++) {
		if (b->postings[i].kind != LEDGER_SURPLUS)
			continue;
		s.providers[s.count] = b->postings[i].provider;
		s.txns[s.count++] = b->postings[i].txn;
	}
	for (size_t i = 0; i < b->shift_count; i++) {
		if (b->shifts[i].kind != LEDGER_SURPLUS)
			continue;
		s.providers[s.count] = "hosogate";
		s.txns[s.count++] = b->shifts[i].txn;
	}
	ok = refund_open_surplus(db, &s, e);
	free(s.txns);
	free(s.providers);
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

/* The provider's own; what of it was not owed has one too. */
static bool
write_vouchers(const struct payment_batch *b, struct db *db, struct err *e)
{
	int64_t *paid = blob_calloc(b->try_count + 1, sizeof(*paid));
	struct voucher_batch v = { b->tenant, b->at_us, paid, 0 };
	bool ok;

	for (size_t i = 0; i < b->try_count; i++) {
		const struct payment_try *a = &b->tries[i];

		if (a->moved && payment_state_is_paid(a->now) &&
		    pay_has_vouchers(a->provider))
			paid[v.count++] = a->id;
	}
	ok = voucher_owe(db, &v, e);
	free(paid);
	return ok;
}

bool
payment_write(struct payment_batch *b, struct db *db, struct err *e)
{
	struct ledger_batch ledger = {
		.tenant = b->tenant.n,
		.at_us = b->at_us,
		.postings = b->postings,
		.count = b->posting_count,
	};

	/* The receipts last: their numbers have no gaps, so that a book stays
	 * locked from here to the commit, for everybody. */
	return write_heard(b, db, e) && write_strays(b, db, e) &&
	       write_moves(b, db, e) && write_questions(b, db, e) &&
	       write_settled(b, db, e) && ledger_book(db, &ledger, e) &&
	       write_shifts(b, db, e) && write_refunds(b, db, e) &&
	       write_paid(b, db, e) && write_news(b, db, e) &&
	       write_vouchers(b, db, e) && write_receipts(b, db, e);
}
