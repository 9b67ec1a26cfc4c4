#include "gateway/condition.h"

#include <time.h>

#include "base/clock.h"

void
condition_init(pthread_cond_t *cond)
{
	pthread_condattr_t attr;

	pthread_condattr_init(&attr);
	pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(cond, &attr);
	pthread_condattr_destroy(&attr);
}

void
condition_wait_until(
    pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_us)
{
	struct timespec ts = { .tv_sec = until_us / CLOCK_SEC_US,
		.tv_nsec = until_us % CLOCK_SEC_US * 1000 };

	pthread_cond_timedwait(cond, lock, &ts);
}
