#include "gateway/answer.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/idempotency.h"
#include "gateway/inflight.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/upload.h"

static const int key_hours[] = {
	[ROUTE_KEY_NONE] = 0,
	[ROUTE_KEY_72H] = 72,
	[ROUTE_KEY_400D] = 400 * 24,
};

static bool
no_database(struct err *e)
{
	return err_set(e, ERR_STORAGE, "worker: no database connection");
}

/* readyz is asked when there is no database, above all then. */
static bool
know_caller(struct request *req, const struct route *route, struct err *e)
{
	if (route->who == AUTH_OPERATE)
		return true;
	if (req->db == NULL)
		return no_database(e);
	return auth_request(req, route->who, e);
}

static void
add_text(struct digest *d, const char *s)
{
	digest_add(d, s, strlen(s) + 1); /* with its end, as the separator */
}

/* What makes two requests the same: method, URL, caller and content. */
static void
take_fingerprint(struct request *req)
{
	struct digest *d = digest_new();

	add_text(d, req->method);
	add_text(d, req->path);
	add_text(d, req->raw_query);
	add_text(d, req->principal);
	if (req->body != NULL)
		digest_add(d, req->body, req->body_len);
	for (size_t i = 0; req->upload && i < upload_count(req->upload); i++) {
		const struct upload_part *p = upload_part(req->upload, i);

		add_text(d, p->name);
		digest_add(d, p->sha256, sizeof(p->sha256));
	}
	digest_end(d, req->fingerprint);
}

/* The JSON lives as long as its handler; replies copy what they need. */
static struct reply *
handle(struct request *req, const struct route *route)
{
	struct json *json = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (route->body == ROUTE_BODY_JSON &&
	    !json_parse((const char *)req->body, req->body_len, &json, &e))
		return reply_err(req, &e);
	req->json = json;
	reply = route->fn(req);
	req->json = NULL;
	json_free(json);
	return reply;
}

/* A refusal that depends on the request alone will be the same for ever.  The
 * others (who asks, in what state, how busy we are) may pass. */
static bool
is_kept(int status)
{
	return status == 400 || status == 413 || status == 415 || status == 422;
}

struct refusal {
	const struct request *req;
	const struct reply *reply;
};

static bool
keep_refusal(struct db *db, void *arg, struct err *e)
{
	const struct refusal *r = arg;

	return idempotency_claim(db, r->req, e) &&
	       idempotency_keep(db, r->req, r->reply, e);
}

/* A key makes of two requests one: found, it is answered as it was. */
static struct reply *
handle_once(struct request *req, const struct route *route)
{
	struct reply *reply = NULL;
	struct refusal refusal = { req, NULL };
	struct err e = { 0 };

	take_fingerprint(req);
	if (!idempotency_replay(req, &reply, &e))
		return reply_err(req, &e);
	if (reply != NULL)
		return reply;

	reply = handle(req, route);
	if (!is_kept(reply_status(reply)))
		return reply;
	/* Not kept, it would be found again from the same request: no harm. */
	refusal.reply = reply;
	if (!db_tx(req->db, keep_refusal, &refusal, &e))
		log_warnx("answer: refusal not kept: %s", e.detail);
	return reply;
}

struct reply *
answer_one(
    struct request *req, const struct route *route, struct inflight *busy)
{
	struct reply *reply;
	struct err e = { 0 };

	if (!know_caller(req, route, &e))
		return reply_err(req, &e);
	if (route->key == ROUTE_KEY_NONE) {
		req->idempotency_key = NULL;
		return handle(req, route);
	}

	req->key_hours = key_hours[route->key];
	if (req->idempotency_key == NULL) {
		err_set(&e, ERR_KEY_REQUIRED, "no idempotency-key");
		return reply_err(req, &e);
	}
	if (!inflight_enter(busy, req)) {
		err_set(&e, ERR_KEY_IN_FLIGHT, "key %s", req->idempotency_key);
		return reply_err(req, &e);
	}
	reply = handle_once(req, route);
	inflight_leave(busy, req);
	return reply;
}

/* The adapter proves who it was; until then it is a name in a path. */
static void
be_provider(struct request *req, int64_t now_us)
{
	req->now_us = now_us;
	req->by.n = ACTOR_PROVIDER;
	req->who = AUTH_NOBODY;
	snprintf(req->principal, sizeof(req->principal), "provider:%.60s",
	    req->arg.provider != NULL ? req->arg.provider : "");
}

void
answer_all(struct request **requests, struct reply **replies, size_t count,
    const struct route *route)
{
	struct db *db = requests[0]->db;
	struct err e = { 0 };
	int64_t now_us = 0;

	if (db != NULL && !db_now(db, &now_us, &e)) {
		log_warnx("answer: %s", e.detail);
		db = NULL;
	}
	for (size_t i = 0; i < count; i++) {
		replies[i] = NULL;
		requests[i]->db = db;
		be_provider(requests[i], now_us);
	}
	route->batch(requests, replies, count);
	err_set(&e, ERR_INTERNAL, "batch: left unanswered");
	for (size_t i = 0; i < count; i++)
		if (replies[i] == NULL)
			replies[i] = reply_err(requests[i], &e);
}
