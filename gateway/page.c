#include "gateway/page.h"

#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/config.h"
#include "gateway/cursor.h"
#include "gateway/db.h"
#include "gateway/reply.h"
#include "gateway/request.h"

static bool
read_limit(const struct request *req, int64_t *out, struct err *e)
{
	const char *text = request_query(req, "limit", NULL);

	*out = PAGE_LIMIT;
	if (text == NULL)
		return true;
	if (!text_int(text, out) || *out < 1 || *out > PAGE_LIMIT_MAX)
		return err_field(e, ERR_BAD_FIELD, "?limit", "%s", text);
	return true;
}

bool
page_place(const struct request *req, struct page_place *out, struct err *e)
{
	return read_limit(req, &out->limit, e) &&
	       cursor_read(req->secrets->link_key,
		   request_query(req, "after", NULL), &out->a, &out->b, e);
}

struct page
page_begin(const struct request *req, int64_t limit)
{
	return (struct page){
		.req = req,
		.items = json_new_list(),
		.limit = limit,
	};
}

void
page_add(struct page *p, struct json *item, int64_t a, int64_t b)
{
	if (p->count == p->limit) {
		p->more = true;
		json_free(item);
		return;
	}
	json_add(p->items, item);
	p->count++;
	p->a = a;
	p->b = b;
}

struct reply *
page_end(struct page *p, struct json *extra)
{
	struct json *body = extra == NULL ? json_new_object() : extra;
	char cursor[CURSOR_LEN], link[512];
	struct reply *reply;

	json_put(body, "items", p->items);
	if (!p->more) {
		json_put_null(body, "next");
		return reply_json(200, body);
	}
	cursor_make(p->req->secrets->link_key, p->a, p->b, cursor);
	json_put_text(body, "next", cursor);
	reply = reply_json(200, body);
	snprintf(link, sizeof(link), "<%s?after=%s>; rel=\"next\"",
	    p->req->path, cursor);
	reply_header(reply, "Link", link);
	return reply;
}

struct reply *
page_answer(const struct request *req, const struct page_list *l, int64_t limit,
    const struct db_arg *args, struct json *extra)
{
	struct page page = page_begin(req, limit);
	struct db_rows *rows = NULL;
	struct err e = { 0 };

	if (!db_query(req->db, l->stmt, args, &rows, &e)) {
		json_free(page.items);
		json_free(extra);
		return reply_err(req, &e);
	}
	for (int i = 0; i < db_count(rows); i++) {
		int64_t number = db_int(rows, i, l->number);

		if (l->instant == NULL)
			page_add(&page, l->row(rows, i), number, 0);
		else
			page_add(&page, l->row(rows, i),
			    db_time(rows, i, l->instant), number);
	}
	db_rows_free(rows);
	return page_end(&page, extra);
}

struct reply *
page_by_id(const struct request *req, enum db_stmt stmt, page_row_fn *row)
{
	const struct page_list list = { stmt, row, NULL, "id" };
	struct page_place p;
	struct err e = { 0 };

	if (!page_place(req, &p, &e))
		return reply_err(req, &e);
	return page_answer(req, &list, p.limit,
	    (const struct db_arg[]){ DB_INT(req->tenant.n), DB_INT(p.a),
		DB_INT(p.limit + 1), DB_END },
	    NULL);
}
