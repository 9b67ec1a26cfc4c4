/*
 * A request line's URL, and header lines behind it, as a stranger sends them.
 * What is accepted holds no control byte and no second meaning: every query
 * name once, a path that begins with a slash and hid none.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/text.h"
#include "gateway/request.h"
#include "gateway/route.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
is_clean(const char *s)
{
	assert(text_is_utf8(s, strlen(s)));
	for (; *s != '\0'; s++)
		assert((unsigned char)*s >= 0x20 && *s != 0x7f);
}

static void
look_at_url(struct request *req, const char *raw)
{
	char *storage = blob_calloc(1, strlen(raw) + 1);
	char *segments = blob_calloc(1, strlen(raw) + 1);
	char allow[ROUTE_ALLOW_LEN];
	const struct route *route;
	struct err e = { 0 };

	if (request_url(req, raw, storage, &e)) {
		assert(req->path[0] == '/');
		is_clean(req->path);
		route = route_find("GET", req->path, allow);
		if (route != NULL)
			route_bind(route, req->path, req, segments);
		if (request_split_query(req, &e))
			for (size_t i = 0; i < req->query_count; i++) {
				const struct request_arg *a = &req->query[i];

				is_clean(a->name);
				is_clean(a->value);
				assert(request_query(req, a->name, NULL) ==
				       a->value);
			}
	} else {
		assert(e.code == ERR_BAD_REQUEST);
	}
	free(storage);
	free(segments);
}

static void
look_at_header(struct request *req, char *line)
{
	char *value = strchr(line, ':');
	struct err e = { 0 };

	if (value == NULL)
		return;
	*value++ = '\0';
	if (!request_header(req, line, value, &e))
		assert(e.code == ERR_BAD_REQUEST);
	assert(req->if_match >= -1);
	if (req->idempotency_key != NULL)
		assert(strlen(req->idempotency_key) <= REQUEST_KEY_MAX);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct request req = { .lang = ERR_VI };
	char *text = (char *)blob_copy(data, len).data;
	char *rest = text, *line = strsep(&rest, "\n");

	look_at_url(&req, line);
	while ((line = strsep(&rest, "\n")) != NULL)
		look_at_header(&req, line);
	free(text);
	return 0;
}
