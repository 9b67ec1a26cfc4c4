#ifndef GATEWAY_STEP_PLAN_H
#define GATEWAY_STEP_PLAN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What one move does to the step that a dossier lies at.  Pure; step_turn()
 * writes it down.
 *
 * A step's clock is the dossier's own calendar: it begins when the step does,
 * stands still whenever the dossier's clock does, and ends when the step is
 * handed over or the dossier ends.
 */
struct calendar;
struct dossier_at_step;
struct dossier_move;

struct step_plan {
	bool ends;           /* the one it lies at */
	const char *outcome; /* "handed-over", "ended" */
	int64_t working_sec; /* without what was paused */
	bool late;
	bool begins;         /* the move's own step */
	bool stops, goes_on; /* its clock */
	int64_t left_us;     /* when it stops, in working time */
	int64_t paused_sec;  /* that it stood still, when it goes on */
	int64_t due_us;      /* when it begins or goes on */
	bool changes_hands;
	int64_t officer;  /* who holds it then; 0: offered to its role */
	int64_t taken_us; /* 0: not yet */
};

/* False: a due date lies beyond the calendar's end. */
bool step_plan(const struct calendar *c, const struct dossier_move *m,
    struct step_plan *out);

/* What an open step's clock was last set going by. */
struct step_since {
	int amount; /* its limit */
	const char *unit;
	int64_t went_on_us; /* 0: nothing paused it yet */
	int64_t left_us;    /* that it went on with; -1: nobody wrote it down */
};

/* What another calendar does to an open step, by the rules of sla_recount(). */
struct step_recounted {
	bool turns;
	int64_t due_us;  /* 0 while it stands still */
	int64_t left_us; /* while it does */
};
bool step_recount(const struct calendar *c, const struct dossier_at_step *s,
    const struct step_since *since, int64_t now_us, struct step_recounted *out);

#endif /* GATEWAY_STEP_PLAN_H */
