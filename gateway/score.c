#include "gateway/score.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/db.h"

static const struct formula {
	const char *name;
	enum db_stmt stmt;
	const char *what;
} formulas[] = {
#define FORMULA(name, stmt, what) { name, DB_##stmt, what },
#include "gateway/score_formula.def"
};

static const struct formula *
formula_find(const char *name)
{
	for (size_t i = 0; i < nitems(formulas); i++)
		if (strcmp(formulas[i].name, name) == 0)
			return &formulas[i];
	return NULL;
}

bool
score_formula_exists(const char *name)
{
	return formula_find(name) != NULL;
}

void
score_rate(int64_t num, int64_t den, char out[SCORE_RATE_LEN])
{
	int64_t hundredths;

	if (den == 0) {
		out[0] = '\0';
		return;
	}
	hundredths = (num * 20000 + den) / (2 * den);
	snprintf(out, SCORE_RATE_LEN, "%" PRId64 ".%02" PRId64,
	    hundredths / 100 % 1000, hundredths % 100);
}

static int64_t
start_of(int year, int month, int day)
{
	struct clock_date d = { year + (month - 1) / 12, (month - 1) % 12 + 1,
		day };

	return clock_vn_instant(clock_days(d), 0);
}

/* Reads "yyyy", "yyyy-Qn", "yyyy-mm" as first month and number of months. */
static bool
read_months(const char *s, int *year, int *month, int *months)
{
	char head[8];
	int64_t n;

	snprintf(head, sizeof(head), "%.4s", s);
	if (strlen(head) != 4 || !text_int(head, &n) || n < 2000)
		return false;
	*year = (int)n;
	*month = 1;
	*months = 12;
	if (s[4] == '\0')
		return true;
	if (strlen(s) != 7 || s[4] != '-')
		return false;
	if (s[5] == 'Q') {
		*month = (s[6] - '1') * 3 + 1;
		*months = 3;
		return s[6] >= '1' && s[6] <= '4';
	}
	*months = 1;
	*month = (s[5] - '0') * 10 + (s[6] - '0');
	return s[5] >= '0' && s[5] <= '1' && s[6] >= '0' && s[6] <= '9' &&
	       *month >= 1 && *month <= 12;
}

bool
score_period_read(const char *text, struct score_period *out, struct err *e)
{
	struct clock_date d;
	int year, month, months;

	if (strlen(text) >= sizeof(out->name))
		return err_field(e, ERR_BAD_FIELD, "?period", "too long");
	snprintf(out->name, sizeof(out->name), "%s", text);
	if (clock_parse_date(text, &d)) {
		out->from_us = start_of(d.year, d.month, d.day);
		out->to_us = clock_vn_instant(clock_days(d) + 1, 0);
		return true;
	}
	if (!read_months(text, &year, &month, &months))
		return err_field(e, ERR_BAD_FIELD, "?period", "%s", text);
	out->from_us = start_of(year, month, 1);
	out->to_us = start_of(year, month + months, 1);
	return true;
}

bool
score_period_or_year(
    const char *text, int64_t now_us, struct score_period *out, struct err *e)
{
	char year[CLOCK_STAMP_LEN];

	clock_vn_stamp(now_us, year);
	year[4] = '\0';
	return score_period_read(text == NULL ? year : text, out, e);
}

/* A figure as it grows, case by case; cases come sorted by group. */
struct figure {
	const char *group;
	int64_t num, den;
	struct json *cases; /* NULL: not asked for */
};

/* An exact fraction; den 0 for no target. */
struct target {
	int64_t num, den;
};

static void
put_target(struct json *j, const struct figure *f, struct target t)
{
	char rate[SCORE_RATE_LEN];

	score_rate(t.num, t.den, rate);
	json_put_text_or_null(j, "target", t.den == 0 ? NULL : rate);
	if (t.den == 0 || f->den == 0)
		json_put_null(j, "met");
	else
		json_put_bool(j, "met", f->num * t.den >= t.num * f->den);
}

static struct json *
figure_json(const struct figure *f, struct target t)
{
	struct json *j = json_new_object();
	char rate[SCORE_RATE_LEN];

	score_rate(f->num, f->den, rate);
	json_put_text(j, "group", f->group);
	json_put_int(j, "numerator", f->num);
	json_put_int(j, "denominator", f->den);
	json_put_text_or_null(j, "rate", f->den == 0 ? NULL : rate);
	put_target(j, f, t);
	if (f->cases != NULL)
		json_put(j, "cases", f->cases);
	return j;
}

static void
count_case(struct figure *f, const struct db_rows *rows, int i)
{
	struct json *j;

	f->den++;
	f->num += db_bool(rows, i, "good");
	if (f->cases == NULL)
		return;
	j = json_new_object();
	json_put_text(j, "subject", db_text(rows, i, "subject"));
	json_put_bool(j, "good", db_bool(rows, i, "good"));
	json_add(f->cases, j);
}

static struct json *
count_groups(const struct db_rows *rows, struct target t, bool cases)
{
	struct json *groups = json_new_list();
	struct figure f = { .group = "" };

	f.cases = cases ? json_new_list() : NULL;
	for (int i = 0; i < db_count(rows); i++) {
		const char *group = db_text(rows, i, "grp");

		if (f.den > 0 && strcmp(group, f.group) != 0) {
			json_add(groups, figure_json(&f, t));
			f = (struct figure){ 0 };
			f.cases = cases ? json_new_list() : NULL;
		}
		f.group = group;
		count_case(&f, rows, i);
	}
	json_add(groups, figure_json(&f, t));
	return groups;
}

struct scoring {
	struct db *db;
	const struct score_question *q;
	struct db_rows *criteria;
};

static bool
compute_criterion(
    const struct scoring *s, int c, struct json **out, struct err *e)
{
	const struct db_rows *criteria = s->criteria;
	const struct score_question *q = s->q;
	const struct target t = { db_int(criteria, c, "target_num"),
		db_int(criteria, c, "target_den") };
	const struct formula *formula =
	    formula_find(db_text(criteria, c, "formula"));
	const struct db_arg args[] = { DB_INT(q->tenant),
		DB_TIME(q->period.from_us), DB_TIME(q->period.to_us),
		DB_TEXT(q->unit), DB_END };
	struct db_rows *rows = NULL;
	struct json *j;

	if (formula == NULL)
		return err_set(e, ERR_CONFIG, "formula %s",
		    db_text(criteria, c, "formula"));
	if (!db_query(s->db, formula->stmt, args, &rows, e))
		return false;
	j = *out = json_new_object();
	json_put_text(j, "code", db_text(criteria, c, "code"));
	json_put_text(j, "title", db_text(criteria, c, "title"));
	json_put_text(j, "title_en", db_text(criteria, c, "title_en"));
	json_put_text(j, "formula", formula->name);
	json_put_text(j, "formula_text", formula->what);
	json_put(j, "groups", count_groups(rows, t, q->cases));
	db_rows_free(rows);
	return true;
}

static struct json *
set_json(const struct score_question *q, const struct db_rows *set)
{
	struct json *j = json_new_object();

	json_put_text(j, "set", q->set);
	json_put_int(j, "version", db_int(set, 0, "version"));
	json_put_text(j, "title", db_text(set, 0, "set_title"));
	json_put_text(j, "title_en", db_text(set, 0, "set_title_en"));
	json_put_text(j, "basis", db_text(set, 0, "basis"));
	json_put_text(j, "period", q->period.name);
	json_put_time(j, "from", q->period.from_us);
	json_put_time(j, "to", q->period.to_us);
	json_put_text(j, "unit", q->unit);
	json_put_time(j, "as_of", db_time(set, 0, "now"));
	return j;
}

bool
score_compute(struct db *db, const struct score_question *q, struct json **out,
    struct err *e)
{
	const struct db_arg args[] = { DB_INT(q->tenant), DB_TEXT(q->set),
		DB_TIME(q->period.to_us), DB_END };
	struct scoring s = { .db = db, .q = q };
	struct json *list = json_new_list(), *one = NULL;
	bool ok = false;

	if (!db_query(db, DB_score_criteria, args, &s.criteria, e))
		goto out;
	if (db_count(s.criteria) == 0) {
		err_set(e, ERR_NOT_FOUND, "score set %s", q->set);
		goto out;
	}
	for (int c = 0; c < db_count(s.criteria); c++) {
		if (!compute_criterion(&s, c, &one, e))
			goto out;
		json_add(list, one);
	}
	*out = set_json(q, s.criteria);
	json_put(*out, "criteria", list);
	list = NULL; /* *out has it now */
	ok = true;

out:
	json_free(list);
	db_rows_free(s.criteria);
	return ok;
}

/* The published figures, each from its list of cases. */
static const struct {
	const char *name;
	enum db_stmt stmt;
} published[] = {
	{ "fields", DB_score_on_time },
	{ "fields_by_date", DB_score_on_time_by_date },
	{ "units", DB_score_on_time_units },
	{ "units_by_date", DB_score_on_time_units_by_date },
};

bool
score_on_time(struct db *db, const struct score_question *q, struct json *j,
    struct err *e)
{
	const struct db_arg args[] = { DB_INT(q->tenant),
		DB_TIME(q->period.from_us), DB_TIME(q->period.to_us),
		DB_TEXT(q->unit), DB_END };
	struct db_rows *rows = NULL;

	for (size_t i = 0; i < nitems(published); i++) {
		if (!db_query(db, published[i].stmt, args, &rows, e))
			return false;
		json_put(j, published[i].name,
		    count_groups(rows, (struct target){ 0, 0 }, false));
		db_rows_free(rows);
	}
	return true;
}
