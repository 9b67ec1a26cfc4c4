#ifndef GATEWAY_SETTLEMENT_H
#define GATEWAY_SETTLEMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads a provider's settlement file.  How each writes its own is data: a JSON
 * object of formats, one a provider (schemas/settlement.json shows it).
 *
 * Where it lists refunds too, the column "type" tells which rows are, by the
 * words in "types", {"payment": [...], "refund": [...]}; another word is in no
 * format.  Without that column every row is a payment.
 *
 * All or nothing, as sheet.h says.
 *
 * DIAGNOSTICS
 *	as of sheet.h
 */
struct err;
struct json;

#define SETTLEMENT_ROWS_MAX 1000000

struct settlement_row {
	int64_t line, amount, fee;
	char ref[101];
	char txn[65];
	bool paid;   /* or given back */
	bool refund; /* ref is ours for it, or the order's */
};

struct settlement {
	struct settlement_row *rows;
	size_t count;
	int64_t fee_points, fee_dong; /* what a payment costs; -1: not known */
	bool refunds;                 /* it would list those too */
};

bool settlement_read(const struct json *format, const char *bytes, size_t len,
    struct settlement *out, struct err *e);
void settlement_release(struct settlement *s);

#endif /* GATEWAY_SETTLEMENT_H */
