#include "gateway/sla.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "gateway/calendar.h"
#include "gateway/columns.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/procedure.h"
#include "gateway/sla_plan.h"
#include "gateway/timer.h"

/* Fills in a plan for each move.  Neighbours mostly share their calendar,
 * which is asked for once then. */
static bool
plan_all(struct db *db, const struct dossier_move *moves, size_t n,
    struct sla_plan *plans, struct err *e)
{
	const struct calendar *c = NULL;

	for (size_t i = 0; i < n; i++) {
		const struct dossier *d = moves[i].d;

		if ((c == NULL || moves[i - 1].d->calendar != d->calendar) &&
		    !calendar_load(db, d->tenant.n, d->calendar, &c, e))
			return false;
		if (!sla_plan(c, &moves[i], &plans[i]))
			return err_set(e, ERR_CONFIG,
			    "dossier %s: its calendar ends before it is due",
			    d->code);
		if (moves[i].event == DOSSIER_EV_EXTEND &&
		    plans[i].due_us == d->due_us)
			return err_field(e, ERR_BAD_FIELD, "/extension",
			    "dossier %s: that limit is no longer", d->code);
	}
	return true;
}

static const char *
pause_kind(const struct dossier_move *m)
{
	if (m->event == DOSSIER_EV_SUSPEND)
		return "suspension";
	if (m->event == DOSSIER_EV_CONSULT)
		return "consultation";
	return m->to == DOSSIER_AWAITING_PAYMENT ? "payment" : "supplement";
}

/* The ints: dossier, which of its pauses, at, by, seconds left; the texts:
 * kind, phase, ground, code of the hold. */
static void
put_pause(struct columns *c, const struct dossier_move *m, int64_t left_sec)
{
	const struct dossier *d = m->d;
	size_t i = c->count++;

	columns_ints(c, 0)[i] = d->id.n;
	columns_ints(c, 1)[i] = d->pauses + 1;
	columns_ints(c, 2)[i] = m->at_us;
	columns_ints(c, 3)[i] = m->by.n;
	columns_ints(c, 4)[i] = left_sec;
	columns_texts(c, 0)[i] = pause_kind(m);
	columns_texts(c, 1)[i] =
	    d->at.phase == DOSSIER_INTAKE ? "intake" : "work";
	columns_texts(c, 2)[i] = m->ground == NULL ? "" : m->ground;
	columns_texts(c, 3)[i] = m->hold == NULL ? "" : m->hold;
}

static bool
open_pauses(struct db *db, const struct dossier_move *moves,
    const struct sla_plan *plans, size_t n, struct err *e)
{
	struct columns c = columns_new(n, 5, 4);
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		if (plans[i].opens)
			put_pause(&c, &moves[i], plans[i].left_sec);
	if (c.count > 0) {
		const struct db_arg args[] = {
			DB_INT(moves[0].d->tenant.n),
			DB_INTS(columns_ints(&c, 0), c.count),
			DB_INTS(columns_ints(&c, 1), c.count),
			DB_TEXTS(columns_texts(&c, 0), c.count),
			DB_TEXTS(columns_texts(&c, 1), c.count),
			DB_TEXTS(columns_texts(&c, 2), c.count),
			DB_TIMES(columns_ints(&c, 2), c.count),
			DB_INTS(columns_ints(&c, 3), c.count),
			DB_INTS(columns_ints(&c, 4), c.count),
			DB_TEXTS(columns_texts(&c, 3), c.count),
			DB_END,
		};
		ok = db_exec(db, DB_sla_pause_open, args, NULL, e);
	}
	columns_release(&c);
	return ok;
}

/* The ints: dossier, at, by, seconds that it took.  A dossier has one open
 * pause at most (pause_one_open), so its key is enough. */
static bool
close_pauses(struct db *db, const struct dossier_move *moves,
    const struct sla_plan *plans, size_t n, struct err *e)
{
	struct columns c = columns_new(n, 4, 0);
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		if (!plans[i].closes)
			continue;
		columns_ints(&c, 0)[c.count] = moves[i].d->id.n;
		columns_ints(&c, 1)[c.count] = moves[i].at_us;
		columns_ints(&c, 2)[c.count] = moves[i].by.n;
		columns_ints(&c, 3)[c.count++] = plans[i].working_sec;
	}
	if (c.count > 0) {
		const struct db_arg args[] = {
			DB_INT(moves[0].d->tenant.n),
			DB_INTS(columns_ints(&c, 0), c.count),
			DB_TIMES(columns_ints(&c, 1), c.count),
			DB_INTS(columns_ints(&c, 2), c.count),
			DB_INTS(columns_ints(&c, 3), c.count),
			DB_END,
		};
		ok = db_exec(db, DB_sla_pause_close, args, NULL, e);
	}
	columns_release(&c);
	return ok;
}

/* The ints: dossier, was due, is due, at, by; the texts: code, ground.  The
 * ledger takes each code once a dossier, which is what makes a second try a
 * conflict. */
static void
put_extension(struct columns *c, const struct dossier_move *m, int64_t due_us)
{
	size_t i = c->count++;

	columns_ints(c, 0)[i] = m->d->id.n;
	columns_ints(c, 1)[i] = m->d->due_us;
	columns_ints(c, 2)[i] = due_us;
	columns_ints(c, 3)[i] = m->at_us;
	columns_ints(c, 4)[i] = m->by.n;
	columns_texts(c, 0)[i] = m->extension->code;
	columns_texts(c, 1)[i] = m->ground;
}

static bool
add_extensions(struct db *db, const struct dossier_move *moves,
    const struct sla_plan *plans, size_t n, struct err *e)
{
	struct columns c = columns_new(n, 5, 2);
	bool ok = true;

	for (size_t i = 0; i < n; i++)
		if (moves[i].event == DOSSIER_EV_EXTEND)
			put_extension(&c, &moves[i], plans[i].due_us);
	if (c.count > 0) {
		const struct db_arg args[] = {
			DB_INT(moves[0].d->tenant.n),
			DB_INTS(columns_ints(&c, 0), c.count),
			DB_TEXTS(columns_texts(&c, 0), c.count),
			DB_TEXTS(columns_texts(&c, 1), c.count),
			DB_TIMES(columns_ints(&c, 1), c.count),
			DB_TIMES(columns_ints(&c, 2), c.count),
			DB_TIMES(columns_ints(&c, 3), c.count),
			DB_INTS(columns_ints(&c, 4), c.count),
			DB_END,
		};
		ok = db_exec(db, DB_sla_extension_add, args, NULL, e);
	}
	columns_release(&c);
	return ok;
}

/* The ints: dossier, due, originally due, answer due, ended, paused. */
static bool
set_clocks(struct db *db, const struct dossier_move *moves,
    const struct sla_plan *plans, size_t n, struct err *e)
{
	struct columns c = columns_new(n, 6, 0);
	const struct sla_plan *p;
	bool ok = true;

	for (size_t i = 0; i < n; i++) {
		p = &plans[i];
		if (!p->turns)
			continue;
		columns_ints(&c, 0)[c.count] = moves[i].d->id.n;
		columns_ints(&c, 1)[c.count] = p->due_us;
		columns_ints(&c, 2)[c.count] = p->original_due_us;
		columns_ints(&c, 3)[c.count] = p->intake_due_us;
		columns_ints(&c, 4)[c.count] = p->ended_us;
		/* A pause at intake takes nothing from the work's clock. */
		columns_ints(&c, 5)[c.count++] =
		    moves[i].d->at.phase == DOSSIER_INTAKE ? 0 : p->working_sec;
	}
	if (c.count > 0) {
		const struct db_arg args[] = {
			DB_INT(moves[0].d->tenant.n),
			DB_INTS(columns_ints(&c, 0), c.count),
			DB_TIMES(columns_ints(&c, 1), c.count),
			DB_TIMES(columns_ints(&c, 2), c.count),
			DB_TIMES(columns_ints(&c, 3), c.count),
			DB_TIMES(columns_ints(&c, 4), c.count),
			DB_INTS(columns_ints(&c, 5), c.count),
			DB_END,
		};
		ok = db_exec(db, DB_sla_clock, args, NULL, e);
	}
	columns_release(&c);
	return ok;
}

/* Kinds that the clock sets; those of a step are the step's. */
static const char *clock_timers[] = { "intake", "near-due", "apology-due",
	"overdue", "fee-reminder", "escalate-1", "escalate-2", "escalate-3" };

/* What was set for the clock as it was goes; what its new course asks for
 * comes.  A timer that has fired stays: it was true when it did. */
static bool
turn_timers(struct db *db, const struct dossier_move *moves,
    const struct sla_plan *plans, size_t n, struct err *e)
{
	int64_t tenant = moves[0].d->tenant.n;
	int64_t *turned = blob_calloc(n, sizeof(*turned));
	struct timer *set = blob_calloc(n * SLA_TIMERS_MAX, sizeof(*set));
	struct timer_drop drop = { .tenant = tenant,
		.dossiers = turned,
		.kinds = clock_timers,
		.kind_count = nitems(clock_timers) };
	size_t count = 0;
	bool ok;

	for (size_t i = 0; i < n; i++) {
		if (!plans[i].turns)
			continue;
		turned[drop.dossier_count++] = moves[i].d->id.n;
		for (size_t j = 0; j < plans[i].timer_count; j++)
			set[count++] = (struct timer){ moves[i].d->id.n,
				plans[i].timer[j].kind,
				plans[i].timer[j].at_us };
	}
	ok = timer_drop(db, &drop, e) && timer_set(db, tenant, set, count, e);
	free(set);
	free(turned);
	return ok;
}

bool
sla_turn(struct db *db, struct dossier_move *moves, size_t count, struct err *e)
{
	struct sla_plan *plans = blob_calloc(count, sizeof(*plans));
	bool ok = false;

	assert(db_in_tx(db));

	if (!plan_all(db, moves, count, plans, e))
		goto out;
	if (!close_pauses(db, moves, plans, count, e))
		goto out;
	if (!open_pauses(db, moves, plans, count, e))
		goto out;
	if (!add_extensions(db, moves, plans, count, e))
		goto out;
	if (!set_clocks(db, moves, plans, count, e))
		goto out;
	if (!turn_timers(db, moves, plans, count, e))
		goto out;
	for (size_t i = 0; i < count; i++)
		moves[i].due_us = plans[i].due_us;
	ok = true;

out:
	free(plans);
	return ok;
}

bool
sla_intake_due(const struct calendar *c, const struct procedure *p,
    int64_t received_us, int64_t *out_us, struct err *e)
{
	if (!calendar_due(
		c, received_us, p->intake_hours, p->intake_unit, out_us))
		return err_set(
		    e, ERR_CONFIG, "calendar: it ends before an answer is due");
	return true;
}

bool
sla_register(struct db *db, int64_t tenant, int64_t dossier,
    int64_t intake_due_us, struct err *e)
{
	const struct timer t = { dossier, "intake", intake_due_us };

	return timer_set(db, tenant, &t, 1, e);
}
