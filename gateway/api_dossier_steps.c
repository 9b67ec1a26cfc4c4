/*
 * GET /v1/dossiers/{code}/steps
 *
 * The steps that a dossier's version foresees, those it lay at, and who holds
 * it: what form 06 (phiếu kiểm soát quá trình giải quyết hồ sơ) is made of.
 * Colleagues' names are not for applicants.
 */
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static void
put_word(struct json *j, const struct db_rows *r, int i, const char *column)
{
	json_put_text_or_null(
	    j, column, db_is_null(r, i, column) ? NULL : db_text(r, i, column));
}

static struct json *
planned(const struct db_rows *r, int i)
{
	struct json *j = json_new_object();

	json_put_text(j, "code", db_text(r, i, "code"));
	json_put_text(j, "title", db_text(r, i, "title"));
	json_put_text(j, "role", db_text(r, i, "role"));
	json_put_int(j, "limit_amount", db_int(r, i, "limit_amount"));
	json_put_text(j, "limit_unit", db_text(r, i, "limit_unit"));
	return j;
}

static struct json *
visit(const struct db_rows *r, int i, bool names)
{
	static const char *const people[] = { "officer", "began_by",
		"ended_by" };
	static const char *const times[] = { "began_at", "taken_at",
		"first_due_at", "due_at", "ended_at" };
	struct json *j = json_new_object();

	json_put_int(j, "seq", db_int(r, i, "seq"));
	json_put_text(j, "code", db_text(r, i, "code"));
	put_word(j, r, i, "title");
	put_word(j, r, i, "role");
	put_word(j, r, i, "outcome");
	for (size_t p = 0; names && p < nitems(people); p++)
		put_word(j, r, i, people[p]);
	for (size_t t = 0; t < nitems(times); t++)
		json_put_time(j, times[t], db_time(r, i, times[t]));
	json_put_int(j, "paused_seconds", db_int(r, i, "paused_sec"));
	if (db_is_null(r, i, "ended_at")) {
		json_put_null(j, "working_seconds");
		json_put_null(j, "late");
	} else {
		json_put_int(j, "working_seconds", db_int(r, i, "working_sec"));
		json_put_bool(j, "late", db_bool(r, i, "late"));
	}
	return j;
}

static bool
put_lists(
    struct request *req, const struct dossier *d, struct json *j, struct err *e)
{
	const struct db_arg version[] = { DB_INT(d->tenant.n),
		DB_INT(d->procedure), DB_END };
	const struct db_arg dossier[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		DB_END };
	struct json *plan = json_new_list(), *steps = json_new_list();
	struct db_rows *r = NULL;

	json_put(j, "plan", plan);
	json_put(j, "steps", steps);
	if (!db_query(req->db, DB_step_plan, version, &r, e))
		return false;
	for (int i = 0; i < db_count(r); i++)
		json_add(plan, planned(r, i));
	db_rows_free(r);
	if (!db_query(req->db, DB_step_of_dossier, dossier, &r, e))
		return false;
	for (int i = 0; i < db_count(r); i++)
		json_add(steps, visit(r, i, req->who != AUTH_APPLICANT));
	db_rows_free(r);
	return true;
}

struct reply *
api_dossier_steps(struct request *req)
{
	struct json *j = json_new_object();
	struct dossier *d = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;
	json_put_text(j, "code", d->code);
	json_put_int(j, "version", d->version);
	if (!put_lists(req, d, j, &e))
		goto refuse;

	reply = reply_json(200, j);
	j = NULL; /* the reply has it now */
	reply_etag(reply, d->version);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	json_free(j);
	dossier_free(d);
	return reply;
}
