#include "gateway/pending.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/sealed.h"
#include "crypto/report.h"
#include "gateway/auth.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/document.h"
#include "gateway/dossier.h"
#include "gateway/event.h"
#include "gateway/outbox.h"
#include "gateway/trust_store.h"
#include "gateway/upload.h"

#define LEASE_MS 120000

/* What a try came to: its name in the row, and the event that tells it. */
struct outcome {
	const char *name, *event;
};
static const struct outcome passed = { "passed", "verified" };
static const struct outcome failed = { "failed", "verify-failed" };
static const struct outcome undecided = { "undecided", "verify-late" };

struct job {
	int64_t tenant, dossier, now_us;
	bool late;
	struct document_signer who;
	struct procedure *procedure;
	struct document_set set;
	struct upload_part *parts; /* two for each document */
	int64_t *ids;
	const struct outcome *outcome; /* NULL: it waits on */
};

static void
job_release(struct job *j)
{
	for (size_t i = 0; i < j->set.count; i++) {
		close(j->set.item[i].part->memfd);
		if (j->set.item[i].signature != NULL)
			close(j->set.item[i].signature->memfd);
	}
	document_set_release(&j->set);
	procedure_free(j->procedure);
	free(j->parts);
	free(j->ids);
}

/* ---- what is judged, out of the record ---- */

struct stored {
	const char *name, *sha256, *bytes; /* columns */
};

static bool
load_part(struct db_rows *rows, int i, const struct stored *s,
    struct upload_part *out, struct err *e)
{
	struct db_bytes bytes = db_bytes(rows, i, s->bytes);
	struct db_bytes hash = db_bytes(rows, i, s->sha256);

	snprintf(out->file_name, sizeof(out->file_name), "%s",
	    db_text(rows, i, s->name));
	out->len = bytes.len;
	memcpy(out->sha256, hash.data, sizeof(out->sha256));
	return sealed_new(bytes.data, bytes.len, &out->memfd, e);
}

static bool
load_document(struct job *j, struct db_rows *rows, int i, struct err *e)
{
	static const struct stored content = { "file_name", "sha256", "bytes" };
	static const struct stored detached = { "signature_file",
		"signature_sha256", "signature_bytes" };
	struct document *doc = &j->set.item[j->set.count];
	struct upload_part *part = &j->parts[2 * j->set.count];
	const char *name = db_text(rows, i, "name");

	doc->rule = procedure_document(j->procedure, name);
	if (doc->rule == NULL)
		return err_set(
		    e, ERR_INTERNAL, "document %s has no rule", name);
	if (!load_part(rows, i, &content, part, e))
		return false;
	doc->part = part;
	j->ids[j->set.count++] = db_int(rows, i, "id");
	if (db_is_null(rows, i, "signature_bytes"))
		return true;
	if (!load_part(rows, i, &detached, part + 1, e))
		return false;
	doc->signature = part + 1;
	return true;
}

static bool
load(struct db *db, const struct db_rows *claimed, struct job *j, struct err *e)
{
	struct db_rows *rows = NULL;
	bool ok;

	if (!procedure_load(db, j->tenant, db_int(claimed, 0, "procedure_id"),
		&j->procedure, e) ||
	    !db_query(db, DB_pending_documents,
		(const struct db_arg[]){
		    DB_INT(j->tenant), DB_INT(j->dossier), DB_END },
		&rows, e))
		return false;
	j->set.item =
	    blob_calloc((size_t)db_count(rows) + 1, sizeof(*j->set.item));
	j->parts =
	    blob_calloc(2 * (size_t)db_count(rows) + 1, sizeof(*j->parts));
	j->ids = blob_calloc((size_t)db_count(rows) + 1, sizeof(*j->ids));
	ok = true;
	for (int i = 0; ok && i < db_count(rows); i++)
		ok = load_document(j, rows, i, e);
	db_rows_free(rows);
	return ok;
}

/* ---- the verdict ---- */

/* A child that died says nothing of the document, which was read before. */
static bool
all_were_read(const struct document_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->item[i].report->format == FORMAT_NONE)
			return false;
	return true;
}

static bool
decide(struct job *j, struct err *e)
{
	const struct outcome *waits = j->late ? &undecided : NULL;

	if (!all_were_read(&j->set)) {
		j->outcome = waits;
		return true;
	}
	if (document_accept(&j->set, &j->who, NULL, e)) {
		j->outcome = &passed;
		return true;
	}
	switch ((int)e->code) {
	case ERR_TRY_LATER:
		j->outcome = waits;
		break;
	case ERR_BAD_SIGNATURE:
	case ERR_WRONG_SIGNER:
	case ERR_UNSIGNED:
		j->outcome = &failed;
		break;
	default:
		return false;
	}
	log_info("dossier %" PRId64 "/%" PRId64 ": judged again: %s: %s",
	    j->tenant, j->dossier, err_name(e->code), e->detail);
	*e = (struct err){ 0 };
	return true;
}

static bool
judge(const struct pending_checker *c, struct db *db, struct job *j,
    struct err *e)
{
	const struct trust_lease *trust = trust_store_lease(c->trust);
	const struct document_means means = { db, j->tenant, j->now_us,
		c->config, c->verifier, c->fetcher, trust };
	bool ok;

	document_judge(&means, &j->set);
	ok = decide(j, e) &&
	     (j->outcome == NULL || document_gather(&means, &j->set, e));
	trust_store_return(c->trust, trust);
	return ok;
}

/* ---- into the record ---- */

static bool
keep_verdict(struct db *db, const struct job *j, size_t i, struct err *e)
{
	const struct report *r = j->set.item[i].report;
	struct json *report = report_json(r);
	char *text = json_write(report);
	const struct db_arg args[] = { DB_INT(j->tenant), DB_INT(j->ids[i]),
		DB_TEXT(indication_name(r->indication)),
		DB_TEXT(subindication_name(r->subindication)), DB_TEXT(text),
		DB_TIME(j->now_us), DB_END };
	bool ok = db_exec(db, DB_pending_verdict, args, NULL, e);

	free(text);
	json_free(report);
	return ok;
}

static bool
tell(struct db *db, const struct job *j, struct err *e)
{
	struct json *data = json_new_object();
	struct event event = {
		.tenant = j->tenant,
		.dossier = j->dossier,
		.kind = j->outcome->event,
		.at_us = j->now_us,
		.actor = ACTOR_GATEWAY,
	};
	char *text;
	bool ok;

	json_put(data, "documents", document_digests(&j->set));
	text = json_write_sorted(data);
	event.data = text;
	ok = event_append(db, &event, 1, e) &&
	     outbox_announce(db, event.tenant, &event.id, 1, e);
	free(text);
	json_free(data);
	return ok;
}

static bool
keep(struct db *db, void *arg, struct err *e)
{
	const struct job *j = arg;
	int mine = 0;
	bool ok;

	if (!db_exec(db, DB_pending_decide,
		(const struct db_arg[]){ DB_INT(j->tenant), DB_INT(j->dossier),
		    DB_TEXT(j->outcome->name), DB_TIME(j->now_us), DB_END },
		&mine, e))
		return false;
	if (mine == 0)
		return true;
	ok = evidence_pieces_store(
	    db, j->tenant, j->now_us, &j->set.evidence, e);
	for (size_t i = 0; ok && i < j->set.count; i++)
		ok = keep_verdict(db, j, i, e);
	return ok && tell(db, j, e);
}

static bool
check_one(const struct pending_checker *c, struct db *db,
    const struct db_rows *claimed, struct err *e)
{
	struct job j = {
		.tenant = db_int(claimed, 0, "tenant_id"),
		.dossier = db_int(claimed, 0, "dossier_id"),
		.now_us = db_time(claimed, 0, "now"),
		.late = db_bool(claimed, 0, "late"),
		.who = { .id_kind = db_text(claimed, 0, "id_kind"),
		    .id = db_text(claimed, 0, "id"),
		    .email = "",
		    .certificates = "" },
	};
	const struct db_arg later[] = { DB_INT(j.tenant), DB_INT(j.dossier),
		DB_INT(c->config->pending_retry_seconds), DB_END };
	bool ok = load(db, claimed, &j, e) && judge(c, db, &j, e);

	if (ok)
		ok = j.outcome == NULL
			 ? db_exec(db, DB_pending_later, later, NULL, e)
			 : db_tx(db, keep, &j, e);
	job_release(&j);
	return ok;
}

bool
pending_check(struct db *db, void *arg, bool *more, struct err *e)
{
	const struct pending_checker *c = arg;
	struct db_rows *claimed = NULL;
	bool ok;

	if (!db_query(db, DB_pending_claim,
		(const struct db_arg[]){ DB_INT(LEASE_MS), DB_END }, &claimed,
		e))
		return false;
	*more = db_count(claimed) == 1;
	ok = !*more || check_one(c, db, claimed, e);
	db_rows_free(claimed);
	return ok;
}

bool
pending_add(struct db *db, const struct config *c,
    const struct pending_entry *p, struct err *e)
{
	return db_exec(db, DB_pending_add,
	    (const struct db_arg[]){ DB_INT(p->tenant), DB_INT(p->dossier),
		DB_TIME(p->at_us), DB_INT(c->pending_hours),
		DB_INT(c->pending_retry_seconds), DB_END },
	    NULL, e);
}

bool
pending_may_accept(
    struct db *db, const struct dossier *d, const char *reason, struct err *e)
{
	struct db_rows *rows = NULL;
	const char *outcome;

	if (!db_query(db, DB_pending_outcome,
		(const struct db_arg[]){
		    DB_INT(d->tenant.n), DB_INT(d->id.n), DB_END },
		&rows, e))
		return false;
	outcome =
	    db_count(rows) == 0 ? passed.name : db_text(rows, 0, "outcome");
	if (strcmp(outcome, undecided.name) == 0) {
		if (reason == NULL)
			err_field(e, ERR_MISSING_FIELD, "/reason",
			    "dossier %s: its signatures are undecided",
			    d->code);
	} else if (strcmp(outcome, passed.name) != 0) {
		err_set(e, ERR_UNVERIFIED, "dossier %s: verification %s",
		    d->code, outcome);
	}
	db_rows_free(rows);
	return e->code == ERR_NONE;
}
