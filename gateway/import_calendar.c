/* The section `calendars` of an import file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/import.h"

#define SPANS_MAX 12 /* of a day */

static const struct json_field calendar_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "name", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "first_day", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "last_day", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "bases", JSON_KIND_LIST, false, 0, 100, false, NULL },
	{ "hours", JSON_KIND_LIST, false, 0, 1000, false, NULL },
	{ "days", JSON_KIND_LIST, false, 0, 10000, false, NULL },
};

static const struct json_field base_fields[] = {
	{ "valid_from", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "calendar", JSON_KIND_TEXT, true, 1, 63, false, NULL },
};

static const struct json_field hours_fields[] = {
	{ "valid_from", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "weekdays", JSON_KIND_LIST, true, 1, 7, false, NULL },
	{ "spans", JSON_KIND_LIST, true, 1, SPANS_MAX, false, NULL },
};

static const char *const day_kinds[] = { "off", "make-up", NULL };
static const char *const statuses[] = { "confirmed", "announced", "unsure",
	NULL };

static const struct json_field day_fields[] = {
	{ "day", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "kind", JSON_KIND_TEXT, true, 1, 10, false, day_kinds },
	{ "like_weekday", JSON_KIND_INT, false, 1, 7, false, NULL },
	{ "spans", JSON_KIND_LIST, false, 1, SPANS_MAX, false, NULL },
	{ "name", JSON_KIND_TEXT, true, 1, 200, false, NULL },
	{ "basis", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "status", JSON_KIND_TEXT, true, 1, 10, false, statuses },
};

bool
import_time(const char *s, int *sec)
{
	int h, m;

	if (strspn(s, "0123456789") != 2 || s[2] != ':' ||
	    strspn(s + 3, "0123456789") != 2)
		return false;
	h = (s[0] - '0') * 10 + s[1] - '0';
	m = (s[3] - '0') * 10 + s[4] - '0';
	*sec = h * 3600 + m * 60;
	return m < 60 && *sec <= CLOCK_DAY_SEC;
}

/* "07:30-11:30" */
static bool
read_span(const char *s, int *opens, int *closes)
{
	return strlen(s) == 11 && s[5] == '-' && import_time(s, opens) &&
	       import_time(s + 6, closes) && *opens < *closes;
}

struct spans {
	int opens[SPANS_MAX], closes[SPANS_MAX];
	size_t count;
};

/* `spans` of an entry, each after the one before it; none where it has none. */
static bool
read_spans(
    const struct json *j, const char *at, struct spans *out, struct err *e)
{
	const struct json *list = json_find(j, "spans");
	int opens, closes, last = 0;

	out->count = 0;
	for (size_t i = 0; i < json_count(list); i++) {
		if (!read_span(
			json_text_value(json_at(list, i)), &opens, &closes))
			return err_field(e, ERR_BAD_FIELD, at,
			    "span %zu is not like 07:30-11:30", i);
		if (opens < last)
			return err_field(e, ERR_BAD_FIELD, at,
			    "span %zu begins before the last one ends", i);
		last = closes;
		out->opens[out->count] = opens;
		out->closes[out->count++] = closes;
	}
	return true;
}

/* The rows that an entry of `hours` becomes, one a weekday and span. */
struct hours {
	const char *from[7 * SPANS_MAX];
	int64_t weekday[7 * SPANS_MAX];
	int64_t opens[7 * SPANS_MAX], closes[7 * SPANS_MAX];
	size_t count;
};

static bool
check_weekdays(const struct json *list, const char *at, struct err *e)
{
	static const struct json_field weekday = { "", JSON_KIND_INT, true, 1,
		7, false, NULL };
	char pointer[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		import_pointer(pointer, at, i);
		if (!json_check_value(json_at(list, i), pointer, &weekday, e))
			return false;
	}
	return true;
}

static void
add_span(struct hours *h, const struct json *j, int opens, int closes)
{
	const struct json *weekdays = json_find(j, "weekdays");

	for (size_t i = 0; i < json_count(weekdays); i++) {
		h->from[h->count] = json_text(j, "valid_from", "");
		h->weekday[h->count] = json_int_value(json_at(weekdays, i));
		h->opens[h->count] = opens;
		h->closes[h->count++] = closes;
	}
}

static bool
read_hours(const struct json *j, const char *at, struct hours *h, struct err *e)
{
	struct spans spans;

	if (!json_check(j, at, hours_fields, nitems(hours_fields), e))
		return false;
	if (!import_date(json_text(j, "valid_from", ""), at, e))
		return false;
	if (!check_weekdays(json_find(j, "weekdays"), at, e))
		return false;
	if (!read_spans(j, at, &spans, e))
		return false;
	for (size_t i = 0; i < spans.count; i++)
		add_span(h, j, spans.opens[i], spans.closes[i]);
	return true;
}

static bool
store_hours(
    struct import *im, int64_t calendar, const struct hours *h, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_INT(calendar),
		DB_TEXTS(h->from, h->count),
		DB_INTS(h->weekday, h->count),
		DB_INTS(h->opens, h->count),
		DB_INTS(h->closes, h->count),
		DB_END,
	};

	return db_exec(im->db, DB_import_hours, args, NULL, e);
}

/* Hours have no history of their own: they are what the last import says, and
 * what was counted by them stands in the dossiers. */
static bool
replace_hours(struct import *im, int64_t calendar, const struct json *list,
    const char *at, struct err *e)
{
	const struct db_arg key[] = { DB_INT(im->tenant), DB_INT(calendar),
		DB_END };
	char pointer[IMPORT_POINTER_LEN];
	struct hours h;

	if (!db_exec(im->db, DB_import_hours_clear, key, NULL, e))
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		h.count = 0;
		import_pointer(pointer, at, i);
		if (!read_hours(json_at(list, i), pointer, &h, e) ||
		    !store_hours(im, calendar, &h, e))
			return false;
	}
	return true;
}

static bool
check_day(const struct json *j, const char *at, struct err *e)
{
	if (!json_check(j, at, day_fields, nitems(day_fields), e))
		return false;
	if (!import_date(json_text(j, "day", ""), at, e))
		return false;
	if (json_find(j, "like_weekday") != NULL &&
	    json_find(j, "spans") != NULL)
		return err_field(e, ERR_BAD_FIELD, at,
		    "hours like another weekday's, and spans of its own");
	return true;
}

/* Of a make-up day the hours that are worked; of another, what is closed. */
static bool
store_spans(struct import *im, int64_t calendar, const struct json *j,
    const char *at, struct err *e)
{
	int64_t opens[SPANS_MAX], closes[SPANS_MAX];
	struct spans spans;

	if (!read_spans(j, at, &spans, e))
		return false;
	for (size_t i = 0; i < spans.count; i++) {
		opens[i] = spans.opens[i];
		closes[i] = spans.closes[i];
	}
	return spans.count == 0 ||
	       db_exec(im->db, DB_import_day_spans,
		   (const struct db_arg[]){ DB_INT(im->tenant),
		       DB_INT(calendar), DB_TEXT(json_text(j, "day", "")),
		       DB_INTS(opens, spans.count),
		       DB_INTS(closes, spans.count), DB_END },
		   NULL, e);
}

/* Text columns of a list of days that has been checked. */
static const char *const day_texts[] = { "day", "kind", "name", "basis",
	"status" };

static bool
store_days(
    struct import *im, int64_t calendar, const struct json *list, struct err *e)
{
	size_t n = json_count(list);
	int64_t *like = blob_calloc(n + 1, sizeof(*like));
	const char **text =
	    blob_calloc(nitems(day_texts) * n + 1, sizeof(*text));
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_INT(calendar),
		DB_TEXTS(text, n),
		DB_TEXTS(text + n, n),
		DB_INTS(like, n),
		DB_TEXTS(text + 2 * n, n),
		DB_TEXTS(text + 3 * n, n),
		DB_TEXTS(text + 4 * n, n),
		DB_END,
	};
	bool ok;

	for (size_t i = 0; i < n; i++) {
		like[i] = json_int(json_at(list, i), "like_weekday", 0);
		for (size_t k = 0; k < nitems(day_texts); k++)
			text[k * n + i] =
			    json_text(json_at(list, i), day_texts[k], "");
	}
	ok = db_exec(im->db, DB_import_days, args, NULL, e);
	free(text);
	free(like);
	return ok;
}

static bool
rewrite_days(struct import *im, int64_t calendar, const struct json *list,
    const char *at, struct err *e)
{
	const struct db_arg key[] = { DB_INT(im->tenant), DB_INT(calendar),
		DB_END };
	char pointer[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		import_pointer(pointer, at, i);
		if (!check_day(json_at(list, i), pointer, e))
			return false;
	}
	if (!db_exec(im->db, DB_import_days_clear, key, NULL, e) ||
	    !store_days(im, calendar, list, e))
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		import_pointer(pointer, at, i);
		if (!store_spans(im, calendar, json_at(list, i), pointer, e))
			return false;
	}
	return true;
}

/* What is different stays on record, with its basis. */
static bool
replace_days(struct import *im, int64_t calendar, const struct json *list,
    const char *at, struct err *e)
{
	const struct db_arg key[] = { DB_INT(im->tenant), DB_INT(calendar),
		DB_END };
	struct db_rows *r;
	bool ok;

	if (!db_one(im->db, DB_import_days_said, key, &r, e))
		return false;
	ok = rewrite_days(im, calendar, list, at, e) &&
	     db_exec(im->db, DB_import_days_changed,
		 (const struct db_arg[]){
		     key[0], key[1], DB_TEXT(db_text(r, 0, "said")), DB_END },
		 NULL, e);
	db_rows_free(r);
	return ok;
}

static bool
store_base(struct import *im, int64_t calendar, const struct json *j,
    const char *at, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_INT(calendar),
		DB_TEXT(json_text(j, "valid_from", "")),
		DB_TEXT(json_text(j, "calendar", "")),
		DB_END,
	};
	int stored = 0;

	if (!json_check(j, at, base_fields, nitems(base_fields), e) ||
	    !import_date(json_text(j, "valid_from", ""), at, e))
		return false;
	if (!db_exec(im->db, DB_import_base, args, &stored, e))
		return false;
	return stored == 1 ||
	       err_field(e, ERR_BAD_FIELD, at, "no other calendar %s",
		   json_text(j, "calendar", ""));
}

/* A base has none itself, neither before nor after it became one. */
static bool
check_depth(struct import *im, int64_t calendar, const char *at, struct err *e)
{
	const struct db_arg key[] = { DB_INT(im->tenant), DB_INT(calendar),
		DB_END };
	struct db_rows *r;
	bool deep;

	if (!db_one(im->db, DB_import_base_is_deep, key, &r, e))
		return false;
	deep = db_bool(r, 0, "deep");
	db_rows_free(r);
	return !deep ||
	       err_field(e, ERR_BAD_FIELD, at, "a base with a base of its own");
}

static bool
replace_bases(struct import *im, int64_t calendar, const struct json *list,
    const char *at, struct err *e)
{
	const struct db_arg key[] = { DB_INT(im->tenant), DB_INT(calendar),
		DB_END };
	char pointer[IMPORT_POINTER_LEN];

	if (!db_exec(im->db, DB_import_bases_clear, key, NULL, e))
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		import_pointer(pointer, at, i);
		if (!store_base(im, calendar, json_at(list, i), pointer, e))
			return false;
	}
	return check_depth(im, calendar, at, e) &&
	       db_exec(im->db, DB_import_sharers, key, NULL, e);
}

static bool
store_head(struct import *im, const struct json *j, int64_t *id, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_TEXT(json_text(j, "code", "")),
		DB_TEXT(json_text(j, "name", "")),
		DB_TEXT(json_text(j, "first_day", "")),
		DB_TEXT(json_text(j, "last_day", "")),
		DB_END,
	};
	struct db_rows *r;

	if (!db_one(im->db, DB_import_calendar, args, &r, e))
		return false;
	*id = db_int(r, 0, "id");
	db_rows_free(r);
	return true;
}

/* Dates of this form are in order when their bytes are. */
static bool
check_head(const struct json *j, const char *at, struct err *e)
{
	const char *first = json_text(j, "first_day", "");
	const char *last = json_text(j, "last_day", "");

	if (!import_date(first, at, e) || !import_date(last, at, e))
		return false;
	if (strcmp(first, last) > 0)
		return err_field(
		    e, ERR_BAD_FIELD, at, "last_day before first_day");
	if (json_count(json_find(j, "hours")) == 0 &&
	    json_count(json_find(j, "bases")) == 0)
		return err_field(
		    e, ERR_MISSING_FIELD, at, "neither hours nor bases");
	return true;
}

/* Its lists, each replaced as a whole. */
static const struct {
	const char *name;
	bool (*replace)(struct import *, int64_t calendar,
	    const struct json *list, const char *at, struct err *);
} lists[] = {
	{ "bases", replace_bases },
	{ "hours", replace_hours },
	{ "days", replace_days },
};

static bool
import_calendar(
    struct import *im, const struct json *j, const char *at, struct err *e)
{
	char pointer[IMPORT_POINTER_LEN + 8];
	int64_t id;

	if (!json_check(j, at, calendar_fields, nitems(calendar_fields), e))
		return false;
	if (!check_head(j, at, e) || !store_head(im, j, &id, e))
		return false;
	for (size_t i = 0; i < nitems(lists); i++) {
		snprintf(pointer, sizeof(pointer), "%s/%s", at, lists[i].name);
		if (!lists[i].replace(
			im, id, json_find(j, lists[i].name), pointer, e))
			return false;
	}
	return true;
}

bool
import_calendars(struct import *im, const struct json *list, struct err *e)
{
	char at[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		import_pointer(at, "/calendars", i);
		if (!import_calendar(im, json_at(list, i), at, e))
			return false;
	}
	return true;
}
