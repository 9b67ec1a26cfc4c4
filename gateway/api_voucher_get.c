/*
 * GET /v1/dossiers/{code}/vouchers/{attempt}
 *
 * The provider's own receipt of an attempt, byte for byte as it was given and
 * always an attachment; ERR_VOUCHER_PENDING while it is still asked for.
 */
#include <stdio.h>

#include "base/err.h"
#include "gateway/db.h"
#include "gateway/dossier_part.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

/* What there is none of yet is told from what there will be none of. */
static bool
is_kept(const struct db_rows *rows, const char *ref, struct err *e)
{
	if (db_bool(rows, 0, "pending"))
		return err_set(e, ERR_VOUCHER_PENDING, "attempt %s", ref);
	if (db_is_null(rows, 0, "bytes"))
		return err_set(e, ERR_NOT_FOUND, "voucher of %s", ref);
	return true;
}

struct reply *
api_voucher_get(struct request *req)
{
	struct db_rows *rows = NULL;
	struct db_bytes bytes;
	struct reply *reply;
	struct err e = { 0 };
	char name[128];

	if (!dossier_part(
		req, DB_voucher_find, DB_TEXT(req->arg.id), &rows, &e) ||
	    !is_kept(rows, req->arg.id, &e))
		goto refuse;

	bytes = db_bytes(rows, 0, "bytes");
	snprintf(name, sizeof(name), "chung-tu-%s.pdf", req->arg.id);
	reply =
	    reply_attachment("application/pdf", bytes.data, bytes.len, name);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	return reply;
}
