/*
 * POST /v1/dossiers/{code}/receipts/{number}/corrections
 *
 * Replaces a receipt, in the same or another name, or takes it back: by a
 * document with a number of its own, once.  The receipt itself stays as it
 * was given out.
 */
#include <inttypes.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/idempotency.h"
#include "gateway/receipt.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const char *const kinds[] = { "replacement", "void", NULL };

static const struct json_field fields[] = {
	{ "kind", JSON_KIND_TEXT, true, 1, 20, false, kinds },
	{ "ground", JSON_KIND_TEXT, true, 1, 1000, false, NULL },
	{ "payer", JSON_KIND_TEXT, false, 1, 500, false, NULL },
};

struct correct {
	struct request *req;
	const struct dossier *d;
	int64_t old;         /* its number */
	struct reply *reply; /* made anew by each run of the transaction */
};

static bool
find_old(struct db *db, const struct correct *c, int64_t *id, struct err *e)
{
	struct db_rows *rows = NULL;
	bool ok;

	if (!db_one(db, DB_receipt_find,
		(const struct db_arg[]){ DB_INT(c->d->tenant.n),
		    DB_INT(c->d->id.n), DB_INT(c->old), DB_END },
		&rows, e))
		return false;
	*id = db_int(rows, 0, "id");
	ok = !db_bool(rows, 0, "corrected") &&
	     strcmp(db_text(rows, 0, "kind"), "void") != 0;
	db_rows_free(rows);
	return ok || err_set(e, ERR_CORRECTED, "receipt %" PRId64 " of %s",
			 c->old, c->d->code);
}

static bool
correct(struct db *db, void *arg, struct err *e)
{
	struct correct *c = arg;
	struct receipt_correction fresh = {
		.tenant = c->d->tenant,
		.dossier = c->d->id,
		.kind = json_text(c->req->json, "kind", ""),
		.ground = json_text(c->req->json, "ground", ""),
		.payer = json_text(c->req->json, "payer", NULL),
		.at_us = c->req->now_us,
		.by = c->req->by,
	};
	struct json *j;
	int64_t number;

	if (!idempotency_claim(db, c->req, e) ||
	    !find_old(db, c, &fresh.receipt, e) ||
	    !receipt_correct(db, &fresh, &number, e))
		return false;
	j = json_new_object();
	json_put_text(j, "code", c->d->code);
	json_put_text(j, "kind", fresh.kind);
	json_put_int(j, "number", number);
	json_put_int(j, "corrects", c->old);
	return idempotency_answer(db, c->req, reply_json(201, j), &c->reply, e);
}

struct reply *
api_receipt_correct(struct request *req)
{
	struct correct c = { .req = req };
	struct dossier *d = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!json_check(req->json, "", fields, nitems(fields), &e))
		goto refuse;
	if (!text_int(req->arg.id, &c.old)) {
		err_set(&e, ERR_NOT_FOUND, "receipt %s", req->arg.id);
		goto refuse;
	}
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;
	c.d = d;
	if (!db_tx(req->db, correct, &c, &e))
		goto refuse;

	reply = c.reply;
	c.reply = NULL; /* http.c owns it now */
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	reply_free(c.reply);
	dossier_free(d);
	return reply;
}
