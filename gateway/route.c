#include "gateway/route.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "gateway/request.h"

static const struct route routes[] = {
/* clang-format off */
#define ROUTE(method, path, who, body, key, where, fn)                         \
	{ #method, path, AUTH_##who, ROUTE_BODY_##body, ROUTE_KEY_##key,       \
	  ROUTE_##where, fn, NULL },
#define BATCH(method, path, who, body, key, fn)                                \
	{ #method, path, AUTH_##who, ROUTE_BODY_##body, ROUTE_KEY_##key,       \
	  ROUTE_BATCH, NULL, fn },
#include "gateway/routes.def"
	/* clang-format on */
};

/* A {name} stands for one segment that is not empty. */
static bool
match(const char *pattern, const char *path)
{
	while (*pattern != '\0' && *path != '\0') {
		if (*pattern == '{') {
			size_t len = strcspn(path, "/");

			if (len == 0)
				return false;
			path += len;
			pattern = strchr(pattern, '}') + 1;
		} else if (*pattern++ != *path++) {
			return false;
		}
	}
	return *pattern == *path;
}

static void
allow_add(char allow[ROUTE_ALLOW_LEN], const char *method)
{
	size_t len = strlen(allow);

	snprintf(allow + len, ROUTE_ALLOW_LEN - len, "%s%s%s",
	    len > 0 ? ", " : "", method,
	    strcmp(method, "GET") == 0 ? ", HEAD" : "");
}

const struct route *
route_find(const char *method, const char *path, char allow[ROUTE_ALLOW_LEN])
{
	if (strcmp(method, "HEAD") == 0)
		method = "GET";
	allow[0] = '\0';
	for (size_t i = 0; i < nitems(routes); i++) {
		if (!match(routes[i].path, path))
			continue;
		if (strcmp(routes[i].method, method) == 0)
			return &routes[i];
		allow_add(allow, routes[i].method);
	}
	return NULL;
}

/* Where a {name} of the table is kept; a name that is not here is a row that
 * nobody could read. */
static const char **
slot(struct request *req, const char *name, size_t len)
{
	if (len == 4 && memcmp(name, "code", len) == 0)
		return &req->arg.code;
	if (len == 2 && memcmp(name, "id", len) == 0)
		return &req->arg.id;
	if (len == 8 && memcmp(name, "provider", len) == 0)
		return &req->arg.provider;
	if (len == 6 && memcmp(name, "number", len) == 0)
		return &req->arg.number;
	assert(len == 3 && memcmp(name, "set", len) == 0);
	return &req->arg.set;
}

void
route_bind(
    const struct route *r, const char *path, struct request *req, char *storage)
{
	const char *pattern = r->path;

	assert(match(pattern, path));

	while (*pattern != '\0') {
		size_t len, name;

		if (*pattern++ != '{') {
			path++;
			continue;
		}
		len = strcspn(path, "/");
		name = strcspn(pattern, "}");
		*slot(req, pattern, name) = storage;
		memcpy(storage, path, len);
		storage[len] = '\0';
		storage += len + 1;
		path += len;
		pattern += name + 1;
	}
}
