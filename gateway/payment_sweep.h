#ifndef GATEWAY_PAYMENT_SWEEP_H
#define GATEWAY_PAYMENT_SWEEP_H

#include <stdbool.h>

/*
 * Asks providers about attempts of which nobody has told us: no provider
 * calls for ever (VNPay ten times within 45 minutes), so that notices only
 * make things faster and this makes them sure.
 *
 * An attempt is asked about after the pauses of payment_sweep_seconds, then
 * once an hour, until the provider has said what became of it; it never
 * expires on our own word.  One of which that is not known when the provider's
 * limit has come (…_ask_days after its end) was asked about for the last time:
 * it goes to review, and the desk is told.  What cannot be proved to be the
 * provider's answer counts as none, and a provider that gives none is asked
 * less and less often.
 */
struct db;
struct err;

/*
 * A ticker_fn whose arg is a struct payment_asker.  One turn: claims what is
 * due, asks about one after another outside any transaction, and applies the
 * answers together.  Of a provider that gives none the others are not asked
 * about in this turn; they go back, due as they were.
 */
bool payment_sweep(struct db *db, void *arg, bool *more, struct err *e);

#endif /* GATEWAY_PAYMENT_SWEEP_H */
