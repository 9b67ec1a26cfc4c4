/*
 * POST /v1/dossiers/{code}/payments
 *
 * Starts an attempt to pay what the dossier owes: by the portal, or by the
 * applicant with his link.  The attempt is committed before its pay URL is
 * given, so that a notice can never find us without it.
 */
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/http_client.h"
#include "adapters/vietqr.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/auth.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/idempotency.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_start.h"
#include "gateway/qr.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

#define QR_PIXELS 6 /* of a module of the picture */

struct start {
	const struct request *req;
	bool english;

	/* Made anew by each run of a transaction. */
	struct payment_start of;
	struct buf url;
	struct reply *reply;
};

static bool
begin_in_tx(struct db *db, void *arg, struct err *e)
{
	struct start *s = arg;

	return payment_start(db, &s->of, e);
}

static bool
open_url(struct start *s, struct http_client *client, struct err *e)
{
	struct pay_order order = payment_start_order(&s->of);
	const struct pay_question q = {
		.terms = &s->of.provider->terms,
		.order = &order,
		.now_us = s->req->now_us,
		.client = client,
	};

	order.payer_ip = s->req->peer;
	order.english = s->english;
	buf_release(&s->url);
	return pay_open(s->of.provider->adapter, &q, &s->url, e);
}

static void
put_png(const struct qr *q, struct json *j)
{
	struct buf png = { 0 }, text = { 0 };

	qr_png(q, QR_PIXELS, &png);
	buf_base64(&text, (const uint8_t *)png.data, png.len);
	json_put_text(j, "png", text.data);
	buf_release(&text);
	buf_release(&png);
}

/* What a payer types in who cannot scan is what the QR itself says. */
static struct json *
transfer_json(const struct start *s)
{
	struct json *j = json_new_object();
	struct buf svg = { 0 };
	struct vietqr said = { 0 };
	struct qr *q = NULL;
	struct err e;

	if (!vietqr_read(s->url.data, s->url.len, &said, &e) ||
	    !qr_new(s->url.data, &q, &e))
		fatalx("payment %s: its QR is none", s->of.attempt.ref);
	qr_svg(q, &svg);
	json_put_text(j, "qr", s->url.data);
	json_put_text(j, "svg", svg.data);
	put_png(q, j);
	json_put_text(j, "bank", said.bin);
	json_put_text(j, "account", said.account);
	json_put_text(j, "holder", s->of.order.payee.name);
	json_put_int(j, "amount", said.amount.dong);
	json_put_text(j, "content", said.purpose);
	qr_free(q);
	buf_release(&svg);
	return j;
}

static bool
keep(struct db *db, struct start *s, struct err *e)
{
	const struct payment_attempt *a = &s->of.attempt;
	struct json *j = json_new_object();

	json_put_text(j, "attempt", a->ref);
	json_put_text(j, "provider", a->provider);
	if (s->of.provider->adapter->transfers)
		json_put(j, "transfer", transfer_json(s));
	else
		json_put_text(j, "pay_url", s->url.data);
	json_put_int(j, "amount", a->amount.dong);
	json_put(j, "lines", json_clone(s->of.lines));
	json_put_time(j, "expires_at", a->expires_us);
	return idempotency_answer(db, s->req, reply_json(201, j), &s->reply, e);
}

static bool
keep_in_tx(struct db *db, void *arg, struct err *e)
{
	struct start *s = arg;

	return idempotency_claim(db, s->req, e) && keep(db, s, e);
}

/* The address is ours to write: all in one transaction. */
static bool
start_in_tx(struct db *db, void *arg, struct err *e)
{
	struct start *s = arg;

	return idempotency_claim(db, s->req, e) &&
	       payment_start(db, &s->of, e) && open_url(s, NULL, e) &&
	       keep(db, s, e);
}

/*
 * The address is the provider's: the attempt is committed, then the provider
 * is asked, outside any transaction, then the answer is kept.  Who repeats
 * the request after a crash in between gets another attempt; the first has
 * an address that nobody was given, and the sweep settles it.
 */
static bool
start_by_asking(struct start *s, struct err *e)
{
	const struct config *c = s->req->config;
	const struct http_client_options options = {
		.ca_file = c->http_ca_file,
		.allow_private = c->http_allow_private.item,
		.allow_private_count = c->http_allow_private.count,
	};
	struct http_client *client;
	bool ok;

	if (!db_tx(s->req->db, begin_in_tx, s, e))
		return false;
	client = http_client_new(&options);
	ok = open_url(s, client, e);
	http_client_free(client);
	return ok && db_tx(s->req->db, keep_in_tx, s, e);
}

static bool
start(struct start *s, struct err *e)
{
	if (s->of.provider->adapter->start == NULL)
		return start_by_asking(s, e);
	return db_tx(s->req->db, start_in_tx, s, e);
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
	s.of.name = json_text(req->json, "provider", "");
	s.english = strcmp(json_text(req->json, "locale",
			       req->lang == ERR_EN ? "en" : "vi"),
			"en") == 0;
	if (!payment_provider_find(
		req->config, req->secrets, s.of.name, &provider)) {
		err_field(&e, ERR_BAD_FIELD, "/provider", "no provider %s",
		    s.of.name);
		goto refuse;
	}
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;
	/* A provider that is told a wrong time makes no order, or ends it. */
	if (!db_clock_fits(
		req->db, req->config->clock_skew_seconds * CLOCK_SEC_US, &e))
		goto refuse;

	s.of.config = req->config;
	s.of.d = d;
	s.of.provider = &provider;
	s.of.now_us = req->now_us;
	if (!start(&s, &e))
		goto refuse;
	goto out;

refuse:
	reply_free(s.reply);
	s.reply = reply_err(req, &e);
out:
	payment_start_release(&s.of);
	buf_release(&s.url);
	dossier_free(d);
	return s.reply;
}
