#ifndef GATEWAY_PAYMENT_VOUCHER_H
#define GATEWAY_PAYMENT_VOUCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"

/*
 * A provider's own receipt of an order that was paid with it, where it has one
 * to give: the voucher, a PDF.  It is kept as it came and not judged; the
 * receipt that the law asks for is ours (receipt.h).
 *
 * That one is owed is written together with the money.  It is asked for
 * afterwards, by a ticker of its own and with a breaker of its own, so that a
 * provider that is slow or wrong here holds up no payment and no question
 * about one.
 *
 * It is asked for at once and then after the pauses of backoff.h, ten times in
 * all and never later than VOUCHER_DAYS after the payment.  Then it is given
 * up: the log says so, vouchers_given_up_total counts it, and the payment is
 * what it was.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c
 */
struct config;
struct db;
struct err;
struct secrets;
struct voucher_fetcher;

#define VOUCHER_DAYS 7

/* Attempts that have just been paid, in the caller's transaction. */
struct voucher_batch {
	struct tenant_id tenant;
	int64_t at_us;
	const int64_t *attempts;
	size_t count;
};
bool voucher_owe(struct db *db, const struct voucher_batch *b, struct err *e);

/* Both are borrowed.  One for each ticker: it keeps a connection alive. */
struct voucher_fetcher *voucher_fetcher_new(
    const struct config *c, const struct secrets *s);
void voucher_fetcher_free(struct voucher_fetcher *f);

/* A ticker_fn whose arg is a struct voucher_fetcher: asks for one voucher,
 * outside any transaction, and keeps it. */
bool voucher_fetch(struct db *db, void *arg, bool *more, struct err *e);

#endif /* GATEWAY_PAYMENT_VOUCHER_H */
