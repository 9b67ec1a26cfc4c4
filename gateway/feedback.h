#ifndef GATEWAY_FEEDBACK_H
#define GATEWAY_FEEDBACK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Phản ánh, kiến nghị (PAKN): received, returned or taken up, asked about,
 * transferred, answered, published (Decrees 20/2008 and 92/2017; Decision 766,
 * indicator 5.2).
 *
 * Each step has a clock of its own in the working time of the unit that
 * handles it; how long each may take are the steps return, ask-more, answer
 * and publish of the procedure of kind feedback.  A transfer begins them anew,
 * by the calendar of the unit it goes to.  A late step is taken all the same,
 * and noted as late: the record says what happened.  Who is told of one that
 * waits says feedback_timer.h.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such feedback
 *	ERR_WRONG_STATE	that cannot be done with it where it is
 *	ERR_STALE	not the version of If-Match
 *	ERR_BAD_FIELD	/unit: none of that code
 *	ERR_CONFIG	a calendar ends before something is due
 */
struct db;
struct err;
struct json;

/* When what is due, of one that is received now; 0: nothing is said. */
struct feedback_due {
	int64_t return_us, ask_us, answer_us, publish_us;
};

/* Who handles it: by code, or the tenant's first unit. */
struct feedback_unit {
	int64_t id, calendar;
};
bool feedback_unit(struct db *db, int64_t tenant, const char *code,
    struct feedback_unit *out, struct err *e);

/* From now on, by that unit's calendar; publishing is not due yet. */
struct feedback_when {
	int64_t tenant, calendar, now_us;
};
bool feedback_begin(struct db *db, const struct feedback_when *when,
    struct feedback_due *out, struct err *e);

struct feedback_act {
	int64_t tenant;
	const char *code;
	const char *action; /* accept, return, ask-more, add, transfer, answer,
			     * publish */
	const char *text;   /* why, what is asked, the answer; or "" */
	const char *unit;   /* to which it is transferred; or "" */
	int version;        /* that the caller saw; 0: never mind */
	int64_t by, now_us;
};

/* In the caller's transaction: state, step and event.  *out is the feedback
 * as it is then. */
bool feedback_act(struct db *db, const struct feedback_act *a,
    struct json **out, int *version, struct err *e);

/* Is it a state? */
bool feedback_state_exists(const char *name);

#endif /* GATEWAY_FEEDBACK_H */
