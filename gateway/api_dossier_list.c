/*
 * GET /v1/dossiers
 *
 * An officer's inbox: live dossiers by time left, or those in one state.
 * ?state= &officer=me &unit= &role= &chip= &limit= &after=
 */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/db.h"
#include "gateway/dossier_state.h"
#include "gateway/page.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

struct filter {
	int64_t state, officer;
	const char *unit, *chip, *verification;
	struct page_place place;
};

static bool
read_state(const char *name, int64_t *out, struct err *e)
{
	for (unsigned s = 1; s <= DOSSIER_STATE_LAST; s++) {
		if (strcmp(dossier_state_name(s), name) == 0) {
			*out = s;
			return true;
		}
	}
	return name[0] == '\0' ||
	       err_field(e, ERR_BAD_FIELD, "?state", "no state %s", name);
}

/* Nothing, or one of those words; e says which filter it is not. */
static bool
read_word(const struct request *req, const char *pointer,
    const char *const *words, const char **out, struct err *e)
{
	*out = request_query(req, pointer + 1, "");
	if ((*out)[0] == '\0')
		return true;
	for (; *words != NULL; words++)
		if (strcmp(*words, *out) == 0)
			return true;
	return err_field(e, ERR_BAD_FIELD, pointer, "no such: %s", *out);
}

static const char *const chips[] = { "overdue", "due-soon", "in-time", "paused",
	"ended", NULL };
static const char *const verifications[] = { "passed", "waiting", "failed",
	"undecided", NULL };

static bool
read_filter(const struct request *req, struct filter *f, struct err *e)
{
	const char *officer = request_query(req, "officer", "");

	f->unit = request_query(req, "unit", "");
	if (strcmp(officer, "me") == 0)
		f->officer = req->by.n;
	else if (officer[0] != '\0')
		return err_field(e, ERR_BAD_FIELD, "?officer", "not \"me\"");
	return read_state(request_query(req, "state", ""), &f->state, e) &&
	       read_word(req, "?chip", chips, &f->chip, e) &&
	       read_word(
		   req, "?verification", verifications, &f->verification, e) &&
	       page_place(req, &f->place, e);
}

static void
put_word(struct json *j, const struct db_rows *rows, int i, const char *column)
{
	json_put_text_or_null(j, column,
	    db_is_null(rows, i, column) ? NULL : db_text(rows, i, column));
}

static struct json *
item(const struct db_rows *rows, int i)
{
	static const char *const words[] = { "code", "unit_code",
		"procedure_code", "procedure_name", "applicant" };
	enum dossier_state state = (enum dossier_state)db_int(rows, i, "state");
	struct json *j = json_new_object();

	for (size_t w = 0; w < nitems(words); w++)
		json_put_text(j, words[w], db_text(rows, i, words[w]));
	json_put_text(j, "state", dossier_state_name(state));
	json_put_text(j, "state_vi", dossier_state_name_vi(state));
	json_put_int(j, "version", db_int(rows, i, "version"));
	json_put_time(j, "received_at", db_time(rows, i, "received_at"));
	json_put_time(j, "due_at", db_time(rows, i, "due_at"));
	json_put_time(j, "intake_due_at", db_time(rows, i, "intake_due_at"));
	json_put_text(j, "chip", db_text(rows, i, "chip"));
	json_put_text(j, "verification", db_text(rows, i, "verification"));
	json_put_bool(
	    j, "overdue", strcmp(db_text(rows, i, "chip"), "overdue") == 0);
	put_word(j, rows, i, "officer");
	put_word(j, rows, i, "step");
	put_word(j, rows, i, "step_role");
	json_put_time(j, "step_due_at", db_time(rows, i, "step_due_at"));
	return j;
}

struct reply *
api_dossier_list(struct request *req)
{
	static const struct page_list list = { DB_dossier_inbox, item,
		"sort_at", "id" };
	struct filter f = { 0 };
	struct err e = { 0 };

	if (!read_filter(req, &f, &e))
		return reply_err(req, &e);
	const struct db_arg args[] = {
		DB_INT(req->tenant.n),
		DB_INT(f.state),
		DB_INT(f.officer),
		DB_TEXT(f.unit),
		DB_TIME(f.place.a == 0 ? 1 : f.place.a),
		DB_INT(f.place.b),
		DB_INT(f.place.limit + 1),
		DB_TEXT(request_query(req, "role", "")),
		DB_TEXT(f.chip),
		DB_TEXT(f.verification),
		DB_END,
	};
	return page_answer(req, &list, f.place.limit, args, NULL);
}
