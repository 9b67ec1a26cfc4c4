#include "gateway/day_list.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/reply.h"
#include "gateway/request.h"

static struct reply *
show_csv(const struct day_list *list, struct db_rows *rows)
{
	struct buf out = { 0 };
	struct reply *reply;

	buf_put(&out, "", 0);
	list->csv(rows, &out);
	reply = reply_bytes(200, "text/csv; charset=utf-8", out.data, out.len);
	buf_release(&out);
	return reply;
}

static struct reply *
show_json(
    const struct day_list *list, const char *day, const struct db_rows *rows)
{
	struct json *j = json_new_object();

	json_put_text(j, "day", day);
	list->json(rows, j);
	return reply_json(200, j);
}

struct reply *
day_list_answer(const struct request *req, const struct day_list *list)
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
	if (!db_query(req->db, list->stmt,
		(const struct db_arg[]){
		    DB_INT(req->tenant.n), DB_TEXT(day), DB_END },
		&rows, &e))
		goto refuse;
	reply = strcmp(request_query(req, "format", ""), "csv") == 0
		    ? show_csv(list, rows)
		    : show_json(list, day, rows);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	return reply;
}
