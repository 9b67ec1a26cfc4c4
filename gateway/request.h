#ifndef GATEWAY_REQUEST_H
#define GATEWAY_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "base/id.h"
#include "gateway/auth.h"

/*
 * What a handler gets: all of it, and nothing from anywhere else.  The route,
 * the caller's right, the body's JSON and the Idempotency-Key have been
 * checked before a handler runs.
 */
struct config;
struct db;
struct fetcher;
struct json;
struct secrets;
struct trust_lease;
struct upload;
struct verifier;

#define REQUEST_ARGS_MAX 64 /* query parameters */
#define REQUEST_URL_MAX  8192
#define REQUEST_KEY_MAX  200 /* bytes of an Idempotency-Key */
#define REQUEST_COOKIE   "__Host-session"

struct request_arg {
	const char *name;  /* percent-decoded */
	const char *value; /* percent-decoded; "" when there is none */
};

struct request {
	/* Set by http.c, with request.c's help */
	const char *method;
	const char *path;      /* decoded, without the query */
	const char *raw_query; /* as it came, "" without one */
	struct request_arg query[REQUEST_ARGS_MAX];
	size_t query_count;
	enum err_lang lang;                    /* of Accept-Language */
	bool html;                             /* Accept prefers text/html */
	const char *content_type;              /* "" without one */
	const char *authorization;             /* the header, or NULL */
	const char *session;                   /* the cookie's token, or NULL */
	const char *idempotency_key;           /* unquoted, or NULL */
	const char *if_none_match;             /* or NULL */
	const char *notice_stamp, *notice_mac; /* X-SePay-*, or NULL */
	int if_match;        /* the version the caller saw, 0 for none,
			      * -1 for one that never was */
	const char *peer;    /* address, for the provider's allow-list */
	char trace_id[33];   /* traceparent's, or fresh */
	const uint8_t *body; /* small bodies, NUL follows; or NULL */
	size_t body_len;
	const struct upload
	    *upload;   /* the parts of a multipart form, or NULL */
	bool inward;   /* came by the operator listener */
	bool draining; /* the gateway is stopping */
	struct verifier *verifier;
	struct fetcher *fetcher;
	const struct config *config;
	const struct secrets *secrets;

	/* Set by worker.c */
	struct db *db;                   /* this worker's connection */
	const struct trust_lease *trust; /* what verdicts rest on */
	const struct json *json;         /* the body, parsed; or NULL */
	struct tenant_id tenant;
	struct actor_id by;
	enum auth_kind who;
	unsigned rights;         /* bits 1u << enum auth_right */
	char principal[80];      /* "client:3", "officer:7", "link:CODE" */
	uint8_t fingerprint[32]; /* of an idempotent request */
	int key_hours;           /* how long the route keeps keys, or 0 */
	int64_t now_us;          /* the database's clock */
	struct {
		const char *code;
		const char *id;
		const char *number;
		const char *provider;
		const char *set;
	} arg; /* bound by the path */

	/* What some of the pointers above point at. */
	char *query_text;
	char key_text[REQUEST_KEY_MAX + 1];
	char session_text[128];
};

/*
 * For http.c: the path and the raw query of a request line.  Both raw and
 * storage, strlen(raw) + 1 bytes for what is decoded, must outlive req.
 * Strict: a % without its hex, control bytes, broken UTF-8 and a slash hidden
 * as %2F are ERR_BAD_REQUEST.
 */
bool request_url(
    struct request *req, const char *raw, char *storage, struct err *e);

/*
 * Splits and decodes the query.  As strict, and a name that stands twice is
 * refused too.  A provider's callback is left as it came, in raw_query: how
 * that is read, and refused, is its adapter's to say.
 */
bool request_split_query(struct request *req, struct err *e);

/* One header; value must outlive req.  ERR_BAD_REQUEST for a key or version
 * that is malformed. */
bool request_header(
    struct request *req, const char *name, const char *value, struct err *e);

/* A trace id of our own, where traceparent gave none. */
void request_trace(struct request *req);

/* Is type (a Content-Type) this media type, whatever its parameters? */
bool request_media(const char *type, const char *media);

/* Has the caller brought anything that might prove who he is? */
bool request_has_proof(const struct request *req);

/* The value of a query parameter, or the fallback. */
const char *request_query(
    const struct request *req, const char *name, const char *fallback);

#endif /* GATEWAY_REQUEST_H */
