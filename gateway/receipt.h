#ifndef GATEWAY_RECEIPT_H
#define GATEWAY_RECEIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"

/*
 * Electronic receipts (biên lai điện tử; Decree 254/2026/NĐ-CP, art. 4, 23).
 *
 * A request that is paid gets one receipt, whatever happens: its number is
 * taken, without gaps, from the book of the collecting body in the very
 * transaction that books the money.  The signed PDF follows (receipt_sign.h);
 * until then the receipt is pending under its number.  Nothing is ever
 * changed: what was wrong is replaced or taken back by another document.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such receipt
 *	ERR_CONFLICT	it has been corrected already
 *	ERR_STORAGE	from db.c
 */
struct db;
struct db_rows;
struct err;
struct json;

/* For attempts that have just paid, in the caller's transaction.  A unit
 * without a book issues none. */
struct receipt_batch {
	int64_t tenant;
	int64_t at_us;
	const int64_t *attempts;
	size_t count;
};
bool receipt_issue(struct db *db, const struct receipt_batch *b, struct err *e);

/* One row of receipt_of_dossier, as it is shown. */
struct json *receipt_row(const struct db_rows *rows, int i);

/* A document in the place of a receipt, or one that takes it back. */
struct receipt_correction {
	struct tenant_id tenant;
	struct dossier_id dossier;
	int64_t receipt;
	const char *kind;   /* "replacement", "void" */
	const char *ground; /* why */
	const char *payer;  /* in whose name; NULL: the same */
	int64_t at_us;
	struct actor_id by;
};
bool receipt_correct(struct db *db, const struct receipt_correction *c,
    int64_t *number, struct err *e);

#endif /* GATEWAY_RECEIPT_H */
