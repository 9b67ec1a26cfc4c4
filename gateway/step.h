#ifndef GATEWAY_STEP_H
#define GATEWAY_STEP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The internal process of a procedure: a dossier lies at one of its version's
 * steps, in the hands of an officer or offered to the step's role, from
 * acceptance to its end.  A procedure without steps has none of this.
 *
 * Steps turn inside dossier_advance() alone, so that who holds a dossier never
 * differs from its state; what has ended is never changed.
 *
 * DIAGNOSTICS
 *	ERR_WRONG_STATE	the procedure has no steps; nobody has taken this one
 *	ERR_FORBIDDEN	another officer holds it
 *	ERR_BAD_FIELD	/step: none of that name, or no next one;
 *			/officer: not of that unit with the step's role
 *	ERR_CONFIG	the calendar ends before a step is due
 */
struct db;
struct dossier;
struct dossier_move;
struct err;
struct json;

/* A step of a version, to begin. */
struct step {
	char code[41];
	char role[41];
	int limit_amount;
	char limit_unit[16];
};

/* What ACCEPT and HAND_OVER begin; its code is "" where there is none.  named:
 * the code of a step, or NULL for the next. */
bool step_choose(struct db *db, const struct dossier *d, const char *named,
    struct step *out, struct err *e);

/* May that officer hold a step of that role? */
bool step_check_role(struct db *db, const struct dossier *d, int64_t officer,
    const char *role, struct err *e);

/* May by hand it over, or take it? */
bool step_check_hand_over(const struct dossier *d, int64_t by, struct err *e);
bool step_check_take(const struct dossier *d, int64_t by, struct err *e);

/* For the moves of dossier_advance(), whose .to and .calendar are set. */
bool step_turn(struct db *db, const struct dossier_move *moves, size_t count,
    struct err *e);

/* Who holds it: {"step","title","role","officer","since","taken_at","due_at"};
 * null after its end.  officer is the name to say where no step is open. */
bool step_holder_json(struct db *db, const struct dossier *d,
    const char *officer, struct json **out, struct err *e);

#endif /* GATEWAY_STEP_H */
