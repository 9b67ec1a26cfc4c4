#ifndef GATEWAY_SLIP_CHECK_H
#define GATEWAY_SLIP_CHECK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * May a form of Circular 03/2025/TT-VPCP, Appendix I, be issued?  Each has
 * something that must stand in the record first.  Pure; a form that may not is
 * a verdict and no error.
 */
struct slip_facts {
	int number; /* 1 to 5 */
	bool draft;
	bool intake; /* it is not accepted yet */
	bool has_result;
	const char *reason, *ground, *officer; /* "" when there is none */
	int64_t accepted_us, original_due_us;  /* 0 when there is none */
	int64_t new_due_us; /* the date that the event tells of */
};

/* What is missing, in Vietnamese and English; NULL: nothing. */
const char *slip_missing(const struct slip_facts *f);

#endif /* GATEWAY_SLIP_CHECK_H */
