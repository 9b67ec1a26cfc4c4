#ifndef GATEWAY_STATEMENT_H
#define GATEWAY_STATEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/payout.h"

/*
 * Reads the statement of the account that providers pay out to.  How the bank
 * writes it is data like the providers' formats, and stands beside them with
 * "kind": "bank".  Of its lines those are taken that credit the account and
 * are some provider's payout; the others are the agency's own affair.
 *
 * DIAGNOSTICS
 *	as of sheet.h, all or nothing
 */
struct err;
struct json;

struct statement_row {
	int64_t line, amount;
	char txn[65]; /* the bank's number of the entry */
	struct payout payout;
};

struct statement {
	struct statement_row *rows;
	size_t count;
};

/* formats is the whole of it, format the bank's; both outlive *out. */
struct statement_form {
	const struct json *formats, *format;
};

bool statement_read(const struct statement_form *form, const char *bytes,
    size_t len, struct statement *out, struct err *e);
void statement_release(struct statement *s);

#endif /* GATEWAY_STATEMENT_H */
