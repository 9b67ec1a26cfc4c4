#ifndef GATEWAY_COLUMNS_H
#define GATEWAY_COLUMNS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/db.h"

/*
 * A set-based statement and where its rows come from.  $1 is what they belong
 * to, the tenant mostly, and each parameter after it an array, with an item for
 * each row.
 *
 * DIAGNOSTICS
 *	as db_exec()
 *	fatal	out of memory
 */
union cell {
	int64_t n; /* an integer, or a time in microseconds, 0 for null */
	const char *s;
};

#define COLUMNS_MAX 12

struct columns {
	enum db_stmt stmt;
	const char *kinds; /* of $2, $3 …: i integers, t times, s texts */

	/* Fills in what the i-th of the set says, in that order; texts are
	 * borrowed.  False: nothing to this statement. */
	bool (*row)(const void *set, size_t i, union cell *out);
};

struct columns_set {
	int64_t owner;
	const void *of; /* what row() knows */
	size_t n;
};

/* Runs it for all that have a row; not at all if none has. */
bool columns_exec(struct db *db, const struct columns *c,
    const struct columns_set *set, struct err *e);

#endif /* GATEWAY_COLUMNS_H */
