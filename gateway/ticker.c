#include "gateway/ticker.h"

#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/mac.h"
#include "gateway/condition.h"
#include "gateway/db.h"
#include "gateway/precedence.h"

struct ticker {
	struct ticker_job job;
	char name[16]; /* what job.name points at */
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	struct db *db;
	bool woken, stopping;
	bool failing; /* and said so: an outage is one line, not thousands */
};

/* A tenth of the period either way, so that many gateways on one database do
 * not all ask in the same moment. */
static int64_t
next_us(const struct ticker *t)
{
	int64_t period = (int64_t)t->job.period_ms * 1000;
	uint32_t random;

	mac_random(&random, sizeof(random));
	return clock_mono_us() + period - period / 10 +
	       (int64_t)(random % (uint32_t)(period / 5 + 1));
}

/* False when the ticker is to end. */
static bool
wait_for_next(struct ticker *t)
{
	int64_t until = next_us(t);
	bool go_on;

	pthread_mutex_lock(&t->lock);
	while (!t->woken && !t->stopping && clock_mono_us() < until)
		condition_wait_until(&t->wake, &t->lock, until);
	t->woken = false;
	go_on = !t->stopping;
	pthread_mutex_unlock(&t->lock);
	return go_on;
}

static bool
is_stopping(struct ticker *t)
{
	bool stopping;

	pthread_mutex_lock(&t->lock);
	stopping = t->stopping;
	pthread_mutex_unlock(&t->lock);
	return stopping;
}

/* The first connection is made here; later ones db.c mends by itself. */
static bool
tick_once(struct ticker *t, bool *more, struct err *e)
{
	*more = false;
	if (t->db == NULL && !db_open(t->job.conninfo, t->job.name, &t->db, e))
		return false;
	return t->job.fn(t->db, t->job.arg, more, e);
}

/* While there is more it goes on at once: a queue is emptied, not sipped. */
static void
tick(struct ticker *t)
{
	struct err e = { 0 };
	bool more = true;

	while (more && !is_stopping(t)) {
		bool ok;

		precedence_give_way();
		ok = tick_once(t, &more, &e);
		if (!ok && !t->failing)
			log_warnx("%s: %s: %s", t->job.name, err_name(e.code),
			    e.detail);
		if (ok && t->failing)
			log_info("%s: works again", t->job.name);
		t->failing = !ok;
		more = more && ok;
	}
}

static void *
run(void *arg)
{
	struct ticker *t = arg;

	pthread_setname_np(pthread_self(), t->job.name);
	do {
		tick(t);
	} while (wait_for_next(t));
	db_close(t->db);
	return NULL;
}

struct ticker *
ticker_start(const struct ticker_job *job)
{
	struct ticker *t = blob_calloc(1, sizeof(*t));

	t->job = *job;
	snprintf(t->name, sizeof(t->name), "%s", job->name);
	t->job.name = t->name;
	pthread_mutex_init(&t->lock, NULL);
	condition_init(&t->wake);
	if (pthread_create(&t->thread, NULL, run, t) != 0)
		fatal("%s: thread", job->name);
	return t;
}

void
ticker_wake(struct ticker *t)
{
	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->woken = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
}

void
ticker_stop(struct ticker *t)
{
	if (t == NULL)
		return;
	pthread_mutex_lock(&t->lock);
	t->stopping = true;
	pthread_cond_signal(&t->wake);
	pthread_mutex_unlock(&t->lock);
	pthread_join(t->thread, NULL);
	pthread_cond_destroy(&t->wake);
	pthread_mutex_destroy(&t->lock);
	free(t);
}
