#include "gateway/payment_hear.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/dossier.h"

/* An order may reach the provider's books after its end; until then that it
 * is not known there means nothing. */
#define ABSENT_GRACE_US (15 * 60 * CLOCK_SEC_US)

static int
by_ref(const void *ref, const void *a)
{
	return strcmp(ref, ((const struct payment_try *)a)->ref);
}

/* The MAC of another terminal must not credit this one. */
struct payment_try *
payment_try_of(const struct payment_batch *b, const struct payment_notice *n)
{
	struct payment_try *a =
	    bsearch(n->said->ref, b->tries, b->try_count, sizeof(*a), by_ref);

	if (a == NULL || n->said->foreign ||
	    strcmp(a->provider, n->provider) != 0 ||
	    strcmp(a->terminal, n->said->terminal) != 0)
		return NULL;
	return a;
}

/* The attempt that some money was booked for. */
struct owner {
	int64_t tenant, attempt;
};

static bool
is_of(const struct owner *o, const struct payment_batch *b,
    const struct payment_try *a)
{
	return o->tenant == b->tenant.n && o->attempt == a->id;
}

/* Is this money in the ledger, or about to be?  Whose is then in *owner. */
static bool
is_booked(const struct payment_batch *b, const struct payment_notice *n,
    bool suspense, struct owner *owner)
{
	for (size_t i = 0; i < b->booked_count; i++) {
		const struct ledger_booked *k = &b->booked[i];

		if (k->kind == LEDGER_REVERSAL ||
		    (k->kind == LEDGER_SUSPENSE) != suspense ||
		    strcmp(k->txn, n->said->txn) != 0 ||
		    strcmp(k->provider, n->provider) != 0)
			continue;
		*owner = (struct owner){ k->tenant, k->attempt };
		return true;
	}
	for (size_t i = 0; i < b->posting_count; i++) {
		const struct ledger_posting *p = &b->postings[i];

		if ((p->kind == LEDGER_SUSPENSE) != suspense ||
		    strcmp(p->txn, n->said->txn) != 0 ||
		    strcmp(p->provider, n->provider) != 0)
			continue;
		*owner = (struct owner){ b->tenant.n, p->attempt };
		return true;
	}
	return false;
}

static void
post(struct payment_batch *b, const struct payment_try *a,
    enum ledger_kind kind, const struct payment_notice *n)
{
	struct owner other;

	b->postings[b->posting_count++] = (struct ledger_posting){
		.kind = kind,
		.attempt = a->id,
		.provider = n->provider,
		.txn = n->said->txn,
		.amount = n->said->amount,
		.reverses =
		    kind != LEDGER_SUSPENSE && is_booked(b, n, true, &other),
	};
}

static void
report(struct payment_batch *b, const struct payment_try *a, const char *kind,
    const struct payment_notice *n)
{
	b->news[b->news_count++] = (struct payment_news){
		.tenant = b->tenant.n,
		.dossier = a->dossier,
		.ref = a->ref,
		.provider = a->provider,
		.kind = kind,
		.txn = n->said->txn,
		.code = n->said->code,
		.amount = n->said->amount,
	};
}

/* False: no edge; the attempt stays as it is. */
static bool
step(struct payment_batch *b, struct payment_try *a, enum payment_event ev,
    const struct payment_notice *n)
{
	enum payment_state to;

	if (!payment_next(a->now, ev, &to))
		return false;
	a->now = to;
	a->moved = true;
	a->silent = ev == PAYMENT_EV_SILENCE;
	if (!a->silent)
		a->code = n->said->code;
	if (n->said->txn[0] != '\0')
		a->txn = n->said->txn;
	if (ev == PAYMENT_EV_DOUBT || ev == PAYMENT_EV_SILENCE)
		report(b, a, "payment-review", n);
	if (n->via == PAYMENT_VIA_QUERY && !payment_state_is_asked(to))
		b->corrected++;
	return true;
}

/* One transaction cannot have paid two orders: a person looks at both, also
 * where what was paid stays so. */
static enum pay_answer
clash(struct payment_batch *b, struct payment_try *a, const struct owner *owner,
    const struct payment_notice *n)
{
	log_warnx(
	    "payment %s: transaction %s is another's", a->ref, n->said->txn);
	b->clashes[b->clash_count++] =
	    (struct payment_clash){ owner->tenant, owner->attempt, n };
	if (!step(b, a, PAYMENT_EV_DOUBT, n))
		b->clashes[b->clash_count++] =
		    (struct payment_clash){ b->tenant.n, a->id, n };
	return PAY_ANSWER_CLASH;
}

void
payment_rest_name(const char *ref, char out[PAY_TXN_LEN])
{
	snprintf(out, PAY_TXN_LEN, "%.60s+", ref);
}

/* From suspense, where transfers add up, to what they were for. */
static void
shift(struct payment_batch *b, struct payment_try *a, enum ledger_kind kind,
    struct money amount)
{
	bool rest = kind == LEDGER_SURPLUS;

	payment_rest_name(a->ref, a->rest_txn);
	b->shifts[b->shift_count++] = (struct ledger_shift){
		.tenant = b->tenant.n,
		.attempt = a->id,
		.kind = kind,
		.txn = rest ? a->rest_txn : a->ref,
		.amount = amount,
		.debit = "suspense",
		.credit = rest ? "surplus_payable" : "receivable",
		.at_us = b->at_us,
	};
	a->received.dong -= amount.dong;
}

/* What was transferred for an attempt and is not, or no more, of its fee. */
static void
owe_back(struct payment_batch *b, struct payment_try *a)
{
	if (a->received.dong <= 0)
		return;
	b->news[b->news_count++] = (struct payment_news){
		.tenant = b->tenant.n,
		.dossier = a->dossier,
		.ref = a->ref,
		.provider = a->provider,
		.kind = "payment-surplus",
		.txn = a->rest_txn,
		.amount = a->received,
	};
	shift(b, a, LEDGER_SURPLUS, a->received);
}

/* Another has paid.  What is in review with transfers of its own is looked at
 * no longer: they are owed back. */
static bool
supersedes(const struct payment_try *a, enum payment_state *to)
{
	return payment_next(a->now, PAYMENT_EV_SUPERSEDE, to) ||
	       (a->received.dong > 0 &&
		   payment_next(a->now, PAYMENT_EV_SURPLUS, to));
}

/* Its request is paid now, so that its other attempts are for nothing. */
static void
settle(struct payment_batch *b, struct payment_try *paid)
{
	enum payment_state to;

	for (size_t i = 0; i < b->try_count; i++) {
		struct payment_try *a = &b->tries[i];

		if (a->request != paid->request)
			continue;
		a->owed = false;
		if (a == paid || !supersedes(a, &to))
			continue;
		a->now = to;
		a->moved = true;
		owe_back(b, a);
	}
	paid->pays = true;
	b->paid++;
}

/* Does the dossier wait for this very money? */
static bool
is_awaited(const struct payment_try *a)
{
	enum dossier_state to;

	return a->owed && a->d != NULL &&
	       dossier_next(a->d->at, DOSSIER_EV_PAID, &to);
}

static enum pay_answer
hear_paid(struct payment_batch *b, struct payment_try *a,
    const struct payment_notice *n)
{
	struct owner owner;

	if (is_booked(b, n, false, &owner))
		return is_of(&owner, b, a) ? PAY_ANSWER_ALREADY
					   : clash(b, a, &owner, n);
	if (is_awaited(a) && step(b, a, PAYMENT_EV_PAID, n)) {
		post(b, a, LEDGER_PAYMENT, n);
		settle(b, a);
		return PAY_ANSWER_DONE;
	}
	/* Without an edge it is a second charge on a paid order; money too. */
	step(b, a, PAYMENT_EV_SURPLUS, n);
	post(b, a, LEDGER_SURPLUS, n);
	report(b, a, "payment-surplus", n);
	return PAY_ANSWER_DONE;
}

/* Is this very money known?  Whose it is then decides. */
static bool
is_known(struct payment_batch *b, struct payment_try *a,
    const struct payment_notice *n, enum pay_answer *answer)
{
	struct owner owner;

	if (!is_booked(b, n, true, &owner) && !is_booked(b, n, false, &owner))
		return false;
	*answer =
	    is_of(&owner, b, a) ? PAY_ANSWER_ALREADY : clash(b, a, &owner, n);
	return true;
}

/* Every transfer is booked as it came, and waits in suspense until they are
 * what was asked for; what is more than that is owed back. */
static void
add_up(struct payment_batch *b, struct payment_try *a,
    const struct payment_notice *n)
{
	post(b, a, LEDGER_SUSPENSE, n);
	a->received.dong += n->said->amount.dong;
	if (a->received.dong < a->amount.dong) {
		step(b, a, PAYMENT_EV_PART, n);
		report(b, a, "payment-underpaid", n);
		b->news[b->news_count - 1].left.dong =
		    a->amount.dong - a->received.dong;
		return;
	}
	step(b, a, PAYMENT_EV_PAID, n);
	shift(b, a, LEDGER_PAYMENT, a->amount);
	settle(b, a);
	owe_back(b, a);
}

/* What did not arrive, or not yet, is no news: nobody can be asked, and the
 * code stays good. */
static enum pay_answer
hear_transfer(struct payment_batch *b, struct payment_try *a,
    const struct payment_notice *n)
{
	enum pay_answer answer;
	enum payment_state to;

	if (n->said->outcome == PAY_PENDING || n->said->outcome == PAY_FAILED)
		return PAY_ANSWER_ALREADY;
	if (n->said->outcome != PAY_PAID || n->said->amount.dong <= 0) {
		step(b, a, PAYMENT_EV_DOUBT, n);
		return PAY_ANSWER_OTHER_AMOUNT;
	}
	if (is_known(b, a, n, &answer))
		return answer;
	if (is_awaited(a) && payment_next(a->now, PAYMENT_EV_PAID, &to)) {
		add_up(b, a, n);
		return PAY_ANSWER_DONE;
	}
	step(b, a, PAYMENT_EV_SURPLUS, n);
	owe_back(b, a);
	post(b, a, LEDGER_SURPLUS, n);
	report(b, a, "payment-surplus", n);
	return PAY_ANSWER_DONE;
}

static enum pay_answer
hear_other_amount(struct payment_batch *b, struct payment_try *a,
    const struct payment_notice *n)
{
	struct owner owner = { b->tenant.n, a->id };
	bool paid = n->said->outcome == PAY_PAID && n->said->amount.dong > 0;

	if (paid && !is_booked(b, n, false, &owner) &&
	    !is_booked(b, n, true, &owner))
		post(b, a, LEDGER_SUSPENSE, n);
	if (!is_of(&owner, b, a))
		clash(b, a, &owner, n);
	else
		step(b, a, PAYMENT_EV_DOUBT, n);
	return PAY_ANSWER_OTHER_AMOUNT;
}

/* Nobody takes money away again: what is paid stays so, is asked about once
 * more, and if that says the same a person looks. */
static enum pay_answer
hear_failed(struct payment_batch *b, struct payment_try *a,
    const struct payment_notice *n)
{
	if (step(b, a, PAYMENT_EV_FAILED, n))
		return PAY_ANSWER_DONE;
	if (a->now != PAYMENT_PAID && a->now != PAYMENT_PAID_LATE)
		return PAY_ANSWER_ALREADY;
	if (n->via == PAYMENT_VIA_QUERY)
		report(b, a, "payment-review", n);
	else
		a->doubted = true;
	return PAY_ANSWER_ALREADY;
}

static enum pay_answer
hear_step(struct payment_batch *b, struct payment_try *a, enum payment_event ev,
    const struct payment_notice *n)
{
	return step(b, a, ev, n) ? PAY_ANSWER_DONE : PAY_ANSWER_ALREADY;
}

/* In the order of checks that VNPay demands and that serves all: order,
 * amount, state. */
static enum pay_answer
hear(struct payment_batch *b, const struct payment_notice *n)
{
	struct payment_try *a = payment_try_of(b, n);

	if (a == NULL)
		return PAY_ANSWER_UNKNOWN;
	if (n->via == PAYMENT_VIA_SILENCE)
		return hear_step(b, a, PAYMENT_EV_SILENCE, n);
	if (n->said->outcome == PAY_ABSENT)
		return b->at_us > a->expires_us + ABSENT_GRACE_US
			   ? hear_step(b, a, PAYMENT_EV_EXPIRED, n)
			   : PAY_ANSWER_ALREADY;
	if (a->adds_up)
		return hear_transfer(b, a, n);
	if (n->said->amount.dong != a->amount.dong)
		return hear_other_amount(b, a, n);

	switch (n->said->outcome) {
	case PAY_PAID:
		return hear_paid(b, a, n);
	case PAY_FAILED:
		return hear_failed(b, a, n);
	case PAY_PENDING:
		return hear_step(b, a, PAYMENT_EV_PENDING, n);
	case PAY_DOUBT:
		return hear_step(b, a, PAYMENT_EV_DOUBT, n);
	case PAY_ABSENT:
	case PAY_NO_NEWS:
		break;
	}
	fatalx("payment: outcome %d", (int)n->said->outcome);
}

void
payment_hear(struct payment_batch *b)
{
	for (size_t i = 0; i < b->count; i++)
		b->answers[i] = hear(b, b->in[i]);
}
