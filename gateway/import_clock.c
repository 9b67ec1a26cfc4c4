#include "gateway/import_clock.h"

#include <stdio.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/import.h"

static const char *const hold_kinds[] = { "suspension", "consultation", NULL };

static const char *const spans[] = { "working-hour", "working-day", "day",
	"month", NULL };

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

/* An item of one of the lists, checked and stored. */
struct item {
	const struct import_clock *c;
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

static const struct list {
	const char *name;
	enum db_stmt clear;
	const struct json_field *fields;
	size_t field_count;
	bool (*item)(const struct item *, struct err *);
} lists[] = {
	{ "holds", DB_import_holds_clear, hold_fields, nitems(hold_fields),
	    import_hold },
	{ "steps", DB_import_steps_clear, step_fields, nitems(step_fields),
	    import_step },
};

static bool
import_list(const struct import_clock *c, const struct list *l, struct err *e)
{
	const struct db_arg key[] = { DB_INT(c->im->tenant),
		DB_INT(c->procedure), DB_END };
	const struct json *list = json_find(c->j, l->name);
	struct item it = { .c = c };

	if (!db_exec(c->im->db, l->clear, key, NULL, e))
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		it.j = json_at(list, i);
		it.position = (int64_t)i + 1;
		snprintf(it.at, sizeof(it.at), "%s/%s/%zu", c->at, l->name, i);
		if (!json_check(it.j, it.at, l->fields, l->field_count, e) ||
		    !l->item(&it, e))
			return false;
	}
	return true;
}

bool
import_clock(const struct import_clock *c, struct err *e)
{
	for (size_t i = 0; i < nitems(lists); i++)
		if (!import_list(c, &lists[i], e))
			return false;
	return true;
}
