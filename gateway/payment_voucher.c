#include "gateway/payment_voucher.h"

#include <assert.h>
#include <stdlib.h>

#include "adapters/adapter.h"
#include "adapters/http_client.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/mac.h"
#include "gateway/auth.h"
#include "gateway/backoff.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/metrics.h"
#include "gateway/outbox.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_rest.h"

/* Longer than any call takes. */
#define LEASE_MS 60000
#define DAY_SEC  86400

struct voucher_fetcher {
	const struct config *config;
	const struct secrets *secrets;
	struct http_client *client;
};

bool
voucher_owe(struct db *db, const struct voucher_batch *b, struct err *e)
{
	assert(db_in_tx(db));

	if (b->count == 0)
		return true;
	return db_exec(db, DB_voucher_owe,
	    (const struct db_arg[]){ DB_INT(b->tenant.n),
		DB_INTS(b->attempts, b->count), DB_TIME(b->at_us), DB_END },
	    NULL, e);
}

struct voucher_fetcher *
voucher_fetcher_new(const struct config *c, const struct secrets *s)
{
	const struct http_client_options options = {
		.ca_file = c->http_ca_file,
		.allow_private = c->http_allow_private.item,
		.allow_private_count = c->http_allow_private.count,
	};
	struct voucher_fetcher *f = blob_calloc(1, sizeof(*f));

	f->config = c;
	f->secrets = s;
	f->client = http_client_new(&options);
	return f;
}

void
voucher_fetcher_free(struct voucher_fetcher *f)
{
	if (f == NULL)
		return;
	http_client_free(f->client);
	free(f);
}

/* A voucher on its way; texts are the claimed row's. */
struct voucher {
	int64_t tenant, attempt, dossier, failures, now_us;
	const char *ref, *provider, *service;
	struct blob pdf;
	uint8_t sha256[DIGEST_LEN];
	bool kept; /* by us, rather than by another gateway */
};

static bool
ask(const struct voucher_fetcher *f, const struct db_rows *row,
    struct voucher *v, struct err *e)
{
	const struct pay_order order = {
		.ref = v->ref,
		.amount = { db_int(row, 0, "amount") },
		.created_us = db_time(row, 0, "created_at"),
		.expires_us = db_time(row, 0, "expires_at"),
	};
	struct payment_provider p;
	const struct pay_question question = {
		.terms = &p.terms,
		.order = &order,
		.now_us = v->now_us,
		.client = f->client,
	};

	if (!payment_provider_find(f->config, f->secrets, v->provider, &p))
		return err_set(
		    e, ERR_CONFIG, "%s is not configured", v->provider);
	p.terms.terminal = db_text(row, 0, "terminal");
	return pay_voucher(p.adapter, &question, &v->pdf, e);
}

static char *
event_data(const struct voucher *v)
{
	struct json *data = json_new_object();
	char hex[2 * DIGEST_LEN + 1], *text;

	text_hex(v->sha256, sizeof(v->sha256), hex);
	json_put_text(data, "attempt", v->ref);
	json_put_text(data, "provider", v->provider);
	json_put_text(data, "sha256", hex);
	text = json_write_sorted(data);
	json_free(data);
	return text;
}

static bool
record(struct db *db, const struct voucher *v, struct err *e)
{
	char *data = event_data(v);
	struct event event = {
		.tenant = v->tenant,
		.dossier = v->dossier,
		.kind = "payment-voucher",
		.at_us = v->now_us,
		.actor = ACTOR_PROVIDER,
		.data = data,
	};
	bool ok = event_append(db, &event, 1, e) &&
		  outbox_announce(db, v->tenant, &event.id, 1, e);

	free(data);
	return ok;
}

/* Another gateway may have got it too, when our lease ran out: whoever takes
 * the row away keeps his. */
static bool
keep_in_tx(struct db *db, void *arg, struct err *e)
{
	struct voucher *v = arg;
	const struct db_arg content[] = { DB_INT(v->tenant),
		DB_BYTES(v->sha256, DIGEST_LEN),
		DB_BYTES(v->pdf.data, v->pdf.len), DB_END };
	const struct db_arg row[] = { DB_INT(v->tenant), DB_INT(v->attempt),
		DB_BYTES(v->sha256, DIGEST_LEN), DB_TIME(v->now_us), DB_END };
	int mine = 0;

	if (!db_exec(db, DB_voucher_done,
		(const struct db_arg[]){
		    DB_INT(v->tenant), DB_INT(v->attempt), DB_END },
		&mine, e))
		return false;
	v->kept = mine == 1;
	return !v->kept || (db_exec(db, DB_content_add, content, NULL, e) &&
			       db_exec(db, DB_voucher_keep, row, NULL, e) &&
			       record(db, v, e));
}

static bool
keep(struct db *db, struct voucher *v, struct err *e)
{
	digest_sha256(v->pdf.data, v->pdf.len, v->sha256);
	if (!db_tx(db, keep_in_tx, v, e))
		return false;
	metrics_add(METRIC_vouchers_kept_total, v->kept);
	return true;
}

/* No wait: it is given up. */
static bool
put_off(struct db *db, const struct voucher *v, const int64_t *wait_ms,
    struct err *e)
{
	return db_exec(db, DB_voucher_put_off,
	    (const struct db_arg[]){ DB_INT(v->tenant), DB_INT(v->attempt),
		wait_ms == NULL ? DB_NULL : DB_INT(*wait_ms), DB_END },
	    NULL, e);
}

static bool
give_up(struct db *db, const struct voucher *v, const char *why, struct err *e)
{
	log_warnx("voucher of %s: given up: %s", v->ref, why);
	metrics_add(METRIC_vouchers_given_up_total, 1);
	return put_off(db, v, NULL, e);
}

static bool
try_later(struct db *db, const struct voucher_fetcher *f,
    const struct voucher *v, const char *why, struct err *e)
{
	struct backoff step = { .channel = BACKOFF_WEBHOOK,
		.failures = (int)v->failures + 1,
		.percent = f->config->courier_backoff_percent };
	int64_t wait_ms;

	mac_random(&step.dice, sizeof(step.dice));
	if (!backoff_next(&step, &wait_ms))
		return give_up(db, v, why, e);
	log_info("voucher of %s: not yet: %s", v->ref, why);
	return put_off(db, v, &wait_ms, e);
}

/* By contract none is given: then none is owed.  That there is none yet is an
 * answer, and no reason to leave the provider in peace. */
static bool
turn_to(struct voucher_fetcher *f, struct db *db, const struct db_rows *row,
    struct voucher *v, struct err *e)
{
	struct err why = { 0 };
	bool given;

	if (db_bool(row, 0, "late"))
		return give_up(db, v, "too late to ask", e);
	given = ask(f, row, v, &why);
	if (why.code == ERR_CONFIG)
		return db_exec(db, DB_voucher_done,
		    (const struct db_arg[]){
			DB_INT(v->tenant), DB_INT(v->attempt), DB_END },
		    NULL, e);
	if (!payment_rest(
		db, v->service, given || why.code == ERR_NOT_FOUND, e))
		return false;
	return given ? keep(db, v, e) : try_later(db, f, v, why.detail, e);
}

bool
voucher_fetch(struct db *db, void *arg, bool *more, struct err *e)
{
	struct voucher_fetcher *f = arg;
	struct voucher v = { 0 };
	struct db_rows *row = NULL;
	bool ok = true;

	if (!db_query(db, DB_voucher_claim,
		(const struct db_arg[]){
		    DB_INT(LEASE_MS), DB_INT(VOUCHER_DAYS * DAY_SEC), DB_END },
		&row, e))
		return false;
	*more = db_count(row) == 1;
	if (!*more)
		goto out;
	v.tenant = db_int(row, 0, "tenant_id");
	v.attempt = db_int(row, 0, "attempt_id");
	v.dossier = db_int(row, 0, "dossier_id");
	v.failures = db_int(row, 0, "failures");
	v.now_us = db_time(row, 0, "now");
	v.ref = db_text(row, 0, "ref");
	v.provider = db_text(row, 0, "provider");
	v.service = db_text(row, 0, "service");
	ok = turn_to(f, db, row, &v, e);

out:
	blob_release(&v.pdf);
	db_rows_free(row);
	return ok;
}
