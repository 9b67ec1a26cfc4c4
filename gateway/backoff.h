#ifndef GATEWAY_BACKOFF_H
#define GATEWAY_BACKOFF_H

#include <stdbool.h>
#include <stdint.h>

/*
 * When a message is sent again, and when it is given up.  Pure: the time and
 * the dice are arguments.  The schedule is published in courier.h.
 */
enum backoff_channel { BACKOFF_WEBHOOK, BACKOFF_MAIL };

/* A portal gets so many failures before it is left alone, since one may be
 * the message's own fault. */
#define BACKOFF_PORTAL_FAILURES 3

/* dice: any 32 bits, for the jitter; percent scales every wait. */
struct backoff {
	enum backoff_channel channel;
	int failures;      /* steps used, the one that failed now included */
	int dest_failures; /* of the destination in a row, this one included */
	bool unreachable;  /* nothing was said about the message itself */
	int64_t age_ms;    /* of the message */
	int64_t percent;
	uint32_t dice;
};

/* False: give it up. */
bool backoff_next(const struct backoff *b, int64_t *wait_ms);

/* How long the destination is left alone; 0: not at all. */
int64_t backoff_breaker(const struct backoff *b);

#endif /* GATEWAY_BACKOFF_H */
