#include "gateway/sla.h"

#include <stdlib.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "gateway/calendar.h"
#include "gateway/columns.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/procedure.h"
#include "gateway/sla_plan.h"
#include "gateway/timer.h"

/* A set of moves, and what each does to its clock. */
struct turn {
	const struct dossier_move *moves;
	struct sla_plan *plans;
	size_t n;
};

static bool
plan_all(const struct turn *t, struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct dossier_move *m = &t->moves[i];
		const struct dossier *d = m->d;

		if (!sla_plan(m->calendar, m, &t->plans[i]))
			return err_set(e, ERR_CONFIG,
			    "dossier %s: its calendar ends before it is due",
			    d->code);
		if (m->event == DOSSIER_EV_EXTEND &&
		    t->plans[i].due_us == d->due_us)
			return err_field(e, ERR_BAD_FIELD, "/extension",
			    "dossier %s: that limit is no longer", d->code);
	}
	return true;
}

/* A dossier has one open pause at most (pause_one_open), so its key is
 * enough. */
static bool
closed_pause(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;

	out[0].n = t->moves[i].d->id.n;
	out[1].n = t->moves[i].at_us;
	out[2].n = t->moves[i].by.n;
	out[3].n = t->plans[i].working_us / CLOCK_SEC_US;
	return t->plans[i].closes;
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

static bool
opened_pause(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;
	const struct dossier_move *m = &t->moves[i];
	const struct dossier *d = m->d;

	out[0].n = d->id.n;
	out[1].n = d->pauses + 1;
	out[2].s = pause_kind(m);
	out[3].s = d->at.phase == DOSSIER_INTAKE ? "intake" : "work";
	out[4].s = m->ground == NULL ? "" : m->ground;
	out[5].n = m->at_us;
	out[6].n = m->by.n;
	out[7].n = t->plans[i].left_us;
	out[8].s = m->hold == NULL ? "" : m->hold;
	return t->plans[i].opens;
}

/* The ledger takes each code once a dossier, which is what makes a second try
 * a conflict. */
static bool
added_extension(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;
	const struct dossier_move *m = &t->moves[i];

	if (m->event != DOSSIER_EV_EXTEND)
		return false;
	out[0].n = m->d->id.n;
	out[1].s = m->extension->code;
	out[2].s = m->ground;
	out[3].n = m->d->due_us;
	out[4].n = t->plans[i].due_us;
	out[5].n = m->at_us;
	out[6].n = m->by.n;
	return true;
}

/* A pause at intake takes nothing from the work's clock. */
static bool
turned_clock(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;
	const struct dossier *d = t->moves[i].d;
	const struct sla_plan *p = &t->plans[i];

	out[0].n = d->id.n;
	out[1].n = p->due_us;
	out[2].n = p->original_due_us;
	out[3].n = p->intake_due_us;
	out[4].n = p->ended_us;
	out[5].n = d->at.phase == DOSSIER_INTAKE ? 0 : p->working_us;
	return p->turns;
}

static bool
grown_pause(const void *turn, size_t i, union cell *out)
{
	const struct turn *t = turn;
	const struct sla_plan *p = &t->plans[i];

	out[0].n = t->moves[i].d->id.n;
	out[1].n = p->left_us;
	return !p->turns && p->left_us > 0;
}

/* In the order in which they need each other. */
static const struct columns writes[] = {
	{ DB_sla_pause_close, "itii", closed_pause },
	{ DB_sla_pause_open, "iissstiis", opened_pause },
	{ DB_sla_extension_add, "issttti", added_extension },
	{ DB_sla_clock, "itttti", turned_clock },
};

/* Kinds that the clock sets; those of a step are the step's. */
static const char *clock_timers[] = { "intake", "near-due", "apology-due",
	"overdue", "fee-reminder", "escalate-1", "escalate-2", "escalate-3" };

/* What was set for the clock as it was goes; what its new course asks for
 * comes.  A timer that has fired stays: it was true when it did. */
static bool
turn_timers(struct db *db, const struct turn *t, struct err *e)
{
	int64_t tenant = t->moves[0].d->tenant.n;
	int64_t *turned = blob_calloc(t->n, sizeof(*turned));
	struct timer *set = blob_calloc(t->n * SLA_TIMERS_MAX, sizeof(*set));
	struct timer_drop drop = { .tenant = tenant,
		.dossiers = turned,
		.kinds = clock_timers,
		.kind_count = nitems(clock_timers) };
	size_t count = 0;
	bool ok;

	for (size_t i = 0; i < t->n; i++) {
		const struct sla_plan *p = &t->plans[i];

		if (!p->turns)
			continue;
		turned[drop.dossier_count++] = t->moves[i].d->id.n;
		for (size_t j = 0; j < p->timer_count; j++)
			set[count++] = (struct timer){ t->moves[i].d->id.n,
				p->timer[j].kind, p->timer[j].at_us };
	}
	ok = timer_drop(db, &drop, e) && timer_set(db, tenant, set, count, e);
	free(set);
	free(turned);
	return ok;
}

bool
sla_turn(struct db *db, struct dossier_move *moves, size_t n, struct err *e)
{
	const struct turn t = { moves, blob_calloc(n, sizeof(*t.plans)), n };
	const struct columns_set set = { moves[0].d->tenant.n, &t, n };
	bool ok = plan_all(&t, e);

	for (size_t i = 0; ok && i < nitems(writes); i++)
		ok = columns_exec(db, &writes[i], &set, e);
	ok = ok && turn_timers(db, &t, e);
	for (size_t i = 0; ok && i < n; i++)
		moves[i].due_us = t.plans[i].due_us;
	free(t.plans);
	return ok;
}

bool
sla_recounted(struct db *db, const struct dossier_move *moves,
    struct sla_plan *plans, size_t n, struct err *e)
{
	static const struct columns recounts[] = {
		{ DB_sla_clock, "itttti", turned_clock },
		{ DB_sla_pause_left, "ii", grown_pause },
	};
	const struct turn t = { moves, plans, n };
	const struct columns_set set = { moves[0].d->tenant.n, &t, n };
	bool ok = true;

	for (size_t i = 0; ok && i < nitems(recounts); i++)
		ok = columns_exec(db, &recounts[i], &set, e);
	return ok && turn_timers(db, &t, e);
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
