/*
 * POST /v1/dossiers
 *
 * The portal hands a dossier in: a form with a part `dossier` (JSON) and one
 * part for each document.  Every signature is judged before anything is
 * stored; a document that is not what the procedure asks for, or whose
 * signature is not proved to be the right person's, refuses the whole and
 * leaves nothing.  What lacks evidence that may come yet is taken in, and
 * waits for it (pending.h).  The answer is given after the commit and not
 * before.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/applicant.h"
#include "gateway/calendar.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/document.h"
#include "gateway/dossier.h"
#include "gateway/event.h"
#include "gateway/filing.h"
#include "gateway/form.h"
#include "gateway/idempotency.h"
#include "gateway/metrics.h"
#include "gateway/outbox.h"
#include "gateway/payment.h"
#include "gateway/pending.h"
#include "gateway/procedure.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/sla.h"

static const char *const channels[] = { "online", "counter", "post", NULL };

static const struct json_field fields[] = {
	{ "procedure", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "unit", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "channel", JSON_KIND_TEXT, false, 1, 10, false, channels },
	{ "client_ref", JSON_KIND_TEXT, false, 1, 100, false, NULL },
	{ "applicant", JSON_KIND_OBJECT, true, 0, 0, false, NULL },
	{ "documents", JSON_KIND_LIST, true, 0, 32, false, NULL },
	{ "contests", JSON_KIND_OBJECT, false, 0, 0, false, NULL },
};

struct submission {
	struct request *req;
	struct json *body;
	struct procedure *procedure;
	struct document_set set;
	struct filing filing;
	int64_t unit, calendar;
	int64_t intake_due_us;
	bool waits;              /* evidence for a signature may come yet */
	int64_t expected_due_us; /* if accepted at the last moment of intake */

	char code[64];

	/* Filled anew by each run of the transaction. */
	struct dossier_id id;
	enum dossier_state state;
	struct reply *reply;
};

static bool
read_body(struct submission *s, struct err *e)
{
	if (!form_json(s->req->upload, "dossier", &s->body, e))
		return false;
	if (!json_check(s->body, "", fields, nitems(fields), e))
		return false;
	return applicant_check(
	    json_find(s->body, "applicant"), "/applicant", e);
}

static bool
load_unit(struct submission *s, struct err *e)
{
	const char *code = json_text(s->body, "unit", "");
	const struct db_arg args[] = { DB_INT(s->req->tenant.n), DB_TEXT(code),
		DB_END };
	struct db_rows *rows = NULL;

	if (!db_query(s->req->db, DB_dossier_unit, args, &rows, e))
		return false;
	if (db_count(rows) == 0) {
		db_rows_free(rows);
		return err_field(e, ERR_UNKNOWN_UNIT, "/unit", "unit %s", code);
	}
	s->unit = db_int(rows, 0, "id");
	s->calendar = db_int(rows, 0, "calendar_id");
	db_rows_free(rows);
	return true;
}

static bool
reckon_dates(struct submission *s, struct err *e)
{
	const struct procedure *p = s->procedure;
	const struct calendar *calendar;
	int64_t tenant = s->req->tenant.n;

	if (!calendar_load(s->req->db, tenant, s->calendar, &calendar, e))
		return false;
	if (!sla_intake_due(calendar, p, s->req->now_us, &s->intake_due_us, e))
		return false;
	if (!calendar_due(calendar, s->intake_due_us, p->limit_amount,
		p->limit_unit, &s->expected_due_us))
		return err_set(e, ERR_CONFIG, "calendar %lld ends too early",
		    (long long)s->calendar);
	return true;
}

static bool
judge_filing(struct submission *s, struct err *e)
{
	const struct filing_of f = { s->req->tenant.n, s->procedure->id,
		s->calendar, s->req->now_us, json_find(s->body, "contests") };

	return filing_judge(s->req->db, &f, &s->filing, e);
}

static bool
load(struct submission *s, struct err *e)
{
	const struct procedure_key key = {
		.tenant = s->req->tenant.n,
		.code = json_text(s->body, "procedure", ""),
		.at_us = s->req->now_us,
	};
	struct document_form form = {
		.upload = s->req->upload,
		.list = json_find(s->body, "documents"),
		.role = DOCUMENT_COMPONENT,
	};

	if (!load_unit(s, e) ||
	    !procedure_find(s->req->db, &key, &s->procedure, e))
		return false;
	form.procedure = s->procedure;
	return judge_filing(s, e) && document_read(&form, &s->set, e) &&
	       document_complete(&s->set, s->procedure, e) &&
	       reckon_dates(s, e);
}

static bool
judge(struct submission *s, struct err *e)
{
	const struct json *applicant = json_find(s->body, "applicant");
	const struct document_signer who = {
		.id_kind = json_text(applicant, "id_kind", ""),
		.id = json_text(applicant, "id", ""),
		.email = "",
		.certificates = "",
	};

	const struct document_means means = document_means(s->req);
	bool may_wait = s->req->config->pending_hours > 0;

	document_judge(&means, &s->set);
	return document_accept(&s->set, &who, may_wait ? &s->waits : NULL, e) &&
	       document_gather(&means, &s->set, e);
}

/* Taken before the transaction, since its row is everybody's. */
static bool
take_code(struct submission *s, struct err *e)
{
	const struct db_arg args[] = { DB_INT(s->req->tenant.n),
		DB_INT(s->unit), DB_TIME(s->req->now_us), DB_END };
	struct db_rows *rows = NULL;

	if (!db_one(s->req->db, DB_dossier_code_next, args, &rows, e))
		return false;
	snprintf(s->code, sizeof(s->code), "%s", db_text(rows, 0, "code"));
	db_rows_free(rows);
	return true;
}

static bool
add_dossier(struct db *db, struct submission *s, struct err *e)
{
	const struct request *req = s->req;
	struct db_rows *added = NULL;
	char *applicant = json_write(json_find(s->body, "applicant"));
	const struct db_arg args[] = {
		DB_INT(req->tenant.n),
		DB_TEXT(s->code),
		DB_INT(s->unit),
		DB_INT(s->procedure->id),
		DB_TEXT(json_text(s->body, "channel", "online")),
		DB_INT(req->who == AUTH_CLIENT ? req->by.n : 0),
		DB_TEXT(json_text(s->body, "client_ref", NULL)),
		DB_TEXT(applicant),
		DB_TIME(req->now_us),
		DB_TIME(s->intake_due_us),
		DB_END,
	};
	bool ok = db_one(db, DB_dossier_add, args, &added, e);

	if (ok) {
		s->id.n = db_int(added, 0, "id");
		s->state = DOSSIER_REGISTERED;
	}
	free(applicant);
	db_rows_free(added);
	return ok;
}

static bool
tell(struct db *db, struct submission *s, struct err *e)
{
	struct json *data = json_new_object();
	struct event event = {
		.tenant = s->req->tenant.n,
		.dossier = s->id.n,
		.kind = "registered",
		.at_us = s->req->now_us,
		.actor = s->req->by.n,
	};
	char *text;
	bool ok;

	json_put_text(data, "code", s->code);
	json_put_int(data, "to", DOSSIER_REGISTERED);
	json_put_text(data, "procedure", s->procedure->code);
	json_put_int(data, "procedure_version", s->procedure->version);
	json_put_time(data, "intake_due_at", s->intake_due_us);
	json_put(data, "documents", document_digests(&s->set));
	if (s->waits)
		json_put_text(data, "verification", "waiting");
	if (s->filing.outcome != NULL)
		json_put_text(data, "filing", s->filing.outcome);
	text = json_write_sorted(data);
	event.data = text;
	ok = event_append(db, &event, 1, e) &&
	     outbox_announce(db, event.tenant, &event.id, 1, e);
	free(text);
	json_free(data);
	return ok;
}

/* Where the fee is asked for before acceptance, it is asked for at once. */
static bool
ask_for_fee(struct db *db, struct submission *s, struct err *e)
{
	struct dossier_move move = {
		.event = DOSSIER_EV_REQUEST_PAYMENT,
		.at_us = s->req->now_us,
		.ground = "procedure fee",
	};
	struct dossier *d = NULL;
	struct money owed;
	bool ok = false;

	if (s->procedure->fee_due != FEE_DUE_INTAKE ||
	    s->procedure->fee.dong == 0)
		return true;
	if (!dossier_load(db, s->req->tenant, s->code, &d, e))
		return false;
	move.d = d;
	ok = payment_request_open(db, d, s->req->now_us, &owed, e);
	if (ok && owed.dong > 0) {
		ok = dossier_advance(db, &move, 1, e);
		s->state = move.to;
	}
	dossier_free(d);
	return ok;
}

static void
put_link(const struct submission *s, struct json *j)
{
	const struct request *req = s->req;
	char key[AUTH_LINK_LEN], url[512];

	auth_link(req->secrets->link_key, s->code, key);
	snprintf(url, sizeof(url), "%s/v1/dossiers/%s?key=%s",
	    req->config->public_url, s->code, key);
	json_put_text(j, "link", url);
}

static struct reply *
answer(const struct submission *s)
{
	struct json *j = json_new_object();
	struct reply *reply;
	char location[128];

	json_put_text(j, "code", s->code);
	json_put_text(j, "state", dossier_state_name(s->state));
	json_put_text(j, "state_vi", dossier_state_name_vi(s->state));
	json_put_int(j, "version", s->state == DOSSIER_REGISTERED ? 1 : 2);
	json_put_time(j, "received_at", s->req->now_us);
	json_put_time(j, "intake_due_at", s->intake_due_us);
	json_put_time(j, "expected_due_at", s->expected_due_us);
	json_put_int(j, "fee", s->procedure->fee.dong);
	json_put(j, "documents", document_json(&s->set));
	json_put_text(j, "verification", s->waits ? "waiting" : "passed");
	json_put_text_or_null(j, "filing", s->filing.outcome);
	put_link(s, j);
	reply = reply_json(201, j);
	snprintf(location, sizeof(location), "/v1/dossiers/%s", s->code);
	reply_header(reply, "Location", location);
	reply_etag(reply, s->state == DOSSIER_REGISTERED ? 1 : 2);
	return reply;
}

static bool
note_waiting(struct db *db, const struct submission *s, struct err *e)
{
	const struct pending_entry entry = { s->req->tenant.n, s->id.n,
		s->req->now_us };

	return !s->waits || pending_add(db, s->req->config, &entry, e);
}

static bool
store(struct db *db, void *arg, struct err *e)
{
	struct submission *s = arg;
	struct document_owner owner = {
		.tenant = s->req->tenant.n,
		.by = s->req->by.n,
		.at_us = s->req->now_us,
		.role = DOCUMENT_COMPONENT,
	};

	if (!idempotency_claim(db, s->req, e) ||
	    !document_store_contents(db, owner.tenant, &s->set, e) ||
	    !add_dossier(db, s, e))
		return false;
	owner.dossier = s->id.n;
	if (!document_store(db, &owner, &s->set, e) ||
	    !note_waiting(db, s, e) ||
	    !filing_add(db, owner.tenant, s->id.n, &s->filing, e) ||
	    !sla_register(db, owner.tenant, s->id.n, s->intake_due_us, e) ||
	    !tell(db, s, e) || !ask_for_fee(db, s, e))
		return false;
	return idempotency_answer(db, s->req, answer(s), &s->reply, e);
}

/* What was refused says which document and, where one was judged, why. */
static struct reply *
refusal(const struct submission *s, const struct err *e)
{
	struct json *extra;

	if (s->set.count == 0 || s->set.item[0].report == NULL)
		return reply_err(s->req, e);
	extra = json_new_object();
	json_put(extra, "documents", document_json(&s->set));
	return reply_err_with(s->req, e, extra);
}

struct reply *
api_dossier_submit(struct request *req)
{
	struct submission s = { .req = req };
	struct reply *reply;
	struct err e = { 0 };

	if (!read_body(&s, &e))
		goto refuse;
	if (!load(&s, &e))
		goto refuse;
	if (!judge(&s, &e))
		goto refuse;
	if (!take_code(&s, &e))
		goto refuse;
	if (!db_tx(req->db, store, &s, &e))
		goto refuse;

	metrics_add(METRIC_dossiers_submitted_total, 1);
	reply = s.reply;
	s.reply = NULL; /* http.c owns it now */
	goto out;

refuse:
	reply = refusal(&s, &e);
out:
	reply_free(s.reply);
	document_set_release(&s.set);
	procedure_free(s.procedure);
	json_free(s.body);
	return reply;
}
