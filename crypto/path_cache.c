#include "crypto/path_cache.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/log.h"
#include "crypto/path.h"

/* One place for each first byte of a key; a newcomer takes it over. */
#define PLACES 256

struct place {
	uint8_t key[DIGEST_LEN];
	struct path_span span;
	struct path path; /* count 0: free, or not worth keeping */
};

struct path_cache {
	struct place places[PLACES];
};

struct path_cache *
path_cache_new(void)
{
	return blob_calloc(1, sizeof(struct path_cache));
}

void
path_cache_free(struct path_cache *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < PLACES; i++)
		path_release(&c->places[i].path);
	free(c);
}

static void
copy_path(const struct path *from, struct path *to)
{
	*to = *from;
	to->certificates = X509_chain_up_ref(from->certificates);
	to->signers = NULL;
	to->asked = NULL;
	if (to->certificates == NULL)
		fatalx("path: out of memory");
}

/* OpenSSL compares whole seconds, and not all its bounds are inclusive: a
 * second at either end of a span belongs to nobody. */
bool
path_cache_find(const struct path_cache *c, const uint8_t key[DIGEST_LEN],
    int64_t at_us, struct path *out)
{
	const struct place *p = &c->places[key[0]];

	if (p->path.count == 0 || memcmp(p->key, key, DIGEST_LEN) != 0 ||
	    at_us <= p->span.from_us + CLOCK_SEC_US ||
	    at_us >= p->span.until_us - CLOCK_SEC_US)
		return false;
	copy_path(&p->path, out);
	return true;
}

void
path_span_add(struct path_span *s, int64_t at_us, int64_t moment_us)
{
	if (moment_us <= at_us && moment_us > s->from_us)
		s->from_us = moment_us;
	if (moment_us > at_us && moment_us < s->until_us)
		s->until_us = moment_us;
}

void
path_cache_keep(struct path_cache *c, const uint8_t key[DIGEST_LEN],
    const struct path_span *span, const struct path *p)
{
	struct place *to = &c->places[key[0]];

	if (p->count == 0)
		return;
	path_release(&to->path);
	copy_path(p, &to->path);
	to->span = *span;
	memcpy(to->key, key, DIGEST_LEN);
}
