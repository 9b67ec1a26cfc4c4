/*
 * GET /v1/collections?day=
 *
 * What the counter took on a day: each collection, and the sums of each
 * cashier by cash and transfer, as JSON or, with ?format=csv, as a table.
 */
#include <string.h>

#include "base/base.h"
#include "base/json.h"
#include "gateway/csv.h"
#include "gateway/day_list.h"
#include "gateway/db.h"
#include "gateway/route.h"

static const char *const columns[] = { "dossier", "method", "amount",
	"reference", "decided_at", "officer", "second" };

static void
put_csv(struct db_rows *rows, struct buf *out)
{
	const char *cells[nitems(columns)];

	csv_row(out, columns, nitems(columns));
	for (int i = 0; i < db_count(rows); i++) {
		for (size_t c = 0; c < nitems(columns); c++)
			cells[c] = db_text(rows, i, columns[c]);
		csv_row(out, cells, nitems(columns));
	}
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

static void
put_json(const struct db_rows *rows, struct json *out)
{
	struct json *items = json_new_list(), *item;
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
	json_put(out, "sums", sums_json(rows, &total));
	json_put_int(out, "total", total);
	json_put(out, "items", items);
}

struct reply *
api_collection_list(struct request *req)
{
	static const struct day_list list = { DB_counter_day, put_csv,
		put_json };

	return day_list_answer(req, &list);
}
