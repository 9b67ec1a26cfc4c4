/*
 * GET /v1/feedback/queue?state=&unit=&limit=&after=	for officers
 * GET /v1/feedback?tenant=&limit=&after=		for anyone
 *
 * What waits to be done, by when it is due; and the answers that are
 * published, the latest first, without a word of who asked.
 */
#include <stdint.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/feedback.h"
#include "gateway/page.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static void
put_words(struct json *j, const struct db_rows *r, int i,
    const char *const *words, size_t count)
{
	for (size_t w = 0; w < count; w++)
		json_put_text_or_null(j, words[w],
		    db_is_null(r, i, words[w]) ? NULL
					       : db_text(r, i, words[w]));
}

static void
put_times(struct json *j, const struct db_rows *r, int i,
    const char *const *times, size_t count)
{
	for (size_t t = 0; t < count; t++)
		json_put_time(j, times[t], db_time(r, i, times[t]));
}

static struct json *
waiting(const struct db_rows *r, int i)
{
	static const char *const words[] = { "code", "kind", "state", "text",
		"contact", "dossier_code", "unit" };
	static const char *const times[] = { "received_at", "return_due_at",
		"ask_due_at", "answer_due_at", "publish_due_at" };
	struct json *j = json_new_object();

	put_words(j, r, i, words, nitems(words));
	put_times(j, r, i, times, nitems(times));
	json_put_int(j, "version", db_int(r, i, "version"));
	json_put_bool(j, "overdue", db_bool(r, i, "overdue"));
	return j;
}

static struct json *
published(const struct db_rows *r, int i)
{
	static const char *const words[] = { "tenant", "code", "kind", "text",
		"answer", "unit" };
	static const char *const times[] = { "received_at", "answered_at",
		"published_at" };
	struct json *j = json_new_object();

	put_words(j, r, i, words, nitems(words));
	put_times(j, r, i, times, nitems(times));
	return j;
}

struct reply *
api_feedback_queue(struct request *req)
{
	static const struct page_list list = { DB_feedback_queue, waiting,
		"sort_at", "number" };
	const char *state = request_query(req, "state", "");
	struct page_place p = { 0 };
	struct err e = { 0 };

	if (state[0] != '\0' && !feedback_state_exists(state)) {
		err_field(&e, ERR_BAD_FIELD, "?state", "no state %s", state);
		return reply_err(req, &e);
	}
	if (!page_place(req, &p, &e))
		return reply_err(req, &e);
	const struct db_arg args[] = {
		DB_INT(req->tenant.n),
		DB_TEXT(request_query(req, "unit", "")),
		DB_TEXT(state),
		DB_TIME(p.a == 0 ? 1 : p.a),
		DB_INT(p.b),
		DB_INT(p.limit + 1),
		DB_TIME(req->now_us),
		DB_END,
	};
	return page_answer(req, &list, p.limit, args, NULL);
}

struct reply *
api_feedback_list(struct request *req)
{
	static const struct page_list list = { DB_feedback_published, published,
		"published_at", "number" };
	struct page_place p = { 0 };
	struct err e = { 0 };

	if (!page_place(req, &p, &e))
		return reply_err(req, &e);
	const struct db_arg args[] = {
		DB_TEXT(request_query(req, "tenant", "")),
		DB_TIME(p.a == 0 ? req->now_us + 1 : p.a),
		DB_INT(p.a == 0 ? INT64_MAX : p.b),
		DB_INT(p.limit + 1),
		DB_END,
	};
	return page_answer(req, &list, p.limit, args, NULL);
}
