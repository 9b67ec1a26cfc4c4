#include "base/blob.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"

struct blob
blob_copy(const void *data, size_t len)
{
	struct blob b = { blob_calloc(len + 1, 1), len };

	if (len > 0)
		memcpy(b.data, data, len);
	return b;
}

void
blob_release(struct blob *b)
{
	free(b->data);
	b->data = NULL;
	b->len = 0;
}

void *
blob_calloc(size_t n, size_t size)
{
	void *p = calloc(n, size);

	if (p == NULL)
		fatal("out of memory");
	return p;
}

void *
blob_grow(void *p, size_t n, size_t size)
{
	void *q = reallocarray(p, n, size);

	if (q == NULL)
		fatal("out of memory");
	return q;
}

char *
blob_strdup(const char *s)
{
	char *p = strdup(s);

	if (p == NULL)
		fatal("out of memory");
	return p;
}
