/*
 * GET /v1/bounces?code=
 *
 * Mails that were accepted and came back, the newest first: to whom a notice
 * has to go by another way.  With code, of that dossier or feedback alone.
 */
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

#define LIST_MAX 1000

static struct json *
bounce_json(const struct db_rows *rows, int i)
{
	static const char *const texts[] = { "code", "recipient", "template",
		"peer", "reply" };
	struct json *j = json_new_object();

	for (size_t t = 0; t < nitems(texts); t++)
		json_put_text(j, texts[t], db_text(rows, i, texts[t]));
	json_put_time(j, "at", db_time(rows, i, "at"));
	return j;
}

struct reply *
api_bounce_list(struct request *req)
{
	const struct db_arg args[] = { DB_INT(req->tenant.n),
		DB_TEXT(request_query(req, "code", "")), DB_INT(LIST_MAX),
		DB_END };
	struct db_rows *rows = NULL;
	struct json *j, *list;
	struct err e = { 0 };

	if (req->who != AUTH_OFFICER) {
		err_set(&e, ERR_FORBIDDEN, "%s is no officer", req->principal);
		return reply_err(req, &e);
	}
	if (!db_query(req->db, DB_bounce_list, args, &rows, &e))
		return reply_err(req, &e);
	list = json_new_list();
	for (int i = 0; i < db_count(rows); i++)
		json_add(list, bounce_json(rows, i));
	db_rows_free(rows);
	j = json_new_object();
	json_put(j, "bounces", list);
	return reply_json(200, j);
}
