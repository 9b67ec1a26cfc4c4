#ifndef GATEWAY_HTTP_H
#define GATEWAY_HTTP_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The server.  The only module that knows libmicrohttpd: its threads read and
 * write and never block; whatever may is put to sleep and given to worker.c.
 *
 * Listeners are those of the configuration: TLS, a unix socket for a proxy,
 * and the operator's.  HTTP/1.1 is checked before any handler (http_check.h),
 * slow clients are ended (http_reaper.h), bodies are limited.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	no listener, or one that cannot be opened
 */
struct config;
struct err;
struct http;
struct secrets;
struct verifier;
struct fetcher;
struct worker_pool;

struct http_options {
	const struct config *config;
	const struct secrets *secrets;
	struct verifier *verifier;
	struct fetcher *fetcher;
	struct worker_pool *workers;
};

bool http_start(const struct http_options *o, struct http **out, struct err *e);

/* Where it listens, as "https=127.0.0.1:8443 unix=/run/...". */
const char *http_where(const struct http *h);

/* Takes no new connection and waits, that long at most, until what has begun
 * is answered.  Workers must still run. */
void http_drain(struct http *h, int64_t limit_us);

/* Once the workers have stopped; NULL is fine. */
void http_stop(struct http *h);

#endif /* GATEWAY_HTTP_H */
