/*
 * GET /v1/receipts?day=
 *
 * The day's summaries of receipts, and with ?format=csv the tables themselves,
 * one after the other, as they were archived.
 */
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static struct reply *
show_csv(struct db_rows *rows)
{
	struct buf out = { 0 };
	struct reply *reply;

	for (int i = 0; i < db_count(rows); i++) {
		struct db_bytes table = db_bytes(rows, i, "bytes");

		buf_put(&out, table.data, table.len);
	}
	buf_put(&out, "", 0);
	reply = reply_bytes(200, "text/csv; charset=utf-8", out.data, out.len);
	buf_release(&out);
	return reply;
}

static struct reply *
show_json(const char *day, const struct db_rows *rows)
{
	struct json *j = json_new_object(), *items = json_new_list(), *item;

	for (int i = 0; i < db_count(rows); i++) {
		item = json_new_object();
		json_put_text(item, "form", db_text(rows, i, "form"));
		json_put_text(item, "series", db_text(rows, i, "series"));
		json_put_int(item, "part", db_int(rows, i, "part"));
		json_put_int(item, "year", db_int(rows, i, "year"));
		json_put_int(item, "last", db_int(rows, i, "last"));
		json_put_int(item, "receipts", db_int(rows, i, "receipts"));
		json_put_time(item, "made_at", db_time(rows, i, "made_at"));
		json_put_text(item, "sha256", db_text(rows, i, "sha256"));
		json_put_bool(item, "waiting", db_bool(rows, i, "waiting"));
		json_add(items, item);
	}
	json_put_text(j, "day", day);
	json_put(j, "items", items);
	return reply_json(200, j);
}

struct reply *
api_receipt_list(struct request *req)
{
	const char *day = request_query(req, "day", "");
	struct db_rows *rows = NULL;
	struct clock_date date;
	struct reply *reply;
	struct err e = { 0 };

	if (!clock_parse_date(day, &date)) {
		err_field(&e, ERR_BAD_FIELD, "?day", "%s", day);
		goto refuse;
	}
	if (!db_query(req->db, DB_receipt_summaries,
		(const struct db_arg[]){
		    DB_INT(req->tenant.n), DB_TEXT(day), DB_END },
		&rows, &e))
		goto refuse;
	reply = strcmp(request_query(req, "format", ""), "csv") == 0
		    ? show_csv(rows)
		    : show_json(day, rows);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	return reply;
}
