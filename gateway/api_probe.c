/*
 * GET /healthz, /readyz, /metrics and /openapi.json: what watches us asks.
 *
 * healthz says that the process answers, and touches nothing.  readyz says
 * whether it can do its work, with reasons, on the operator's listener alone.
 */

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "crypto/verifier.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/files.h"
#include "gateway/metrics.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

struct reply *
api_healthz(struct request *req)
{
	(void)req;
	return reply_bytes(200, "text/plain; charset=utf-8", "ok\n", 3);
}

static void
put_check(struct json *checks, const char *name, bool ok, const struct err *e)
{
	struct json *check = json_new_object();

	json_put_text(check, "name", name);
	json_put_bool(check, "ok", ok);
	if (!ok)
		json_put_text(check, "reason", e->detail);
	json_add(checks, check);
}

static bool
schema_fits(struct db *db, struct err *e)
{
	const struct db_arg none[] = { DB_END };
	struct db_rows *rows = NULL;
	int64_t has;

	if (!db_one(db, DB_schema_version, none, &rows, e))
		return false;
	has = db_int(rows, 0, "number");
	db_rows_free(rows);
	if (has != files_schema_version())
		return err_set(e, ERR_STORAGE, "schema %lld, program %d",
		    (long long)has, files_schema_version());
	return true;
}

static bool
database_answers(struct db *db, struct err *e)
{
	if (db == NULL)
		return err_set(e, ERR_STORAGE, "no connection");
	return db_alive(db, e);
}

struct reply *
api_readyz(struct request *req)
{
	struct json *j = json_new_object(), *checks = json_new_list();
	struct err e = { 0 };
	bool database, schema = false, clock = false;

	database = database_answers(req->db, &e);
	put_check(checks, "database", database, &e);
	if (database) {
		schema = schema_fits(req->db, &e);
		put_check(checks, "schema", schema, &e);
		clock = db_clock_fits(req->db,
		    req->config->clock_skew_seconds * CLOCK_SEC_US, &e);
		put_check(checks, "clock", clock, &e);
	}
	err_set(&e, ERR_BUSY, "stopping");
	put_check(checks, "stopping", !req->draining, &e);

	json_put_bool(
	    j, "ready", database && schema && clock && !req->draining);
	json_put(j, "checks", checks);
	return reply_json(json_bool(j, "ready", false) ? 200 : 503, j);
}

struct reply *
api_metrics(struct request *req)
{
	struct verifier_counts v = verifier_count(req->verifier);
	struct buf text = { 0 };
	struct reply *reply;

	metrics_set(METRIC_verifier_judged_total, (int64_t)v.judged);
	metrics_set(METRIC_verifier_crashed_total, (int64_t)v.crashed);
	metrics_set(METRIC_verifier_timed_out_total, (int64_t)v.timed_out);
	metrics_write(&text);
	reply = reply_bytes(200, "text/plain; version=0.0.4; charset=utf-8",
	    text.data, text.len);
	buf_release(&text);
	return reply;
}

struct reply *
api_openapi(struct request *req)
{
	const char *text = files_text("openapi.json");
	struct reply *reply;
	struct err e = { 0 };

	if (text == NULL) {
		err_set(&e, ERR_NOT_FOUND, "openapi.json: not in this build");
		return reply_err(req, &e);
	}
	reply = reply_bytes(200, "application/json", text, strlen(text));
	reply_header(reply, "Cache-Control", "public, max-age=300");
	return reply;
}
