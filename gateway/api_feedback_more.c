/*
 * POST /v1/feedback/{code}/additions
 *
 * What the sender of feedback adds when he was asked for more.
 */
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/reply.h"
#include "gateway/reply_feedback.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const struct json_field fields[] = {
	{ "text", JSON_KIND_TEXT, true, 1, 5000, true, NULL },
};

struct reply *
api_feedback_more(struct request *req)
{
	struct err e = { 0 };

	if (!json_check(req->json, "", fields, nitems(fields), &e))
		return reply_err(req, &e);
	return reply_feedback(req, "add");
}
