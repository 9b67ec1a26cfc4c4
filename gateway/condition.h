#ifndef GATEWAY_CONDITION_H
#define GATEWAY_CONDITION_H

#include <pthread.h>
#include <stdint.h>

/* Condition variables whose waits count on the monotonic clock, which nobody
 * sets back; deadlines are of clock_mono_us(). */
void condition_init(pthread_cond_t *cond);

/* One wait, which may end early, as pthread_cond_timedwait(). */
void condition_wait_until(
    pthread_cond_t *cond, pthread_mutex_t *lock, int64_t until_us);

#endif /* GATEWAY_CONDITION_H */
