/*
 * GET, POST /v1/payments/callbacks/{provider}
 *
 * All notices that wait are read and proved one by one, applied together, and
 * answered as each provider demands, only after the commit.  One that is
 * malformed, or that cannot be stored, spoils no other.
 *
 * A return value that lets a provider rest (VNPay's 00 and 02) thus always
 * means: on disk.
 */
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/db.h"
#include "gateway/metrics.h"
#include "gateway/payment.h"
#include "gateway/payment_provider.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

struct notice {
	struct payment_provider provider;
	struct pay_notice said;
	enum pay_answer answer;
	bool proved;
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

/* What is refused leaves its size and source in the log, and no content. */
static void
refused(const struct request *req, struct notice *n, const struct err *e)
{
	n->answer = e->code == ERR_MISSING_FIELD ? PAY_ANSWER_NO_INPUT
						 : PAY_ANSWER_BAD_MAC;
	log_info("notice of %s from %s refused, %zu bytes: %s",
	    req->arg.provider, req->peer == NULL ? "" : req->peer,
	    strlen(req->raw_query) + req->body_len, e->detail);
	metrics_add(METRIC_notices_refused_total, 1);
}

/* Fills in the reply if there is no notice here that could be answered. */
static struct reply *
read_one(const struct request *req, struct notice *n)
{
	const struct pay_raw raw = {
		.query = req->raw_query,
		.body = req->body,
		.body_len = req->body_len,
	};
	struct err e = { 0 };

	if (!payment_provider_find(
		req->config, req->secrets, req->arg.provider, &n->provider)) {
		err_set(&e, ERR_NOT_FOUND, "no provider %s", req->arg.provider);
		return reply_err(req, &e);
	}
	if (strcmp(req->method, n->provider.adapter->method) != 0) {
		err_set(&e, ERR_BAD_METHOD, "%s: %s", req->arg.provider,
		    req->method);
		return reply_err(req, &e);
	}
	metrics_add(METRIC_notices_total, 1);
	n->proved = n->provider.adapter->read_notice(
	    &n->provider.terms, &raw, &n->said, &e);
	if (!n->proved)
		refused(req, n, &e);
	else if (n->said.secret > 0)
		log_info("notice of %s under an older secret (%zu)",
		    req->arg.provider, n->said.secret);
	return NULL;
}

/* All at once; one by one if one of them breaks a rule of the database, so
 * that it breaks alone.  Storage that is down is not asked again. */
static void
apply(struct db *db, const struct payment_notice *in, enum pay_answer *answers,
    size_t count)
{
	struct err e = { 0 };

	if (payment_apply(db, in, count, answers, &e))
		return;
	log_warnx("notices: %zu not stored: %s", count, e.detail);
	if (e.code == ERR_STORAGE || count == 1)
		return;
	for (size_t i = 0; i < count; i++) {
		if (answers[i] != PAY_ANSWER_TROUBLE)
			continue;
		if (!payment_apply(db, &in[i], 1, &answers[i], &e))
			log_warnx("notice %s: not stored: %s", in[i].said->ref,
			    e.detail);
	}
}

static void
apply_proved(struct request **requests, struct notice *notices, size_t count)
{
	struct payment_notice *in = blob_calloc(count, sizeof(*in));
	enum pay_answer *answers = blob_calloc(count, sizeof(*answers));
	size_t n = 0;

	for (size_t i = 0; i < count; i++)
		if (notices[i].proved)
			in[n++] = (struct payment_notice){
				.provider = requests[i]->arg.provider,
				.via = PAYMENT_VIA_NOTICE,
				.said = &notices[i].said,
			};
	/* Without a database all is trouble, in the provider's own words. */
	if (n > 0 && requests[0]->db != NULL)
		apply(requests[0]->db, in, answers, n);
	n = 0;
	for (size_t i = 0; i < count; i++)
		if (notices[i].proved)
			notices[i].answer = answers[n++];
	free(answers);
	free(in);
}

void
api_payment_notice(
    struct request **requests, struct reply **replies, size_t count)
{
	struct notice *notices = blob_calloc(count, sizeof(*notices));

	for (size_t i = 0; i < count; i++)
		replies[i] = read_one(requests[i], &notices[i]);
	apply_proved(requests, notices, count);
	for (size_t i = 0; i < count; i++) {
		if (replies[i] == NULL)
			replies[i] = tell(requests[i], &notices[i]);
		pay_notice_release(&notices[i].said);
	}
	free(notices);
}
