#include "gateway/feedback_timer.h"

#include <assert.h>
#include <stdlib.h>

#include "base/err.h"
#include "base/json.h"
#include "gateway/calendar.h"
#include "gateway/columns.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/sla_plan.h"
#include "gateway/timer_record.h"

/* ---- setting ---- */

struct turn {
	const char *code;
	struct sla_plan plan;
};

static bool
timer_row(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;

	out[0].s = t->code;
	out[1].s = t->plan.timer[i].kind;
	out[2].n = t->plan.timer[i].at_us;
	return true;
}

static bool
plan(struct db *db, const struct feedback_timer *t, const struct db_rows *r,
    struct sla_plan *out, struct err *e)
{
	const int hours[SLA_ESCALATIONS_MAX] = {
		(int)db_int(r, 0, "level_1"),
		(int)db_int(r, 0, "level_2"),
		(int)db_int(r, 0, "level_3"),
	};
	struct sla_watch w = {
		.due_us = db_time(r, 0, "due_at"),
		.near_due_hours = (int)db_int(r, 0, "near_due_hours"),
		.escalate_hours = hours,
	};
	const struct calendar *c;

	if (!calendar_load(db, t->tenant, db_int(r, 0, "calendar_id"), &c, e))
		return false;
	w.limit_sec = calendar_elapsed(c, t->now_us, w.due_us);
	return sla_watch(c, &w, t->now_us, out) ||
	       err_set(e, ERR_CONFIG,
		   "feedback %s: its calendar ends before it is due", t->code);
}

bool
feedback_timer_turn(
    struct db *db, const struct feedback_timer *t, struct err *e)
{
	static const struct columns set = { DB_feedback_timer_set, "sst",
		timer_row };
	const struct db_arg key[] = { DB_INT(t->tenant), DB_TEXT(t->code),
		DB_END };
	const struct db_arg args[] = { key[0], key[1], DB_TIME(t->now_us),
		DB_END };
	struct turn turn = { .code = t->code };
	struct db_rows *r = NULL;
	bool ok;

	assert(db_in_tx(db));

	if (!db_exec(db, DB_feedback_timer_drop, key, NULL, e) ||
	    !db_query(db, DB_feedback_watch, args, &r, e))
		return false;
	ok = db_count(r) == 0 || plan(db, t, r, &turn.plan, e);
	db_rows_free(r);
	return ok && columns_exec(db, &set,
			 &(struct columns_set){
			     t->tenant, &turn, turn.plan.timer_count },
			 e);
}

/* ---- firing ---- */

/* Of the tenant's own chain, which takes one link at a time. */
static bool
tell(struct db *db, const struct db_rows *r, int i, struct err *e)
{
	struct json *j = json_new_object();
	char *data;
	struct event event = {
		.tenant = db_int(r, i, "tenant_id"),
		.kind = db_text(r, i, "kind"),
		.at_us = db_time(r, i, "fired_at"),
	};
	bool ok;

	json_put_time(j, "awaited_at", db_time(r, i, "awaited_at"));
	event.data = data = timer_record(j, r, i);
	ok = event_append(db, &event, 1, e);
	free(data);
	return ok && db_exec(db, DB_feedback_announce,
			 (const struct db_arg[]){ DB_INT(event.tenant),
			     DB_INT(event.id), DB_TEXT(db_text(r, i, "code")),
			     DB_END },
			 NULL, e);
}

bool
feedback_timer_fire(struct db *db, int64_t most, size_t *fired, struct err *e)
{
	const struct db_arg args[] = { DB_INT(most), DB_END };
	struct db_rows *r = NULL;
	bool ok = true;

	assert(db_in_tx(db));

	if (!db_query(db, DB_feedback_timer_fire, args, &r, e))
		return false;
	*fired = (size_t)db_count(r);
	for (int i = 0; ok && i < db_count(r); i++)
		ok = tell(db, r, i, e);
	db_rows_free(r);
	return ok;
}
