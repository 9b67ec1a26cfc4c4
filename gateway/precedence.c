#include "gateway/precedence.h"

#include <assert.h>
#include <pthread.h>
#include <stdint.h>

#include "base/clock.h"
#include "gateway/condition.h"

#define GIVE_WAY_US (CLOCK_SEC_US / 20)

/* Static, because it is of a process, as its processors are. */
static struct {
	pthread_mutex_t lock;
	pthread_cond_t quiet;
	size_t waiting;
} p = { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 };

void
precedence_enter(void)
{
	pthread_mutex_lock(&p.lock);
	p.waiting++;
	pthread_mutex_unlock(&p.lock);
}

void
precedence_leave(size_t count)
{
	pthread_mutex_lock(&p.lock);
	assert(p.waiting >= count);
	p.waiting -= count;
	if (p.waiting == 0)
		pthread_cond_broadcast(&p.quiet);
	pthread_mutex_unlock(&p.lock);
}

void
precedence_give_way(void)
{
	int64_t until = clock_mono_us() + GIVE_WAY_US;

	pthread_mutex_lock(&p.lock);
	while (p.waiting > 0 && clock_mono_us() < until)
		condition_wait_until(&p.quiet, &p.lock, until);
	pthread_mutex_unlock(&p.lock);
}
