#ifndef GATEWAY_DIFFERENCE_H
#define GATEWAY_DIFFERENCE_H

#include "gateway/four_eyes.h"

/*
 * What reconcile.c has found to differ, and what officers make of it: one owns
 * it as his case; he, or another, closes it with a note, and where money is at
 * stake a second officer confirms (difference.def).  Nothing is booked by
 * that: what has to be credited or given back goes its own way.
 *
 * Each deed stands in the chain of events of the officer's tenant.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND		no such difference here
 *	ERR_MISSING_FIELD	to close it takes a note
 *	ERR_DIFFERENCE_STATE	closed or proposed already, or not yet
 *	ERR_SAME_PERSON		who proposed does not confirm
 *	ERR_STORAGE		from db.c
 */
struct db_rows;
struct json;

four_eyes_fn difference_own;
four_eyes_fn difference_close; /* proposes it, where that takes two */
four_eyes_fn difference_confirm;
four_eyes_fn difference_reopen;

/* A row of difference_list, as the API shows it. */
struct json *difference_row(const struct db_rows *rows, int i);

#endif /* GATEWAY_DIFFERENCE_H */
