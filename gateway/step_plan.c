#include "gateway/step_plan.h"

#include "gateway/calendar.h"
#include "gateway/dossier.h"
#include "gateway/sla_plan.h"
#include "gateway/step.h"

/* Whoever takes it himself has it at once; another has to take it. */
static void
give(const struct dossier_move *m, struct step_plan *p)
{
	p->officer = m->officer == DOSSIER_NOBODY ? 0 : m->officer;
	p->taken_us = p->officer == m->by.n ? m->at_us : 0;
}

static bool
begin(
    const struct calendar *c, const struct dossier_move *m, struct step_plan *p)
{
	p->begins = true;
	give(m, p);
	return calendar_due(c, m->at_us, m->step->limit_amount,
	    m->step->limit_unit, &p->due_us);
}

static void
end(const struct calendar *c, const struct dossier_move *m, struct step_plan *p)
{
	const struct dossier_at_step *s = &m->d->step;

	p->ends = true;
	p->working_sec =
	    calendar_elapsed(c, s->began_us, m->at_us) - s->paused_sec;
	if (s->paused_us != 0) {
		p->working_sec -= calendar_elapsed(c, s->paused_us, m->at_us);
		p->late = s->left_us == 0;
	} else {
		p->late = m->at_us > s->due_us;
	}
}

static bool
go_on(
    const struct calendar *c, const struct dossier_move *m, struct step_plan *p)
{
	const struct dossier_at_step *s = &m->d->step;

	p->goes_on = true;
	p->paused_sec = calendar_elapsed(c, s->paused_us, m->at_us);
	return calendar_after_us(c, m->at_us, s->left_us, &p->due_us);
}

static bool
turn(
    const struct calendar *c, const struct dossier_move *m, struct step_plan *p)
{
	struct dossier_place after = { m->to,
		dossier_phase_after(m->d->at.phase, m->event) };
	enum dossier_clock from = dossier_place_clock(m->d->at);
	enum dossier_clock to = dossier_place_clock(after);

	if (to == DOSSIER_CLOCK_ENDED) {
		end(c, m, p);
		p->outcome = "ended";
	} else if (from == DOSSIER_CLOCK_PAUSED && to == DOSSIER_CLOCK_RUNS) {
		return go_on(c, m, p);
	} else if (from == DOSSIER_CLOCK_RUNS && to == DOSSIER_CLOCK_PAUSED) {
		p->stops = true;
		p->left_us =
		    calendar_elapsed_us(c, m->at_us, m->d->step.due_us);
	} else if (m->officer != 0) {
		p->changes_hands = true;
		give(m, p);
	}
	return true;
}

bool
step_plan(const struct calendar *c, const struct dossier_move *m,
    struct step_plan *out)
{
	*out = (struct step_plan){ 0 };
	if (m->event == DOSSIER_EV_HAND_OVER) {
		end(c, m, out);
		out->outcome = "handed-over";
		return begin(c, m, out);
	}
	if (m->event == DOSSIER_EV_ACCEPT)
		return m->step == NULL || begin(c, m, out);
	return m->d->step.seq == 0 || turn(c, m, out);
}

bool
step_recount(const struct calendar *c, const struct dossier_at_step *s,
    const struct step_since *since, int64_t now_us, struct step_recounted *out)
{
	int64_t due_us;

	*out = (struct step_recounted){ false, s->due_us, s->left_us };
	if (s->seq == 0 || since->left_us < 0)
		return true;
	if (!(since->went_on_us == 0 ? calendar_due(c, s->began_us,
					   since->amount, since->unit, &due_us)
				     : calendar_after_us(c, since->went_on_us,
					   since->left_us, &due_us)))
		return false;
	if (s->paused_us == 0) {
		out->turns = sla_may_move(s->due_us, due_us, now_us);
		out->due_us = due_us;
	} else {
		out->left_us = calendar_elapsed_us(c, s->paused_us, due_us);
		out->turns = s->left_us > 0 && out->left_us > s->left_us;
	}
	return true;
}
