#ifndef GATEWAY_RECOUNT_H
#define GATEWAY_RECOUNT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What a calendar that was imported does to the dossiers that are open (ADR
 * 17): dates that have not come are counted anew from the record, with those
 * of the steps they lie at, what is left of clocks that stand still, and the
 * timers.  Each change is an event of its dossier that names the calendar, its
 * version and the basis, with the date before and after; original_due_at
 * stays, and so does all of a dossier that has ended.
 *
 * A batch a transaction: a run that broke off is taken up by the next, and one
 * over a calendar that did not change moves nothing.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;

struct recount {
	size_t open;
	size_t moved;
	size_t beyond; /* their calendar ends before they are due */
};

/* All open dossiers of a tenant, outside a transaction. */
bool recount_dossiers(
    struct db *db, int64_t tenant, struct recount *out, struct err *e);

#endif /* GATEWAY_RECOUNT_H */
