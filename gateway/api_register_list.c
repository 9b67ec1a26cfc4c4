/*
 * GET /v1/register?period=&unit=&limit=&after=
 *
 * The register (sổ theo dõi hồ sơ, form 07): what was received in the period,
 * in the order of receipt.
 */
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/dossier_state.h"
#include "gateway/page.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/score.h"

struct filter {
	struct score_period period;
	struct page_place place;
};

static bool
read_filter(const struct request *req, struct filter *f, struct err *e)
{
	return score_period_or_year(request_query(req, "period", NULL),
		   req->now_us, &f->period, e) &&
	       page_place(req, &f->place, e);
}

static struct json *
item(const struct db_rows *r, int i)
{
	static const char *const words[] = { "code", "unit_code",
		"procedure_code", "procedure_name", "applicant", "channel" };
	static const char *const times[] = { "received_at", "accepted_at",
		"due_at", "original_due_at", "ended_at", "returned_at" };
	enum dossier_state state = (enum dossier_state)db_int(r, i, "state");
	struct json *j = json_new_object();

	for (size_t w = 0; w < nitems(words); w++)
		json_put_text(j, words[w], db_text(r, i, words[w]));
	json_put_text(j, "state", dossier_state_name(state));
	json_put_text(j, "state_vi", dossier_state_name_vi(state));
	for (size_t t = 0; t < nitems(times); t++)
		json_put_time(j, times[t], db_time(r, i, times[t]));
	json_put_int(j, "supplements", db_int(r, i, "supplements"));
	json_put_text_or_null(j, "officer",
	    db_is_null(r, i, "officer") ? NULL : db_text(r, i, "officer"));
	json_put_text(j, "step", db_text(r, i, "step"));
	return j;
}

struct reply *
api_register_list(struct request *req)
{
	static const struct page_list list = { DB_step_register, item,
		"received_at", "id" };
	struct filter f = { 0 };
	struct json *head;
	struct err e = { 0 };

	if (!read_filter(req, &f, &e))
		return reply_err(req, &e);
	const struct db_arg args[] = {
		DB_INT(req->tenant.n),
		DB_TIME(f.period.from_us),
		DB_TIME(f.period.to_us),
		DB_TEXT(request_query(req, "unit", "")),
		DB_TIME(f.place.a == 0 ? 1 : f.place.a),
		DB_INT(f.place.b),
		DB_INT(f.place.limit + 1),
		DB_END,
	};
	head = json_new_object();
	json_put_text(head, "period", f.period.name);
	json_put_time(head, "as_of", req->now_us);
	return page_answer(req, &list, f.place.limit, args, head);
}
