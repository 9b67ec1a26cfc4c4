#include "gateway/sla_plan.h"

#include <assert.h>

#include "base/base.h"
#include "base/clock.h"
#include "gateway/calendar.h"
#include "gateway/dossier.h"

#define HOUR_SEC      INT64_C(3600)
#define FEE_REMINDERS 3

static void
add_timer(struct sla_plan *p, const char *kind, int64_t at_us)
{
	assert(p->timer_count < nitems(p->timer));

	p->timer[p->timer_count++] = (struct sla_timer){ kind, at_us };
}

/* So many working seconds before the due date; at once, if less is left. */
static bool
remind(const struct calendar *c, const struct sla_timer *t, int64_t due_us,
    int64_t ahead_sec, struct sla_plan *p)
{
	int64_t left_us = calendar_elapsed_us(c, t->at_us, due_us);
	int64_t ahead_us = ahead_sec * CLOCK_SEC_US;
	int64_t told_us = t->at_us;

	if (left_us > ahead_us &&
	    !calendar_after_us(c, t->at_us, left_us - ahead_us, &told_us))
		return false;
	add_timer(p, t->kind, told_us);
	return true;
}

/* A fifth of the limit, or one working day, whichever is less time; or what
 * the procedure says. */
static int64_t
near_due_sec(const struct sla_watch *w)
{
	if (w->near_due_hours > 0)
		return w->near_due_hours * HOUR_SEC;
	return w->limit_sec / 5 < CALENDAR_DAY_SEC ? w->limit_sec / 5
						   : CALENDAR_DAY_SEC;
}

/* Each level so much later than it was due; one beyond the calendar's end is
 * none, since nobody knows when it would be. */
static void
set_escalations(
    const struct calendar *c, const struct sla_watch *w, struct sla_plan *p)
{
	static const char *const kinds[SLA_ESCALATIONS_MAX] = { "escalate-1",
		"escalate-2", "escalate-3" };
	int64_t at_us;

	for (size_t i = 0; i < nitems(kinds); i++)
		if (w->escalate_hours[i] > 0 &&
		    calendar_after(
			c, w->due_us, w->escalate_hours[i] * HOUR_SEC, &at_us))
			add_timer(p, kinds[i], at_us);
}

/*
 * Who comes back with nothing left hears overdue alone.  An apology has to be
 * made ahead of time (Decree 61/2018, art. 19); where the whole limit is no
 * longer than that, there is no such time.
 */
bool
sla_watch(const struct calendar *c, const struct sla_watch *w, int64_t now_us,
    struct sla_plan *p)
{
	const struct sla_timer near = { "near-due", now_us };
	const struct sla_timer apology = { "apology-due", now_us };
	int64_t apology_sec = w->apology_hours * HOUR_SEC;

	if (calendar_elapsed_us(c, now_us, w->due_us) > 0) {
		if (!remind(c, &near, w->due_us, near_due_sec(w), p))
			return false;
		if (apology_sec > 0 && w->limit_sec > apology_sec &&
		    !remind(c, &apology, w->due_us, apology_sec, p))
			return false;
	}
	add_timer(p, "overdue", w->due_us);
	set_escalations(c, w, p);
	return true;
}

static bool
watch_work(const struct calendar *c, const struct dossier *d, int64_t whole_sec,
    int64_t now_us, struct sla_plan *p)
{
	const struct sla_watch w = {
		.due_us = p->due_us,
		.limit_sec = whole_sec,
		.near_due_hours = d->near_due_hours,
		.apology_hours = d->apology_hours,
		.escalate_hours = d->escalate_hours,
	};

	return sla_watch(c, &w, now_us, p);
}

/* Counts from acceptance; after the cut-off hour it is the next day's. */
static bool
limit_due(const struct calendar *c, const struct dossier *d,
    int64_t accepted_us, int64_t *out_us)
{
	int64_t day = clock_vn_day(accepted_us);
	bool late = d->cutoff_sec != 0 &&
		    accepted_us >= clock_vn_instant(day, d->cutoff_sec);

	return calendar_due(c,
	    late ? clock_vn_instant(day + 1, 0) : accepted_us, d->limit_amount,
	    d->limit_unit, out_us);
}

/* The limit as it was before any pause, by the calendar as it is now. */
static int64_t
limit_sec(const struct calendar *c, const struct dossier *d)
{
	int64_t due_us;

	if (!limit_due(c, d, d->accepted_us, &due_us))
		due_us = d->original_due_us;
	return calendar_elapsed(c, d->accepted_us, due_us);
}

/* The clock counts from acceptance, not from submission. */
static bool
start(
    const struct calendar *c, const struct dossier_move *m, struct sla_plan *p)
{
	if (!limit_due(c, m->d, m->at_us, &p->due_us))
		return false;
	p->original_due_us = p->due_us;
	return watch_work(
	    c, m->d, calendar_elapsed(c, m->at_us, p->due_us), m->at_us, p);
}

static bool
resume(
    const struct calendar *c, const struct dossier_move *m, struct sla_plan *p)
{
	const struct dossier *d = m->d;

	if (!calendar_after_us(c, m->at_us, d->pause_left_us, &p->due_us))
		return false;
	return watch_work(c, d, limit_sec(c, d), m->at_us, p);
}

/* The longer limit counts from acceptance as well, and what the pauses took
 * is added; it moves nothing to the front. */
static bool
stretch(const struct calendar *c, const struct dossier *d,
    const struct dossier_extension *x, int64_t *due_us)
{
	int64_t at_us;

	if (!calendar_due(
		c, d->accepted_us, x->limit_amount, x->limit_unit, &at_us))
		return false;
	if (d->paused_us > 0 &&
	    !calendar_after_us(c, at_us, d->paused_us, &at_us))
		return false;
	if (at_us > *due_us)
		*due_us = at_us;
	return true;
}

static bool
extend(
    const struct calendar *c, const struct dossier_move *m, struct sla_plan *p)
{
	const struct dossier *d = m->d;

	p->due_us = d->due_us;
	if (!stretch(c, d, m->extension, &p->due_us))
		return false;
	p->turns = true;
	return watch_work(c, d, limit_sec(c, d), m->at_us, p);
}

/* Whoever paid gets the whole time for an answer again, where the procedure
 * says so; a supplement gets what was left of it. */
static bool
resume_intake(
    const struct calendar *c, const struct dossier_move *m, struct sla_plan *p)
{
	const struct dossier *d = m->d;

	if (m->event == DOSSIER_EV_PAID && d->intake_restarts
		? !calendar_due(c, m->at_us, d->intake_amount, d->intake_unit,
		      &p->intake_due_us)
		: !calendar_after_us(
		      c, m->at_us, d->pause_left_us, &p->intake_due_us))
		return false;
	add_timer(p, "intake", p->intake_due_us);
	return true;
}

/* Three times; what lies beyond the calendar's end is left away. */
static void
remind_of_fee(
    const struct calendar *c, const struct dossier_move *m, struct sla_plan *p)
{
	int64_t at_us;

	for (int i = 1; i <= FEE_REMINDERS; i++)
		if (calendar_after(c, m->at_us,
			i * m->d->fee_remind_days * CALENDAR_DAY_SEC, &at_us))
			add_timer(p, "fee-reminder", at_us);
}

/* Of the clock that runs in that phase. */
static void
stop(const struct calendar *c, const struct dossier_move *m, struct sla_plan *p)
{
	const struct dossier *d = m->d;

	p->opens = true;
	p->left_us = calendar_elapsed_us(c, m->at_us,
	    d->at.phase == DOSSIER_INTAKE ? d->intake_due_us : d->due_us);
	p->due_us = 0;
	if (m->to == DOSSIER_AWAITING_PAYMENT && d->fee_remind_days > 0)
		remind_of_fee(c, m, p);
}

/* What ends in a pause is measured against what was left when it began. */
static bool
end(const struct calendar *c, const struct dossier_move *m, struct sla_plan *p)
{
	const struct dossier *d = m->d;

	p->ended_us = m->at_us;
	if (!p->closes || d->at.phase == DOSSIER_INTAKE)
		return true;
	return calendar_after_us(c, m->at_us, d->pause_left_us, &p->due_us);
}

bool
sla_plan(const struct calendar *c, const struct dossier_move *m,
    struct sla_plan *out)
{
	enum dossier_phase phase =
	    dossier_phase_after(m->d->at.phase, m->event);
	struct dossier_place after = { m->to, phase };
	enum dossier_clock from = dossier_place_clock(m->d->at);
	enum dossier_clock to = dossier_place_clock(after);

	*out = (struct sla_plan){ .due_us = m->d->due_us };
	if (m->event == DOSSIER_EV_EXTEND)
		return extend(c, m, out);
	if (from == to)
		return true;
	out->turns = true;
	if (from == DOSSIER_CLOCK_PAUSED) {
		out->closes = true;
		out->working_us =
		    calendar_elapsed_us(c, m->d->pause_began_us, m->at_us);
	}
	switch (to) {
	case DOSSIER_CLOCK_RUNS:
		return out->closes ? resume(c, m, out) : start(c, m, out);
	case DOSSIER_CLOCK_INTAKE:
		return resume_intake(c, m, out);
	case DOSSIER_CLOCK_PAUSED:
		stop(c, m, out);
		return true;
	case DOSSIER_CLOCK_ENDED:
		return end(c, m, out);
	}
	return false;
}

/* ---- counting anew ---- */

bool
sla_may_move(int64_t due_us, int64_t to_us, int64_t now_us)
{
	return due_us > now_us && to_us > now_us && to_us != due_us;
}

static bool
work_due(const struct calendar *c, const struct dossier *d,
    const struct sla_since *since, int64_t *out_us)
{
	bool ok = since->went_on_us == 0
		      ? limit_due(c, d, d->accepted_us, out_us)
		      : calendar_after_us(
			    c, since->went_on_us, since->left_us, out_us);

	for (size_t i = 0; ok && i < since->extension_count; i++)
		ok = stretch(c, d, &since->extension[i], out_us);
	return ok;
}

static bool
answer_due(const struct calendar *c, const struct dossier *d,
    const struct sla_since *since, int64_t *out_us)
{
	if (since->went_on_us != 0 && !since->anew)
		return calendar_after_us(
		    c, since->went_on_us, since->left_us, out_us);
	return calendar_due(c, since->anew ? since->went_on_us : d->received_us,
	    d->intake_amount, d->intake_unit, out_us);
}

/* Nothing was left when it had come. */
static void
recount_left(const struct calendar *c, const struct dossier *d, int64_t due_us,
    struct sla_plan *p)
{
	int64_t left_us = calendar_elapsed_us(c, d->pause_began_us, due_us);

	if (d->pause_left_us > 0 && left_us > d->pause_left_us)
		p->left_us = left_us;
}

static bool
recount_work(const struct calendar *c, const struct dossier *d, int64_t due_us,
    int64_t now_us, struct sla_plan *p)
{
	if (!sla_may_move(d->due_us, due_us, now_us))
		return true;
	p->turns = true;
	p->due_us = due_us;
	return watch_work(c, d, limit_sec(c, d), now_us, p);
}

static void
recount_answer(
    const struct dossier *d, int64_t due_us, int64_t now_us, struct sla_plan *p)
{
	if (!sla_may_move(d->intake_due_us, due_us, now_us))
		return;
	p->turns = true;
	p->intake_due_us = due_us;
	add_timer(p, "intake", due_us);
}

bool
sla_recount(const struct calendar *c, const struct dossier *d,
    const struct sla_since *since, int64_t now_us, struct sla_plan *out)
{
	enum dossier_clock clock = dossier_place_clock(d->at);
	int64_t due_us;

	*out = (struct sla_plan){ .due_us = d->due_us };
	if (clock == DOSSIER_CLOCK_ENDED)
		return true;
	if (!(d->at.phase == DOSSIER_INTAKE ? answer_due : work_due)(
		c, d, since, &due_us))
		return false;
	if (clock == DOSSIER_CLOCK_RUNS)
		return recount_work(c, d, due_us, now_us, out);
	if (clock == DOSSIER_CLOCK_PAUSED)
		recount_left(c, d, due_us, out);
	else
		recount_answer(d, due_us, now_us, out);
	return true;
}
