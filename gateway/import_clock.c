#include "gateway/import_clock.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/import.h"

static const char *const hold_kinds[] = { "suspension", "consultation", NULL };

static const struct json_field escalation_fields[] = {
	{ "after_hours", JSON_KIND_INT, true, 1, 2000, false, NULL },
	{ "role", JSON_KIND_TEXT, true, 1, 40, false, NULL },
};

static const char *const spans[] = { "working-hour", "working-day", "day",
	"month", NULL };

static const char *const filing_units[] = { "working-day", "day", "month",
	NULL };

static const struct json_field step_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "title", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "role", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "limit_amount", JSON_KIND_INT, true, 1, 10000, false, NULL },
	{ "limit_unit", JSON_KIND_TEXT, true, 1, 15, false, spans },
};

static const struct json_field hold_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "kind", JSON_KIND_TEXT, true, 1, 20, false, hold_kinds },
	{ "title", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "basis", JSON_KIND_TEXT, true, 1, 500, false, NULL },
};

static const struct json_field filing_fields[] = {
	{ "amount", JSON_KIND_INT, true, 1, 1000, false, NULL },
	{ "remote_amount", JSON_KIND_INT, false, 1, 1000, false, NULL },
	{ "unit", JSON_KIND_TEXT, true, 1, 15, false, filing_units },
	{ "basis", JSON_KIND_TEXT, true, 1, 500, false, NULL },
};

/* An item of one of the lists, checked and stored. */
struct item {
	const struct import_clock *c;
	int64_t unit; /* instead of a version; or 0 */
	const struct json *j;
	int64_t position;
	char at[IMPORT_POINTER_LEN + 40];
};

static bool
import_hold(const struct item *it, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(it->c->im->tenant),
		DB_INT(it->c->procedure),
		DB_INT(it->position),
		DB_TEXT(json_text(it->j, "code", "")),
		DB_TEXT(json_text(it->j, "kind", "")),
		DB_TEXT(json_text(it->j, "title", "")),
		DB_TEXT(json_text(it->j, "basis", "")),
		DB_END,
	};

	return import_code(json_text(it->j, "code", ""), it->at,
		   IMPORT_LOWER_CODE, e) &&
	       db_exec(it->c->im->db, DB_import_hold, args, NULL, e);
}

static bool
import_step(const struct item *it, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(it->c->im->tenant),
		DB_INT(it->c->procedure),
		DB_INT(it->position),
		DB_TEXT(json_text(it->j, "code", "")),
		DB_TEXT(json_text(it->j, "title", "")),
		DB_TEXT(json_text(it->j, "role", "")),
		DB_INT(json_int(it->j, "limit_amount", 0)),
		DB_TEXT(json_text(it->j, "limit_unit", "")),
		DB_END,
	};

	return import_code(json_text(it->j, "code", ""), it->at,
		   IMPORT_LOWER_CODE, e) &&
	       import_code(json_text(it->j, "role", ""), it->at,
		   IMPORT_LOWER_CODE, e) &&
	       db_exec(it->c->im->db, DB_import_step, args, NULL, e);
}

/* Its level is its place in the list. */
static bool
import_escalation(const struct item *it, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(it->c->im->tenant),
		it->unit == 0 ? DB_INT(it->c->procedure) : DB_NULL,
		it->unit == 0 ? DB_NULL : DB_INT(it->unit),
		DB_INT(it->position),
		DB_INT(json_int(it->j, "after_hours", 0)),
		DB_TEXT(json_text(it->j, "role", "")),
		DB_END,
	};

	return import_code(json_text(it->j, "role", ""), it->at,
		   IMPORT_LOWER_CODE, e) &&
	       db_exec(it->c->im->db, DB_import_escalation, args, NULL, e);
}

enum { LIST_HOLDS, LIST_STEPS, LIST_ESCALATIONS };

static const struct list {
	const char *name;
	enum db_stmt clear;
	const struct json_field *fields;
	size_t field_count;
	bool (*item)(const struct item *, struct err *);
} lists[] = {
	[LIST_HOLDS] = { "holds", DB_import_holds_clear, hold_fields,
	    nitems(hold_fields), import_hold },
	[LIST_STEPS] = { "steps", DB_import_steps_clear, step_fields,
	    nitems(step_fields), import_step },
	[LIST_ESCALATIONS] = { "escalations", DB_import_escalations_clear,
	    escalation_fields, nitems(escalation_fields), import_escalation },
};

static bool
import_items(struct item it, const struct list *l, const struct json *list,
    struct err *e)
{
	for (size_t i = 0; i < json_count(list); i++) {
		it.j = json_at(list, i);
		it.position = (int64_t)i + 1;
		snprintf(
		    it.at, sizeof(it.at), "%s/%s/%zu", it.c->at, l->name, i);
		if (!json_check(it.j, it.at, l->fields, l->field_count, e) ||
		    !l->item(&it, e))
			return false;
	}
	return true;
}

static bool
import_list(const struct import_clock *c, const struct list *l, struct err *e)
{
	const struct db_arg key[] = { DB_INT(c->im->tenant),
		DB_INT(c->procedure), DB_END };
	struct item it = { .c = c };

	return db_exec(c->im->db, l->clear, key, NULL, e) &&
	       import_items(it, l, json_find(c->j, l->name), e);
}

bool
import_unit_escalations(struct import *im, int64_t unit,
    const struct json *list, const char *at, struct err *e)
{
	const struct db_arg key[] = { DB_INT(im->tenant), DB_INT(unit),
		DB_END };
	const struct import_clock c = { .im = im, .at = at };
	struct item it = { .c = &c, .unit = unit };

	return db_exec(
		   im->db, DB_import_unit_escalations_clear, key, NULL, e) &&
	       import_items(it, &lists[LIST_ESCALATIONS], list, e);
}

/* The window to contest a decision in; without one nothing is asked. */
static bool
import_filing(const struct import_clock *c, struct err *e)
{
	const struct db_arg key[] = { DB_INT(c->im->tenant),
		DB_INT(c->procedure), DB_END };
	const struct json *j = json_find(c->j, "filing");
	char at[IMPORT_POINTER_LEN + 10];
	int64_t amount = json_int(j, "amount", 0);
	int64_t remote = json_int(j, "remote_amount", amount);

	if (!db_exec(c->im->db, DB_import_filing_clear, key, NULL, e))
		return false;
	if (j == NULL)
		return true;
	snprintf(at, sizeof(at), "%s/filing", c->at);
	if (!json_check(j, at, filing_fields, nitems(filing_fields), e))
		return false;
	if (remote < amount)
		return err_field(
		    e, ERR_BAD_FIELD, at, "remote_amount is less than amount");
	return db_exec(c->im->db, DB_import_filing,
	    (const struct db_arg[]){ key[0], key[1], DB_INT(amount),
		DB_INT(remote), DB_TEXT(json_text(j, "unit", "")),
		DB_TEXT(json_text(j, "basis", "")), DB_END },
	    NULL, e);
}

static bool
import_reminders(const struct import_clock *c, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(c->im->tenant),
		DB_INT(c->procedure),
		DB_INT(json_int(c->j, "near_due_hours", 0)),
		DB_INT(json_int(c->j, "apology_hours", 8)),
		DB_INT(json_int(c->j, "fee_remind_days", 3)),
		DB_BOOL(json_bool(c->j, "intake_restarts", true)),
		DB_END,
	};

	return db_exec(c->im->db, DB_import_reminders, args, NULL, e);
}

/* Working time in hours of it, or the calendar's in days: at least, at most. */
static const struct span {
	const char *unit;
	bool works;
	int64_t least, most;
} spans_of[] = {
	{ "working-hour", true, 1, 1 },
	{ "working-day", true, 8, 8 },
	{ "same-day", true, 8, 8 },
	{ "day", false, 1, 1 },
	{ "month", false, 28, 31 },
};

static const struct span *
span_of(const struct json *j)
{
	const char *unit = json_text(j, "limit_unit", "");

	for (size_t i = 0; i < nitems(spans_of); i++)
		if (strcmp(spans_of[i].unit, unit) == 0)
			return &spans_of[i];
	return NULL;
}

/* Steps that take longer than the limit promise what cannot be kept.  Working
 * and calendar time are not added up: what they make together depends on the
 * day on which they begin.  Those of feedback all begin with it. */
static bool
check_sum(const struct import_clock *c, struct err *e)
{
	const struct json *steps = json_find(c->j, "steps"), *step;
	const struct span *limit = span_of(c->j), *s;
	int64_t most = limit->most * json_int(c->j, "limit_amount", 0), sum = 0;
	char at[IMPORT_POINTER_LEN + 40];

	if (strcmp(json_text(c->j, "kind", ""), "feedback") == 0)
		return true;
	for (size_t i = 0; i < json_count(steps); i++) {
		step = json_at(steps, i);
		s = span_of(step);
		if (s->works == limit->works)
			sum += s->least * json_int(step, "limit_amount", 0);
	}
	if (sum <= most)
		return true;
	snprintf(at, sizeof(at), "%s/steps", c->at);
	return err_field(e, ERR_BAD_FIELD, at,
	    "its steps take %lld %s, its limit is %lld", (long long)sum,
	    limit->works ? "working hours" : "days", (long long)most);
}

bool
import_clock(const struct import_clock *c, struct err *e)
{
	if (!import_reminders(c, e) || !import_filing(c, e))
		return false;
	for (size_t i = 0; i < nitems(lists); i++)
		if (!import_list(c, &lists[i], e))
			return false;
	return check_sum(c, e);
}
