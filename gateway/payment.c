/* Requests and attempts: all around the door, which is payment_apply.c. */
#include "gateway/payment.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/mac.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/ledger.h"

#define REF_RANDOM 10 /* bytes */

bool
payment_give_up(struct db *db, const struct payment_given_up *g, struct err *e)
{
	struct ledger_requests r = { .tenant = g->tenant.n, .at_us = g->at_us };
	struct db_rows *rows = NULL;
	int64_t *ids;
	bool ok;

	assert(db_in_tx(db));

	if (!db_query(db, DB_payment_supersede,
		(const struct db_arg[]){ DB_INT(g->tenant.n),
		    DB_INTS(g->dossiers, g->count), DB_TIME(g->at_us), DB_END },
		&rows, e))
		return false;
	r.count = (size_t)db_count(rows);
	ids = blob_calloc(r.count + 1, sizeof(*ids));
	for (size_t i = 0; i < r.count; i++)
		ids[i] = db_int(rows, (int)i, "id");
	r.ids = ids;
	ok = ledger_release(db, &r, e);
	free(ids);
	db_rows_free(rows);
	return ok;
}

bool
payment_request_open(struct db *db, const struct dossier *d, int64_t at_us,
    struct money *owed, struct err *e)
{
	const char *phase = d->at.phase == DOSSIER_INTAKE ? "intake" : "work";
	const struct payment_given_up older = { d->tenant, &d->id.n, 1, at_us };
	struct db_rows *rows = NULL;
	int64_t id;
	bool ok = false;

	assert(db_in_tx(db));

	if (!payment_give_up(db, &older, e))
		return false;
	if (!db_query(db, DB_payment_open,
		(const struct db_arg[]){ DB_INT(d->tenant.n), DB_INT(d->id.n),
		    DB_INT(d->procedure), DB_TEXT(phase), DB_TIME(at_us),
		    DB_END },
		&rows, e))
		return false;
	owed->dong = 0;
	if (db_count(rows) == 0) {
		ok = true;
		goto out;
	}
	owed->dong = db_int(rows, 0, "amount");
	id = db_int(rows, 0, "id");
	ok = ledger_demand(db,
	    &(const struct ledger_requests){ d->tenant.n, &id, 1, at_us }, e);

out:
	db_rows_free(rows);
	return ok;
}

/* Those of one request, out of the dossier's. */
static struct json *
lines_of(const struct db_rows *rows, int64_t request)
{
	struct json *list = json_new_list(), *item;

	for (int i = 0; i < db_count(rows); i++) {
		if (db_int(rows, i, "request_id") != request)
			continue;
		item = json_new_object();
		json_put_text(item, "code", db_text(rows, i, "code"));
		json_put_text(item, "kind", db_text(rows, i, "kind"));
		json_put_text(item, "title", db_text(rows, i, "title"));
		json_put_int(item, "amount", db_int(rows, i, "amount"));
		json_put_int(
		    item, "full_amount", db_int(rows, i, "full_amount"));
		json_put_text(item, "relief", db_text(rows, i, "relief"));
		json_add(list, item);
	}
	return list;
}

struct json *
payment_voucher(const struct db_rows *rows, int i)
{
	const char *state = db_text(rows, i, "voucher");
	bool kept = strcmp(state, "kept") == 0;
	struct buf link = { 0 };
	struct json *j;

	if (state[0] == '\0')
		return NULL;
	buf_printf(&link, "/v1/dossiers/%s/vouchers/%s",
	    db_text(rows, i, "dossier"), db_text(rows, i, "ref"));
	j = json_new_object();
	json_put_text(j, "state", state);
	json_put_text_or_null(
	    j, "sha256", kept ? db_text(rows, i, "voucher_sha256") : NULL);
	json_put_text_or_null(j, "link", kept ? link.data : NULL);
	buf_release(&link);
	return j;
}

static struct json *
attempts_of(const struct db_rows *rows, int64_t request)
{
	struct json *list = json_new_list(), *item, *voucher;

	for (int i = 0; i < db_count(rows); i++) {
		enum payment_state s =
		    (enum payment_state)db_int(rows, i, "state");

		if (db_int(rows, i, "request_id") != request)
			continue;
		item = json_new_object();
		json_put_text(item, "attempt", db_text(rows, i, "ref"));
		json_put_text(item, "provider", db_text(rows, i, "provider"));
		json_put_text(item, "state", payment_state_name(s));
		json_put_text(item, "state_vi", payment_state_name_vi(s));
		json_put_int(item, "amount", db_int(rows, i, "amount"));
		json_put_time(
		    item, "started_at", db_time(rows, i, "created_at"));
		json_put_time(
		    item, "expires_at", db_time(rows, i, "expires_at"));
		json_put_time(item, "moved_at", db_time(rows, i, "moved_at"));
		voucher = payment_voucher(rows, i);
		if (voucher != NULL)
			json_put(item, "voucher", voucher);
		else
			json_put_null(item, "voucher");
		json_add(list, item);
	}
	return list;
}

static const char *
request_state(const struct db_rows *rows, int i)
{
	if (!db_is_null(rows, i, "paid_at"))
		return "paid";
	return db_is_null(rows, i, "superseded_at") ? "owed" : "superseded";
}

bool
payment_json(struct db *db, struct tenant_id tenant, struct dossier_id dossier,
    struct json *list, struct err *e)
{
	const struct db_arg args[] = { DB_INT(tenant.n), DB_INT(dossier.n),
		DB_END };
	struct db_rows *requests = NULL, *lines = NULL, *attempts = NULL;
	struct json *item;
	bool ok = false;

	if (!db_query(db, DB_payment_requests, args, &requests, e) ||
	    !db_query(db, DB_payment_lines, args, &lines, e) ||
	    !db_query(db, DB_payment_attempts, args, &attempts, e))
		goto out;
	for (int i = 0; i < db_count(requests); i++) {
		int64_t id = db_int(requests, i, "id");

		item = json_new_object();
		json_put_text(item, "phase", db_text(requests, i, "phase"));
		json_put_int(item, "amount", db_int(requests, i, "amount"));
		json_put_text(item, "state", request_state(requests, i));
		json_put_time(
		    item, "asked_at", db_time(requests, i, "asked_at"));
		json_put_time(item, "paid_at", db_time(requests, i, "paid_at"));
		json_put(item, "lines", lines_of(lines, id));
		json_put(item, "attempts", attempts_of(attempts, id));
		json_add(list, item);
	}
	ok = true;

out:
	db_rows_free(attempts);
	db_rows_free(lines);
	db_rows_free(requests);
	return ok;
}

bool
payment_bill(struct db *db, struct tenant_id tenant, struct dossier_id dossier,
    struct payment_bill *out, struct err *e)
{
	const struct db_arg args[] = { DB_INT(tenant.n), DB_INT(dossier.n),
		DB_END };
	struct db_rows *owed = NULL, *lines = NULL;
	bool ok = false;

	if (!db_query(db, DB_payment_owed, args, &owed, e) ||
	    !db_query(db, DB_payment_lines, args, &lines, e))
		goto out;
	if (db_count(owed) != 1) {
		err_set(e, ERR_WRONG_STATE, "dossier %" PRId64 ": owes nothing",
		    dossier.n);
		goto out;
	}
	if (db_int(owed, 0, "fresh") != db_int(owed, 0, "amount")) {
		err_set(e, ERR_WRONG_AMOUNT,
		    "dossier %" PRId64 ": %" PRId64
		    " was asked for, its tariff says %" PRId64,
		    dossier.n, db_int(owed, 0, "amount"),
		    db_int(owed, 0, "fresh"));
		goto out;
	}
	out->request = db_int(owed, 0, "id");
	out->amount.dong = db_int(owed, 0, "amount");
	out->lines = lines_of(lines, out->request);
	ok = true;

out:
	db_rows_free(lines);
	db_rows_free(owed);
	return ok;
}

/* "P<tenant>R<80 random bits>": letters and digits alone, since that is all
 * that every provider takes. */
static void
make_ref(struct payment_attempt *a)
{
	uint8_t fresh[REF_RANDOM];
	char hex[2 * REF_RANDOM + 1];

	mac_random(fresh, sizeof(fresh));
	text_hex(fresh, sizeof(fresh), hex);
	snprintf(a->ref, sizeof(a->ref), "P%" PRId64 "R%s", a->tenant.n, hex);
}

bool
payment_ref_tenant(const char *ref, struct tenant_id *out)
{
	char digits[20] = { 0 };
	size_t len;

	if (*ref++ != 'P')
		return false;
	len = strspn(ref, "0123456789");
	if (len >= sizeof(digits) || ref[len] != 'R')
		return false;
	memcpy(digits, ref, len);
	ref += len + 1;
	return strlen(ref) == 2 * REF_RANDOM && text_int(digits, &out->n);
}

bool
payment_begin(struct db *db, struct payment_attempt *a, struct err *e)
{
	assert(db_in_tx(db));

	make_ref(a);
	return db_exec(db, DB_payment_begin,
	    (const struct db_arg[]){ DB_INT(a->tenant.n), DB_INT(a->request),
		DB_TEXT(a->ref), DB_TEXT(a->provider), DB_TEXT(a->terminal),
		DB_INT(a->amount.dong), DB_INT(PAYMENT_CREATED),
		DB_TIME(a->created_us), DB_TIME(a->expires_us),
		DB_TIME(a->ask_us), DB_END },
	    NULL, e);
}

bool
payment_resume(struct db *db, struct payment_attempt *a, struct err *e)
{
	struct db_rows *rows = NULL;
	bool open;

	assert(db_in_tx(db));

	if (!db_query(db, DB_payment_resume,
		(const struct db_arg[]){ DB_INT(a->tenant.n),
		    DB_INT(a->request), DB_TEXT(a->provider),
		    DB_TEXT(a->terminal), DB_INT(PAYMENT_CREATED),
		    DB_INT(PAYMENT_UNDERPAID), DB_TIME(a->expires_us), DB_END },
		&rows, e))
		return false;
	open = db_count(rows) == 1;
	if (open) {
		snprintf(a->ref, sizeof(a->ref), "%s", db_text(rows, 0, "ref"));
		a->created_us = db_time(rows, 0, "created_at");
		a->expires_us = db_time(rows, 0, "expires_at");
		a->amount.dong =
		    db_int(rows, 0, "amount") - db_int(rows, 0, "received");
	}
	db_rows_free(rows);
	return open || payment_begin(db, a, e);
}

bool
payment_show(
    struct db *db, const char *ref, struct payment_shown *out, struct err *e)
{
	struct tenant_id tenant;
	struct db_rows *rows = NULL;

	if (!payment_ref_tenant(ref, &tenant))
		return err_set(e, ERR_NOT_FOUND, "no attempt %s", ref);
	if (!db_one(db, DB_payment_shown,
		(const struct db_arg[]){
		    DB_INT(tenant.n), DB_TEXT(ref), DB_END },
		&rows, e))
		return false;
	out->state = (enum payment_state)db_int(rows, 0, "state");
	out->amount.dong = db_int(rows, 0, "amount");
	snprintf(
	    out->dossier, sizeof(out->dossier), "%s", db_text(rows, 0, "code"));
	db_rows_free(rows);
	return true;
}

bool
payment_hurry(struct db *db, const char *ref, struct err *e)
{
	static const int64_t asked[] = { PAYMENT_CREATED, PAYMENT_PENDING };
	struct tenant_id tenant;

	if (!payment_ref_tenant(ref, &tenant))
		return err_set(e, ERR_NOT_FOUND, "no attempt %s", ref);
	return db_exec(db, DB_payment_hurry,
	    (const struct db_arg[]){ DB_INT(tenant.n), DB_TEXT(ref),
		DB_INTS(asked, nitems(asked)), DB_END },
	    NULL, e);
}
