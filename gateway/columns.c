#include "gateway/columns.h"

#include <stdlib.h>

#include "base/blob.h"

struct columns
columns_new(size_t n, size_t ints, size_t texts)
{
	struct columns c = { .n = n };

	c.ints = blob_calloc(n * ints + 1, sizeof(*c.ints));
	c.texts = blob_calloc(n * texts + 1, sizeof(*c.texts));
	return c;
}

void
columns_release(struct columns *c)
{
	free(c->ints);
	free(c->texts);
}

int64_t *
columns_ints(const struct columns *c, size_t which)
{
	return c->ints + which * c->n;
}

const char **
columns_texts(const struct columns *c, size_t which)
{
	return c->texts + which * c->n;
}
