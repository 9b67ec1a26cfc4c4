#include "gateway/step.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/calendar.h"
#include "gateway/columns.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/step_plan.h"
#include "gateway/timer.h"

/* ---- who may ---- */

bool
step_choose(struct db *db, const struct dossier *d, const char *named,
    struct step *out, struct err *e)
{
	bool first = d->step.seq == 0;
	const struct db_arg args[] = {
		DB_INT(d->tenant.n),
		DB_INT(d->procedure),
		first ? DB_END : DB_TEXT(d->step.code),
		DB_TEXT(named == NULL ? "" : named),
		DB_END,
	};
	struct db_rows *r = NULL;

	if (!db_query(db, first ? DB_step_first : DB_step_next, args, &r, e))
		return false;
	*out = (struct step){ 0 };
	if (db_count(r) == 1) {
		snprintf(
		    out->code, sizeof(out->code), "%s", db_text(r, 0, "code"));
		snprintf(
		    out->role, sizeof(out->role), "%s", db_text(r, 0, "role"));
		out->limit_amount = (int)db_int(r, 0, "limit_amount");
		snprintf(out->limit_unit, sizeof(out->limit_unit), "%s",
		    db_text(r, 0, "limit_unit"));
	}
	db_rows_free(r);
	return true;
}

bool
step_check_role(struct db *db, const struct dossier *d, int64_t officer,
    const char *role, struct err *e)
{
	const struct db_arg args[] = { DB_INT(d->tenant.n), DB_INT(d->unit.n),
		DB_INT(officer), DB_TEXT(role), DB_END };
	struct db_rows *r = NULL;
	bool may;

	if (!db_one(db, DB_step_may_hold, args, &r, e))
		return false;
	may = db_bool(r, 0, "may");
	db_rows_free(r);
	return may || err_field(e, ERR_BAD_FIELD, "/officer",
			  "dossier %s: not a %s of its unit", d->code, role);
}

bool
step_check_hand_over(const struct dossier *d, int64_t by, struct err *e)
{
	if (d->step.seq == 0)
		return err_set(
		    e, ERR_WRONG_STATE, "dossier %s: at no step", d->code);
	if (d->officer == 0)
		return err_set(e, ERR_WRONG_STATE,
		    "dossier %s: nobody has taken it yet", d->code);
	return d->officer == by || err_set(e, ERR_FORBIDDEN,
				       "dossier %s: another holds it", d->code);
}

bool
step_check_take(const struct dossier *d, int64_t by, struct err *e)
{
	if (d->step.seq == 0)
		return err_set(
		    e, ERR_WRONG_STATE, "dossier %s: at no step", d->code);
	return d->officer == 0 || d->officer == by ||
	       err_set(
		   e, ERR_FORBIDDEN, "dossier %s: another holds it", d->code);
}

/* ---- what a set of moves does ---- */

static bool
plan_all(struct db *db, const struct dossier_move *moves, size_t n,
    struct step_plan *plans, struct err *e)
{
	const struct calendar *c;

	for (size_t i = 0; i < n; i++) {
		const struct dossier *d = moves[i].d;

		if (d->step.seq == 0 && moves[i].step == NULL)
			continue;
		if (!calendar_load(db, d->tenant.n, d->calendar, &c, e))
			return false;
		if (!step_plan(c, &moves[i], &plans[i]))
			return err_set(e, ERR_CONFIG,
			    "dossier %s: its calendar ends before a step is "
			    "due",
			    d->code);
	}
	return true;
}

/* The ints: dossier, at, by, working seconds, late; the text: outcome. */
static bool
end_steps(struct db *db, const struct dossier_move *moves,
    const struct step_plan *plans, size_t n, struct err *e)
{
	struct columns c = columns_new(n, 5, 1);
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		if (!plans[i].ends)
			continue;
		columns_ints(&c, 0)[c.count] = moves[i].d->id.n;
		columns_ints(&c, 1)[c.count] = moves[i].at_us;
		columns_ints(&c, 2)[c.count] = moves[i].by.n;
		columns_ints(&c, 3)[c.count] = plans[i].working_sec;
		columns_ints(&c, 4)[c.count] = plans[i].late;
		columns_texts(&c, 0)[c.count++] = plans[i].outcome;
	}
	if (c.count > 0) {
		const struct db_arg args[] = {
			DB_INT(moves[0].d->tenant.n),
			DB_INTS(columns_ints(&c, 0), c.count),
			DB_TIMES(columns_ints(&c, 1), c.count),
			DB_INTS(columns_ints(&c, 2), c.count),
			DB_TEXTS(columns_texts(&c, 0), c.count),
			DB_INTS(columns_ints(&c, 3), c.count),
			DB_INTS(columns_ints(&c, 4), c.count),
			DB_END,
		};
		ok = db_exec(db, DB_step_end, args, NULL, e);
	}
	columns_release(&c);
	return ok;
}

/* The ints: dossier, officer, at, by, due, taken; the text: code. */
static bool
begin_steps(struct db *db, const struct dossier_move *moves,
    const struct step_plan *plans, size_t n, struct err *e)
{
	struct columns c = columns_new(n, 6, 1);
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		if (!plans[i].begins)
			continue;
		columns_ints(&c, 0)[c.count] = moves[i].d->id.n;
		columns_ints(&c, 1)[c.count] = plans[i].officer;
		columns_ints(&c, 2)[c.count] = moves[i].at_us;
		columns_ints(&c, 3)[c.count] = moves[i].by.n;
		columns_ints(&c, 4)[c.count] = plans[i].due_us;
		columns_ints(&c, 5)[c.count] = plans[i].taken_us;
		columns_texts(&c, 0)[c.count++] = moves[i].step->code;
	}
	if (c.count > 0) {
		const struct db_arg args[] = {
			DB_INT(moves[0].d->tenant.n),
			DB_INTS(columns_ints(&c, 0), c.count),
			DB_TEXTS(columns_texts(&c, 0), c.count),
			DB_INTS(columns_ints(&c, 1), c.count),
			DB_TIMES(columns_ints(&c, 2), c.count),
			DB_INTS(columns_ints(&c, 3), c.count),
			DB_TIMES(columns_ints(&c, 4), c.count),
			DB_TIMES(columns_ints(&c, 5), c.count),
			DB_END,
		};
		ok = db_exec(db, DB_step_begin, args, NULL, e);
	}
	columns_release(&c);
	return ok;
}

/* The ints: dossier, paused at, seconds left, due, paused seconds. */
static bool
turn_clocks(struct db *db, const struct dossier_move *moves,
    const struct step_plan *plans, size_t n, struct err *e)
{
	struct columns c = columns_new(n, 5, 0);
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		const struct step_plan *p = &plans[i];

		if (!p->stops && !p->goes_on)
			continue;
		columns_ints(&c, 0)[c.count] = moves[i].d->id.n;
		columns_ints(&c, 1)[c.count] = p->stops ? moves[i].at_us : 0;
		columns_ints(&c, 2)[c.count] = p->left_sec;
		columns_ints(&c, 3)[c.count] = p->due_us;
		columns_ints(&c, 4)[c.count++] = p->paused_sec;
	}
	if (c.count > 0) {
		const struct db_arg args[] = {
			DB_INT(moves[0].d->tenant.n),
			DB_INTS(columns_ints(&c, 0), c.count),
			DB_TIMES(columns_ints(&c, 1), c.count),
			DB_INTS(columns_ints(&c, 2), c.count),
			DB_TIMES(columns_ints(&c, 3), c.count),
			DB_INTS(columns_ints(&c, 4), c.count),
			DB_END,
		};
		ok = db_exec(db, DB_step_clock, args, NULL, e);
	}
	columns_release(&c);
	return ok;
}

/* The ints: dossier, officer, taken. */
static bool
change_hands(struct db *db, const struct dossier_move *moves,
    const struct step_plan *plans, size_t n, struct err *e)
{
	struct columns c = columns_new(n, 3, 0);
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		if (!plans[i].changes_hands)
			continue;
		columns_ints(&c, 0)[c.count] = moves[i].d->id.n;
		columns_ints(&c, 1)[c.count] = plans[i].officer;
		columns_ints(&c, 2)[c.count++] = plans[i].taken_us;
	}
	if (c.count > 0) {
		const struct db_arg args[] = {
			DB_INT(moves[0].d->tenant.n),
			DB_INTS(columns_ints(&c, 0), c.count),
			DB_INTS(columns_ints(&c, 1), c.count),
			DB_TIMES(columns_ints(&c, 2), c.count),
			DB_END,
		};
		ok = db_exec(db, DB_step_hold, args, NULL, e);
	}
	columns_release(&c);
	return ok;
}

/* A step that begins or goes on is due; one that ends or stops is not. */
static bool
turn_timers(struct db *db, const struct dossier_move *moves,
    const struct step_plan *plans, size_t n, struct err *e)
{
	static const char *kinds[] = { "step-overdue" };
	int64_t tenant = moves[0].d->tenant.n;
	int64_t *turned = blob_calloc(n, sizeof(*turned));
	struct timer *set = blob_calloc(n, sizeof(*set));
	struct timer_drop drop = { .tenant = tenant,
		.dossiers = turned,
		.kinds = kinds,
		.kind_count = 1 };
	size_t count = 0;
	bool ok;

	for (size_t i = 0; i < n; i++) {
		if (plans[i].ends || plans[i].stops)
			turned[drop.dossier_count++] = moves[i].d->id.n;
		if (plans[i].due_us != 0)
			set[count++] = (struct timer){ moves[i].d->id.n,
				kinds[0], plans[i].due_us };
	}
	ok = timer_drop(db, &drop, e) && timer_set(db, tenant, set, count, e);
	free(set);
	free(turned);
	return ok;
}

bool
step_turn(
    struct db *db, const struct dossier_move *moves, size_t n, struct err *e)
{
	struct step_plan *plans = blob_calloc(n, sizeof(*plans));
	bool ok;

	assert(db_in_tx(db));

	ok = plan_all(db, moves, n, plans, e) &&
	     end_steps(db, moves, plans, n, e) &&
	     begin_steps(db, moves, plans, n, e) &&
	     turn_clocks(db, moves, plans, n, e) &&
	     change_hands(db, moves, plans, n, e) &&
	     turn_timers(db, moves, plans, n, e);
	free(plans);
	return ok;
}

/* ---- as it is shown ---- */

static void
put_open_step(struct json *j, const struct db_rows *r)
{
	json_put_text(j, "step", db_text(r, 0, "code"));
	json_put_text(j, "title", db_text(r, 0, "title"));
	json_put_text(j, "role", db_text(r, 0, "role"));
	json_put_text_or_null(j, "officer",
	    db_is_null(r, 0, "officer") ? NULL : db_text(r, 0, "officer"));
	json_put_time(j, "since", db_time(r, 0, "began_at"));
	json_put_time(j, "taken_at", db_time(r, 0, "taken_at"));
	json_put_time(j, "due_at", db_time(r, 0, "due_at"));
}

bool
step_holder_json(struct db *db, const struct dossier *d, const char *officer,
    struct json **out, struct err *e)
{
	static const char *const none[] = { "step", "title", "role", "since",
		"taken_at", "due_at" };
	const struct db_arg args[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		DB_END };
	struct db_rows *r = NULL;

	if (!db_query(db, DB_step_holder, args, &r, e))
		return false;
	*out = json_new_object();
	if (db_count(r) == 1) {
		put_open_step(*out, r);
	} else {
		for (size_t i = 0; i < nitems(none); i++)
			json_put_null(*out, none[i]);
		json_put_text_or_null(*out, "officer", officer);
	}
	db_rows_free(r);
	return true;
}
