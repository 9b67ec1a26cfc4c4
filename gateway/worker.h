#ifndef GATEWAY_WORKER_H
#define GATEWAY_WORKER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The queue between http.c and the handlers, and the threads that run them.
 * Each worker owns a database connection.  A job is a request whose route has
 * been found; the worker checks who asks, answers a repeated Idempotency-Key
 * from storage, reads the body's JSON and calls the handler.  Of a BATCH route
 * it takes all that wait, up to ROUTE_BATCH_MAX, and calls its handler once. Of
 * one path one batch runs at a time, and another beside it once that has lasted
 * WORKER_BATCH_ALONE_US; never more than WORKER_BATCHES_MAX, so that a
 * provider's notices do not hold all workers.
 *
 * Without a database every job is answered ERR_STORAGE; the connection comes
 * back by itself.
 */
struct config;
struct reply;
struct request;
struct route;
struct trust_store;
struct worker_pool;

#define WORKER_BATCHES_MAX    2
#define WORKER_BATCH_ALONE_US 250000

struct worker_job {
	struct request *req;
	const struct route *route;
	struct reply *reply; /* filled in; whoever made the job frees it */

	/* Called by the worker as its last touch of the job. */
	void (*done)(struct worker_job *job);
	struct worker_job *next;
};

struct worker_pool *worker_start(
    const struct config *c, struct trust_store *trust);

/* Is there room in the queue?  Asked before the request is put to sleep; a
 * few that ask at once may all get in. */
bool worker_has_room(struct worker_pool *p);

/* False after worker_stop(): nobody would do the job. */
bool worker_push(struct worker_pool *p, struct worker_job *job);

/* Answers what waits, then ends the threads. */
void worker_stop(struct worker_pool *p);
void worker_free(struct worker_pool *p);

#endif /* GATEWAY_WORKER_H */
