#include "gateway/inflight.h"

#include <assert.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "gateway/request.h"

/* No more can be in work than there are workers (config.def). */
#define INFLIGHT_MAX 64

struct inflight {
	pthread_mutex_t lock;
	const struct request *at[INFLIGHT_MAX];
};

struct inflight *
inflight_new(void)
{
	struct inflight *f = blob_calloc(1, sizeof(*f));

	pthread_mutex_init(&f->lock, NULL);
	return f;
}

void
inflight_free(struct inflight *f)
{
	if (f == NULL)
		return;
	pthread_mutex_destroy(&f->lock);
	free(f);
}

static bool
is_same(const struct request *a, const struct request *b)
{
	return strcmp(a->principal, b->principal) == 0 &&
	       strcmp(a->idempotency_key, b->idempotency_key) == 0;
}

bool
inflight_enter(struct inflight *f, const struct request *req)
{
	const struct request **seat = NULL;
	bool found = false;

	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < INFLIGHT_MAX; i++) {
		if (f->at[i] == NULL)
			seat = &f->at[i];
		else if (is_same(f->at[i], req))
			found = true;
	}
	assert(found || seat != NULL);
	if (!found)
		*seat = req;
	pthread_mutex_unlock(&f->lock);
	return !found;
}

void
inflight_leave(struct inflight *f, const struct request *req)
{
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < INFLIGHT_MAX; i++)
		if (f->at[i] == req)
			f->at[i] = NULL;
	pthread_mutex_unlock(&f->lock);
}
