#include "gateway/worker.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/answer.h"
#include "gateway/condition.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/inflight.h"
#include "gateway/metrics.h"
#include "gateway/precedence.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/trust_store.h"

struct worker {
	struct worker_pool *pool;
	pthread_t thread;
	pthread_cond_t wake;
	struct worker *below; /* of the rested ones, who rested before */
	struct db *db;        /* NULL until it could be opened */
	int64_t batch_us; /* when the batch of jobs[0]'s path began, monotonic;
			   * 0: none; under the pool's lock */
	struct worker_job *jobs[ROUTE_BATCH_MAX];
	struct request *requests[ROUTE_BATCH_MAX];
	struct reply *replies[ROUTE_BATCH_MAX];
};

struct worker_pool {
	const struct config *config;
	struct trust_store *trust;
	struct inflight *busy;
	pthread_mutex_t lock;
	struct worker *rested; /* the last to rest is the first to go */
	int64_t alarm_us;      /* when one of them looks unasked, or before */
	struct worker_job *first, **last;
	int64_t waiting;
	bool stopping;
	size_t count;
	struct worker workers[];
};

/* Takes the job that *at points at out of the queue, under the lock. */
static struct worker_job *
take(struct worker_pool *p, struct worker_job **at)
{
	struct worker_job *job = *at;

	*at = job->next;
	if (p->last == &job->next)
		p->last = at;
	p->waiting--;
	return job;
}

static bool
is_alike(const struct worker_job *a, const struct worker_job *b)
{
	return a->route->batch == b->route->batch &&
	       strcmp(a->req->path, b->req->path) == 0;
}

/* A path's batches stand in each other's way in the database, so one at a time,
 * and what comes meanwhile makes the next one larger; until it gets stuck, as
 * behind a row that somebody locked or a provider who has to be asked.
 * 0: the job may begin now; INT64_MAX: once another has ended. */
static int64_t
held_until(const struct worker_pool *p, const struct worker_job *job)
{
	int64_t until = 0;
	int running = 0;

	if (job->route->where != ROUTE_BATCH)
		return 0;
	for (size_t i = 0; i < p->count; i++) {
		const struct worker *w = &p->workers[i];

		if (w->batch_us == 0 || !is_alike(w->jobs[0], job))
			continue;
		running++;
		if (w->batch_us + WORKER_BATCH_ALONE_US > until)
			until = w->batch_us + WORKER_BATCH_ALONE_US;
	}
	if (running >= WORKER_BATCHES_MAX)
		return INT64_MAX;
	return until > clock_mono_us() ? until : 0;
}

/* The first job that may begin now; NULL if there is none before *until. */
static struct worker_job **
find(struct worker_pool *p, int64_t *until)
{
	*until = INT64_MAX;
	for (struct worker_job **at = &p->first; *at != NULL;
	     at = &(*at)->next) {
		int64_t held = held_until(p, *at);

		if (held == 0)
			return at;
		if (held < *until)
			*until = held;
	}
	return NULL;
}

/* Wakes who rested last: what its connection has planned and read is at hand
 * yet, and those below need not learn it. */
static void
call_one(struct worker_pool *p)
{
	struct worker *w = p->rested;

	if (w == NULL)
		return;
	p->rested = w->below;
	pthread_cond_signal(&w->wake);
}

/* For a job that has just come: unless one of its path waits already, which
 * takes it along. */
static void
call_for(struct worker_pool *p, const struct worker_job *job)
{
	int64_t held = held_until(p, job);

	if (job->route->where == ROUTE_BATCH)
		for (const struct worker_job *j = p->first; j != job;
		     j = j->next)
			if (is_alike(j, job))
				return;
	if (held == 0 || held < p->alarm_us)
		call_one(p);
}

/* After some were taken: whoever may begin with another, or has to look when
 * one may. */
static void
call_next(struct worker_pool *p)
{
	int64_t until;

	if (find(p, &until) != NULL || until < p->alarm_us)
		call_one(p);
}

/* Until it is called, the time has come, or for no reason. */
static void
rest(struct worker_pool *p, struct worker *w, int64_t until)
{
	bool looks = until < p->alarm_us;

	if (looks)
		p->alarm_us = until;
	w->below = p->rested;
	p->rested = w;
	condition_wait_until(&w->wake, &p->lock, looks ? until : INT64_MAX);
	if (looks)
		p->alarm_us = INT64_MAX;
	for (struct worker **at = &p->rested; *at != NULL; at = &(*at)->below)
		if (*at == w) {
			*at = w->below;
			break;
		}
}

/* Natural batching: what has come while we were busy is done at once, for one
 * path at a time, so that a provider who has to be asked delays no other. */
static size_t
take_alike(struct worker_pool *p, struct worker *w, size_t count)
{
	struct worker_job **at = &p->first;

	while (*at != NULL && count < ROUTE_BATCH_MAX) {
		if (is_alike(*at, w->jobs[0]))
			w->jobs[count++] = take(p, at);
		else
			at = &(*at)->next;
	}
	return count;
}

/* Waits; 0 when the pool ends and nothing is left to do, or only what those
 * do next who hold it back.  Who has ended a batch takes the path's next one,
 * unless somebody else has been faster: its connection has all of it at
 * hand. */
static size_t
take_some(struct worker_pool *p, struct worker *w)
{
	struct worker_job **at;
	size_t count = 0;
	int64_t until;

	pthread_mutex_lock(&p->lock);
	while ((at = find(p, &until)) == NULL && !p->stopping)
		rest(p, w, until);
	if (at != NULL) {
		w->jobs[count++] = take(p, at);
		if (w->jobs[0]->route->where == ROUTE_BATCH) {
			w->batch_us = clock_mono_us();
			count = take_alike(p, w, count);
		}
		metrics_set(METRIC_queue_waiting, p->waiting);
		call_next(p);
	}
	pthread_mutex_unlock(&p->lock);
	return count;
}

/* Before its jobs are gone; what it held back may begin. */
static void
end_batch(struct worker_pool *p, struct worker *w)
{
	pthread_mutex_lock(&p->lock);
	w->batch_us = 0;
	pthread_mutex_unlock(&p->lock);
}

/* db.c mends a connection that was lost; this opens the first one. */
static void
connect_db(struct worker *w)
{
	char name[16];
	struct err e = { 0 };

	if (w->db != NULL)
		return;
	snprintf(name, sizeof(name), "worker-%d",
	    (int)(w - w->pool->workers) % 1000);
	if (!db_open(w->pool->config->database, name, &w->db, &e))
		log_warnx("%s: %s", name, e.detail);
}

static void
serve(struct worker *w, size_t count)
{
	const struct route *route = w->jobs[0]->route;
	const struct trust_lease *trust = trust_store_lease(w->pool->trust);

	connect_db(w);
	for (size_t i = 0; i < count; i++) {
		w->requests[i] = w->jobs[i]->req;
		w->requests[i]->db = w->db;
		w->requests[i]->trust = trust;
	}
	/* Of a batch the log names the first; each answer has its own. */
	log_trace(w->requests[0]->trace_id);
	if (route->where == ROUTE_BATCH)
		answer_all(w->requests, w->replies, count, route);
	else
		w->replies[0] =
		    answer_one(w->requests[0], route, w->pool->busy);
	log_trace("");
	trust_store_return(w->pool->trust, trust);

	if (route->where == ROUTE_BATCH)
		end_batch(w->pool, w);

	/* Each job belongs to its connection again with done(), and may be gone
	 * when that returns. */
	for (size_t i = 0; i < count; i++) {
		w->requests[i]->db = NULL;
		w->requests[i]->trust = NULL;
		w->jobs[i]->reply = w->replies[i];
		w->jobs[i]->done(w->jobs[i]);
	}
	precedence_leave(count);
}

/* Connects at once, so that the first request need not wait for it. */
static void *
run(void *arg)
{
	struct worker *w = arg;
	size_t count;

	connect_db(w);
	while ((count = take_some(w->pool, w)) > 0)
		serve(w, count);
	db_close(w->db);
	return NULL;
}

struct worker_pool *
worker_start(const struct config *c, struct trust_store *trust)
{
	size_t count = (size_t)c->workers;
	struct worker_pool *p =
	    blob_calloc(1, sizeof(*p) + count * sizeof(p->workers[0]));

	p->config = c;
	p->trust = trust;
	p->busy = inflight_new();
	p->last = &p->first;
	p->count = count;
	pthread_mutex_init(&p->lock, NULL);
	p->alarm_us = INT64_MAX;
	for (size_t i = 0; i < count; i++) {
		p->workers[i].pool = p;
		condition_init(&p->workers[i].wake);
		if (pthread_create(
			&p->workers[i].thread, NULL, run, &p->workers[i]) != 0)
			fatal("worker: thread");
	}
	return p;
}

bool
worker_has_room(struct worker_pool *p)
{
	bool room;

	pthread_mutex_lock(&p->lock);
	room = p->waiting < p->config->queue_max;
	pthread_mutex_unlock(&p->lock);
	return room;
}

/* The queue is first come, first served; a retry waits its turn again. */
bool
worker_push(struct worker_pool *p, struct worker_job *job)
{
	bool taken;

	job->next = NULL;
	pthread_mutex_lock(&p->lock);
	taken = !p->stopping;
	if (taken) {
		precedence_enter();
		*p->last = job;
		p->last = &job->next;
		p->waiting++;
		metrics_set(METRIC_queue_waiting, p->waiting);
		call_for(p, job);
	}
	pthread_mutex_unlock(&p->lock);
	return taken;
}

void
worker_stop(struct worker_pool *p)
{
	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->stopping = true;
	for (size_t i = 0; i < p->count; i++)
		pthread_cond_signal(&p->workers[i].wake);
	pthread_mutex_unlock(&p->lock);
	for (size_t i = 0; i < p->count; i++)
		pthread_join(p->workers[i].thread, NULL);
}

void
worker_free(struct worker_pool *p)
{
	if (p == NULL)
		return;
	inflight_free(p->busy);
	for (size_t i = 0; i < p->count; i++)
		pthread_cond_destroy(&p->workers[i].wake);
	pthread_mutex_destroy(&p->lock);
	free(p);
}
