#include "gateway/condition.h"

#include <time.h>

#include "base/clock.h"

void
condition_init(pthread_cond_t *cond)
{
	pthread_cond_init(cond, NULL);
}

void
condition_wait_until(
    pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_us)
{
	struct timespec ts = { .tv_sec = until_us / CLOCK_SEC_US,
		.tv_nsec = until_us % CLOCK_SEC_US * 1000 };

	pthread_cond_clockwait(cond, lock, CLOCK_MONOTONIC, &ts);
}
