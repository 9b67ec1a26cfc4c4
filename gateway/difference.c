#include "gateway/difference.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/db.h"
#include "gateway/event.h"

enum takes { ONE, TWO };

static const struct class
{
	const char *name;
	enum takes takes;
	const char *en, *vi;
} classes[] = {
#define DIFFERENCE(name, takes, en, vi) { name, takes, en, vi },
#include "gateway/difference.def"
};

static const struct class *
class_of(const char *name)
{
	for (size_t i = 0; i < nitems(classes); i++)
		if (strcmp(classes[i].name, name) == 0)
			return &classes[i];
	fatalx("difference: no class %s", name);
}

static void
put_amount(struct json *j, const struct db_rows *rows, int i, const char *name)
{
	if (db_is_null(rows, i, name))
		json_put_null(j, name);
	else
		json_put_int(j, name, db_int(rows, i, name));
}

static void
put_name(struct json *j, const struct db_rows *rows, int i, const char *name)
{
	json_put_text_or_null(
	    j, name, db_is_null(rows, i, name) ? NULL : db_text(rows, i, name));
}

struct json *
difference_row(const struct db_rows *rows, int i)
{
	const struct class *class = class_of(db_text(rows, i, "class"));
	struct json *j = json_new_object();

	json_put_int(j, "id", db_int(rows, i, "id"));
	json_put_text(j, "class", class->name);
	json_put_text(j, "title", class->en);
	json_put_text(j, "title_vi", class->vi);
	json_put_text(j, "provider", db_text(rows, i, "provider"));
	json_put_text(j, "day", db_text(rows, i, "day"));
	json_put_text(j, "reference", db_text(rows, i, "ref"));
	json_put_text(j, "transaction", db_text(rows, i, "txn"));
	put_amount(j, rows, i, "ours");
	put_amount(j, rows, i, "theirs");
	json_put_time(j, "opened_at", db_time(rows, i, "opened_at"));
	json_put_text(j, "state", db_text(rows, i, "state"));
	put_name(j, rows, i, "owner");
	put_name(j, rows, i, "proposed_by");
	json_put_text(j, "note", db_text(rows, i, "note"));
	return j;
}

/* One deed in its transaction. */
struct deed {
	struct four_eyes_act *act;
	const char *kind; /* of its event */
	const char *from; /* the state that it needs, or NULL */
	bool (*move)(struct db *db, const struct deed *d,
	    const struct db_rows *row, struct err *e);
};

static bool
record(struct db *db, const struct deed *d, const struct db_rows *row,
    struct err *e)
{
	struct event event = { .tenant = d->act->tenant.n,
		.kind = d->kind,
		.at_us = d->act->at_us,
		.actor = d->act->by };
	struct json *data = json_new_object();
	char *text;
	bool ok;

	json_put_int(data, "id", d->act->id);
	json_put_text(data, "class", db_text(row, 0, "class"));
	json_put_text(data, "provider", db_text(row, 0, "provider"));
	json_put_text(data, "transaction", db_text(row, 0, "txn"));
	json_put_text(data, "state", d->act->state);
	json_put_text(data, "note", d->act->note);
	text = json_write_sorted(data);
	event.data = text;
	ok = event_append(db, &event, 1, e);
	free(text);
	json_free(data);
	return ok;
}

static bool
run(struct db *db, void *arg, struct err *e)
{
	const struct deed *d = arg;
	struct db_rows *row = NULL;
	const char *state;
	bool ok = false;

	if (!db_one(db, DB_difference_lock,
		(const struct db_arg[]){
		    DB_INT(d->act->tenant.n), DB_INT(d->act->id), DB_END },
		&row, e))
		return false;
	state = db_text(row, 0, "state");
	if (d->from != NULL ? strcmp(state, d->from) != 0
			    : strcmp(state, "closed") == 0)
		err_set(e, ERR_DIFFERENCE_STATE,
		    "difference %" PRId64 ": is %s", d->act->id, state);
	else
		ok = d->move(db, d, row, e) && record(db, d, row, e);
	db_rows_free(row);
	return ok;
}

static bool
set_owner(struct db *db, const struct deed *d, const struct db_rows *row,
    struct err *e)
{
	d->act->state = db_is_null(row, 0, "proposed_by") ? "open" : "proposed";
	return db_exec(db, DB_difference_own,
	    (const struct db_arg[]){
		DB_INT(d->act->id), DB_INT(d->act->by), DB_END },
	    NULL, e);
}

bool
difference_own(struct db *db, struct four_eyes_act *a, struct err *e)
{
	struct deed d = { a, "difference-own", NULL, set_owner };

	return db_tx(db, run, &d, e);
}

static bool
propose_or_end(struct db *db, const struct deed *d, const struct db_rows *row,
    struct err *e)
{
	bool two = class_of(db_text(row, 0, "class"))->takes == TWO;

	d->act->state = two ? "proposed" : "closed";
	return db_exec(db, two ? DB_difference_propose : DB_difference_end,
	    (const struct db_arg[]){ DB_INT(d->act->id), DB_INT(d->act->by),
		DB_TIME(d->act->at_us), DB_TEXT(d->act->note), DB_END },
	    NULL, e);
}

bool
difference_close(struct db *db, struct four_eyes_act *a, struct err *e)
{
	struct deed d = { a, "difference-close", "open", propose_or_end };

	if (a->note[0] == '\0')
		return err_field(e, ERR_MISSING_FIELD, "/note", "why?");
	return db_tx(db, run, &d, e);
}

static bool
confirm(struct db *db, const struct deed *d, const struct db_rows *row,
    struct err *e)
{
	if (db_int(row, 0, "proposed_by") == d->act->by)
		return err_set(e, ERR_SAME_PERSON,
		    "difference %" PRId64 ": proposed it", d->act->id);
	d->act->state = "closed";
	return db_exec(db, DB_difference_confirm,
	    (const struct db_arg[]){ DB_INT(d->act->id), DB_INT(d->act->by),
		DB_TIME(d->act->at_us), DB_END },
	    NULL, e);
}

bool
difference_confirm(struct db *db, struct four_eyes_act *a, struct err *e)
{
	struct deed d = { a, "difference-confirm", "proposed", confirm };

	return db_tx(db, run, &d, e);
}

static bool
reopen(struct db *db, const struct deed *d, const struct db_rows *row,
    struct err *e)
{
	(void)row;
	d->act->state = "open";
	return db_exec(db, DB_difference_reopen,
	    (const struct db_arg[]){ DB_INT(d->act->id), DB_END }, NULL, e);
}

bool
difference_reopen(struct db *db, struct four_eyes_act *a, struct err *e)
{
	struct deed d = { a, "difference-reopen", "proposed", reopen };

	return db_tx(db, run, &d, e);
}
