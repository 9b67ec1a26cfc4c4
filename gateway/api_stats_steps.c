/*
 * GET /v1/stats/steps?period=&unit=&procedure=
 *
 * Where dossiers lie longest: for managers, the slowest step first.
 */
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/score.h"

static struct json *
figure(const struct db_rows *r, int i)
{
	struct json *j = json_new_object();

	json_put_text(j, "procedure", db_text(r, i, "procedure_code"));
	json_put_text(j, "step", db_text(r, i, "step"));
	json_put_text(j, "title", db_text(r, i, "title"));
	json_put_text(j, "role", db_text(r, i, "role"));
	json_put_int(j, "ended", db_int(r, i, "ended"));
	json_put_int(j, "late", db_int(r, i, "late"));
	json_put_int(j, "median_seconds", db_int(r, i, "median_sec"));
	json_put_int(j, "p90_seconds", db_int(r, i, "p90_sec"));
	json_put_int(j, "longest_seconds", db_int(r, i, "longest_sec"));
	return j;
}

struct reply *
api_stats_steps(struct request *req)
{
	const char *unit = request_query(req, "unit", "");
	struct json *body = json_new_object(), *steps = json_new_list();
	struct score_period period = { 0 };
	struct db_rows *r = NULL;
	struct reply *reply;
	struct err e = { 0 };

	json_put(body, "steps", steps);
	if (!score_period_or_year(
		request_query(req, "period", NULL), req->now_us, &period, &e))
		goto refuse;
	const struct db_arg args[] = {
		DB_INT(req->tenant.n),
		DB_TIME(period.from_us),
		DB_TIME(period.to_us),
		DB_TEXT(unit),
		DB_TEXT(request_query(req, "procedure", "")),
		DB_END,
	};
	if (!db_query(req->db, DB_step_figures, args, &r, &e))
		goto refuse;

	for (int i = 0; i < db_count(r); i++)
		json_add(steps, figure(r, i));
	json_put_text(body, "period", period.name);
	json_put_text(body, "unit", unit);
	json_put_time(body, "as_of", req->now_us);
	reply = reply_json(200, body);
	body = NULL; /* the reply has it now */
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	json_free(body);
	db_rows_free(r);
	return reply;
}
