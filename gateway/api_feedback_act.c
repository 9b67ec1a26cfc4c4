/*
 * POST /v1/feedback/{code}/actions
 *
 * What an officer does with feedback.  If-Match guards concurrent officers.
 */
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/reply.h"
#include "gateway/reply_feedback.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const char *const actions[] = { "accept", "return", "ask-more",
	"transfer", "answer", "publish", NULL };

static const struct json_field fields[] = {
	{ "action", JSON_KIND_TEXT, true, 1, 20, false, actions },
	{ "text", JSON_KIND_TEXT, false, 1, 10000, true, NULL },
	{ "unit", JSON_KIND_TEXT, false, 1, 40, false, NULL },
};

/* What has to be said with an action. */
static const struct {
	const char *action, *field;
} needs[] = {
	{ "return", "text" },
	{ "ask-more", "text" },
	{ "transfer", "unit" },
	{ "answer", "text" },
};

static bool
check_needs(const struct json *body, const char *action, struct err *e)
{
	char at[16] = "/";

	for (size_t i = 0; i < nitems(needs); i++) {
		if (strcmp(needs[i].action, action) != 0 ||
		    json_text(body, needs[i].field, NULL) != NULL)
			continue;
		return err_field(e, ERR_MISSING_FIELD,
		    strncat(at, needs[i].field, sizeof(at) - 2), "missing");
	}
	return true;
}

struct reply *
api_feedback_act(struct request *req)
{
	const char *action;
	struct err e = { 0 };

	if (!json_check(req->json, "", fields, nitems(fields), &e))
		return reply_err(req, &e);
	action = json_text(req->json, "action", "");
	if (!check_needs(req->json, action, &e))
		return reply_err(req, &e);
	if (req->if_match == 0) {
		err_set(&e, ERR_MATCH_REQUIRED, "%s", action);
		return reply_err(req, &e);
	}
	return reply_feedback(req, action);
}
