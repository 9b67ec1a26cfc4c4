/*
 * GET /v1/dossiers/{code}/receipts/{number}
 *
 * The signed PDF of a receipt, as it was kept; ERR_PENDING until there is one.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/err.h"
#include "base/text.h"
#include "gateway/db.h"
#include "gateway/dossier_part.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

struct reply *
api_receipt_get(struct request *req)
{
	struct db_rows *rows = NULL;
	struct db_bytes bytes;
	struct reply *reply;
	struct err e = { 0 };
	char name[40];
	int64_t number;

	if (!text_int(req->arg.id, &number)) {
		err_set(&e, ERR_NOT_FOUND, "receipt %s", req->arg.id);
		goto refuse;
	}
	if (!dossier_part(req, DB_receipt_find, DB_INT(number), &rows, &e))
		goto refuse;
	if (db_is_null(rows, 0, "bytes")) {
		err_set(&e, ERR_PENDING, "receipt %" PRId64 " of %s", number,
		    req->arg.code);
		goto refuse;
	}

	bytes = db_bytes(rows, 0, "bytes");
	snprintf(name, sizeof(name), "bien-lai-%08" PRId64 ".pdf", number);
	reply =
	    reply_attachment("application/pdf", bytes.data, bytes.len, name);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	return reply;
}
