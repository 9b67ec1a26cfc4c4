#ifndef GATEWAY_PAYMENT_REPEAT_H
#define GATEWAY_PAYMENT_REPEAT_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Which notices say again, byte for byte, what is on disk already?
 *
 * Providers repeat, and one that has gone wrong repeats the same notice for
 * hours.  Where it told of money that is booked, payment_apply() could change
 * nothing and answer nothing but ALREADY, today and ever: the ledger is
 * append-only.  Such a notice is found by one read, without a lock or a
 * transaction.  What else was said before is left to payment_apply(), since
 * what follows from it depends on what has happened meanwhile.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;
struct payment_notice;

/* repeats[i] is set for each of which that is so, and no other is touched. */
bool payment_repeats(struct db *db, const struct payment_notice *notices,
    size_t count, bool *repeats, struct err *e);

#endif /* GATEWAY_PAYMENT_REPEAT_H */
