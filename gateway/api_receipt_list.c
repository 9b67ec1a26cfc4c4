/*
 * GET /v1/receipts?day=
 *
 * The day's summaries of receipts, and with ?format=csv the tables themselves,
 * one after the other, as they were archived.
 */
#include "base/buf.h"
#include "base/json.h"
#include "gateway/day_list.h"
#include "gateway/db.h"
#include "gateway/route.h"

static void
put_csv(struct db_rows *rows, struct buf *out)
{
	for (int i = 0; i < db_count(rows); i++) {
		struct db_bytes table = db_bytes(rows, i, "bytes");

		buf_put(out, table.data, table.len);
	}
}

static void
put_json(const struct db_rows *rows, struct json *out)
{
	struct json *items = json_new_list(), *item;

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
	json_put(out, "items", items);
}

struct reply *
api_receipt_list(struct request *req)
{
	static const struct day_list list = { DB_receipt_summaries, put_csv,
		put_json };

	return day_list_answer(req, &list);
}
