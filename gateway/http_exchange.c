#include "gateway/http_exchange.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/config.h"
#include "gateway/metrics.h"
#include "gateway/reply.h"
#include "gateway/route.h"
#include "gateway/upload.h"

/* So much beyond a limit is still read and thrown away. */
#define DRAIN_MAX (INT64_C(1) << 20)

struct exchange *
exchange_new(struct http_home *home, const char *url)
{
	size_t len = strlen(url);
	size_t kept = len > REQUEST_URL_MAX ? 0 : len;
	struct exchange *x = blob_calloc(1, sizeof(*x) + 3 * (kept + 1));

	x->home = home;
	x->raw = x->text;
	x->decoded = x->raw + kept + 1;
	x->segments = x->decoded + kept + 1;
	memcpy(x->raw, url, kept);
	x->check.content_length = -1;
	x->job.req = &x->req;
	x->started_us = clock_mono_us();
	x->req.method = x->req.path = x->req.raw_query = "";
	x->req.content_type = x->req.peer = "";
	x->req.lang = ERR_VI;
	x->req.config = home->config;
	x->req.secrets = home->secrets;
	x->req.verifier = home->verifier;
	x->req.fetcher = home->fetcher;
	if (kept < len)
		err_set(&x->refusal, ERR_BAD_REQUEST, "url: %zu bytes", len);
	return x;
}

void
exchange_free(struct exchange *x)
{
	if (x == NULL)
		return;
	atomic_fetch_sub(&x->home->held, x->held);
	upload_free(x->upload);
	buf_release(&x->body);
	reply_free(x->job.reply);
	free(x);
}

static bool
is_refused(const struct exchange *x)
{
	return x->refusal.code != ERR_NONE;
}

/* The last of several proxies' addresses is the one our own proxy saw; what
 * stands before it a stranger may have written. */
static void
take_peer(struct exchange *x, const char *forwarded)
{
	const char *comma = strrchr(forwarded, ',');
	const char *last = comma == NULL ? forwarded : comma + 1;

	last += strspn(last, " \t");
	if (strlen(last) < sizeof(x->peer))
		memcpy(x->peer, last, strlen(last) + 1);
}

void
exchange_field(struct exchange *x, const struct http_field *f)
{
	http_check_field(&x->check, f);
	if (is_refused(x) || x->check.sin != NULL || f->value == NULL)
		return;
	if (text_ieq(f->name, "X-Forwarded-For"))
		take_peer(x, f->value);
	else
		request_header(&x->req, f->name, f->value, &x->refusal);
}

/* Bytes of forms live in memory until they are judged; a limit over all of
 * them keeps a crowd of strangers from filling it. */
static bool
hold(struct exchange *x, int64_t len)
{
	if (len <= x->held)
		return true;
	len -= x->held;
	x->held += len;
	if (atomic_fetch_add(&x->home->held, len) + len <=
	    x->home->config->uploads_max)
		return true;
	return err_set(&x->refusal, ERR_BUSY, "http: uploads_max is reached");
}

/* A form's length, when given, is held against the limits before its first
 * byte is read. */
static bool
open_form(struct exchange *x)
{
	const struct config *c = x->home->config;

	x->body_max = c->form_max;
	if (x->check.content_length > x->body_max)
		return err_set(&x->refusal, ERR_TOO_LARGE, "http: %lld bytes",
		    (long long)x->check.content_length);
	if (!upload_new(x->req.content_type, (size_t)c->document_max,
		(size_t)c->form_max, &x->upload, &x->refusal))
		return false;
	return hold(x, x->check.content_length);
}

/* How much the route takes, and of which type.  A body where none is asked for
 * is one that is too large. */
static bool
open_body(struct exchange *x)
{
	const struct route *route = x->job.route;

	if (route->body == ROUTE_BODY_FORM)
		return open_form(x);
	x->body_max =
	    route->body == ROUTE_BODY_NONE ? 0 : x->home->config->body_max;
	if (x->check.content_length > x->body_max)
		return err_set(&x->refusal, ERR_TOO_LARGE, "http: %lld bytes",
		    (long long)x->check.content_length);
	if (route->body == ROUTE_BODY_JSON &&
	    !request_media(x->req.content_type, "application/json"))
		return err_set(&x->refusal, ERR_BAD_MEDIA,
		    "http: content-type is %.80s", x->req.content_type);
	return true;
}

/* Published, or proved in another way than by a header. */
static bool
needs_proof(const struct route *route)
{
	return route->who != AUTH_ANYONE && route->who != AUTH_BROWSER &&
	       route->who != AUTH_MAC && route->who != AUTH_OPERATE;
}

/* Refusals in the order of what they give away: that a path exists is public,
 * what it takes as well, what it holds is not. */
static bool
open_route(struct exchange *x)
{
	const struct route *route =
	    route_find(x->req.method, x->req.path, x->allow);

	if (route == NULL && x->allow[0] != '\0')
		return err_set(
		    &x->refusal, ERR_BAD_METHOD, "http: allows %s", x->allow);
	/* Outside, the operator's paths do not exist. */
	if (route == NULL || (route->who == AUTH_OPERATE && !x->req.inward))
		return err_set(&x->refusal, ERR_NOT_FOUND, "http: no route");
	x->job.route = route;
	route_bind(route, x->req.path, &x->req, x->segments);
	if (route->who != AUTH_MAC &&
	    !request_split_query(&x->req, &x->refusal)) {
		x->must_close = true;
		return false;
	}
	/* Who brings no proof at all need not send us 60 MB first. */
	if (needs_proof(route) && !request_has_proof(&x->req))
		return err_set(
		    &x->refusal, ERR_UNAUTHENTICATED, "http: no proof");
	return open_body(x);
}

void
exchange_open(
    struct exchange *x, const char *method, const char *version, size_t head)
{
	const struct http_check_line line = { method, version, strlen(x->raw),
		head };
	struct err e = { 0 };

	x->begun = true;
	x->req.method = method;
	x->req.peer = x->peer;
	x->req.draining = atomic_load(&x->home->draining);
	if (x->req.trace_id[0] == '\0')
		request_trace(&x->req);
	/* What the guard finds comes before what a field alone has wrong. */
	if (!http_check_end(&x->check, &line, &e))
		x->refusal = e;
	if (!is_refused(x))
		request_url(&x->req, x->raw, x->decoded, &x->refusal);
	if (is_refused(x)) {
		x->must_close = true;
		metrics_add(METRIC_requests_refused_total, 1);
		return;
	}
	if (atomic_load(&x->home->connections) > x->home->connections_most &&
	    !x->req.inward) {
		err_set(&x->refusal, ERR_BUSY, "http: connections_max");
		x->must_close = true;
		return;
	}
	open_route(x);
}

bool
exchange_is_hopeless(const struct exchange *x)
{
	if (!is_refused(x))
		return false;
	return x->must_close || x->check.expects ||
	       x->check.content_length > x->body_max + DRAIN_MAX;
}

/* A byte that counts: into the form's parts, or into memory. */
static void
keep(struct exchange *x, const char *data, size_t len)
{
	if (x->received > x->body_max) {
		err_set(&x->refusal, ERR_TOO_LARGE, "http: over %lld bytes",
		    (long long)x->body_max);
		return;
	}
	if (x->upload == NULL)
		buf_put(&x->body, data, len);
	else if (hold(x, x->received))
		upload_feed(x->upload, data, len, &x->refusal);
}

bool
exchange_feed(struct exchange *x, const char *data, size_t len)
{
	x->received += (int64_t)len;
	if (!is_refused(x))
		keep(x, data, len);
	return !is_refused(x) || x->received <= x->body_max + DRAIN_MAX;
}

void
exchange_refuse(struct exchange *x)
{
	log_trace(x->req.trace_id);
	x->job.reply = reply_err(&x->req, &x->refusal);
	if (x->refusal.code == ERR_BAD_METHOD)
		reply_header(x->job.reply, "Allow", x->allow);
	log_trace("");
}

bool
exchange_close(struct exchange *x)
{
	if (!is_refused(x) && x->upload != NULL &&
	    upload_end(x->upload, &x->refusal))
		x->req.upload = x->upload;
	/* Asked before the connection is put to sleep, since it could not be
	 * answered while it sleeps. */
	if (!is_refused(x) && x->job.route->where != ROUTE_FRONT &&
	    !worker_has_room(x->home->workers))
		err_set(&x->refusal, ERR_BUSY, "http: queue_max is reached");
	if (is_refused(x)) {
		exchange_refuse(x);
		return true;
	}
	if (x->body_max > 0 && x->upload == NULL) {
		buf_put(&x->body, "", 0); /* so that a NUL follows */
		x->req.body = (const uint8_t *)x->body.data;
		x->req.body_len = x->body.len;
	}
	if (x->job.route->where != ROUTE_FRONT)
		return false;
	x->job.reply = x->job.route->fn(&x->req);
	return true;
}
