/*
 * GET, POST /v1/payments/callbacks/{provider}
 *
 * All notices that wait are read and proved one by one, applied together, and
 * answered as each provider demands, only after the commit.  One that is
 * malformed, or that cannot be stored, spoils no other.
 *
 * Whose MAC is wrong too often is told so (bad_mac_burst), and not logged
 * again; who has the right one is never held up.
 *
 * A return value that lets a provider rest (VNPay's 00 and 02) thus always
 * means: on disk.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/http_client.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/metrics.h"
#include "gateway/notice_source.h"
#include "gateway/payment.h"
#include "gateway/payment_confirm.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_repeat.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

/* Static, because it has to outlive a request, and a process has one set of
 * callers by definition. */
static struct notice_flood flood = NOTICE_FLOOD_INIT;

struct notice {
	struct payment_provider provider;
	struct pay_raw raw;
	struct pay_notice said, asked;
	enum payment_confirmed how;
	enum pay_answer answer;
	bool ready;    /* to be applied */
	bool unlisted; /* from an address that is not the provider's */
};

static struct reply *
tell(const struct request *req, const struct notice *n)
{
	const struct pay_heard heard = {
		.terms = &n->provider.terms,
		.said = &n->said,
		.now_us = req->now_us,
	};
	struct pay_reply told = { 0 };
	struct reply *reply;

	n->provider.adapter->answer(n->answer, &heard, &told);
	reply =
	    reply_bytes(told.status, told.type, told.body.data, told.body.len);
	buf_release(&told.body);
	return reply;
}

static const char *
or_empty(const char *header)
{
	return header == NULL ? "" : header;
}

/* Has this source sent more that proves nothing than one may? */
static bool
is_flood(const struct request *req)
{
	const struct notice_rate rate = { req->config->bad_mac_burst,
		req->config->bad_mac_per_minute };

	if (notice_flood_take(
		&flood, &rate, or_empty(req->peer), clock_mono_us()))
		return false;
	metrics_add(METRIC_notices_flood_total, 1);
	return true;
}

/* What is refused leaves its size and source in the log, and no content. */
static void
refused(const struct request *req, struct notice *n, const struct err *e)
{
	metrics_add(METRIC_notices_refused_total, 1);
	if (is_flood(req)) {
		n->answer = PAY_ANSWER_FLOOD;
		return;
	}
	n->answer = e->code == ERR_MISSING_FIELD ? PAY_ANSWER_NO_INPUT
						 : PAY_ANSWER_BAD_MAC;
	log_info("notice of %s from %s refused, %zu bytes: %s",
	    req->arg.provider, or_empty(req->peer),
	    strlen(req->raw_query) + req->body_len, e->detail);
}

/* Lists go stale: an alarm, unless they were said to be strict. */
static bool
is_welcome(const struct request *req, struct notice *n, struct err *e)
{
	n->unlisted =
	    !notice_source_listed(n->provider.sources, or_empty(req->peer));
	if (!n->unlisted)
		return true;
	metrics_add(METRIC_notices_unlisted_total, 1);
	if (strcmp(req->config->notice_sources, "strict") != 0)
		return true;
	if (!is_flood(req))
		log_warnx("notice of %s: %s is not on its list, refused",
		    req->arg.provider, or_empty(req->peer));
	return err_set(e, ERR_FORBIDDEN, "notice of %s from %s",
	    req->arg.provider, or_empty(req->peer));
}

/* A probe, or what has nothing to do with us: answered, and let be. */
static void
heard_nothing(struct notice *n)
{
	n->ready = false;
	n->answer = PAY_ANSWER_DONE;
}

/* Keys are those of the terminal that this gateway speaks for: another's order
 * is not for its holder to speak of.  "": accounts are the units'. */
static bool
is_foreign(const struct notice *n)
{
	const char *ours = n->provider.terms.terminal;

	return ours[0] != '\0' && strcmp(n->said.terminal, ours) != 0;
}

/* Whose proof is right: what is worth a word of ours. */
static void
proved(const struct request *req, const struct notice *n)
{
	if (n->said.foreign)
		log_warnx("notice of %s: terminal %s under another's key",
		    req->arg.provider, n->said.terminal);
	if (n->unlisted)
		log_warnx("notice of %s: %s is not on its list",
		    req->arg.provider, or_empty(req->peer));
	if (n->said.secret > 0)
		log_info("notice of %s under an older secret (%zu)",
		    req->arg.provider, n->said.secret);
}

/* Fills in the reply if there is no notice here that could be answered. */
static struct reply *
read_one(const struct request *req, struct notice *n)
{
	struct err e = { 0 };

	if (!payment_provider_find(
		req->config, req->secrets, req->arg.provider, &n->provider)) {
		err_set(&e, ERR_NOT_FOUND, "no provider %s", req->arg.provider);
		return reply_err(req, &e);
	}
	if (!is_welcome(req, n, &e))
		return reply_err(req, &e);
	if (strcmp(req->method, n->provider.adapter->method) != 0) {
		err_set(&e, ERR_BAD_METHOD, "%s: %s", req->arg.provider,
		    req->method);
		return reply_err(req, &e);
	}
	if (req->body_len > 0 &&
	    !request_media(req->content_type, "application/json")) {
		err_set(&e, ERR_BAD_MEDIA, "%s: %.80s", req->arg.provider,
		    req->content_type);
		return reply_err(req, &e);
	}
	metrics_add(METRIC_notices_total, 1);
	n->raw = (struct pay_raw){
		.query = req->raw_query,
		.body = req->body,
		.body_len = req->body_len,
		.authorization = or_empty(req->authorization),
		.stamp = or_empty(req->notice_stamp),
		.mac = or_empty(req->notice_mac),
		/* Without a database there is no better clock. */
		.now_us = req->now_us == 0 ? clock_now_us() : req->now_us,
	};
	n->ready = n->provider.adapter->read_notice(
	    &n->provider.terms, &n->raw, &n->said, &e);
	if (!n->ready) {
		refused(req, n, &e);
		return NULL;
	}
	n->said.foreign = is_foreign(n);
	proved(req, n);
	if (n->said.outcome == PAY_NO_NEWS)
		heard_nothing(n);
	return NULL;
}

/* Where only a part of a reference came, whose it is.  Storage that is down
 * leaves all of them in trouble. */
static void
find_all(struct db *db, struct request **requests, struct notice *notices,
    size_t count)
{
	struct pay_notice **said =
	    blob_calloc(count, sizeof(struct pay_notice *));
	struct err e = { 0 };
	size_t n = 0;
	bool found;

	for (size_t i = 0; i < count; i++)
		if (notices[i].ready)
			said[n++] = &notices[i].said;
	found = payment_find(db, requests[0]->arg.provider, said, n, &e);
	free(said);
	if (found)
		return;
	log_warnx("notices: %zu not found: %s", n, e.detail);
	for (size_t i = 0; i < count; i++)
		notices[i].ready = false;
}

/* What a provider says again is answered by a read. */
static void
answer_repeats(struct db *db, struct request **requests, struct notice *notices,
    size_t count)
{
	struct payment_notice *in = blob_calloc(count, sizeof(*in));
	bool *repeats = blob_calloc(count, sizeof(*repeats));
	size_t *from = blob_calloc(count, sizeof(*from)), n = 0;
	struct err e = { 0 };

	for (size_t i = 0; i < count; i++) {
		if (!notices[i].ready)
			continue;
		in[n].provider = requests[i]->arg.provider;
		in[n].said = &notices[i].said;
		from[n++] = i;
	}
	/* Not found out, they are applied, which finds the same. */
	if (!payment_repeats(db, in, n, repeats, &e))
		log_warnx("notices: %s", e.detail);
	for (size_t i = 0; i < n; i++) {
		if (!repeats[i])
			continue;
		notices[from[i]].ready = false;
		notices[from[i]].answer = PAY_ANSWER_ALREADY;
	}
	free(from);
	free(repeats);
	free(in);
}

/* One that gives no answer is not asked again for the others of this batch. */
static void
confirm_all(struct db *db, struct request **requests, struct notice *notices,
    size_t count)
{
	const struct config *c = requests[0]->config;
	const struct http_client_options options = {
		.ca_file = c->http_ca_file,
		.allow_private = c->http_allow_private.item,
		.allow_private_count = c->http_allow_private.count,
	};
	struct http_client *client = http_client_new(&options);
	bool silent = false;

	for (size_t i = 0; i < count; i++) {
		struct notice *n = &notices[i];
		const struct payment_doubt doubt = {
			.provider = &n->provider,
			.name = requests[i]->arg.provider,
			.raw = &n->raw,
			.client = silent ? NULL : client,
			.said = &n->said,
		};
		bool paid = n->said.outcome == PAY_PAID;
		struct err e = { 0 };

		if (!n->ready)
			continue;
		n->ready = payment_confirm(db, &doubt, &n->how, &n->asked, &e);
		silent = silent || n->how == PAYMENT_NO_ANSWER;
		/* Not paid yet, they say now: let them call again. */
		if (paid && n->how == PAYMENT_ASKED &&
		    n->asked.outcome == PAY_PENDING)
			n->how = PAYMENT_NO_ANSWER;
	}
	http_client_free(client);
}

/* What one notice brings: its own word, and the provider's when asked. */
static size_t
news_of(
    const struct notice *n, const char *provider, struct payment_notice out[2])
{
	out[0] = (struct payment_notice){ .provider = provider,
		.via = PAYMENT_VIA_NOTICE,
		.said = &n->said };
	out[1] = (struct payment_notice){ .provider = provider,
		.via = PAYMENT_VIA_QUERY,
		.said = &n->asked };
	return n->how == PAYMENT_ASKED ? 2 : 1;
}

static void
apply_all(struct db *db, struct request **requests, struct notice *notices,
    size_t count)
{
	struct payment_notice *in = blob_calloc(2 * count, sizeof(*in));
	enum pay_answer *answers = blob_calloc(2 * count, sizeof(*answers));
	size_t *from = blob_calloc(2 * count, sizeof(*from)), n = 0;
	struct err e = { 0 };

	for (size_t i = 0; i < count; i++) {
		size_t more;

		if (!notices[i].ready)
			continue;
		more = news_of(&notices[i], requests[i]->arg.provider, &in[n]);
		while (more-- > 0)
			from[n++] = i;
	}
	/* What could not be stored is trouble, and logged. */
	if (n > 0)
		payment_apply_apart(db, in, n, answers, &e);
	for (size_t i = 0; i < n; i++)
		notices[from[i]].answer =
		    notices[from[i]].how == PAYMENT_NO_ANSWER
			? PAY_ANSWER_TROUBLE
			: answers[i];
	free(from);
	free(answers);
	free(in);
}

/* Without a database all is trouble, in the provider's own words.  All are of
 * one path, and so of one provider. */
static void
store(struct request **requests, struct notice *notices, size_t count)
{
	struct db *db = requests[0]->db;
	const struct pay_adapter *a = notices[0].provider.adapter;

	if (db == NULL)
		return;
	find_all(db, requests, notices, count);
	if (a != NULL && a->asks_first)
		confirm_all(db, requests, notices, count);
	else
		answer_repeats(db, requests, notices, count);
	apply_all(db, requests, notices, count);
}

void
api_payment_notice(
    struct request **requests, struct reply **replies, size_t count)
{
	struct notice *notices = blob_calloc(count, sizeof(*notices));

	for (size_t i = 0; i < count; i++)
		replies[i] = read_one(requests[i], &notices[i]);
	store(requests, notices, count);
	for (size_t i = 0; i < count; i++) {
		if (replies[i] == NULL)
			replies[i] = tell(requests[i], &notices[i]);
		pay_notice_release(&notices[i].said);
		pay_notice_release(&notices[i].asked);
	}
	free(notices);
}
