#ifndef GATEWAY_TICKER_H
#define GATEWAY_TICKER_H

#include <stdbool.h>

/*
 * A thread that does one recurring job on a connection of its own: courier,
 * timers, payment sweep, heads.  It runs the job, again at once while *more
 * is set, and otherwise waits period_ms with some jitter or until woken.  A
 * job that fails is logged once and tried again next time.
 */
struct db;
struct err;
struct ticker;

typedef bool ticker_fn(struct db *db, void *arg, bool *more, struct err *e);

struct ticker_job {
	const char *name; /* of the thread and the connection, <= 15 bytes */
	int period_ms;
	ticker_fn *fn;
	void *arg;
	const char *conninfo;
};

struct ticker *ticker_start(const struct ticker_job *job);
void ticker_wake(struct ticker *t); /* any thread; NULL is fine */
void ticker_stop(struct ticker *t); /* waits for the job; NULL is fine */

#endif /* GATEWAY_TICKER_H */
