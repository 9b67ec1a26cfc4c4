/*
 * POST /v1/dossiers/{code}/apologies
 *
 * A new date for a dossier that will be or is late, and why: form 04 says so
 * to the applicant.  The due date itself stays, and the dossier is as late as
 * it is.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/event.h"
#include "gateway/idempotency.h"
#include "gateway/outbox.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const struct json_field fields[] = {
	{ "reason", JSON_KIND_TEXT, true, 1, 1000, true, NULL },
	{ "ground", JSON_KIND_TEXT, false, 1, 300, false, NULL },
	{ "new_due_at", JSON_KIND_TEXT, true, 20, 40, false, NULL },
};

struct apologize {
	struct request *req;
	const struct dossier *d;
	int64_t new_due_us;
	int64_t seq;
	struct reply *reply; /* made anew by each run of the transaction */
};

/* Later than what was promised, and later than now. */
static bool
read_date(struct apologize *a, struct err *e)
{
	const char *text = json_text(a->req->json, "new_due_at", "");

	if (!clock_parse_rfc3339(text, &a->new_due_us))
		return err_field(e, ERR_BAD_FIELD, "/new_due_at", "%s", text);
	if (a->new_due_us <= a->d->original_due_us ||
	    a->new_due_us <= a->req->now_us)
		return err_field(e, ERR_BAD_FIELD, "/new_due_at",
		    "%s is not after the date it replaces", text);
	return true;
}

static bool
may(const struct apologize *a, struct err *e)
{
	const struct dossier *d = a->d;

	if (a->req->who != AUTH_OFFICER)
		return err_set(e, ERR_FORBIDDEN, "%s may not apologize",
		    a->req->principal);
	if (a->req->if_match == 0)
		return err_set(e, ERR_MATCH_REQUIRED, "apologize");
	if (!dossier_match(d, a->req->if_match, e))
		return false;
	if (d->original_due_us == 0 || d->ended_us != 0)
		return err_set(e, ERR_WRONG_STATE,
		    "dossier %s: apologize in %s", d->code,
		    dossier_state_name(d->at.state));
	return true;
}

static struct json *
apology_json(const struct apologize *a)
{
	const struct json *body = a->req->json;
	struct json *j = json_new_object();

	json_put_text(j, "code", a->d->code);
	json_put_text(j, "reason", json_text(body, "reason", ""));
	if (json_text(body, "ground", NULL) != NULL)
		json_put_text(j, "ground", json_text(body, "ground", ""));
	json_put_int(j, "seq", a->seq);
	json_put_time(j, "original_due_at", a->d->original_due_us);
	json_put_time(j, "new_due_at", a->new_due_us);
	return j;
}

static bool
record(struct db *db, const struct apologize *a, struct err *e)
{
	struct json *j = apology_json(a);
	char *text = json_write_sorted(j);
	struct event event = {
		.tenant = a->d->tenant.n,
		.dossier = a->d->id.n,
		.kind = "apologize",
		.at_us = a->req->now_us,
		.actor = a->req->by.n,
		.data = text,
	};
	bool ok = event_append(db, &event, 1, e) &&
		  outbox_announce(db, event.tenant, &event.id, 1, e);

	free(text);
	json_free(j);
	return ok;
}

/* The key takes two officers who apologize at once apart. */
static bool
count(struct db *db, struct apologize *a, struct err *e)
{
	const struct db_arg args[] = { DB_INT(a->d->tenant.n),
		DB_INT(a->d->id.n), DB_END };
	struct db_rows *rows = NULL;

	if (!db_one(db, DB_slip_apologies, args, &rows, e))
		return false;
	a->seq = db_int(rows, 0, "count") + 1;
	db_rows_free(rows);
	if (a->seq > a->req->config->apologies_max)
		return err_set(e, ERR_WRONG_STATE,
		    "dossier %s: %" PRId64 " apologies already", a->d->code,
		    a->seq - 1);
	return true;
}

static bool
store(struct db *db, void *arg, struct err *e)
{
	struct apologize *a = arg;

	if (!idempotency_claim(db, a->req, e) || !count(db, a, e))
		return false;

	const struct db_arg args[] = {
		DB_INT(a->d->tenant.n),
		DB_INT(a->d->id.n),
		DB_INT(a->seq),
		DB_TEXT(json_text(a->req->json, "reason", "")),
		DB_TIME(a->d->original_due_us),
		DB_TIME(a->new_due_us),
		DB_TIME(a->req->now_us),
		DB_INT(a->req->by.n),
		DB_END,
	};
	if (!db_exec(db, DB_slip_apology_add, args, NULL, e) ||
	    !record(db, a, e))
		return false;
	return idempotency_answer(
	    db, a->req, reply_json(201, apology_json(a)), &a->reply, e);
}

struct reply *
api_dossier_apologize(struct request *req)
{
	struct apologize a = { .req = req };
	struct dossier *d = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!json_check(req->json, "", fields, nitems(fields), &e))
		goto refuse;
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;
	a.d = d;
	if (!may(&a, &e) || !read_date(&a, &e))
		goto refuse;
	if (!db_tx(req->db, store, &a, &e))
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
