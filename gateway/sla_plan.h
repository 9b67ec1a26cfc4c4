#ifndef GATEWAY_SLA_PLAN_H
#define GATEWAY_SLA_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What one move does to a dossier's clock, and what another calendar does.
 * Pure; sla_turn() and recount.c write it down.
 */
struct calendar;
struct dossier;
struct dossier_extension;
struct dossier_move;

#define SLA_TIMERS_MAX      6
#define SLA_ESCALATIONS_MAX 3

struct sla_timer {
	const char *kind; /* and kind of the event when it fires */
	int64_t at_us;
};

struct sla_plan {
	bool turns;              /* else nothing below but due_us counts */
	int64_t due_us;          /* 0: no clock runs */
	int64_t original_due_us; /* 0: as it was, so for the next two */
	int64_t intake_due_us;
	int64_t ended_us;
	bool opens, closes; /* a pause */
	int64_t left_us;    /* when it opens, in working time */
	int64_t working_us; /* that it took, when it closes */
	struct sla_timer timer[SLA_TIMERS_MAX];
	size_t timer_count;
};

/* What is to be told ahead of a due date and after it. */
struct sla_watch {
	int64_t due_us;
	int64_t limit_sec;         /* working time, from which it was due */
	int near_due_hours;        /* 0: a fifth of it, a working day at most */
	int apology_hours;         /* 0: no such duty */
	const int *escalate_hours; /* SLA_ESCALATIONS_MAX; 0: none */
};

/* Adds the timers of it, as seen from now on.  False: one lies beyond the
 * calendar's end. */
bool sla_watch(const struct calendar *c, const struct sla_watch *w,
    int64_t now_us, struct sla_plan *p);

/* False: a due date lies beyond the calendar's end. */
bool sla_plan(const struct calendar *c, const struct dossier_move *m,
    struct sla_plan *out);

/* What a clock was last set going by: its beginning, or the end of the last
 * pause of its phase; and what was decided since then. */
struct sla_since {
	int64_t went_on_us; /* 0: nothing paused it yet */
	int64_t left_us;    /* of working time, that it went on with */
	bool anew;          /* it began anew then: the fee was paid at intake */
	const struct dossier_extension *extension;
	size_t extension_count;
};

/*
 * What another calendar does to a clock.  A due date that has come stays, and
 * so does one that would have come already; of a clock that stands still the
 * time that is left only grows.  Says turns where a date moves, with the one
 * that is due in that phase, or left_us where that grows.  False: as
 * sla_plan().
 */
bool sla_recount(const struct calendar *c, const struct dossier *d,
    const struct sla_since *since, int64_t now_us, struct sla_plan *out);

/* May a due date move so?  It has not come, and will not have come. */
bool sla_may_move(int64_t due_us, int64_t to_us, int64_t now_us);

#endif /* GATEWAY_SLA_PLAN_H */
