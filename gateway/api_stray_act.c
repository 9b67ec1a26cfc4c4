/*
 * POST /v1/payments/strays/{id}/actions
 *
 * One officer says to which order stray money belongs, or that it is none of
 * ours; another confirms, or opens the question again.
 */
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/idempotency.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/stray.h"

static const struct {
	const char *name;
	bool (*act)(struct db *db, struct stray_act *a, struct err *e);
	const char *state; /* that it has then */
} actions[] = {
	{ "propose", stray_propose, "proposed" },
	{ "confirm", stray_confirm, "closed" },
	{ "reopen", stray_reopen, "open" },
};

static const struct json_field fields[] = {
	{ "action", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "attempt", JSON_KIND_TEXT, false, 1, 100, false, NULL },
	{ "note", JSON_KIND_TEXT, false, 1, 1000, true, NULL },
};

struct keep {
	const struct request *req;
	struct reply *reply;
};

static bool
keep(struct db *db, void *arg, struct err *e)
{
	const struct keep *k = arg;

	return idempotency_claim(db, k->req, e) &&
	       idempotency_keep(db, k->req, k->reply, e);
}

static bool
read_act(const struct request *req, struct stray_act *a, size_t *which,
    struct err *e)
{
	const char *name;

	if (!json_check(req->json, "", fields, nitems(fields), e))
		return false;
	if (req->who != AUTH_OFFICER)
		return err_set(
		    e, ERR_FORBIDDEN, "%s is no officer", req->principal);
	if (!text_int(req->arg.id, &a->id))
		return err_set(e, ERR_NOT_FOUND, "money %s", req->arg.id);
	name = json_text(req->json, "action", "");
	for (size_t i = 0; i < nitems(actions); i++) {
		if (strcmp(actions[i].name, name) != 0)
			continue;
		a->tenant = req->tenant;
		a->by = req->by.n;
		a->at_us = req->now_us;
		a->attempt = json_text(req->json, "attempt", NULL);
		a->note = json_text(req->json, "note", "");
		*which = i;
		return true;
	}
	return err_field(e, ERR_BAD_FIELD, "/action", "%s", name);
}

struct reply *
api_stray_act(struct request *req)
{
	struct keep k = { .req = req };
	struct stray_act a = { 0 };
	struct err e = { 0 };
	struct json *j;
	size_t which = 0;

	if (!read_act(req, &a, &which, &e) ||
	    !actions[which].act(req->db, &a, &e))
		return reply_err(req, &e);
	j = json_new_object();
	json_put_int(j, "id", a.id);
	json_put_text(j, "state", actions[which].state);
	k.reply = reply_json(200, j);
	/* Done is done; a key that could not be kept only costs its replay. */
	if (!db_tx(req->db, keep, &k, &e)) {
		reply_free(k.reply);
		return reply_err(req, &e);
	}
	return k.reply;
}
