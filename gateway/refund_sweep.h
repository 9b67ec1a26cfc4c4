#ifndef GATEWAY_REFUND_SWEEP_H
#define GATEWAY_REFUND_SWEEP_H

#include <stdbool.h>

/*
 * Has approved refunds carried out, and asks what became of them.
 *
 * That a refund is being asked for is committed before the provider hears of
 * it.  Whatever happened then, a call without an answer or the end of this
 * process, the next thing is a question: only a refund that the provider does
 * not know is asked for again, under the same name, and only for
 * RESEND_HOURS_MAX after the first time, since providers tell repetitions for
 * a day.  One that nobody knows by then, or that is in the works for a week, is
 * a person's to look into (review).
 */
struct db;
struct err;

/* A ticker_fn whose arg is a struct payment_asker: turns to one refund. */
bool refund_sweep(struct db *db, void *arg, bool *more, struct err *e);

#endif /* GATEWAY_REFUND_SWEEP_H */
