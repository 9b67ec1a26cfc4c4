/*
 * POST /v1/payments/lookups/{provider}
 *
 * The National Portal's question what a dossier owes, dptracuuthanhtoanhs of
 * KEYPAY_DVCQG 3.0.  Whoever has typed a dossier's code there pays the bill
 * that is answered, so its attempt is committed before it is told, and the
 * same one is told again while it is open.
 *
 * Once the caller is known all is answered in the Portal's words: 1 with a
 * bill, 0 for nothing to be paid, -1 for anything that is wrong; the log says
 * what.
 */
#include "adapters/adapter.h"
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_start.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

enum told { TOLD_ERROR = -1, TOLD_NOTHING = 0, TOLD_BILL = 1 };

static const struct json_field fields[] = {
	{ .name = "MaHoSo",
	    .kind = JSON_KIND_TEXT,
	    .required = true,
	    .least = 1,
	    .most = 63 },
};

/* Takes message over. */
static struct reply *
tell(enum told code, struct json *message)
{
	struct json *j = json_new_object();

	json_put_int(j, "error_code", code);
	json_put(j, "message", message);
	return reply_json(200, j);
}

static bool
start_in_tx(struct db *db, void *arg, struct err *e)
{
	return payment_start(db, arg, e);
}

static struct json *
bill(const struct payment_start *s)
{
	const struct pay_order order = payment_start_order(s);
	const struct pay_question q = {
		.terms = &s->provider->terms,
		.order = &order,
		.now_us = s->now_us,
	};

	return s->provider->adapter->bill(&q);
}

static struct reply *
look_up(struct request *req, const struct payment_provider *p)
{
	struct payment_start s = { .config = req->config,
		.provider = p,
		.name = req->arg.provider,
		.resumes = true,
		.now_us = req->now_us };
	struct dossier *d = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!json_check(req->json, "", fields, nitems(fields), &e) ||
	    !dossier_load(req->db, req->tenant,
		json_text(req->json, "MaHoSo", ""), &d, &e))
		goto refuse;
	s.d = d;
	if (!db_tx(req->db, start_in_tx, &s, &e))
		goto refuse;
	reply = tell(TOLD_BILL, bill(&s));
	goto out;

refuse:
	log_info("lookup by %s: %s", req->principal, e.detail);
	reply = tell(e.code == ERR_WRONG_STATE ? TOLD_NOTHING : TOLD_ERROR,
	    json_new_list());
out:
	payment_start_release(&s);
	dossier_free(d);
	return reply;
}

struct reply *
api_payment_lookup(struct request *req)
{
	struct payment_provider provider;
	struct err e = { 0 };

	if (!payment_provider_find(
		req->config, req->secrets, req->arg.provider, &provider) ||
	    provider.adapter->bill == NULL) {
		err_set(
		    &e, ERR_NOT_FOUND, "no lookups by %s", req->arg.provider);
		return reply_err(req, &e);
	}
	return look_up(req, &provider);
}
