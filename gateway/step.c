#include "gateway/step.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
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

/* A set of moves, and what each does to its dossier's step. */
struct turn {
	const struct dossier_move *moves;
	struct step_plan *plans;
	size_t n;
};

static bool
plan_all(const struct turn *t, struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct dossier_move *m = &t->moves[i];

		if (!step_plan(m->calendar, m, &t->plans[i]))
			return err_set(e, ERR_CONFIG,
			    "dossier %s: its calendar ends before a step is "
			    "due",
			    m->d->code);
	}
	return true;
}

static bool
ended_step(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;
	const struct step_plan *p = &t->plans[i];

	out[0].n = t->moves[i].d->id.n;
	out[1].n = t->moves[i].at_us;
	out[2].n = t->moves[i].by.n;
	out[3].s = p->outcome;
	out[4].n = p->working_sec;
	out[5].n = p->late;
	return p->ends;
}

static bool
begun_step(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;
	const struct dossier_move *m = &t->moves[i];
	const struct step_plan *p = &t->plans[i];

	if (!p->begins)
		return false;
	out[0].n = m->d->id.n;
	out[1].s = m->step->code;
	out[2].n = p->officer;
	out[3].n = m->at_us;
	out[4].n = m->by.n;
	out[5].n = p->due_us;
	out[6].n = p->taken_us;
	return true;
}

static bool
turned_clock(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;
	const struct step_plan *p = &t->plans[i];

	out[0].n = t->moves[i].d->id.n;
	out[1].n = p->stops ? t->moves[i].at_us : 0;
	out[2].n = p->left_us;
	out[3].n = p->due_us;
	out[4].n = p->paused_sec;
	return p->stops || p->goes_on;
}

static bool
changed_hands(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;
	const struct step_plan *p = &t->plans[i];

	out[0].n = t->moves[i].d->id.n;
	out[1].n = p->officer;
	out[2].n = p->taken_us;
	return p->changes_hands;
}

/* A step ends before another begins: a dossier has one open at most. */
static const struct columns writes[] = {
	{ DB_step_end, "itisii", ended_step },
	{ DB_step_begin, "isititt", begun_step },
	{ DB_step_clock, "ititi", turned_clock },
	{ DB_step_hold, "iit", changed_hands },
};

/* A step that begins or goes on is due; one that ends or stops is not. */
static bool
turn_timers(struct db *db, const struct turn *t, struct err *e)
{
	static const char *kinds[] = { "step-overdue" };
	int64_t tenant = t->moves[0].d->tenant.n;
	int64_t *turned = blob_calloc(t->n, sizeof(*turned));
	struct timer *set = blob_calloc(t->n, sizeof(*set));
	struct timer_drop drop = { .tenant = tenant,
		.dossiers = turned,
		.kinds = kinds,
		.kind_count = 1 };
	size_t count = 0;
	bool ok;

	for (size_t i = 0; i < t->n; i++) {
		if (t->plans[i].ends || t->plans[i].stops)
			turned[drop.dossier_count++] = t->moves[i].d->id.n;
		if (t->plans[i].due_us != 0)
			set[count++] = (struct timer){ t->moves[i].d->id.n,
				kinds[0], t->plans[i].due_us };
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
	const struct turn t = { moves, blob_calloc(n, sizeof(*t.plans)), n };
	const struct columns_set set = { moves[0].d->tenant.n, &t, n };
	bool ok = plan_all(&t, e);

	for (size_t i = 0; ok && i < nitems(writes); i++)
		ok = columns_exec(db, &writes[i], &set, e);
	ok = ok && turn_timers(db, &t, e);
	free(t.plans);
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
