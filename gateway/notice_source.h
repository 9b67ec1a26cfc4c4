#ifndef GATEWAY_NOTICE_SOURCE_H
#define GATEWAY_NOTICE_SOURCE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/address.h"

/*
 * Where notices come from: is it an address that the provider gave us, and how
 * many wrong MACs has it sent?
 *
 * A source's address proves nothing and a missing one need not be an attack,
 * since providers change theirs without a word; so lists alarm, unless they are
 * said to be strict.  A right MAC is never counted and never held up.
 */
struct config_list;
struct err;

/* Are these addresses and ranges?  ERR_CONFIG with the option's name. */
bool notice_source_check(
    const char *option, const struct config_list *list, struct err *e);

/* peer is text; a list without entries has everybody on it. */
bool notice_source_listed(const struct config_list *list, const char *peer);

#define NOTICE_SOURCES_MAX 1024

/*
 * A bucket of tokens for each source, an IPv6 one by its /64: burst at once,
 * and per_minute more a minute.  Of more sources than the table holds the one
 * that has been quiet the longest is forgotten.  For any thread; no allocation.
 */
struct notice_flood {
	pthread_mutex_t lock;
	struct {
		uint8_t source[ADDRESS_LEN];
		int64_t full_us; /* when its bucket is full again */
	} seen[NOTICE_SOURCES_MAX];
	size_t count;
};

#define NOTICE_FLOOD_INIT                                                      \
	{                                                                      \
		.lock = PTHREAD_MUTEX_INITIALIZER                              \
	}

struct notice_rate {
	int64_t burst, per_minute;
};

/* Takes a token of peer's.  False: there is none left. */
bool notice_flood_take(struct notice_flood *f, const struct notice_rate *rate,
    const char *peer, int64_t now_us);

#endif /* GATEWAY_NOTICE_SOURCE_H */
