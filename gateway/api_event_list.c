/*
 * GET /v1/events?after=
 *
 * The feed: what happened to the dossiers that this portal submitted, in the
 * order of commits, the truth behind every callback.  An event appears once no
 * older transaction can still commit, so a reader who follows `cursor` misses
 * none.
 */
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/config.h"
#include "gateway/cursor.h"
#include "gateway/db.h"
#include "gateway/page.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static struct json *
item(const struct db_rows *rows, int i)
{
	struct json *j = json_new_object(), *data = NULL;
	const char *text = db_text(rows, i, "data");
	struct err e = { 0 };

	json_put_int(j, "id", db_int(rows, i, "id"));
	json_put_text(j, "type", db_text(rows, i, "type"));
	json_put_text(j, "dossier", db_text(rows, i, "code"));
	json_put_int(j, "seq", db_int(rows, i, "seq"));
	json_put_time(j, "at", db_time(rows, i, "at"));
	json_put_text(j, "hash", db_text(rows, i, "hash"));
	if (json_parse(text, strlen(text), &data, &e))
		json_put(j, "data", data);
	return j;
}

/* A portal follows its own; an officer sees his tenant's. */
static struct reply *
answer(const struct request *req, const struct db_rows *rows, int64_t limit)
{
	struct page page = page_begin(req, limit);
	struct json *extra = json_new_object();
	char cursor[CURSOR_LEN];
	int n = db_count(rows);

	for (int i = 0; i < n; i++)
		page_add(&page, item(rows, i), db_int(rows, i, "xact"),
		    db_int(rows, i, "id"));
	/* The place to go on from, also when there is nothing more now. */
	if (page.count > 0) {
		cursor_make(req->secrets->link_key, page.a, page.b, cursor);
		json_put_text(extra, "cursor", cursor);
	} else {
		json_put_text(extra, "cursor", request_query(req, "after", ""));
	}
	return page_end(&page, extra);
}

struct reply *
api_event_list(struct request *req)
{
	struct page_place p;
	struct db_rows *rows = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!page_place(req, &p, &e))
		goto refuse;
	const struct db_arg args[] = {
		DB_INT(req->tenant.n),
		DB_INT(req->who == AUTH_CLIENT ? req->by.n : 0),
		DB_INT(p.a),
		DB_INT(p.b),
		DB_INT(p.limit + 1),
		DB_END,
	};
	if (!db_query(req->db, DB_feed_after, args, &rows, &e))
		goto refuse;

	reply = answer(req, rows, p.limit);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	return reply;
}
