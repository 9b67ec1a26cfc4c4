/*
 * GET /v1/scores/{set}?period=&unit=&cases=1
 *
 * A manager's score set: each figure with its numerator, denominator, formula
 * and, where asked for, the cases behind it.
 */
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/score.h"

struct reply *
api_score_get(struct request *req)
{
	struct score_question q = {
		.tenant = req->tenant.n,
		.set = req->arg.set,
		.unit = request_query(req, "unit", ""),
		.cases = strcmp(request_query(req, "cases", "0"), "1") == 0,
	};
	struct json *j = NULL;
	struct err e = { 0 };
	char year[CLOCK_STAMP_LEN];

	clock_vn_stamp(req->now_us, year);
	year[4] = '\0'; /* the current year, unless another period is asked */
	if (score_period_read(
		request_query(req, "period", year), &q.period, &e) &&
	    score_compute(req->db, &q, &j, &e))
		return reply_json(200, j);
	return reply_err(req, &e);
}
