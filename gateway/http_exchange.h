#ifndef GATEWAY_HTTP_EXCHANGE_H
#define GATEWAY_HTTP_EXCHANGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/err.h"
#include "gateway/http_check.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/worker.h"

/*
 * One request from its first byte to its answer, without libmicrohttpd: what
 * http.c reads is fed in here, and here it is decided what is refused.
 *
 * A refusal that leaves the connection usable waits until the body has been
 * read, and thrown away, so that the client sees an answer and not a reset;
 * only what is malformed, or too large to wait for, ends it at once.
 */
struct config;
struct http_seat;
struct reply;
struct secrets;
struct upload;
struct verifier;
struct fetcher;
struct worker_pool;

/* What all exchanges share. */
struct http_home {
	const struct config *config;
	const struct secrets *secrets;
	struct verifier *verifier;
	struct fetcher *fetcher;
	struct worker_pool *workers;
	int64_t connections_most; /* connections_max, or what nofile allows */
	_Atomic int64_t connections; /* but for the operator's */
	_Atomic int64_t held; /* bytes of forms that are not answered yet */
	_Atomic bool draining;
};

struct exchange {
	struct request req;
	struct worker_job job; /* its reply is the answer, wherever made */
	struct http_home *home;
	void *connection; /* http.c's */
	struct http_seat *seat;
	struct http_check check;
	struct err refusal; /* ERR_NONE: not refused */
	bool begun;         /* the first call has been */
	bool asleep;        /* with a worker */
	bool must_close;    /* no second request on this connection */
	char allow[ROUTE_ALLOW_LEN];
	struct upload *upload;
	struct buf body;
	int64_t body_max, received, held;
	int64_t started_us; /* monotonic */
	int status;         /* answered, for the log */
	char peer[64];
	char *raw, *decoded, *segments; /* in text */
	char text[];
};

struct exchange *exchange_new(struct http_home *home, const char *url);
void exchange_free(struct exchange *x);

/* One field of the head, then its end. */
void exchange_field(struct exchange *x, const struct http_field *f);
void exchange_open(
    struct exchange *x, const char *method, const char *version, size_t head);

/* To be answered now, and the rest of the body never read? */
bool exchange_is_hopeless(const struct exchange *x);

/* False: so much more than allowed that the connection is cut. */
bool exchange_feed(struct exchange *x, const char *data, size_t len);

/* The body is complete.  True: answered, or refused, job.reply says how;
 * false: a worker shall answer. */
bool exchange_close(struct exchange *x);

/* Answers with the refusal. */
void exchange_refuse(struct exchange *x);

#endif /* GATEWAY_HTTP_EXCHANGE_H */
