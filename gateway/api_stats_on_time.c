/*
 * GET /v1/stats/on-time?period=&unit=&tenant=
 *
 * The published on-time rate by field, with its as-of time, for anyone.
 */
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/score.h"

static struct json *
tenant_json(const struct db_rows *tenants, int i)
{
	struct json *j = json_new_object();

	json_put_text(j, "code", db_text(tenants, i, "code"));
	json_put_text(j, "name", db_text(tenants, i, "name"));
	return j;
}

struct reply *
api_stats_on_time(struct request *req)
{
	const struct db_arg args[] = {
		DB_TEXT(request_query(req, "tenant", "")), DB_END
	};
	struct score_question q = { .unit = request_query(req, "unit", "") };
	struct json *body = json_new_object(), *list = json_new_list();
	struct json *tenant;
	struct db_rows *tenants = NULL;
	struct reply *reply = NULL;
	struct err e = { 0 };

	json_put(body, "tenants", list);
	if (!score_period_or_year(request_query(req, "period", NULL),
		req->now_us, &q.period, &e) ||
	    !db_query(req->db, DB_score_tenants, args, &tenants, &e))
		goto refuse;
	for (int i = 0; i < db_count(tenants); i++) {
		q.tenant = db_int(tenants, i, "id");
		tenant = tenant_json(tenants, i);
		json_add(list, tenant);
		if (!score_on_time(req->db, &q, tenant, &e))
			goto refuse;
	}

	json_put_text(body, "period", q.period.name);
	json_put_text(body, "unit", q.unit);
	json_put_time(body, "as_of", req->now_us);
	reply = reply_json(200, body);
	body = NULL; /* the reply has it now */
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	json_free(body);
	db_rows_free(tenants);
	return reply;
}
