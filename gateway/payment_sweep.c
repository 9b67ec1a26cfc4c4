#include "gateway/payment_sweep.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/http_client.h"
#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/payment.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_rest.h"

struct payment_sweep {
	const struct config *config;
	const struct secrets *secrets;
	struct http_client *client;
	int64_t pauses[PAYMENT_SWEEP_MAX];
	size_t pause_count;
};

size_t
payment_sweep_pauses(const struct config *c, int64_t out[PAYMENT_SWEEP_MAX])
{
	static const int64_t usual[] = { 60, 300, 900, 3600 };
	const struct config_list *l = &c->payment_sweep_seconds;

	if (l->count > PAYMENT_SWEEP_MAX)
		fatalx(
		    "payment_sweep_seconds: more than %d", PAYMENT_SWEEP_MAX);
	for (size_t i = 0; i < l->count; i++)
		if (!text_int(l->item[i], &out[i]) || out[i] < 1 ||
		    out[i] > 86400)
			fatalx("payment_sweep_seconds: %s is not between 1 and "
			       "86400",
			    l->item[i]);
	if (l->count > 0)
		return l->count;
	for (size_t i = 0; i < nitems(usual); i++)
		out[i] = usual[i];
	return nitems(usual);
}

struct payment_sweep *
payment_sweep_new(const struct config *c, const struct secrets *s)
{
	const struct http_client_options options = {
		.ca_file = c->http_ca_file,
		.allow_private = c->http_allow_private.item,
		.allow_private_count = c->http_allow_private.count,
	};
	struct payment_sweep *sweep = blob_calloc(1, sizeof(*sweep));

	sweep->config = c;
	sweep->secrets = s;
	sweep->client = http_client_new(&options);
	sweep->pause_count = payment_sweep_pauses(c, sweep->pauses);
	return sweep;
}

void
payment_sweep_free(struct payment_sweep *s)
{
	if (s == NULL)
		return;
	http_client_free(s->client);
	free(s);
}

/* Claims one attempt of a provider that is not at rest. */
static bool
claim(
    struct payment_sweep *s, struct db *db, struct db_rows **out, struct err *e)
{
	return db_query(db, DB_payment_sweep_claim,
	    (const struct db_arg[]){
		DB_INTS(s->pauses, s->pause_count), DB_END },
	    out, e);
}

/* Asks about the attempt of the claimed row. */
static bool
ask(struct payment_sweep *s, const struct db_rows *row, struct pay_notice *said,
    struct err *e)
{
	const char *name = db_text(row, 0, "provider");
	const struct pay_order order = {
		.ref = db_text(row, 0, "ref"),
		.amount = { db_int(row, 0, "amount") },
		.created_us = db_time(row, 0, "created_at"),
		.expires_us = db_time(row, 0, "expires_at"),
	};
	struct payment_provider p;
	const struct pay_question question = {
		.terms = &p.terms,
		.order = &order,
		.now_us = db_time(row, 0, "now"),
		.client = s->client,
	};

	if (!payment_provider_find(s->config, s->secrets, name, &p))
		return err_set(e, ERR_CONFIG, "%s is not configured", name);
	p.terms.terminal = db_text(row, 0, "terminal");
	return pay_query(p.adapter, &question, said, e);
}

/* What was settled and asked about once more needs no further question. */
static bool
forget_settled(struct db *db, const char *ref, struct err *e)
{
	int64_t settled[PAYMENT_STATE_LAST];
	struct tenant_id tenant;
	size_t n = 0;

	for (int64_t s = 1; s <= PAYMENT_STATE_LAST; s++)
		if (!payment_state_is_asked((enum payment_state)s))
			settled[n++] = s;
	return !payment_ref_tenant(ref, &tenant) ||
	       db_exec(db, DB_payment_ask_done,
		   (const struct db_arg[]){ DB_INT(tenant.n), DB_TEXT(ref),
		       DB_INTS(settled, n), DB_END },
		   NULL, e);
}

/* No answer is no failure of the sweep's: the claim has set the next time,
 * and the attempt stays what it is. */
bool
payment_sweep(struct db *db, void *arg, bool *more, struct err *e)
{
	struct payment_sweep *s = arg;
	struct pay_notice said = { 0 };
	struct payment_notice notice = { .via = PAYMENT_VIA_QUERY,
		.said = &said };
	struct db_rows *row = NULL;
	enum pay_answer answer;
	struct err why = { 0 };
	bool ok = true, answered;

	*more = false;
	if (!claim(s, db, &row, e))
		return false;
	if (db_count(row) == 0)
		goto out;
	*more = true;
	notice.provider = db_text(row, 0, "provider");
	answered = ask(s, row, &said, &why);
	if (!payment_rest(db, notice.provider, answered, e)) {
		ok = false;
		goto out;
	}
	if (!answered) {
		log_warnx("payment %s: no answer: %s", db_text(row, 0, "ref"),
		    why.detail);
		goto out;
	}
	ok = payment_apply(db, &notice, 1, &answer, e) &&
	     forget_settled(db, said.ref, e);

out:
	pay_notice_release(&said);
	db_rows_free(row);
	return ok;
}
