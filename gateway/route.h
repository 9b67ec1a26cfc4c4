#ifndef GATEWAY_ROUTE_H
#define GATEWAY_ROUTE_H

#include <stddef.h>

#include "gateway/auth.h"

/*
 * One endpoint.  To add one:
 *
 *	1. a row in routes.def, where it belongs in a dossier's life;
 *	2. its body in schemas/api/openapi.json, with its path;
 *	3. api_<thing>_<verb>.c: read, load, judge, act, answer;
 *	4. its statements in schemas/queries/<module>.sql;
 *	5. tests/api/<thing>-<verb>.test.js, refusals first.
 *
 * A handler cannot forget to answer: struct reply is opaque, and only the
 * reply_*() functions make one.
 */
struct reply;
struct request;

typedef struct reply *route_fn(struct request *req);

/* Natural batching: all requests that wait for one path, answered together.
 * Fills replies[i] for every requests[i]; all share one connection. */
typedef void route_batch_fn(
    struct request **requests, struct reply **replies, size_t count);

#define ROUTE_BATCH_MAX 256

enum route_where {
	ROUTE_WORK,  /* on a worker, may block */
	ROUTE_FRONT, /* on the server's own threads, may not */
	ROUTE_BATCH, /* on a worker, with all that wait */
};

enum route_body {
	ROUTE_BODY_NONE,
	ROUTE_BODY_JSON,
	ROUTE_BODY_RAW,
	ROUTE_BODY_FORM
};

/* Which writes need an Idempotency-Key, and for how long it is kept. */
enum route_key { ROUTE_KEY_NONE, ROUTE_KEY_72H, ROUTE_KEY_400D };

struct route {
	const char *method;
	const char *path; /* {name} binds one segment */
	enum auth_right who;
	enum route_body body;
	enum route_key key;
	enum route_where where;
	route_fn *fn;          /* WORK and FRONT */
	route_batch_fn *batch; /* BATCH */
};

#define ROUTE(method, path, who, body, key, where, fn) route_fn fn;
#define BATCH(method, path, who, body, key, fn)        route_batch_fn fn;
#include "gateway/routes.def"

/*
 * NULL: no such path, or not by this method; allow then lists the methods that
 * the path takes, "GET, POST", or is "".  HEAD is a GET whose body http.c
 * leaves away (RFC 9110, 9.3.2).
 */
#define ROUTE_ALLOW_LEN 48
const struct route *route_find(
    const char *method, const char *path, char allow[ROUTE_ALLOW_LEN]);

/* Binds the path's {names} into req->arg; the segments are copied into
 * storage, strlen(path) + 1 bytes, which must outlive req. */
void route_bind(const struct route *r, const char *path, struct request *req,
    char *storage);

#endif /* GATEWAY_ROUTE_H */
