#ifndef ADAPTERS_HTTP_CLIENT_H
#define ADAPTERS_HTTP_CLIENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Outgoing HTTPS.  HTTPS alone but where a call says otherwise, certificates
 * always verified, no redirect, bounded time and size.  The address that a name
 *resolved to is checked when the socket is opened: private, loopback and
 *link-local ones are refused but for the host:port pairs that the operator
 *allowed (SSRF, DNS rebinding).
 *
 * DIAGNOSTICS
 *	ERR_PROVIDER	no connection, a time-out, a refused address, an answer
 *			that is too long; an HTTP status is no error
 */
struct err;
struct http_client;

struct http_client_options {
	const char *ca_file;              /* "" for the system's */
	const char *const *allow_private; /* "host:port" */
	size_t allow_private_count;
};

/* One for each thread that calls: it keeps connections alive. */
struct http_client *http_client_new(const struct http_client_options *o);
void http_client_free(struct http_client *c);

struct http_call {
	const char *method; /* "GET" or "POST" */
	const char *url;
	const char *const *headers; /* "Name: value" */
	size_t header_count;
	const void *body;
	size_t body_len;
	int timeout_ms;
	size_t answer_max; /* bytes; more is ERR_PROVIDER */
	bool plain;        /* http too: for what is signed itself */
	const int *sink;   /* a file that takes the body, as it comes; NULL:
			    * the answer's buffer does */
};

struct http_answer {
	int status;
	struct buf body;         /* the caller releases */
	int64_t retry_after_sec; /* 0: none given */
};

/* "host:port" of a URL, as it will be connected to. */
#define HTTP_PEER_LEN 300
bool http_client_peer(const char *url, char out[HTTP_PEER_LEN], struct err *e);

bool http_client_call(struct http_client *c, const struct http_call *call,
    struct http_answer *out, struct err *e);

#endif /* ADAPTERS_HTTP_CLIENT_H */
