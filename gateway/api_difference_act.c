/*
 * POST /v1/payments/differences/{id}/actions
 *
 * An officer makes a difference his own, and closes it with a reason; where
 * money is at stake another confirms, or opens it again.
 */
#include "base/base.h"
#include "base/json.h"
#include "gateway/difference.h"
#include "gateway/four_eyes.h"
#include "gateway/route.h"

static const struct four_eyes_deed deeds[] = {
	{ "own", difference_own },
	{ "close", difference_close },
	{ "confirm", difference_confirm },
	{ "reopen", difference_reopen },
};

static const struct json_field fields[] = {
	{ "action", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "note", JSON_KIND_TEXT, false, 1, 1000, true, NULL },
};

struct reply *
api_difference_act(struct request *req)
{
	static const struct four_eyes differences = { deeds, nitems(deeds),
		fields, nitems(fields) };

	return four_eyes_answer(req, &differences);
}
