#ifndef GATEWAY_PAYOUT_H
#define GATEWAY_PAYOUT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * How a provider's payout is known on a bank's statement.  It is data, the
 * object "payout" of the provider's format (schemas/settlement.json):
 *
 *	content		texts of which one stands in the line, in either case;
 *			{DD} {MM} {YYYY} {YY} are the day that it pays for, and
 *			a second date is the last of several days
 *	within_days	the bank has it so many days after; a content without
 *			a date is for the day so many days before
 *	net_of_fee	the provider keeps its fee back
 *	net_of_refunds	and what it has given back to payers
 *
 * The first text that fits, of the first provider, is taken.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD, ERR_MISSING_FIELD, ERR_UNKNOWN_FIELD
 *			the object, with the pointer of what is wrong in it
 */
struct err;
struct json;

#define PAYOUT_DAY_LEN 11 /* "2026-11-26" */

struct payout {
	const char *provider;                          /* borrowed */
	char from[PAYOUT_DAY_LEN], to[PAYOUT_DAY_LEN]; /* "": not said */
	int64_t within_days;
};

/* Is the object what it may be?  NULL is: of this provider nothing is known. */
bool payout_check(const struct json *payout, struct err *e);

/* formats has those of every provider; false: the line is no payout. */
bool payout_find(
    const struct json *formats, const char *content, struct payout *out);

#endif /* GATEWAY_PAYOUT_H */
