#ifndef GATEWAY_TIMER_H
#define GATEWAY_TIMER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Timers are rows: something is to be told of a dossier at a time.  The kind
 * is that of the event when it fires.
 *
 * Each fires once, however many gateways look for it and wherever they are
 * killed: claim, event and outbox rows commit together, and a row that has
 * fired is never claimed again.  The database's clock decides.  Setting a kind
 * anew opens a new round; what has fired stays.
 *
 * Never early; and late by no more than the tick, while the database answers.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;

struct timer {
	int64_t dossier;
	const char *kind; /* the CHECK of timer.kind lists them */
	int64_t due_us;
};

/* In the caller's transaction, all of one tenant. */
bool timer_set(struct db *db, int64_t tenant, const struct timer *timers,
    size_t count, struct err *e);

/* Takes back what has not fired, of these dossiers and these kinds. */
struct timer_drop {
	int64_t tenant;
	const int64_t *dossiers;
	size_t dossier_count;
	const char **kinds;
	size_t kind_count;
};
bool timer_drop(struct db *db, const struct timer_drop *d, struct err *e);

/* A ticker_fn: fires what is due, a batch a transaction. */
bool timer_sweep(struct db *db, void *unused, bool *more, struct err *e);

#endif /* GATEWAY_TIMER_H */
