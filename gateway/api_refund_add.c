/*
 * POST /v1/dossiers/{code}/refunds
 *
 * An officer asks that money be given back: whole or in part, of one attempt.
 * Nothing moves before another officer has approved.
 */
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/money.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/idempotency.h"
#include "gateway/refund.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const struct json_field fields[] = {
	{ .name = "attempt",
	    .kind = JSON_KIND_TEXT,
	    .required = true,
	    .least = 1,
	    .most = 100 },
	{ .name = "transaction",
	    .kind = JSON_KIND_TEXT,
	    .least = 1,
	    .most = 64 },
	{ .name = "amount",
	    .kind = JSON_KIND_INT,
	    .required = true,
	    .least = 1,
	    .most = MONEY_MAX },
	{ .name = "reason",
	    .kind = JSON_KIND_TEXT,
	    .required = true,
	    .least = 1,
	    .most = 1000,
	    .multiline = true },
};

struct add {
	struct request *req;
	const struct dossier *d;
	struct reply *reply; /* made anew by each run of the transaction */
};

static bool
add(struct db *db, void *arg, struct err *e)
{
	struct add *a = arg;
	const struct json *body = a->req->json;
	const struct refund_wish wish = {
		.tenant = a->req->tenant,
		.dossier = a->d->id,
		.attempt = json_text(body, "attempt", ""),
		.txn = json_text(body, "transaction", ""),
		.amount = { json_int(body, "amount", 0) },
		.reason = json_text(body, "reason", ""),
		.by = a->req->by.n,
		.at_us = a->req->now_us,
	};
	struct refund made = { .tenant = a->req->tenant,
		.dossier = a->d->id.n };
	struct json *j = NULL;

	if (!idempotency_claim(db, a->req, e) ||
	    !refund_open(db, &wish, made.ref, e) ||
	    !refund_json(db, &made, &j, e))
		return false;
	return idempotency_answer(db, a->req, reply_json(201, j), &a->reply, e);
}

struct reply *
api_refund_add(struct request *req)
{
	struct add a = { .req = req };
	struct dossier *d = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!json_check(req->json, "", fields, nitems(fields), &e))
		goto refuse;
	if (req->who != AUTH_OFFICER) {
		err_set(&e, ERR_FORBIDDEN, "%s is no officer", req->principal);
		goto refuse;
	}
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;

	a.d = d;
	if (!db_tx(req->db, add, &a, &e))
		goto refuse;
	reply = a.reply;
	a.reply = NULL; /* http.c owns it now */
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	reply_free(a.reply);
	dossier_free(d);
	return reply;
}
