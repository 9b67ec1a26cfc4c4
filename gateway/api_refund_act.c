/*
 * POST /v1/dossiers/{code}/refunds/{id}/actions
 *
 * What an officer decides about a refund: one row of the table below is one
 * action.  Who asked for it neither approves nor rejects it.
 */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/idempotency.h"
#include "gateway/payment_provider.h"
#include "gateway/refund.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

/* By hand means: with a paper that says so. */
static const struct action {
	const char *name;
	enum refund_event event;
	const char *needs; /* a field, or NULL */
} actions[] = {
	{ "approve", REFUND_EV_APPROVE, NULL },
	{ "reject", REFUND_EV_REJECT, "reason" },
	{ "confirm", REFUND_EV_CONFIRM, "evidence" },
	{ "give-up", REFUND_EV_GIVE_UP, "reason" },
};

static const struct json_field fields[] = {
	{ "action", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "reason", JSON_KIND_TEXT, false, 1, 1000, true, NULL },
	{ "evidence", JSON_KIND_TEXT, false, 1, 300, false, NULL },
};

struct act {
	struct request *req;
	const struct action *action;
	struct refund key;
	struct reply *reply; /* made anew by each run of the transaction */
};

static bool
read_action(struct act *a, struct err *e)
{
	const struct json *body = a->req->json;
	const char *name, *needs;
	char pointer[32];

	if (!json_check(body, "", fields, nitems(fields), e))
		return false;
	if (a->req->who != AUTH_OFFICER)
		return err_set(
		    e, ERR_FORBIDDEN, "%s is no officer", a->req->principal);
	name = json_text(body, "action", "");
	for (size_t i = 0; i < nitems(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			a->action = &actions[i];
	if (a->action == NULL)
		return err_field(e, ERR_BAD_FIELD, "/action", "%s", name);
	needs = a->action->needs;
	if (needs == NULL || json_text(body, needs, NULL) != NULL)
		return true;
	snprintf(pointer, sizeof(pointer), "/%s", needs);
	return err_field(e, ERR_MISSING_FIELD, pointer, "missing");
}

/* Can the gateway have it carried out, or does a person do it? */
static bool
goes_by_itself(const struct request *req, const struct refund *r)
{
	struct payment_provider p;

	return strcmp(r->kind, "suspense") != 0 &&
	       payment_provider_find(
		   req->config, req->secrets, r->provider, &p) &&
	       pay_can_refund(p.adapter);
}

static bool
act(struct db *db, void *arg, struct err *e)
{
	struct act *a = arg;
	const struct json *body = a->req->json;
	struct refund r;
	struct refund_move m = {
		.r = &r,
		.event = a->action->event,
		.actor = a->req->by.n,
		.at_us = a->req->now_us,
		.reason = json_text(body, "reason", NULL),
		.evidence = json_text(body, "evidence", NULL),
	};
	struct json *j = NULL;

	if (!idempotency_claim(db, a->req, e) ||
	    !refund_load(db, &a->key, &r, e))
		return false;
	if (m.event == REFUND_EV_APPROVE && goes_by_itself(a->req, &r))
		m.ask_us = a->req->now_us;
	if (m.event == REFUND_EV_CONFIRM && r.state == REFUND_APPROVED &&
	    goes_by_itself(a->req, &r))
		return err_set(e, ERR_WRONG_STATE,
		    "refund %s: %s is about to carry it out", r.ref,
		    r.provider);
	if (!refund_advance(db, &m, e) || !refund_json(db, &r, &j, e))
		return false;
	return idempotency_answer(db, a->req, reply_json(200, j), &a->reply, e);
}

struct reply *
api_refund_act(struct request *req)
{
	struct act a = { .req = req };
	struct dossier *d = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!read_action(&a, &e))
		goto refuse;
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;

	a.key.tenant = req->tenant;
	a.key.dossier = d->id.n;
	snprintf(a.key.ref, sizeof(a.key.ref), "%s", req->arg.id);
	if (!db_tx(req->db, act, &a, &e))
		goto refuse;
	reply = a.reply;
	a.reply = NULL; /* http.c owns it now */
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	reply_free(a.reply);
	dossier_free(d);
	return reply;
}
