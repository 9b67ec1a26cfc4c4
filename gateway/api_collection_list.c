/*
 * GET /v1/collections?day=
 *
 * What the counter took on a day: each collection, and the sums of each
 * cashier by cash and transfer, as JSON or, with ?format=csv, as a table.
 */
#include <string.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/csv.h"
#include "gateway/db.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const char *const columns[] = { "dossier", "method", "amount",
	"reference", "decided_at", "officer", "second" };

static struct reply *
show_csv(const struct db_rows *rows)
{
	const char *cells[nitems(columns)];
	struct buf out = { 0 };
	struct reply *reply;

	csv_row(&out, columns, nitems(columns));
	for (int i = 0; i < db_count(rows); i++) {
		for (size_t c = 0; c < nitems(columns); c++)
			cells[c] = db_text(rows, i, columns[c]);
		csv_row(&out, cells, nitems(columns));
	}
	reply = reply_bytes(200, "text/csv; charset=utf-8", out.data, out.len);
	buf_release(&out);
	return reply;
}

/* Rows come by officer and method, so a sum ends where one of them changes. */
static struct json *
sums_json(const struct db_rows *rows, int64_t *total)
{
	struct json *list = json_new_list();
	int64_t sum = 0, count = 0;

	*total = 0;
	for (int i = 0; i < db_count(rows); i++) {
		const char *login = db_text(rows, i, "login");
		const char *method = db_text(rows, i, "method");
		bool last = i + 1 == db_count(rows) ||
			    strcmp(login, db_text(rows, i + 1, "login")) != 0 ||
			    strcmp(method, db_text(rows, i + 1, "method")) != 0;
		struct json *item;

		sum += db_int(rows, i, "amount");
		count++;
		if (!last)
			continue;
		item = json_new_object();
		json_put_text(item, "login", login);
		json_put_text(item, "officer", db_text(rows, i, "officer"));
		json_put_text(item, "method", method);
		json_put_int(item, "count", count);
		json_put_int(item, "amount", sum);
		json_add(list, item);
		*total += sum;
		sum = count = 0;
	}
	return list;
}

static struct reply *
show_json(const char *day, const struct db_rows *rows)
{
	struct json *j = json_new_object(), *items = json_new_list(), *item;
	int64_t total;

	for (int i = 0; i < db_count(rows); i++) {
		item = json_new_object();
		json_put_text(item, "dossier", db_text(rows, i, "dossier"));
		json_put_text(item, "method", db_text(rows, i, "method"));
		json_put_int(item, "amount", db_int(rows, i, "amount"));
		json_put_text(item, "reference", db_text(rows, i, "reference"));
		json_put_time(
		    item, "decided_at", db_time(rows, i, "decided_at"));
		json_put_text(item, "officer", db_text(rows, i, "officer"));
		json_put_text(item, "second", db_text(rows, i, "second"));
		json_add(items, item);
	}
	json_put_text(j, "day", day);
	json_put(j, "sums", sums_json(rows, &total));
	json_put_int(j, "total", total);
	json_put(j, "items", items);
	return reply_json(200, j);
}

struct reply *
api_collection_list(struct request *req)
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
	if (!db_query(req->db, DB_counter_day,
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
