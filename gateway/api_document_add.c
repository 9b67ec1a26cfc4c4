/*
 * POST /v1/dossiers/{code}/documents
 *
 * Takes what the applicant was asked for, or the officer's signed result.
 * Every document is judged and kept with its report, whatever the verdict;
 * the dossier moves only if the reports allow it.  A repeated Idempotency-Key
 * never comes this far: idempotency.c has answered.
 */
#include <stdio.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/document.h"
#include "gateway/dossier.h"
#include "gateway/form.h"
#include "gateway/idempotency.h"
#include "gateway/procedure.h"
#include "gateway/reply.h"
#include "gateway/reply_dossier.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const struct json_field fields[] = {
	{ "documents", JSON_KIND_LIST, true, 1, 32, false, NULL },
};

struct addition {
	struct request *req;
	struct json *body;
	struct dossier *d;
	struct procedure *procedure;
	struct document_set set;
	enum document_role role;
	enum dossier_event event;
	bool proved; /* do the reports allow the move? */

	struct reply *reply; /* made anew by each run of the transaction */
};

/* An officer brings results, everybody else supplements. */
static bool
read_addition(struct addition *a, struct err *e)
{
	a->role = DOCUMENT_SUPPLEMENT;
	a->event = DOSSIER_EV_SUPPLEMENT;
	if (a->req->who == AUTH_OFFICER) {
		a->role = DOCUMENT_RESULT;
		a->event = DOSSIER_EV_RESOLVE;
	}
	return form_json(a->req->upload, "dossier", &a->body, e) &&
	       json_check(a->body, "", fields, nitems(fields), e);
}

static bool
load(struct addition *a, struct err *e)
{
	struct request *req = a->req;
	enum dossier_state next;

	if (!dossier_load(req->db, req->tenant, req->arg.code, &a->d, e) ||
	    !auth_dossier(req, a->d, e) ||
	    !dossier_match(a->d, req->if_match, e))
		return false;
	/* Refused here already: what no state waits for is not judged. */
	if (!dossier_next(a->d->at, a->event, &next))
		return err_set(e, ERR_WRONG_STATE, "dossier %s: %s in %s",
		    a->d->code, dossier_event_name(a->event),
		    dossier_state_name(a->d->at.state));
	if (!procedure_load(
		req->db, req->tenant.n, a->d->procedure, &a->procedure, e))
		return false;
	const struct document_form form = {
		.upload = req->upload,
		.list = json_find(a->body, "documents"),
		.procedure = a->procedure,
		.role = a->role,
	};
	return document_read(&form, &a->set, e);
}

static bool
judge(struct addition *a, struct err *e)
{
	const struct db_arg args[] = { DB_INT(a->d->tenant.n),
		DB_INT(a->d->id.n), DB_INT(a->req->by.n), DB_END };
	struct db_rows *rows = NULL;
	const struct document_means means = document_means(a->req);
	struct document_signer who;
	struct err why = { 0 };

	if (!db_one(a->req->db, DB_dossier_signer, args, &rows, e))
		return false;
	who = (struct document_signer){
		.id_kind = db_text(rows, 0, "id_kind"),
		.id = db_text(rows, 0, "id"),
		.email = db_text(rows, 0, "email"),
		.certificates = db_text(rows, 0, "certificates"),
	};
	document_judge(&means, &a->set);
	a->proved = document_accept(&a->set, &who, NULL, &why);
	if (!a->proved)
		log_info("dossier %s: kept, not moved: %s %s", a->d->code,
		    err_name(why.code), why.detail);
	db_rows_free(rows);
	return document_gather(&means, &a->set, e);
}

/* Moves the dossier, on the record of what was brought. */
static bool
advance(struct db *db, const struct addition *a, struct err *e)
{
	struct json *data = json_new_object();
	struct dossier_move move = {
		.d = a->d,
		.event = a->event,
		.by = a->req->by,
		.at_us = a->req->now_us,
		.ground = "",
		.data = data,
	};
	bool ok;

	json_put(data, "documents", document_digests(&a->set));
	ok = dossier_advance(db, &move, 1, e);
	json_free(data);
	return ok;
}

static bool
store(struct db *db, void *arg, struct err *e)
{
	struct addition *a = arg;
	const struct document_owner owner = {
		.tenant = a->d->tenant.n,
		.dossier = a->d->id.n,
		.by = a->req->by.n,
		.at_us = a->req->now_us,
		.role = a->role,
	};

	if (!idempotency_claim(db, a->req, e) ||
	    !document_store_contents(db, owner.tenant, &a->set, e) ||
	    !document_store(db, &owner, &a->set, e))
		return false;
	if (a->proved && !advance(db, a, e))
		return false;
	reply_free(a->reply);
	a->reply = NULL;
	return reply_dossier(a->req, 201, a->d->code, &a->reply, e) &&
	       idempotency_keep(db, a->req, a->reply, e);
}

struct reply *
api_document_add(struct request *req)
{
	struct addition a = { .req = req };
	struct reply *reply;
	struct err e = { 0 };

	if (!read_addition(&a, &e))
		goto refuse;
	if (!load(&a, &e))
		goto refuse;
	if (!judge(&a, &e))
		goto refuse;
	if (!db_tx(req->db, store, &a, &e))
		goto refuse;

	reply = a.reply;
	a.reply = NULL; /* http.c owns it now */
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	reply_free(a.reply);
	document_set_release(&a.set);
	procedure_free(a.procedure);
	dossier_free(a.d);
	json_free(a.body);
	return reply;
}
