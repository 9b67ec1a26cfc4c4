#ifndef GATEWAY_RECONCILE_H
#define GATEWAY_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Three sides of the same money: the ledger, what a provider says in its
 * settlement file, and what the bank's statement shows that it paid out, net
 * of its fee where the contract says so.  What differs has a class
 * (difference.def).  It books nothing and credits nothing: what differs is a
 * person's to set right, through the doors that there are.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD	the day is none
 *	ERR_CONFIG	there is no format of that name
 *	...		as of sheet.h and payout.h, for a format
 *	ERR_STORAGE	from db.c
 */
struct db;
struct db_rows;
struct err;
struct json;

struct reconcile_file {
	const char *name; /* of its format: a provider's, or the bank's */
	const char *day;
	const struct json *formats; /* settlement.h, statement.h */
	const char *bytes;
	size_t len;
};

struct reconciled {
	bool known;    /* this very file was taken before; nothing was done */
	char why[301]; /* in quarantine, and why; "" otherwise */
	bool bank;     /* a statement: rows are payouts */
	int64_t rows, matched, different;
};

/* A file in doubt is success, with its reason. */
bool reconcile_take(struct db *db, const struct reconcile_file *f,
    struct reconciled *out, struct err *e);

/* What is open, oldest first; what agrees by now is closed before.  The caller
 * frees. */
bool reconcile_open(struct db *db, struct db_rows **out, struct err *e);

#endif /* GATEWAY_RECONCILE_H */
