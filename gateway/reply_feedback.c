#include "gateway/reply_feedback.h"

#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/feedback.h"
#include "gateway/idempotency.h"
#include "gateway/reply.h"
#include "gateway/request.h"

struct act {
	struct request *req;
	const char *action;
	struct reply *reply; /* made anew by each run of the transaction */
};

static bool
act(struct db *db, void *arg, struct err *e)
{
	struct act *a = arg;
	const struct request *req = a->req;
	const struct feedback_act what = {
		.tenant = req->tenant.n,
		.code = req->arg.code,
		.action = a->action,
		.text = json_text(req->json, "text", ""),
		.unit = json_text(req->json, "unit", ""),
		.version = req->if_match,
		.by = req->by.n,
		.now_us = req->now_us,
	};
	struct json *j = NULL;
	int version;

	if (!idempotency_claim(db, req, e) ||
	    !feedback_act(db, &what, &j, &version, e))
		return false;
	reply_free(a->reply);
	a->reply = reply_json(200, j);
	reply_etag(a->reply, version);
	return idempotency_keep(db, req, a->reply, e);
}

struct reply *
reply_feedback(struct request *req, const char *action)
{
	struct act a = { .req = req, .action = action };
	struct err e = { 0 };

	if (db_tx(req->db, act, &a, &e))
		return a.reply;
	reply_free(a.reply);
	return reply_err(req, &e);
}
