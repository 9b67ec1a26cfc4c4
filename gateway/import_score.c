#include "gateway/import_score.h"

#include <stdio.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/score.h"

static const struct json_field set_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "version", JSON_KIND_INT, true, 1, 100000, false, NULL },
	{ "title", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "title_en", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "basis", JSON_KIND_TEXT, true, 1, 1000, false, NULL },
	{ "valid_from", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "criteria", JSON_KIND_LIST, true, 1, 200, false, NULL },
};

static const struct json_field criterion_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "title", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "title_en", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "formula", JSON_KIND_TEXT, true, 1, 60, false, NULL },
	{ "target", JSON_KIND_LIST, false, 2, 2, false, NULL },
};

/* What each criterion is put under. */
struct place {
	int64_t tenant;
	const char *set;
	int64_t version;
	char pointer[80]; /* of the criterion in the file */
};

/* "target": [98, 100], an exact fraction. */
static bool
read_target(
    const struct json *c, const struct place *at, int64_t out[2], struct err *e)
{
	const struct json *target = json_find(c, "target");
	char pointer[100];

	out[0] = out[1] = 0;
	if (target == NULL)
		return true;
	for (size_t i = 0; i < 2; i++) {
		const struct json *n = json_at(target, i);

		snprintf(
		    pointer, sizeof(pointer), "%s/target/%zu", at->pointer, i);
		if (json_kind(n) != JSON_KIND_INT ||
		    json_int_value(n) < (int64_t)i ||
		    json_int_value(n) > 1000000)
			return err_field(e, ERR_BAD_FIELD, pointer,
			    "not a whole number within bounds");
		out[i] = json_int_value(n);
	}
	return true;
}

static bool
add_criterion(struct db *db, const struct place *at, const struct json *c,
    int64_t position, struct err *e)
{
	const char *formula = json_text(c, "formula", "");
	char pointer[100];
	int64_t target[2];

	if (!json_check(c, at->pointer, criterion_fields,
		nitems(criterion_fields), e) ||
	    !read_target(c, at, target, e))
		return false;
	snprintf(pointer, sizeof(pointer), "%s/formula", at->pointer);
	if (!score_formula_exists(formula))
		return err_field(
		    e, ERR_BAD_FIELD, pointer, "no formula %s", formula);
	const struct db_arg args[] = {
		DB_INT(at->tenant),
		DB_TEXT(at->set),
		DB_INT(at->version),
		DB_INT(position),
		DB_TEXT(json_text(c, "code", "")),
		DB_TEXT(json_text(c, "title", "")),
		DB_TEXT(json_text(c, "title_en", "")),
		DB_TEXT(formula),
		DB_INT(target[0]),
		DB_INT(target[1]),
		DB_END,
	};
	return db_exec(db, DB_criterion_add, args, NULL, e);
}

static bool
add_criteria(struct db *db, struct place *at, const struct json *set,
    size_t set_index, struct err *e)
{
	const struct json *criteria = json_find(set, "criteria");

	for (size_t i = 0; i < json_count(criteria); i++) {
		snprintf(at->pointer, sizeof(at->pointer),
		    "/score_sets/%zu/criteria/%zu", set_index, i);
		if (!add_criterion(
			db, at, json_at(criteria, i), (int64_t)i + 1, e))
			return false;
	}
	return true;
}

static bool
add_set(struct db *db, int64_t tenant, const struct json *set, size_t i,
    struct err *e)
{
	struct place at = { .tenant = tenant };
	struct clock_date from;
	int added = 0;

	snprintf(at.pointer, sizeof(at.pointer), "/score_sets/%zu", i);
	if (!json_check(set, at.pointer, set_fields, nitems(set_fields), e))
		return false;
	if (!clock_parse_date(json_text(set, "valid_from", ""), &from))
		return err_field(
		    e, ERR_BAD_FIELD, at.pointer, "valid_from is no date");
	at.set = json_text(set, "code", "");
	at.version = json_int(set, "version", 0);
	const struct db_arg args[] = {
		DB_INT(tenant),
		DB_TEXT(at.set),
		DB_INT(at.version),
		DB_TEXT(json_text(set, "title", "")),
		DB_TEXT(json_text(set, "title_en", "")),
		DB_TEXT(json_text(set, "basis", "")),
		DB_TEXT(json_text(set, "valid_from", "")),
		DB_END,
	};
	if (!db_exec(db, DB_score_set_add, args, &added, e))
		return false;
	return added == 0 || add_criteria(db, &at, set, i, e);
}

bool
import_score_sets(
    struct db *db, int64_t tenant, const struct json *list, struct err *e)
{
	for (size_t i = 0; i < json_count(list); i++)
		if (!add_set(db, tenant, json_at(list, i), i, e))
			return false;
	return true;
}
