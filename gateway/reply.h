#ifndef GATEWAY_REPLY_H
#define GATEWAY_REPLY_H

#include <stddef.h>

/*
 * The only makers of a reply.  A reply owns its bytes; the caller may release
 * everything it was made from.
 */
struct err;
struct json;
struct reply;
struct request;

/* Takes j over. */
struct reply *reply_json(int status, struct json *j);

/* Copies the bytes.  type "": a reply without a body, and without a type. */
struct reply *reply_bytes(
    int status, const char *type, const void *data, size_t len);

/* A file, always saved and never shown; name may be any text. */
struct reply *reply_attachment(
    const char *type, const void *data, size_t len, const char *name);
struct reply *reply_redirect(const char *url); /* 303 */

/* An RFC 9457 problem object with the title in the caller's language, the
 * pointer of the field at fault and the trace id; logs the detail.  5xx and
 * 429 carry Retry-After. */
struct reply *reply_err(const struct request *req, const struct err *e);

/* The same with members of its own beside the usual; takes extra over. */
struct reply *reply_err_with(
    const struct request *req, const struct err *e, struct json *extra);

/* Adds a header; at most REPLY_HEADERS_MAX, names are literals. */
#define REPLY_HEADERS_MAX 8
void reply_header(struct reply *r, const char *name, const char *value);
void reply_etag(struct reply *r, int version); /* ETag: "v7" */

/* For http.c: 304 in the place of a 200 whose ETag the caller has already
 * (RFC 9110, 13.1.2); frees r then. */
struct reply *reply_fresh(struct reply *r, const char *if_none_match);

/* For http.c, worker.c and idempotency.c. */
int reply_status(const struct reply *r);
const char *reply_type(const struct reply *r);
const void *reply_body(const struct reply *r, size_t *len);
size_t reply_header_count(const struct reply *r);
const char *reply_header_name(const struct reply *r, size_t i);
const char *reply_header_value(const struct reply *r, size_t i);
const char *reply_find(const struct reply *r, const char *name); /* or NULL */
void reply_free(struct reply *r);

#endif /* GATEWAY_REPLY_H */
