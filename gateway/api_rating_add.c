/*
 * POST /v1/dossiers/{code}/rating
 *
 * How satisfied the applicant is, once for each dossier, when it has ended.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/event.h"
#include "gateway/idempotency.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const struct json_field fields[] = {
	{ "stars", JSON_KIND_INT, true, 1, 5, false, NULL },
	{ "comment", JSON_KIND_TEXT, false, 0, 2000, true, NULL },
};

struct rate {
	struct request *req;
	const struct dossier *d;
	struct reply *reply; /* made anew by each run of the transaction */
};

static struct json *
rating_json(const struct rate *r)
{
	struct json *j = json_new_object();

	json_put_text(j, "code", r->d->code);
	json_put_int(j, "stars", json_int(r->req->json, "stars", 0));
	return j;
}

static bool
record(struct db *db, const struct rate *r, struct err *e)
{
	struct json *j = rating_json(r);
	char *text = json_write_sorted(j);
	struct event event = {
		.tenant = r->d->tenant.n,
		.dossier = r->d->id.n,
		.kind = "rated",
		.at_us = r->req->now_us,
		.actor = r->req->by.n,
		.data = text,
	};
	bool ok = event_append(db, &event, 1, e);

	free(text);
	json_free(j);
	return ok;
}

static bool
store(struct db *db, void *arg, struct err *e)
{
	struct rate *r = arg;
	const struct db_arg args[] = {
		DB_INT(r->d->tenant.n),
		DB_INT(r->d->id.n),
		DB_INT(json_int(r->req->json, "stars", 0)),
		DB_TEXT(json_text(r->req->json, "comment", "")),
		DB_TIME(r->req->now_us),
		DB_END,
	};
	int added = 0;

	if (!idempotency_claim(db, r->req, e) ||
	    !db_exec(db, DB_rating_add, args, &added, e))
		return false;
	if (added == 0)
		return err_set(
		    e, ERR_WRONG_STATE, "dossier %s: rated before", r->d->code);
	if (!record(db, r, e))
		return false;
	return idempotency_answer(
	    db, r->req, reply_json(201, rating_json(r)), &r->reply, e);
}

struct reply *
api_rating_add(struct request *req)
{
	struct rate r = { .req = req };
	struct dossier *d = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!json_check(req->json, "", fields, nitems(fields), &e))
		goto refuse;
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;
	if (dossier_state_clock(d->at.state) != DOSSIER_CLOCK_ENDED) {
		err_set(&e, ERR_WRONG_STATE, "dossier %s: not ended", d->code);
		goto refuse;
	}
	r.d = d;
	if (!db_tx(req->db, store, &r, &e))
		goto refuse;

	reply = r.reply;
	r.reply = NULL; /* http.c owns it now */
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	reply_free(r.reply);
	dossier_free(d);
	return reply;
}
