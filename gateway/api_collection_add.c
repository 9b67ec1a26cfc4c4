/*
 * POST /v1/dossiers/{code}/collections and .../collections/{id}/decision
 *
 * What is taken at the counter: recorded by the cashier, and for a transfer
 * confirmed or refused by another officer.
 */
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/auth.h"
#include "gateway/counter.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/idempotency.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const char *const methods[] = { "cash", "transfer", NULL };
static const char *const decisions[] = { "confirmed", "refused", NULL };

static const struct json_field collection_fields[] = {
	{ "method", JSON_KIND_TEXT, true, 1, 10, false, methods },
	{ "amount", JSON_KIND_INT, true, 1, MONEY_MAX, false, NULL },
	{ "reference", JSON_KIND_TEXT, true, 1, 60, false, NULL },
};

static const struct json_field decision_fields[] = {
	{ "decision", JSON_KIND_TEXT, true, 1, 10, false, decisions },
};

/* The answer, kept under the request's key. */
struct kept {
	struct request *req;
	const struct dossier *d;
	int64_t id;
	int status;
	struct reply *reply; /* made anew by each run of the transaction */
};

static bool
keep_in_tx(struct db *db, void *arg, struct err *e)
{
	struct kept *k = arg;
	struct json *j = NULL;

	if (!idempotency_claim(db, k->req, e) ||
	    !counter_json(db, k->d, k->id, &j, e))
		return false;
	return idempotency_answer(
	    db, k->req, reply_json(k->status, j), &k->reply, e);
}

static bool
is_plain(const char *reference)
{
	return strspn(reference,
		   "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
		   "abcdefghijklmnopqrstuvwxyz./-") == strlen(reference);
}

static bool
collect(struct kept *k, struct err *e)
{
	const struct json *j = k->req->json;
	const struct counter_taken taken = {
		.method = json_text(j, "method", ""),
		.reference = json_text(j, "reference", ""),
		.amount = { json_int(j, "amount", 0) },
	};

	if (!json_check(j, "", collection_fields, nitems(collection_fields), e))
		return false;
	if (!is_plain(taken.reference))
		return err_field(e, ERR_BAD_FIELD, "/reference",
		    "letters, digits, dots, slashes and dashes");
	k->status = 201;
	return counter_collect(k->req, k->d, &taken, &k->id, e);
}

static bool
decide(struct kept *k, struct err *e)
{
	const struct json *j = k->req->json;

	if (!json_check(j, "", decision_fields, nitems(decision_fields), e))
		return false;
	if (!text_int(k->req->arg.id, &k->id))
		return err_set(
		    e, ERR_NOT_FOUND, "collection %s", k->req->arg.id);
	k->status = 200;
	return counter_decide(k->req, k->d, k->id,
	    strcmp(json_text(j, "decision", ""), "confirmed") == 0, e);
}

static struct reply *
answer(struct request *req, bool (*act)(struct kept *, struct err *))
{
	struct kept k = { .req = req };
	struct dossier *d = NULL;
	struct err e = { 0 };

	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;
	k.d = d;
	if (!act(&k, &e))
		goto refuse;
	if (!db_tx(req->db, keep_in_tx, &k, &e))
		goto refuse;
	goto out;

refuse:
	reply_free(k.reply);
	k.reply = reply_err(req, &e);
out:
	dossier_free(d);
	return k.reply;
}

struct reply *
api_collection_add(struct request *req)
{
	return answer(req, collect);
}

struct reply *
api_collection_decide(struct request *req)
{
	return answer(req, decide);
}
