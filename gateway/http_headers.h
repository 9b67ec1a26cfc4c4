#ifndef GATEWAY_HTTP_HEADERS_H
#define GATEWAY_HTTP_HEADERS_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/reply.h"

/*
 * The header fields of an answer: the reply's own, then those that every
 * answer of the house has (OWASP ASVS 3.4).  What a handler has said about
 * caching or content is not said again.
 */
struct exchange;

struct http_header {
	const char *name, *value;
};

#define HTTP_HEADERS_MAX (REPLY_HEADERS_MAX + 8)

/* Borrowed from x and its reply; returns how many. */
size_t http_headers(const struct exchange *x, bool tls,
    struct http_header out[HTTP_HEADERS_MAX]);

#endif /* GATEWAY_HTTP_HEADERS_H */
