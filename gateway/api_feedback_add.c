/*
 * POST /v1/feedback
 *
 * Phản ánh, kiến nghị (PAKN), brought by the portal.
 */
#include <stdlib.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/feedback.h"
#include "gateway/feedback_timer.h"
#include "gateway/idempotency.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const char *const kinds[] = { "feedback", "proposal", NULL };

static const struct json_field fields[] = {
	{ "kind", JSON_KIND_TEXT, true, 1, 20, false, kinds },
	{ "text", JSON_KIND_TEXT, true, 1, 5000, true, NULL },
	{ "contact", JSON_KIND_TEXT, false, 0, 254, false, NULL },
	{ "dossier", JSON_KIND_TEXT, false, 1, 63, false, NULL },
	{ "unit", JSON_KIND_TEXT, false, 1, 40, false, NULL },
};

struct addition {
	struct request *req;
	struct feedback_unit unit;
	struct feedback_due due;
	struct reply *reply; /* made anew by each run of the transaction */
};

static struct json *
feedback_json(const struct addition *f, const char *code)
{
	struct json *j = json_new_object();

	json_put_text(j, "code", code);
	json_put_text(j, "kind", json_text(f->req->json, "kind", ""));
	json_put_time(j, "received_at", f->req->now_us);
	json_put_time(j, "return_due_at", f->due.return_us);
	json_put_time(j, "answer_due_at", f->due.answer_us);
	return j;
}

/* Of the tenant's own chain: feedback need not name a dossier. */
static bool
record(struct db *db, const struct addition *f, const char *code, struct err *e)
{
	struct json *j = feedback_json(f, code);
	char *text = json_write_sorted(j);
	struct event event = {
		.tenant = f->req->tenant.n,
		.kind = "feedback",
		.at_us = f->req->now_us,
		.actor = f->req->by.n,
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
	struct addition *f = arg;
	const struct json *body = f->req->json;
	const struct db_arg args[] = {
		DB_INT(f->req->tenant.n),
		DB_TEXT(json_text(body, "kind", "")),
		DB_TEXT(json_text(body, "text", "")),
		DB_TEXT(json_text(body, "contact", "")),
		DB_TEXT(json_text(body, "dossier", NULL)),
		DB_TIME(f->req->now_us),
		DB_INT(f->unit.id),
		DB_TIME(f->due.return_us),
		DB_TIME(f->due.ask_us),
		DB_TIME(f->due.answer_us),
		DB_END,
	};
	struct db_rows *rows = NULL;
	bool ok = false;

	if (!idempotency_claim(db, f->req, e) ||
	    !db_one(db, DB_feedback_add, args, &rows, e) ||
	    !record(db, f, db_text(rows, 0, "code"), e) ||
	    !feedback_timer_turn(db,
		&(struct feedback_timer){ f->req->tenant.n,
		    db_text(rows, 0, "code"), f->req->now_us },
		e))
		goto out;
	ok = idempotency_answer(db, f->req,
	    reply_json(201, feedback_json(f, db_text(rows, 0, "code"))),
	    &f->reply, e);

out:
	db_rows_free(rows);
	return ok;
}

/* Whose it is, and by when it has to be handled. */
static bool
load(struct addition *f, struct err *e)
{
	struct request *req = f->req;
	struct feedback_when when = { req->tenant.n, 0, req->now_us };

	if (!feedback_unit(req->db, req->tenant.n,
		json_text(req->json, "unit", ""), &f->unit, e))
		return false;
	when.calendar = f->unit.calendar;
	return feedback_begin(req->db, &when, &f->due, e);
}

struct reply *
api_feedback_add(struct request *req)
{
	struct addition f = { .req = req };
	struct err e = { 0 };

	if (json_check(req->json, "", fields, nitems(fields), &e) &&
	    load(&f, &e) && db_tx(req->db, store, &f, &e))
		return f.reply;
	reply_free(f.reply);
	return reply_err(req, &e);
}
