#include "gateway/feedback.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/calendar.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/feedback_timer.h"

/* Every edge; what is none is refused. */
static const struct edge {
	const char *from, *action, *to;
} edges[] = {
	{ "received", "accept", "processing" },
	{ "received", "return", "returned" },
	{ "received", "ask-more", "awaiting-more" },
	{ "received", "transfer", "received" },
	{ "awaiting-more", "add", "processing" },
	{ "awaiting-more", "return", "returned" },
	{ "processing", "ask-more", "awaiting-more" },
	{ "processing", "transfer", "received" },
	{ "processing", "answer", "answered" },
	{ "answered", "publish", "published" },
};

struct feedback {
	char state[16];
	char kind[16];
	int version;
	struct feedback_unit unit;
	int64_t received_us;
	struct feedback_due due;
};

bool
feedback_state_exists(const char *name)
{
	for (size_t i = 0; i < nitems(edges); i++)
		if (strcmp(edges[i].from, name) == 0 ||
		    strcmp(edges[i].to, name) == 0)
			return true;
	return false;
}

bool
feedback_unit(struct db *db, int64_t tenant, const char *code,
    struct feedback_unit *out, struct err *e)
{
	const struct db_arg args[] = { DB_INT(tenant), DB_TEXT(code), DB_END };
	struct db_rows *r = NULL;

	if (!db_query(db, DB_feedback_unit, args, &r, e))
		return false;
	if (db_count(r) == 1)
		*out = (struct feedback_unit){ db_int(r, 0, "id"),
			db_int(r, 0, "calendar_id") };
	else
		err_field(e, ERR_BAD_FIELD, "/unit", "no unit %s", code);
	db_rows_free(r);
	return e->code == ERR_NONE;
}

/* When that step is due, if anything is said about it; else 0. */
static bool
due_of(struct db *db, const struct feedback_when *when, const char *step,
    int64_t *out, struct err *e)
{
	const struct db_arg args[] = { DB_INT(when->tenant), DB_TEXT(step),
		DB_TIME(when->now_us), DB_END };
	const struct calendar *c;
	struct db_rows *r = NULL;
	bool ok = true;

	*out = 0;
	if (!db_query(db, DB_feedback_limit, args, &r, e))
		return false;
	if (db_count(r) == 1) {
		ok = calendar_load(db, when->tenant, when->calendar, &c, e);
		if (ok && !calendar_due(c, when->now_us,
			      (int)db_int(r, 0, "limit_amount"),
			      db_text(r, 0, "limit_unit"), out))
			ok = err_set(e, ERR_CONFIG,
			    "calendar: it ends before feedback is due");
	}
	db_rows_free(r);
	return ok;
}

bool
feedback_begin(struct db *db, const struct feedback_when *when,
    struct feedback_due *out, struct err *e)
{
	*out = (struct feedback_due){ 0 };
	return due_of(db, when, "return", &out->return_us, e) &&
	       due_of(db, when, "ask-more", &out->ask_us, e) &&
	       due_of(db, when, "answer", &out->answer_us, e);
}

static bool
load(struct db *db, const struct feedback_act *a, struct feedback *f,
    struct err *e)
{
	const struct db_arg args[] = { DB_INT(a->tenant), DB_TEXT(a->code),
		DB_END };
	struct db_rows *r = NULL;

	if (!db_one(db, DB_feedback_lock, args, &r, e))
		return false;
	snprintf(f->state, sizeof(f->state), "%s", db_text(r, 0, "state"));
	snprintf(f->kind, sizeof(f->kind), "%s", db_text(r, 0, "kind"));
	f->version = (int)db_int(r, 0, "version");
	f->received_us = db_time(r, 0, "received_at");
	f->due.return_us = db_time(r, 0, "return_due_at");
	f->due.ask_us = db_time(r, 0, "ask_due_at");
	f->due.answer_us = db_time(r, 0, "answer_due_at");
	f->due.publish_us = db_time(r, 0, "publish_due_at");
	if (!db_is_null(r, 0, "unit_id"))
		f->unit = (struct feedback_unit){ db_int(r, 0, "unit_id"),
			db_int(r, 0, "calendar_id") };
	db_rows_free(r);
	return f->unit.id != 0 || feedback_unit(db, a->tenant, "", &f->unit, e);
}

static const struct edge *
find_edge(const char *from, const char *action)
{
	for (size_t i = 0; i < nitems(edges); i++)
		if (strcmp(edges[i].from, from) == 0 &&
		    strcmp(edges[i].action, action) == 0)
			return &edges[i];
	return NULL;
}

/* By when that action had to be taken; 0: at no time. */
static int64_t
due_at(const struct feedback *f, const char *action)
{
	if (strcmp(action, "accept") == 0 || strcmp(action, "return") == 0)
		return f->due.return_us;
	if (strcmp(action, "ask-more") == 0)
		return f->due.ask_us;
	if (strcmp(action, "answer") == 0)
		return f->due.answer_us;
	if (strcmp(action, "publish") == 0)
		return f->due.publish_us;
	return 0;
}

static bool
note_step(struct db *db, const struct feedback_act *a, int64_t unit,
    int64_t due_us, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(a->tenant),
		DB_TEXT(a->code),
		DB_TEXT(a->action),
		DB_TIME(a->now_us),
		DB_INT(a->by),
		DB_TEXT(a->text),
		DB_INT(unit),
		DB_TIME(due_us),
		DB_END,
	};

	return db_exec(db, DB_feedback_step_add, args, NULL, e);
}

/* What begins with the step: a transfer begins all anew, an answer the time
 * to publish it. */
static bool
turn(struct db *db, const struct feedback_act *a, struct feedback *f,
    struct err *e)
{
	struct feedback_when when = { a->tenant, f->unit.calendar, a->now_us };

	if (strcmp(a->action, "answer") == 0)
		return due_of(db, &when, "publish", &f->due.publish_us, e);
	if (strcmp(a->action, "transfer") != 0)
		return true;
	if (!feedback_unit(db, a->tenant, a->unit, &f->unit, e))
		return false;
	when.calendar = f->unit.calendar;
	return feedback_begin(db, &when, &f->due, e);
}

static bool
move(struct db *db, const struct feedback_act *a, const struct feedback *f,
    const char *to, struct err *e)
{
	bool answers = strcmp(a->action, "answer") == 0;
	const struct db_arg args[] = {
		DB_INT(a->tenant),
		DB_TEXT(a->code),
		DB_TEXT(a->action),
		DB_TEXT(to),
		DB_TIME(a->now_us),
		DB_INT(f->unit.id),
		DB_TIME(f->due.return_us),
		DB_TIME(f->due.ask_us),
		DB_TIME(f->due.answer_us),
		DB_TIME(f->due.publish_us),
		DB_TEXT(answers ? a->text : NULL),
		DB_END,
	};

	return db_exec(db, DB_feedback_move, args, NULL, e);
}

/* Of the tenant's own chain.  What was written stays out of the record, which
 * is kept for ever; its step has it. */
static bool
record(struct db *db, const struct feedback_act *a, const char *to,
    int64_t due_us, struct err *e)
{
	struct json *j = json_new_object();
	struct event event = {
		.tenant = a->tenant,
		.kind = "feedback-moved",
		.at_us = a->now_us,
		.actor = a->by,
	};
	char *text;
	bool ok;

	json_put_text(j, "action", a->action);
	json_put_text(j, "code", a->code);
	json_put_time(j, "due_at", due_us);
	json_put_text(j, "to", to);
	event.data = text = json_write_sorted(j);
	ok = event_append(db, &event, 1, e);
	free(text);
	json_free(j);
	return ok;
}

static bool
put_steps(
    struct db *db, const struct feedback_act *a, struct json *j, struct err *e)
{
	const struct db_arg args[] = { DB_INT(a->tenant), DB_TEXT(a->code),
		DB_END };
	struct json *list = json_new_list(), *step;
	struct db_rows *r = NULL;

	json_put(j, "steps", list);
	if (!db_query(db, DB_feedback_steps, args, &r, e))
		return false;
	for (int i = 0; i < db_count(r); i++) {
		step = json_new_object();
		json_put_text(step, "action", db_text(r, i, "action"));
		json_put_time(step, "at", db_time(r, i, "at"));
		json_put_text(step, "text", db_text(r, i, "text"));
		json_put_text(step, "unit", db_text(r, i, "unit"));
		json_put_time(step, "due_at", db_time(r, i, "due_at"));
		json_put_bool(step, "late", db_bool(r, i, "late"));
		json_add(list, step);
	}
	db_rows_free(r);
	return true;
}

static struct json *
feedback_json(
    const struct feedback_act *a, const struct feedback *f, const char *state)
{
	struct json *j = json_new_object();

	json_put_text(j, "code", a->code);
	json_put_text(j, "kind", f->kind);
	json_put_text(j, "state", state);
	json_put_int(j, "version", f->version + 1);
	json_put_time(j, "received_at", f->received_us);
	json_put_time(j, "return_due_at", f->due.return_us);
	json_put_time(j, "ask_due_at", f->due.ask_us);
	json_put_time(j, "answer_due_at", f->due.answer_us);
	json_put_time(j, "publish_due_at", f->due.publish_us);
	return j;
}

bool
feedback_act(struct db *db, const struct feedback_act *a, struct json **out,
    int *version, struct err *e)
{
	struct feedback f = { 0 };
	const struct edge *edge;
	struct json *j = NULL;
	int64_t due_us;
	bool ok = false;

	assert(db_in_tx(db));

	if (!load(db, a, &f, e))
		goto out;
	if (a->version != 0 && a->version != f.version) {
		err_set(e, ERR_FEEDBACK_STALE, "feedback %s: at %d, not %d",
		    a->code, f.version, a->version);
		goto out;
	}
	edge = find_edge(f.state, a->action);
	if (edge == NULL) {
		err_set(e, ERR_FEEDBACK_STATE, "feedback %s: %s in %s", a->code,
		    a->action, f.state);
		goto out;
	}
	due_us = due_at(&f, a->action);
	if (!turn(db, a, &f, e) || !move(db, a, &f, edge->to, e) ||
	    !note_step(db, a, f.unit.id, due_us, e) ||
	    !record(db, a, edge->to, due_us, e) ||
	    !feedback_timer_turn(db,
		&(struct feedback_timer){ a->tenant, a->code, a->now_us }, e))
		goto out;
	j = feedback_json(a, &f, edge->to);
	if (!put_steps(db, a, j, e))
		goto out;

	*version = f.version + 1;
	*out = j;
	j = NULL; /* the caller owns it now */
	ok = true;

out:
	json_free(j);
	return ok;
}
