#ifndef GATEWAY_PAYMENT_WRITE_H
#define GATEWAY_PAYMENT_WRITE_H

#include <stdbool.h>

/*
 * Writes what payment_hear() has decided, set by set, in the transaction of
 * payment_apply(), which is its only caller: what was said, the states, the
 * money, what follows from it for the dossier and who is told.
 *
 * DIAGNOSTICS
 *	ERR_CONFLICT	someone else was first
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;
struct payment_batch;

bool payment_write(struct payment_batch *b, struct db *db, struct err *e);

#endif /* GATEWAY_PAYMENT_WRITE_H */
