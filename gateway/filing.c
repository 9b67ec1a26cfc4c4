#include "gateway/filing.h"

#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/calendar.h"
#include "gateway/db.h"
#include "gateway/dossier.h"

static const struct json_field fields[] = {
	{ "known_on", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "remote", JSON_KIND_BOOL, false, 0, 0, false, NULL },
};

/* The day that it was known does not count, nor is the last one a day off
 * (Civil Code, art. 147 and 148). */
static bool
find_last_day(struct db *db, const struct filing_of *f,
    const struct db_rows *window, struct filing *out, struct err *e)
{
	const char *column = out->remote ? "remote_amount" : "amount";
	const struct calendar *c;
	struct clock_date known;
	int64_t last_us;

	if (!clock_parse_date(out->known_on, &known) ||
	    clock_days(known) > clock_vn_day(f->now_us))
		return err_field(e, ERR_BAD_FIELD, "/contests/known_on",
		    "no day so far: %s", out->known_on);
	if (!calendar_load(db, f->tenant, f->calendar, &c, e))
		return false;
	if (!calendar_due(c, clock_vn_instant(clock_days(known), 0),
		(int)db_int(window, 0, column), db_text(window, 0, "unit"),
		&last_us))
		return err_set(e, ERR_CONFIG,
		    "calendar: it ends before the time to contest does");
	out->last_day = clock_vn_day(last_us);
	return true;
}

static bool
judge(struct db *db, const struct filing_of *f, const struct db_rows *window,
    struct filing *out, struct err *e)
{
	if (f->contests == NULL) {
		out->outcome = "unknown";
		return true;
	}
	if (!json_check(f->contests, "/contests", fields, nitems(fields), e))
		return false;
	out->known_on = json_text(f->contests, "known_on", "");
	out->remote = json_bool(f->contests, "remote", false);
	if (!find_last_day(db, f, window, out, e))
		return false;
	out->outcome =
	    clock_vn_day(f->now_us) <= out->last_day ? "in-time" : "late";
	return true;
}

bool
filing_judge(
    struct db *db, const struct filing_of *f, struct filing *out, struct err *e)
{
	const struct db_arg args[] = { DB_INT(f->tenant), DB_INT(f->procedure),
		DB_END };
	struct db_rows *r = NULL;
	bool ok;

	*out = (struct filing){ 0 };
	if (!db_query(db, DB_filing_window, args, &r, e))
		return false;
	if (db_count(r) == 1)
		ok = judge(db, f, r, out, e);
	else
		ok = f->contests == NULL ||
		     err_field(e, ERR_BAD_FIELD, "/contests",
			 "the procedure contests nothing");
	db_rows_free(r);
	return ok;
}

bool
filing_add(struct db *db, int64_t tenant, int64_t dossier,
    const struct filing *f, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(tenant),
		DB_INT(dossier),
		DB_TEXT(f->known_on),
		DB_BOOL(f->remote),
		f->known_on == NULL ? DB_NULL : DB_INT(f->last_day),
		DB_TEXT(f->outcome),
		DB_END,
	};

	return f->outcome == NULL || db_exec(db, DB_filing_add, args, NULL, e);
}

static bool
load(
    struct db *db, const struct dossier *d, struct db_rows **out, struct err *e)
{
	return db_query(db, DB_filing_of,
	    (const struct db_arg[]){
		DB_INT(d->tenant.n), DB_INT(d->id.n), DB_END },
	    out, e);
}

bool
filing_may_accept(
    struct db *db, const struct dossier *d, const char *reason, struct err *e)
{
	struct db_rows *r = NULL;
	bool ok;

	if (!load(db, d, &r, e))
		return false;
	ok = reason != NULL || db_count(r) == 0 ||
	     strcmp(db_text(r, 0, "outcome"), "in-time") == 0 ||
	     err_field(e, ERR_MISSING_FIELD, "/reason",
		 "dossier %s: contests a decision, in time: %s", d->code,
		 db_text(r, 0, "outcome"));
	db_rows_free(r);
	return ok;
}

bool
filing_json(
    struct db *db, const struct dossier *d, struct json **out, struct err *e)
{
	static const char *const words[] = { "known_on", "last_day" };
	struct db_rows *r = NULL;

	*out = NULL;
	if (!load(db, d, &r, e))
		return false;
	if (db_count(r) == 1) {
		*out = json_new_object();
		json_put_text(*out, "outcome", db_text(r, 0, "outcome"));
		json_put_bool(*out, "remote", db_bool(r, 0, "remote"));
		json_put_text(*out, "basis", db_text(r, 0, "basis"));
		for (size_t i = 0; i < nitems(words); i++)
			json_put_text_or_null(*out, words[i],
			    db_is_null(r, 0, words[i])
				? NULL
				: db_text(r, 0, words[i]));
	}
	db_rows_free(r);
	return true;
}
