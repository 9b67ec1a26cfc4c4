#include "crypto/certificate_cache.h"

#include <openssl/x509.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"

/* One place for each first byte of a hash; a newcomer takes it over.  So a
 * document can push others out and do no more harm. */
#define PLACES 256

struct place {
	uint8_t sha256[DIGEST_LEN];
	X509 *x; /* NULL: free */
	struct certificate_words words;
};

/* The only state of this folder that no caller holds: threading it through
 * every function that meets a certificate would say nothing (the header says
 * why no two threads meet here). */
static struct {
	struct place *places;
	int users;
} cache;

void
certificate_cache_open(void)
{
	if (cache.users++ == 0)
		cache.places = blob_calloc(PLACES, sizeof(*cache.places));
}

void
certificate_cache_close(void)
{
	if (--cache.users > 0)
		return;
	for (size_t i = 0; i < PLACES; i++)
		X509_free(cache.places[i].x);
	free(cache.places);
	cache.places = NULL;
}

static struct place *
place_of(const uint8_t sha256[DIGEST_LEN])
{
	struct place *p;

	if (cache.places == NULL)
		return NULL;
	p = &cache.places[sha256[0]];
	return p->x != NULL && memcmp(p->sha256, sha256, DIGEST_LEN) == 0
		   ? p
		   : NULL;
}

X509 *
certificate_cache_find(const uint8_t sha256[DIGEST_LEN])
{
	const struct place *p = place_of(sha256);

	return p != NULL && X509_up_ref(p->x) == 1 ? p->x : NULL;
}

struct certificate_words *
certificate_cache_words(const uint8_t sha256[DIGEST_LEN])
{
	struct place *p = place_of(sha256);

	return p == NULL ? NULL : &p->words;
}

void
certificate_cache_keep(const uint8_t sha256[DIGEST_LEN], X509 *x)
{
	struct place *p;

	if (cache.places == NULL || X509_up_ref(x) != 1)
		return;
	p = &cache.places[sha256[0]];
	X509_free(p->x);
	p->x = x;
	memcpy(p->sha256, sha256, DIGEST_LEN);
	memset(&p->words, 0, sizeof(p->words));
}
