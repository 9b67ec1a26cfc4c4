#include "gateway/four_eyes.h"

#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/idempotency.h"
#include "gateway/reply.h"
#include "gateway/request.h"

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
find_deed(const struct four_eyes *f, const char *name, four_eyes_fn **out,
    struct err *e)
{
	for (size_t i = 0; i < f->deed_count; i++) {
		if (strcmp(f->deeds[i].name, name) == 0) {
			*out = f->deeds[i].fn;
			return true;
		}
	}
	return err_field(e, ERR_BAD_FIELD, "/action", "%s", name);
}

static bool
read_act(const struct request *req, const struct four_eyes *f,
    struct four_eyes_act *a, four_eyes_fn **fn, struct err *e)
{
	if (!json_check(req->json, "", f->fields, f->field_count, e))
		return false;
	if (req->who != AUTH_OFFICER)
		return err_set(
		    e, ERR_FORBIDDEN, "%s is no officer", req->principal);
	if (!text_int(req->arg.id, &a->id))
		return err_set(e, ERR_NOT_FOUND, "money %s", req->arg.id);
	a->tenant = req->tenant;
	a->by = req->by.n;
	a->at_us = req->now_us;
	a->attempt = json_text(req->json, "attempt", NULL);
	a->note = json_text(req->json, "note", "");
	return find_deed(f, json_text(req->json, "action", ""), fn, e);
}

struct reply *
four_eyes_answer(struct request *req, const struct four_eyes *f)
{
	struct keep k = { .req = req };
	struct four_eyes_act a = { 0 };
	four_eyes_fn *fn = NULL;
	struct err e = { 0 };
	struct json *j;

	if (!read_act(req, f, &a, &fn, &e) || !fn(req->db, &a, &e))
		return reply_err(req, &e);
	j = json_new_object();
	json_put_int(j, "id", a.id);
	json_put_text(j, "state", a.state);
	k.reply = reply_json(200, j);
	/* Done is done; a key that could not be kept only costs its replay. */
	if (!db_tx(req->db, keep, &k, &e)) {
		reply_free(k.reply);
		return reply_err(req, &e);
	}
	return k.reply;
}
