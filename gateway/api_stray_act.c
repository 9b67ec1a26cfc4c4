/*
 * POST /v1/payments/strays/{id}/actions
 *
 * One officer says to which order stray money belongs, or that it is none of
 * ours; another confirms, or opens the question again.
 */
#include "base/base.h"
#include "base/json.h"
#include "gateway/four_eyes.h"
#include "gateway/route.h"
#include "gateway/stray.h"

static const struct four_eyes_deed deeds[] = {
	{ "propose", stray_propose },
	{ "confirm", stray_confirm },
	{ "reopen", stray_reopen },
};

static const struct json_field fields[] = {
	{ "action", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "attempt", JSON_KIND_TEXT, false, 1, 100, false, NULL },
	{ "note", JSON_KIND_TEXT, false, 1, 1000, true, NULL },
};

struct reply *
api_stray_act(struct request *req)
{
	static const struct four_eyes strays = { deeds, nitems(deeds), fields,
		nitems(fields) };

	return four_eyes_answer(req, &strays);
}
