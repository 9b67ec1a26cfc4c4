/*
 * GET /v1/payments/strays
 *
 * Money for nobody that waits for officers, oldest first.
 */
#include "base/err.h"
#include "gateway/config.h"
#include "gateway/cursor.h"
#include "gateway/db.h"
#include "gateway/page.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/stray.h"

struct reply *
api_stray_list(struct request *req)
{
	int64_t limit, id, unused;
	struct db_rows *rows = NULL;
	struct reply *reply;
	struct page page;
	struct err e = { 0 };

	if (!page_limit(req, &limit, &e) ||
	    !cursor_read(req->secrets->link_key,
		request_query(req, "after", NULL), &id, &unused, &e))
		goto refuse;
	if (!db_query(req->db, DB_stray_list,
		(const struct db_arg[]){ DB_INT(req->tenant.n), DB_INT(id),
		    DB_INT(limit + 1), DB_END },
		&rows, &e))
		goto refuse;

	page = page_begin(req, limit);
	for (int i = 0; i < db_count(rows); i++)
		page_add(&page, stray_row(rows, i), db_int(rows, i, "id"), 0);
	reply = page_end(&page, NULL);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	return reply;
}
