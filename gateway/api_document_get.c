/*
 * GET /v1/dossiers/{code}/documents/{id} and .../report
 *
 * The bytes as they came, never as a page of ours: always an attachment.  The
 * report as it was judged.
 */
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static bool
find(struct request *req, enum db_stmt stmt, struct db_rows **rows,
    struct err *e)
{
	struct dossier *d = NULL;
	int64_t id;
	bool ok = false;

	if (!text_int(req->arg.id, &id))
		return err_set(e, ERR_NOT_FOUND, "id %s", req->arg.id);
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, e))
		return false;
	const struct db_arg args[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		DB_INT(id), DB_END };
	ok = auth_dossier(req, d, e) && db_one(req->db, stmt, args, rows, e);
	dossier_free(d);
	return ok;
}

/* RFC 6266: a plain name for old clients, the true one percent-encoded. */
static void
disposition(const char *name, char *out, size_t cap)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
	int n = snprintf(out, cap, "attachment; filename*=UTF-8''");

	for (; *name != '\0' && (size_t)n + 4 < cap; name++) {
		if (strchr(plain, *name) != NULL)
			n += snprintf(out + n, cap - (size_t)n, "%c", *name);
		else
			n += snprintf(out + n, cap - (size_t)n, "%%%02X",
			    (unsigned char)*name);
	}
}

struct reply *
api_document_get(struct request *req)
{
	struct db_rows *rows = NULL;
	struct db_bytes bytes;
	struct reply *reply;
	struct err e = { 0 };
	char value[1024];

	if (!find(req, DB_document_bytes, &rows, &e))
		goto refuse;

	bytes = db_bytes(rows, 0, "bytes");
	reply =
	    reply_bytes(200, "application/octet-stream", bytes.data, bytes.len);
	disposition(db_text(rows, 0, "file_name"), value, sizeof(value));
	reply_header(reply, "Content-Disposition", value);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	return reply;
}

struct reply *
api_document_report(struct request *req)
{
	struct db_rows *rows = NULL;
	struct reply *reply;
	struct err e = { 0 };
	const char *text;

	if (!find(req, DB_document_report, &rows, &e))
		goto refuse;

	text = db_text(rows, 0, "report");
	reply = reply_bytes(200, "application/json", text, strlen(text));
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	return reply;
}
