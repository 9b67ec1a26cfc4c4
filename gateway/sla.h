#ifndef GATEWAY_SLA_H
#define GATEWAY_SLA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The clock of a dossier: it starts at acceptance, stands still in states 5
 * and 6, and ends with 3, 7, 8 and 9.  The due date is that of the limit from
 * acceptance; a pause takes what was left and gives it back from the moment it
 * ends.  The original due date is kept for ever.
 *
 * A pause at intake pauses nothing of that: the clock that stands still is the
 * one for the answer, which a supplement lets go on and a payment begins anew.
 *
 * An acceptance after the procedure's cut-off hour counts as the next day's.
 * A decision may extend a limit to one of those that the procedure allows,
 * counted from acceptance too; the pauses so far are added to it.
 *
 * It sets timers (timer.h): near-due (by default when a fifth of the limit or
 * one working day is left, whichever is less time), apology-due, overdue, each
 * level of escalation, intake, and reminders of a fee that is waited for.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	the calendar ends before the due date
 *	ERR_STORAGE	from db.c
 */
struct calendar;
struct db;
struct dossier_move;
struct err;
struct procedure;
struct sla_plan;

/* For the moves of dossier_advance(), whose .to and .calendar are set: writes
 * pauses, due dates and timers set by set, and fills in each .due_us. */
bool sla_turn(
    struct db *db, struct dossier_move *moves, size_t count, struct err *e);

/* Writes down what sla_recount() says of the dossiers of these moves, of which
 * only .d counts. */
bool sla_recounted(struct db *db, const struct dossier_move *moves,
    struct sla_plan *plans, size_t count, struct err *e);

/* When an answer at intake is due. */
bool sla_intake_due(const struct calendar *c, const struct procedure *p,
    int64_t received_us, int64_t *out_us, struct err *e);

/* Sets the intake timer of a new dossier. */
bool sla_register(struct db *db, int64_t tenant, int64_t dossier,
    int64_t intake_due_us, struct err *e);

#endif /* GATEWAY_SLA_H */
