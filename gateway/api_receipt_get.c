/*
 * GET /v1/dossiers/{code}/receipts/{number}
 *
 * The signed PDF of a receipt, as it was kept; ERR_PENDING until there is one.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static bool
find(struct request *req, int64_t number, struct db_rows **rows, struct err *e)
{
	struct dossier *d = NULL;
	bool ok;

	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, e))
		return false;
	ok = auth_dossier(req, d, e) &&
	     db_one(req->db, DB_receipt_find,
		 (const struct db_arg[]){ DB_INT(d->tenant.n), DB_INT(d->id.n),
		     DB_INT(number), DB_END },
		 rows, e);
	dossier_free(d);
	return ok;
}

struct reply *
api_receipt_get(struct request *req)
{
	struct db_rows *rows = NULL;
	struct db_bytes bytes;
	struct reply *reply;
	struct err e = { 0 };
	char value[128];
	int64_t number;

	if (!text_int(req->arg.id, &number)) {
		err_set(&e, ERR_NOT_FOUND, "receipt %s", req->arg.id);
		goto refuse;
	}
	if (!find(req, number, &rows, &e))
		goto refuse;
	if (db_is_null(rows, 0, "bytes")) {
		err_set(&e, ERR_PENDING, "receipt %" PRId64 " of %s", number,
		    req->arg.code);
		goto refuse;
	}

	bytes = db_bytes(rows, 0, "bytes");
	reply = reply_bytes(200, "application/pdf", bytes.data, bytes.len);
	snprintf(value, sizeof(value),
	    "attachment; filename=\"bien-lai-%08" PRId64 ".pdf\"", number);
	reply_header(reply, "Content-Disposition", value);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	return reply;
}
