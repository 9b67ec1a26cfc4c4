#include "gateway/backoff.h"

#include <stddef.h>

#include "base/base.h"

#define SEC_MS          INT64_C(1000)
#define HOUR_MS         INT64_C(3600000)
#define DAY_MS          (24 * HOUR_MS)

#define MAIL_AGE_MAX_MS (7 * DAY_MS)
#define JITTER_PERCENT  20

/* After the first try, after the second ... Standard Webhooks 1.0.0. */
static const int64_t schedule_ms[] = {
	5 * SEC_MS,
	5 * 60 * SEC_MS,
	30 * 60 * SEC_MS,
	2 * HOUR_MS,
	5 * HOUR_MS,
	10 * HOUR_MS,
	14 * HOUR_MS,
	20 * HOUR_MS,
	24 * HOUR_MS,
};

#define BREAKER_MIN_MS      (5 * SEC_MS)
#define BREAKER_MAX_MS      (5 * 60 * SEC_MS)
#define BREAKER_MAX_MAIL_MS (60 * SEC_MS)

/* Scaled, and up to a fifth more or less, so that a crowd spreads. */
static int64_t
spread(const struct backoff *b, int64_t ms)
{
	int64_t jitter = (int64_t)(b->dice % (2 * JITTER_PERCENT + 1));

	ms = ms * b->percent / 100;
	return ms * (100 - JITTER_PERCENT + jitter) / 100;
}

/*
 * A mail server that cannot be reached says nothing about the mail: it uses up
 * no step of the schedule, only the mail's age.
 */
bool
backoff_next(const struct backoff *b, int64_t *wait_ms)
{
	size_t step = b->failures > 0 ? (size_t)b->failures - 1 : 0;
	bool mail = b->channel == BACKOFF_MAIL;
	int64_t wait;

	if (step >= nitems(schedule_ms)) {
		if (!mail)
			return false;
		step = nitems(schedule_ms) - 1;
	}
	wait = mail && b->unreachable ? backoff_breaker(b)
				      : spread(b, schedule_ms[step]);
	if (mail && b->age_ms + wait > MAIL_AGE_MAX_MS)
		return false;
	*wait_ms = wait;
	return true;
}

/* The mail server gets no failure for free: what is counted there is that it
 * could not be reached. */
int64_t
backoff_breaker(const struct backoff *b)
{
	bool mail = b->channel == BACKOFF_MAIL;
	int64_t most = mail ? BREAKER_MAX_MAIL_MS : BREAKER_MAX_MS;
	int over = b->dest_failures - (mail ? 1 : BACKOFF_PORTAL_FAILURES);
	int64_t ms = BREAKER_MIN_MS;

	if (over < 0)
		return 0;
	while (over-- > 0 && ms < most)
		ms *= 2;
	return spread(b, ms < most ? ms : most);
}
