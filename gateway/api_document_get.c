/*
 * GET /v1/dossiers/{code}/documents/{id} and .../report
 *
 * The bytes as they came, never as a page of ours: always an attachment.  The
 * report as it was judged.
 */
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "gateway/db.h"
#include "gateway/dossier_part.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static bool
find(struct request *req, enum db_stmt stmt, struct db_rows **rows,
    struct err *e)
{
	int64_t id;

	if (!text_int(req->arg.id, &id))
		return err_set(e, ERR_NOT_FOUND, "id %s", req->arg.id);
	return dossier_part(req, stmt, DB_INT(id), rows, e);
}

struct reply *
api_document_get(struct request *req)
{
	struct db_rows *rows = NULL;
	struct db_bytes bytes;
	struct reply *reply;
	struct err e = { 0 };

	if (!find(req, DB_document_bytes, &rows, &e))
		goto refuse;

	bytes = db_bytes(rows, 0, "bytes");
	reply = reply_attachment("application/octet-stream", bytes.data,
	    bytes.len, db_text(rows, 0, "file_name"));
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
