#ifndef ADAPTERS_PORTAL_WEBHOOK_H
#define ADAPTERS_PORTAL_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * Callbacks to portals as Standard Webhooks 1.0.0 has them: a POST with the
 * headers webhook-id, webhook-timestamp and webhook-signature, the last being
 * "v1," and the base64 of HMAC-SHA256 over "id.timestamp.body".  While a
 * secret is rotated there are two, and a signature for each.
 *
 * A secret is "whsec_" and the base64 of 24 to 64 bytes.  None is logged.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	a secret is not of that form, or there is none
 *	ERR_PROVIDER	no answer; see adapters/http_client.h
 */
struct err;
struct http_answer;
struct http_client;

#define PORTAL_WEBHOOK_SECRETS_MAX 2
#define PORTAL_WEBHOOK_BODY_MAX    20000

struct portal_webhook {
	const char *url;
	const char *id;    /* the same each time this message is sent */
	int64_t timestamp; /* of this attempt, seconds since 1970 */
	const char *body;  /* JSON */
	const char *const *secrets;
	size_t secret_count;
	int timeout_ms;
};

/* Appends the value of webhook-signature. */
bool portal_webhook_sign(
    const struct portal_webhook *w, struct buf *out, struct err *e);

/* The caller releases out->body.  2xx alone is success. */
bool portal_webhook_send(struct http_client *c, const struct portal_webhook *w,
    struct http_answer *out, struct err *e);

#endif /* ADAPTERS_PORTAL_WEBHOOK_H */
