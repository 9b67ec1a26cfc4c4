#ifndef GATEWAY_FEEDBACK_TIMER_H
#define GATEWAY_FEEDBACK_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who is told of feedback that waits: the unit when a step is nearly due and
 * when it is overdue, and then the officers with the role of each level of
 * escalation, as of dossiers (sla_plan.h); how far ahead and how long after
 * says the procedure of kind feedback.  Timers and messages are those of
 * dossiers, and as these each fires once.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	a calendar ends before a reminder
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;

/* Of the step that it waits for now, in the transaction that moved it: what
 * was set for the one before goes. */
struct feedback_timer {
	int64_t tenant;
	const char *code;
	int64_t now_us;
};
bool feedback_timer_turn(
    struct db *db, const struct feedback_timer *t, struct err *e);

/* Fires what is due, most at once, in the caller's transaction. */
bool feedback_timer_fire(
    struct db *db, int64_t most, size_t *fired, struct err *e);

#endif /* GATEWAY_FEEDBACK_TIMER_H */
