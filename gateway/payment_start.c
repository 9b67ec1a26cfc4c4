#include "gateway/payment_start.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/payment_asker.h"
#include "gateway/payment_provider.h"

/* Still waiting, now that it is locked? */
static bool
owes(struct db *db, const struct dossier *d, struct err *e)
{
	const struct dossier_keys keys = { &d->id.n, 1 };
	struct dossier_list now = { NULL, 0 };
	bool ok;

	if (!dossier_load_many(db, d->tenant, &keys, &now, e))
		return false;
	ok = now.count == 1 && now.item[0].at.state == DOSSIER_AWAITING_PAYMENT;
	dossier_free(now.item);
	if (!ok)
		return err_set(
		    e, ERR_WRONG_STATE, "dossier %s: nothing to pay", d->code);
	return true;
}

/* A transfer goes to the account that is paid. */
static const char *
terminal(const struct payment_start *s)
{
	const char *ours = s->provider->terms.terminal;

	return ours[0] != '\0' ? ours : s->order.payee.account;
}

/* Nobody can be asked about a transfer. */
static bool
begin(struct db *db, struct payment_start *s, struct err *e)
{
	const struct pay_adapter *a = s->provider->adapter;

	if (a->transfers)
		s->attempt.ask_us = 0;
	/* An order at payOS is made once; a QR of ours as often as asked. */
	if (s->resumes || (a->transfers && a->start != NULL))
		return payment_resume(db, &s->attempt, e);
	return payment_begin(db, &s->attempt, e);
}

bool
payment_start(struct db *db, struct payment_start *s, struct err *e)
{
	int64_t pauses[PAYMENT_PAUSES_MAX];
	struct payment_bill bill = { 0 };

	payment_start_release(s);
	if (!owes(db, s->d, e) ||
	    !payment_bill(db, s->d->tenant, s->d->id, &bill, e))
		return false;
	payment_asker_pauses(s->config, pauses);
	s->lines = bill.lines;
	if (s->provider->adapter->bills &&
	    !payment_order_load(db, s->d, s->lines, &s->order, e))
		return false;
	s->attempt = (struct payment_attempt){
		.tenant = s->d->tenant,
		.request = bill.request,
		.provider = s->name,
		.terminal = terminal(s),
		.amount = bill.amount,
		.created_us = s->now_us,
		.expires_us = s->now_us + s->provider->life_us,
		.ask_us = s->now_us + pauses[0] * CLOCK_SEC_US,
	};
	return begin(db, s, e);
}

struct pay_order
payment_start_order(const struct payment_start *s)
{
	bool bills = s->provider->adapter->bills;

	return (struct pay_order){
		.ref = s->attempt.ref,
		.amount = s->attempt.amount,
		.created_us = s->attempt.created_us,
		.expires_us = s->attempt.expires_us,
		.subject = s->d->code,
		.payee = bills ? &s->order.payee : NULL,
		.bill = bills ? &s->order.bill : NULL,
	};
}

void
payment_start_release(struct payment_start *s)
{
	payment_order_release(&s->order);
	json_free(s->lines);
	s->lines = NULL;
}
