#ifndef GATEWAY_RECONCILE_H
#define GATEWAY_RECONCILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Holds a provider's settlement file against the ledger: matched,
 * missing-here, missing-there, amount-diff, status-diff, duplicate, fee-diff.
 * It books nothing and credits nothing: what differs is a person's to set
 * right, through the doors that there are.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD	the day is none
 *	ERR_STORAGE	from db.c
 */
struct db;
struct db_rows;
struct err;
struct json;

struct reconcile_file {
	const char *provider, *day;
	const struct json *format; /* settlement.h */
	const char *bytes;
	size_t len;
};

struct reconciled {
	bool known;    /* this very file was taken before; nothing was done */
	char why[301]; /* in quarantine, and why; "" otherwise */
	int64_t rows, matched, different;
};

/* A file in doubt is success, with its reason. */
bool reconcile_take(struct db *db, const struct reconcile_file *f,
    struct reconciled *out, struct err *e);

/* What is open, oldest first; what agrees by now is closed before.  The caller
 * frees. */
bool reconcile_open(struct db *db, struct db_rows **out, struct err *e);

#endif /* GATEWAY_RECONCILE_H */
