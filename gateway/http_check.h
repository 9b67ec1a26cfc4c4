#ifndef GATEWAY_HTTP_CHECK_H
#define GATEWAY_HTTP_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One request in, one request out (RFC 9112, 11.2).  libmicrohttpd 0.9.75
 * lets through what two readers may read differently: Content-Length beside
 * Transfer-Encoding, doubled or missing Host, a blank before a colon, unknown
 * methods (measured).  All of it is refused here, and the connection with it.
 *
 * It also shows a header only up to a NUL and joins folded lines; so the bytes
 * of the head are counted, and a head longer than its shown parts can be is
 * refused too.  Padding that RFC 9112, 5 would allow falls with it.
 *
 * DIAGNOSTICS
 *	ERR_BAD_REQUEST, ERR_HEADERS_TOO_LARGE
 */
struct err;

#define HTTP_FIELDS_MAX 100

struct http_check {
	const char *sin; /* the first that was found */
	unsigned fields, hosts, lengths, codings;
	unsigned singles;       /* bits of fields that may stand but once */
	size_t bytes;           /* of the fields as they were shown */
	int64_t content_length; /* -1 without one */
	bool chunked;
	bool expects; /* Expect: 100-continue */
};

struct http_check_line {
	const char *method, *version;
	size_t url_len;
	size_t head_len; /* as it came, with the empty line; 0: unknown */
};

#define HTTP_CHECK_INIT                                                        \
	{                                                                      \
		.content_length = -1                                           \
	}

struct http_field {
	const char *name, *value;
	size_t name_len, value_len;
};

void http_check_field(struct http_check *c, const struct http_field *f);
bool http_check_end(const struct http_check *c,
    const struct http_check_line *line, struct err *e);

#endif /* GATEWAY_HTTP_CHECK_H */
