#ifndef GATEWAY_IMPORT_CLOCK_H
#define GATEWAY_IMPORT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What a version of a procedure says of its clock beyond its limit, for
 * import_procedure.c: on what grounds it may be held, its steps, until
 * when a decision may be contested, who is
 * reminded when, and to whom it is brought when it is overdue.  The last a
 * unit may say too, for what has nothing of its own.
 *
 * DIAGNOSTICS
 *	as import.h; the version's lists are replaced as a whole
 */
struct err;
struct import;
struct json;

struct import_clock {
	struct import *im;
	const struct json *j; /* the version, whose own fields are checked */
	const char *at;       /* the pointer to it */
	int64_t procedure;
};

/* Of a unit; procedure is 0 then, and list may be NULL for none. */
bool import_unit_escalations(struct import *im, int64_t unit,
    const struct json *list, const char *at, struct err *e);

bool import_clock(const struct import_clock *c, struct err *e);

#endif /* GATEWAY_IMPORT_CLOCK_H */
