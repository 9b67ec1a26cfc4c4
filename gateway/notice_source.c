#include "gateway/notice_source.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "gateway/config.h"

bool
notice_source_check(
    const char *option, const struct config_list *list, struct err *e)
{
	struct address_range r;

	for (size_t i = 0; i < list->count; i++)
		if (!address_range_parse(list->item[i], &r))
			return err_set(e, ERR_CONFIG,
			    "config: %s: \"%.60s\" is no address and no range",
			    option, list->item[i]);
	return true;
}

bool
notice_source_listed(const struct config_list *list, const char *peer)
{
	uint8_t address[ADDRESS_LEN];
	struct address_range r;

	if (list->count == 0)
		return true;
	if (!address_parse(peer, address))
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (address_range_parse(list->item[i], &r) &&
		    address_within(address, &r))
			return true;
	return false;
}

/* What is no address, as a proxy without a word, is one source. */
static void
source_of(const char *peer, uint8_t out[ADDRESS_LEN])
{
	struct address_range mapped = { { [10] = 0xff, [11] = 0xff }, 96 };

	memset(out, 0, ADDRESS_LEN);
	if (address_parse(peer, out) && !address_within(out, &mapped))
		memset(out + ADDRESS_LEN / 2, 0, ADDRESS_LEN / 2);
}

/* Its place, or that of the one whose bucket has been full the longest. */
static int64_t *
bucket_of(struct notice_flood *f, const uint8_t source[ADDRESS_LEN])
{
	size_t oldest = 0;

	for (size_t i = 0; i < f->count; i++) {
		if (memcmp(f->seen[i].source, source, ADDRESS_LEN) == 0)
			return &f->seen[i].full_us;
		if (f->seen[i].full_us < f->seen[oldest].full_us)
			oldest = i;
	}
	if (f->count < NOTICE_SOURCES_MAX)
		oldest = f->count++;
	memcpy(f->seen[oldest].source, source, ADDRESS_LEN);
	f->seen[oldest].full_us = 0;
	return &f->seen[oldest].full_us;
}

bool
notice_flood_take(struct notice_flood *f, const struct notice_rate *rate,
    const char *peer, int64_t now_us)
{
	int64_t token_us = 60 * CLOCK_SEC_US / rate->per_minute, full_us;
	uint8_t source[ADDRESS_LEN];
	int64_t *bucket;
	bool taken;

	source_of(peer, source);
	pthread_mutex_lock(&f->lock);
	bucket = bucket_of(f, source);
	full_us = *bucket < now_us ? now_us : *bucket;
	taken = full_us - now_us + token_us <= rate->burst * token_us;
	if (taken)
		*bucket = full_us + token_us;
	pthread_mutex_unlock(&f->lock);
	return taken;
}
