/*
 * GET /v1/dossiers/{code}/forms and .../forms/{number}
 *
 * The forms of a dossier and what became of each, and one of them as a PDF:
 * the last of its number.  A draft is for officers.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static bool
find(struct request *req, struct dossier **d, struct err *e)
{
	return dossier_load(req->db, req->tenant, req->arg.code, d, e) &&
	       auth_dossier(req, *d, e);
}

static struct json *
form_json(const struct db_rows *rows, int i)
{
	struct json *j = json_new_object();

	json_put_text(j, "number", db_text(rows, i, "number"));
	json_put_text(j, "state", db_text(rows, i, "state"));
	json_put_bool(j, "draft", db_bool(rows, i, "draft"));
	json_put_bool(j, "signed", db_bool(rows, i, "signed"));
	json_put_time(j, "called_at", db_time(rows, i, "called_at"));
	json_put_time(j, "made_at", db_time(rows, i, "made_at"));
	json_put_text_or_null(j, "file_name",
	    db_is_null(rows, i, "file_name") ? NULL
					     : db_text(rows, i, "file_name"));
	json_put_text_or_null(j, "sha256",
	    db_is_null(rows, i, "sha256") ? NULL : db_text(rows, i, "sha256"));
	json_put_text(j, "missing", db_text(rows, i, "reason"));
	return j;
}

struct reply *
api_form_list(struct request *req)
{
	struct db_rows *rows = NULL;
	struct dossier *d = NULL;
	struct json *j, *list;
	struct reply *reply;
	struct err e = { 0 };

	if (!find(req, &d, &e))
		goto refuse;
	if (!db_query(req->db, DB_slip_of_dossier,
		(const struct db_arg[]){ DB_INT(d->tenant.n), DB_INT(d->id.n),
		    DB_BOOL(req->who == AUTH_OFFICER), DB_END },
		&rows, &e))
		goto refuse;

	list = json_new_list();
	for (int i = 0; i < db_count(rows); i++)
		json_add(list, form_json(rows, i));
	j = json_new_object();
	json_put(j, "forms", list);
	reply = reply_json(200, j);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	dossier_free(d);
	return reply;
}

struct reply *
api_form_get(struct request *req)
{
	struct db_rows *rows = NULL;
	struct dossier *d = NULL;
	struct db_bytes bytes;
	struct reply *reply;
	struct err e = { 0 };

	if (!find(req, &d, &e))
		goto refuse;
	if (!db_one(req->db, DB_slip_bytes,
		(const struct db_arg[]){ DB_INT(d->tenant.n), DB_INT(d->id.n),
		    DB_TEXT(req->arg.number), DB_BOOL(req->who == AUTH_OFFICER),
		    DB_END },
		&rows, &e))
		goto refuse;

	bytes = db_bytes(rows, 0, "bytes");
	reply = reply_attachment("application/pdf", bytes.data, bytes.len,
	    db_text(rows, 0, "file_name"));
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	dossier_free(d);
	return reply;
}
