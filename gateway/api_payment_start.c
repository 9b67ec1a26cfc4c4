/*
 * POST /v1/dossiers/{code}/payments
 *
 * Starts an attempt to pay what the dossier owes: by the portal, or by the
 * applicant with his link.  The attempt is committed before its pay URL is
 * given, so that a notice can never find us without it.
 */
#include <string.h>

#include "adapters/adapter.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/idempotency.h"
#include "gateway/payment.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_sweep.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

struct start {
	const struct request *req;
	const struct dossier *d;
	const struct payment_provider *provider;
	const char *provider_name;
	bool english;
	struct reply *reply; /* made anew by each run */
};

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

static bool
write_url(const struct start *s, const struct payment_attempt *a,
    struct buf *url, struct err *e)
{
	const struct pay_order order = {
		.ref = a->ref,
		.amount = a->amount,
		.created_us = a->created_us,
		.expires_us = a->expires_us,
		.subject = s->d->code,
		.payer_ip = s->req->peer,
		.english = s->english,
	};

	return s->provider->adapter->start(&s->provider->terms, &order, url, e);
}

static struct reply *
write_reply(
    const struct payment_attempt *a, const char *url, struct json *lines)
{
	struct json *j = json_new_object();

	json_put_text(j, "attempt", a->ref);
	json_put_text(j, "provider", a->provider);
	json_put_text(j, "pay_url", url);
	json_put_int(j, "amount", a->amount.dong);
	json_put(j, "lines", lines);
	json_put_time(j, "expires_at", a->expires_us);
	return reply_json(201, j);
}

static bool
start_in_tx(struct db *db, void *arg, struct err *e)
{
	struct start *s = arg;
	struct payment_bill bill = { 0 };
	struct buf url = { 0 };
	int64_t pauses[PAYMENT_SWEEP_MAX];
	struct payment_attempt a = {
		.tenant = s->d->tenant,
		.provider = s->provider_name,
		.terminal = s->provider->terms.terminal,
		.created_us = s->req->now_us,
		.expires_us = s->req->now_us + s->provider->life_us,
	};
	bool ok = false;

	reply_free(s->reply);
	s->reply = NULL;
	payment_sweep_pauses(s->req->config, pauses);
	a.ask_us = a.created_us + pauses[0] * CLOCK_SEC_US;

	if (!idempotency_claim(db, s->req, e) || !owes(db, s->d, e))
		goto out;
	if (!payment_bill(db, s->d->tenant, s->d->id, &bill, e))
		goto out;
	a.request = bill.request;
	a.amount = bill.amount;
	if (!payment_begin(db, &a, e) || !write_url(s, &a, &url, e))
		goto out;
	s->reply = write_reply(&a, url.data, bill.lines);
	bill.lines = NULL; /* the reply owns them now */
	ok = idempotency_keep(db, s->req, s->reply, e);

out:
	buf_release(&url);
	json_free(bill.lines);
	return ok;
}

static const char *const locales[] = { "vi", "en", NULL };

static const struct json_field fields[] = {
	{ .name = "provider",
	    .kind = JSON_KIND_TEXT,
	    .required = true,
	    .least = 1,
	    .most = 20 },
	{ .name = "locale",
	    .kind = JSON_KIND_TEXT,
	    .least = 2,
	    .most = 2,
	    .among = locales },
};

struct reply *
api_payment_start(struct request *req)
{
	struct start s = { .req = req };
	struct payment_provider provider;
	struct dossier *d = NULL;
	struct err e = { 0 };

	if (!json_check(req->json, "", fields, nitems(fields), &e))
		goto refuse;
	s.provider_name = json_text(req->json, "provider", "");
	s.english = strcmp(json_text(req->json, "locale",
			       req->lang == ERR_EN ? "en" : "vi"),
			"en") == 0;
	if (!payment_provider_find(
		req->config, req->secrets, s.provider_name, &provider)) {
		err_field(&e, ERR_BAD_FIELD, "/provider", "no provider %s",
		    s.provider_name);
		goto refuse;
	}
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;

	s.d = d;
	s.provider = &provider;
	if (!db_tx(req->db, start_in_tx, &s, &e))
		goto refuse;
	goto out;

refuse:
	reply_free(s.reply);
	s.reply = reply_err(req, &e);
out:
	dossier_free(d);
	return s.reply;
}
