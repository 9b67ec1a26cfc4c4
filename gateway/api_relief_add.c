/*
 * POST /v1/dossiers/{code}/reliefs
 *
 * An officer relieves a dossier of its fee, by a relief of its tariff and
 * with the legal ground.
 */
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/idempotency.h"
#include "gateway/relief.h"
#include "gateway/reply.h"
#include "gateway/reply_dossier.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const struct json_field fields[] = {
	{ "relief", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "ground", JSON_KIND_TEXT, true, 1, 1000, false, NULL },
};

struct give {
	struct request *req;
	const struct dossier *d;
	struct reply *reply; /* made anew by each run of the transaction */
};

static bool
give(struct db *db, void *arg, struct err *e)
{
	struct give *g = arg;
	const struct relief relief = {
		.code = json_text(g->req->json, "relief", ""),
		.ground = json_text(g->req->json, "ground", ""),
	};

	if (!idempotency_claim(db, g->req, e) ||
	    !relief_give(g->req, g->d, &relief, e))
		return false;
	reply_free(g->reply);
	g->reply = NULL;
	return reply_dossier(g->req, 201, g->d->code, &g->reply, e) &&
	       idempotency_keep(db, g->req, g->reply, e);
}

struct reply *
api_relief_add(struct request *req)
{
	struct give g = { .req = req };
	struct dossier *d = NULL;
	struct err e = { 0 };

	if (!json_check(req->json, "", fields, nitems(fields), &e))
		goto refuse;
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;
	g.d = d;
	if (!db_tx(req->db, give, &g, &e))
		goto refuse;
	goto out;

refuse:
	reply_free(g.reply);
	g.reply = reply_err(req, &e);
out:
	dossier_free(d);
	return g.reply;
}
