/*
 * A dossier as it is shown: the body of GET /v1/dossiers/{code} and of every
 * answer to a write.  Whoever may see it sees all of it, but identity numbers
 * are masked.
 */
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/filing.h"
#include "gateway/payment.h"
#include "gateway/receipt.h"
#include "gateway/refund.h"
#include "gateway/sla_verdict.h"
#include "gateway/step.h"

static const char *const clocks[] = {
	[DOSSIER_CLOCK_INTAKE] = "intake",
	[DOSSIER_CLOCK_RUNS] = "runs",
	[DOSSIER_CLOCK_PAUSED] = "paused",
	[DOSSIER_CLOCK_ENDED] = "ended",
};

static struct json *
pair(const char *code, const char *name)
{
	struct json *j = json_new_object();

	json_put_text(j, "code", code);
	json_put_text(j, "name", name);
	return j;
}

static struct json *
clock_json(const struct dossier *d, int64_t now_us)
{
	struct json *j = json_new_object();
	struct json *verdict = json_new_object();

	json_put_text(j, "state", clocks[dossier_place_clock(d->at)]);
	json_put_time(j, "received_at", d->received_us);
	json_put_time(j, "intake_due_at", d->intake_due_us);
	json_put_time(j, "accepted_at", d->accepted_us);
	json_put_time(j, "due_at", d->due_us);
	json_put_time(j, "original_due_at", d->original_due_us);
	json_put_time(j, "ended_at", d->ended_us);
	json_put_int(j, "paused_working_seconds", d->paused_us / CLOCK_SEC_US);
	json_put_text_or_null(verdict, "national",
	    sla_verdict_name(sla_verdict_national(d, now_us)));
	json_put_text_or_null(verdict, "by_date",
	    sla_verdict_name(sla_verdict_by_date(d, now_us)));
	json_put(j, "verdict", verdict);
	/* Whoever asks for a second supplement is to know what it costs. */
	json_put_bool(j, "next_supplement_is_late", sla_supplement_is_used(d));
	return j;
}

/* What is allowed, and costs: said in the answer to the one who did it, and to
 * all who look later. */
static struct json *
warnings_json(const struct dossier *d)
{
	struct json *list = json_new_list(), *j;

	if (!sla_supplements_are_late(d))
		return list;
	j = json_new_object();
	json_put_text(j, "code", "second-supplement");
	json_put_text(j, "title",
	    "More than one supplement was asked for: nationally the dossier "
	    "counts as late.");
	json_put_text(j, "title_vi",
	    "Đã yêu cầu bổ sung quá một lần: theo quy tắc của Cổng Dịch vụ "
	    "công quốc gia, hồ sơ tính là trễ hạn.");
	json_add(list, j);
	return list;
}

static struct json *
applicant_json(const struct db_rows *rows)
{
	struct json *j = json_new_object();
	char masked[64];

	text_mask(db_text(rows, 0, "id"), 3, masked, sizeof(masked));
	json_put_text(j, "kind", db_text(rows, 0, "kind"));
	json_put_text(j, "name", db_text(rows, 0, "name"));
	json_put_text(j, "id_kind", db_text(rows, 0, "id_kind"));
	json_put_text(j, "id_masked", masked);
	return j;
}

static bool
put_surroundings(
    struct db *db, const struct dossier *d, struct json *j, struct err *e)
{
	const struct db_arg args[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		DB_END };
	struct db_rows *rows = NULL;
	struct json *p;
	bool ok;

	if (!db_one(db, DB_dossier_shown, args, &rows, e))
		return false;
	json_put(j, "clock", clock_json(d, db_time(rows, 0, "now")));
	json_put(j, "unit",
	    pair(db_text(rows, 0, "unit_code"), db_text(rows, 0, "unit_name")));
	p = pair(db_text(rows, 0, "procedure_code"),
	    db_text(rows, 0, "procedure_name"));
	json_put_int(p, "version", db_int(rows, 0, "procedure_version"));
	json_put(p, "field",
	    pair(db_text(rows, 0, "field_code"),
		db_text(rows, 0, "field_name")));
	json_put(j, "procedure", p);
	json_put_text(j, "channel", db_text(rows, 0, "channel"));
	json_put_text(j, "verification", db_text(rows, 0, "verification"));
	json_put_time(j, "verify_until", db_time(rows, 0, "until_at"));
	json_put_text_or_null(j, "client_ref",
	    db_is_null(rows, 0, "client_ref") ? NULL
					      : db_text(rows, 0, "client_ref"));
	json_put(j, "applicant", applicant_json(rows));
	json_put_text_or_null(j, "officer",
	    db_is_null(rows, 0, "officer_name")
		? NULL
		: db_text(rows, 0, "officer_name"));
	ok = step_holder_json(db, d,
	    db_is_null(rows, 0, "officer_name")
		? NULL
		: db_text(rows, 0, "officer_name"),
	    &p, e);
	if (ok)
		json_put(j, "holder", p);
	db_rows_free(rows);
	return ok;
}

/* A column that may be null, under its own name. */
static void
put_word(struct json *j, const struct db_rows *rows, int i, const char *column)
{
	json_put_text_or_null(j, column,
	    db_is_null(rows, i, column) ? NULL : db_text(rows, i, column));
}

static struct json *
document_row(const struct db_rows *rows, int i)
{
	static const char *const words[] = { "name", "role", "file_name",
		"sha256", "format", "indication" };
	struct json *j = json_new_object();

	json_put_int(j, "id", db_int(rows, i, "id"));
	for (size_t w = 0; w < nitems(words); w++)
		json_put_text(j, words[w], db_text(rows, i, words[w]));
	put_word(j, rows, i, "subindication");
	put_word(j, rows, i, "detached_for");
	json_put_int(j, "length", db_int(rows, i, "len"));
	json_put_time(j, "added_at", db_time(rows, i, "added_at"));
	return j;
}

/* Who it was, in one word: colleagues' names are not for applicants. */
static const char *
actor_word(int64_t actor)
{
	switch (actor) {
	case ACTOR_GATEWAY:
		return "gateway";
	case ACTOR_APPLICANT:
		return "applicant";
	case ACTOR_PROVIDER:
		return "provider";
	default:
		return "principal";
	}
}

static struct json *
pause_row(const struct db_rows *rows, int i)
{
	struct json *j = json_new_object();

	json_put_text(j, "kind", db_text(rows, i, "kind"));
	json_put_text(j, "phase", db_text(rows, i, "phase"));
	json_put_text(j, "hold", db_text(rows, i, "hold"));
	json_put_text(j, "ground", db_text(rows, i, "ground"));
	json_put_time(j, "began_at", db_time(rows, i, "began_at"));
	json_put_text(j, "began_by", actor_word(db_int(rows, i, "began_by")));
	json_put_time(j, "ended_at", db_time(rows, i, "ended_at"));
	json_put_int(j, "working_seconds", db_int(rows, i, "working_sec"));
	return j;
}

/* The one that has to be decided first. */
static void
put_follows(struct json *j, const struct db_rows *rows, int i)
{
	json_put_text_or_null(j, "follows",
	    db_is_null(rows, i, "follows") ? NULL
					   : db_text(rows, i, "follows"));
}

static struct json *
extension_left_row(const struct db_rows *rows, int i)
{
	struct json *j = json_new_object();

	json_put_text(j, "code", db_text(rows, i, "code"));
	json_put_text(j, "title", db_text(rows, i, "title"));
	json_put_int(j, "limit_amount", db_int(rows, i, "limit_amount"));
	json_put_text(j, "limit_unit", db_text(rows, i, "limit_unit"));
	json_put_text(j, "basis", db_text(rows, i, "basis"));
	put_follows(j, rows, i);
	return j;
}

static struct json *
extension_row(const struct db_rows *rows, int i)
{
	struct json *j = json_new_object();

	json_put_text(j, "code", db_text(rows, i, "code"));
	put_follows(j, rows, i);
	json_put_text(j, "ground", db_text(rows, i, "ground"));
	json_put_time(j, "was_due_at", db_time(rows, i, "was_due_at"));
	json_put_time(j, "due_at", db_time(rows, i, "due_at"));
	json_put_time(j, "decided_at", db_time(rows, i, "decided_at"));
	return j;
}

static struct json *
form_row(const struct db_rows *rows, int i)
{
	struct json *j = json_new_object();

	json_put_text(j, "number", db_text(rows, i, "number"));
	json_put_text(j, "kind", db_text(rows, i, "kind"));
	json_put_text(j, "state", db_text(rows, i, "state"));
	json_put_time(j, "called_at", db_time(rows, i, "called_at"));
	json_put_time(j, "made_at", db_time(rows, i, "made_at"));
	json_put_bool(j, "signed", db_bool(rows, i, "signed"));
	put_word(j, rows, i, "sha256");
	put_word(j, rows, i, "link");
	return j;
}

static struct json *
undeliverable_row(const struct db_rows *rows, int i)
{
	static const char *const words[] = { "recipient", "address", "template",
		"status" };
	struct json *j = json_new_object();

	for (size_t w = 0; w < nitems(words); w++)
		json_put_text(j, words[w], db_text(rows, i, words[w]));
	json_put_time(j, "at", db_time(rows, i, "at"));
	return j;
}

static struct json *
history_row(const struct db_rows *rows, int i)
{
	struct json *j = json_new_object(), *data = NULL;
	const char *text = db_text(rows, i, "data");
	struct err e = { 0 };

	json_put_int(j, "seq", db_int(rows, i, "seq"));
	json_put_text(j, "event", db_text(rows, i, "kind"));
	json_put_time(j, "at", db_time(rows, i, "at"));
	json_put_text(j, "by", actor_word(db_int(rows, i, "actor")));
	if (json_parse(text, strlen(text), &data, &e))
		json_put(j, "data", data);
	return j;
}

/* The lists of a dossier: its key, its statement, and how a row is shown. */
static const struct list {
	const char *name;
	enum db_stmt stmt;
	struct json *(*row)(const struct db_rows *, int);
} lists[] = {
	{ "documents", DB_document_of_dossier, document_row },
	{ "pauses", DB_dossier_pauses, pause_row },
	{ "extensions", DB_dossier_extensions, extension_row },
	{ "extensions_left", DB_dossier_extensions_left, extension_left_row },
	{ "receipts", DB_receipt_of_dossier, receipt_row },
	{ "refunds", DB_refund_of_dossier, refund_row },
	{ "forms", DB_slip_shown, form_row },
	{ "undeliverable", DB_bounce_of_dossier, undeliverable_row },
	{ "history", DB_dossier_history, history_row },
};

static bool
put_list(struct db *db, const struct dossier *d, const struct list *l,
    struct json *j, struct err *e)
{
	const struct db_arg args[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		DB_END };
	struct json *items = json_new_list();
	struct db_rows *rows = NULL;

	json_put(j, l->name, items);
	if (!db_query(db, l->stmt, args, &rows, e))
		return false;
	for (int i = 0; i < db_count(rows); i++)
		json_add(items, l->row(rows, i));
	db_rows_free(rows);
	return true;
}

static bool
put_lists(struct db *db, const struct dossier *d, struct json *j, struct err *e)
{
	struct json *payments = json_new_list();

	json_put(j, "payments", payments);
	for (size_t i = 0; i < nitems(lists); i++)
		if (!put_list(db, d, &lists[i], j, e))
			return false;
	return payment_json(db, d->tenant, d->id, payments, e);
}

static bool
put_filing(
    struct db *db, const struct dossier *d, struct json *j, struct err *e)
{
	struct json *filing;

	if (!filing_json(db, d, &filing, e))
		return false;
	if (filing == NULL)
		json_put_null(j, "filing");
	else
		json_put(j, "filing", filing);
	return true;
}

bool
dossier_json(
    struct db *db, const struct dossier *d, struct json **out, struct err *e)
{
	struct json *j = json_new_object();

	json_put_text(j, "code", d->code);
	json_put_int(j, "state_code", d->at.state);
	json_put_text(j, "state", dossier_state_name(d->at.state));
	json_put_text(j, "state_vi", dossier_state_name_vi(d->at.state));
	json_put_int(j, "version", d->version);
	json_put(j, "warnings", warnings_json(d));
	if (!put_surroundings(db, d, j, e) || !put_filing(db, d, j, e) ||
	    !put_lists(db, d, j, e)) {
		json_free(j);
		return false;
	}
	*out = j;
	return true;
}
