#ifndef GATEWAY_IMPORT_CLOCK_H
#define GATEWAY_IMPORT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * What a version of a procedure says of its clock beyond its limit, for
 * import_procedure.c: on what grounds it may be held, and its steps.
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

bool import_clock(const struct import_clock *c, struct err *e);

#endif /* GATEWAY_IMPORT_CLOCK_H */
