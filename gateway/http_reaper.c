#include "gateway/http_reaper.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/log.h"
#include "gateway/condition.h"
#include "gateway/metrics.h"

#define PERIOD_US INT64_C(250000)

struct http_seat {
	struct http_seat *prev, *next;
	int fd;
	_Atomic int64_t deadline_us;
};

struct http_reaper {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	bool stopping;
	struct http_seat seats; /* head of a ring */
};

/* Under the lock, so that the socket cannot be closed, and its number given
 * to another, between the look and the shutdown. */
static void
reap(struct http_reaper *r, int64_t now_us)
{
	for (struct http_seat *s = r->seats.next; s != &r->seats; s = s->next) {
		if (atomic_load_explicit(
			&s->deadline_us, memory_order_relaxed) > now_us)
			continue;
		shutdown(s->fd, SHUT_RDWR);
		http_reaper_set(s, HTTP_REAPER_NEVER);
		metrics_add(METRIC_requests_reaped_total, 1);
	}
}

/* The lock is given up only while waiting, so a walk sees a ring at rest. */
static void *
run(void *arg)
{
	struct http_reaper *r = arg;

	pthread_mutex_lock(&r->lock);
	while (!r->stopping) {
		int64_t now_us = clock_mono_us();

		reap(r, now_us);
		condition_wait_until(&r->wake, &r->lock, now_us + PERIOD_US);
	}
	pthread_mutex_unlock(&r->lock);
	return NULL;
}

struct http_reaper *
http_reaper_start(void)
{
	struct http_reaper *r = blob_calloc(1, sizeof(*r));

	r->seats.prev = r->seats.next = &r->seats;
	pthread_mutex_init(&r->lock, NULL);
	condition_init(&r->wake);
	if (pthread_create(&r->thread, NULL, run, r) != 0)
		fatal("reaper: thread");
	return r;
}

void
http_reaper_stop(struct http_reaper *r)
{
	if (r == NULL)
		return;
	pthread_mutex_lock(&r->lock);
	r->stopping = true;
	pthread_cond_signal(&r->wake);
	pthread_mutex_unlock(&r->lock);
	pthread_join(r->thread, NULL);
	pthread_cond_destroy(&r->wake);
	pthread_mutex_destroy(&r->lock);
	free(r);
}

struct http_seat *
http_reaper_add(struct http_reaper *r, int fd, int64_t deadline_us)
{
	struct http_seat *s = blob_calloc(1, sizeof(*s));

	s->fd = fd;
	atomic_init(&s->deadline_us, deadline_us);
	pthread_mutex_lock(&r->lock);
	s->next = &r->seats;
	s->prev = r->seats.prev;
	s->prev->next = s;
	r->seats.prev = s;
	pthread_mutex_unlock(&r->lock);
	return s;
}

void
http_reaper_remove(struct http_reaper *r, struct http_seat *seat)
{
	pthread_mutex_lock(&r->lock);
	seat->prev->next = seat->next;
	seat->next->prev = seat->prev;
	pthread_mutex_unlock(&r->lock);
	free(seat);
}

void
http_reaper_set(struct http_seat *seat, int64_t deadline_us)
{
	atomic_store_explicit(
	    &seat->deadline_us, deadline_us, memory_order_relaxed);
}
