#include "gateway/receipt_sign.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "gateway/auth.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/metrics.h"
#include "gateway/outbox.h"
#include "gateway/paper_sign.h"
#include "gateway/receipt_paper.h"

#define LEASE_MS 60000

struct receipt_signer {
	const struct config *config;
	struct paper_signer *paper;
};

bool
receipt_signer_new(const struct paper_signer_means *m,
    struct receipt_signer **out, struct err *e)
{
	const struct config *c = m->config;
	const struct paper_signer_keys keys = { c->receipt_key_file,
		c->receipt_password_file, c->receipt_key_folder,
		KEY_HOLDER_BODY };
	struct paper_signer *paper;

	*out = NULL;
	if (!paper_signer_new(m, &keys, &paper, e))
		return false;
	if (paper == NULL)
		return true;
	if (c->public_url[0] == '\0') {
		paper_signer_free(paper);
		return err_set(e, ERR_CONFIG,
		    "receipts: without public_url no receipt can be checked");
	}
	*out = blob_calloc(1, sizeof(**out));
	**out = (struct receipt_signer){ c, paper };
	return true;
}

void
receipt_signer_free(struct receipt_signer *s)
{
	if (s == NULL)
		return;
	paper_signer_free(s->paper);
	free(s);
}

/* A receipt on its way: what it says, and its signed bytes. */
struct job {
	struct receipt_paper paper;
	struct paper_made made;
};

static bool
make(
    const struct receipt_signer *s, struct db *db, struct job *j, struct err *e)
{
	struct buf plain = { 0 };
	struct blob pdf;
	bool ok = false;

	j->paper.public_url = s->config->public_url;
	if (!receipt_paper_make(db, &j->paper, &plain, e))
		goto out;
	pdf = (struct blob){ (uint8_t *)plain.data, plain.len };
	ok = paper_sign(s->paper, db,
	    &(struct paper_signing){ j->paper.tenant, j->paper.tax_code, &pdf,
		j->paper.file, "Biên lai thu phí, lệ phí", j->paper.now_us },
	    &j->made, e);

out:
	buf_release(&plain);
	return ok;
}

/* For the record; the mail finds the file by its hash. */
static char *
event_data(const struct job *j)
{
	const struct receipt_paper *p = &j->paper;
	struct json *data = json_new_object();
	char hex[2 * DIGEST_LEN + 1], *text;

	text_hex(j->made.sha256, DIGEST_LEN, hex);
	json_put_int(data, "amount", p->amount);
	json_put_text(data, "file", p->file);
	json_put_text(data, "form", p->form);
	json_put_text(data, "kind", p->kind);
	json_put_int(data, "number", p->number);
	json_put_text(data, "series", p->series);
	json_put_text(data, "sha256", hex);
	json_put_int(data, "year", p->year);
	text = json_write_sorted(data);
	json_free(data);
	return text;
}

/* Puts an event of a receipt on the dossier's record and announces it. */
static bool
record(struct db *db, struct event *event, struct err *e)
{
	return event_append(db, event, 1, e) &&
	       outbox_announce(db, event->tenant, &event->id, 1, e);
}

static bool
keep(struct db *db, const struct job *j, struct err *e)
{
	const struct receipt_paper *p = &j->paper;
	const struct db_arg document[] = { DB_INT(p->tenant),
		DB_INT(p->receipt), DB_BYTES(j->made.sha256, DIGEST_LEN),
		DB_TIME(p->now_us), DB_END };

	return paper_keep(db, p->tenant, p->now_us, &j->made, e) &&
	       db_exec(db, DB_receipt_keep, document, NULL, e);
}

/* Another gateway may have signed it too, when our lease ran out: whoever
 * takes the row away keeps his. */
static bool
keep_in_tx(struct db *db, void *arg, struct err *e)
{
	const struct job *j = arg;
	const struct receipt_paper *p = &j->paper;
	struct event event = {
		.tenant = p->tenant,
		.dossier = p->dossier,
		.kind = strcmp(p->kind, "receipt") == 0 ? "receipt"
							: "receipt-correct",
		.at_us = p->now_us,
		.actor = ACTOR_GATEWAY,
	};
	int mine = 0;
	char *data;
	bool ok;

	if (!db_exec(db, DB_receipt_work_done,
		(const struct db_arg[]){
		    DB_INT(p->tenant), DB_INT(p->receipt), DB_END },
		&mine, e))
		return false;
	if (mine == 0)
		return true;
	data = event_data(j);
	event.data = data;
	ok = keep(db, j, e) && record(db, &event, e);
	free(data);
	return ok;
}

static bool
sign_one(const struct receipt_signer *s, struct db *db,
    const struct db_rows *claimed, struct err *e)
{
	struct job j = { .paper = {
			     .tenant = db_int(claimed, 0, "tenant_id"),
			     .receipt = db_int(claimed, 0, "receipt_id"),
			 } };
	const struct db_arg failed[] = { DB_INT(j.paper.tenant),
		DB_INT(j.paper.receipt), DB_END };
	struct err why = { 0 };
	bool ok;

	if (make(s, db, &j, &why)) {
		ok = db_tx(db, keep_in_tx, &j, e);
		metrics_add(METRIC_receipts_signed_total, ok);
	} else {
		log_warnx("receipt %" PRId64 "/%" PRId64
			  ": stays pending: %s: %s",
		    j.paper.tenant, j.paper.receipt, err_name(why.code),
		    why.detail);
		metrics_add(METRIC_receipts_failed_total, 1);
		ok = db_exec(db, DB_receipt_work_failed, failed, NULL, e);
	}
	paper_made_release(&j.made);
	return ok;
}

static bool
report_late(struct db *db, const struct db_rows *late, int i, int64_t at_us,
    struct err *e)
{
	struct json *data = json_new_object();
	struct event event = {
		.tenant = db_int(late, i, "tenant_id"),
		.dossier = db_int(late, i, "dossier_id"),
		.kind = "receipt-late",
		.at_us = at_us,
		.actor = ACTOR_GATEWAY,
	};
	char *text;
	bool ok;

	json_put_int(data, "failures", db_int(late, i, "failures"));
	json_put_int(data, "number", db_int(late, i, "number"));
	text = json_write_sorted(data);
	event.data = text;
	log_warnx("receipt %" PRId64 "/%" PRId64
		  ": its day is nearly over and it is not signed",
	    event.tenant, db_int(late, i, "id"));
	ok = record(db, &event, e);
	json_free(data);
	free(text);
	return ok;
}

static bool
alarm_in_tx(struct db *db, void *arg, struct err *e)
{
	const struct receipt_signer *s = arg;
	struct db_rows *late = NULL;
	int64_t now_us;
	bool ok;

	ok = db_now(db, &now_us, e) &&
	     db_query(db, DB_receipt_late,
		 (const struct db_arg[]){ DB_TIME(now_us),
		     DB_INT(s->config->receipt_alarm_hour), DB_END },
		 &late, e);
	for (int i = 0; ok && i < db_count(late); i++)
		ok = report_late(db, late, i, now_us, e);
	db_rows_free(late);
	return ok;
}

/* In a quiet moment: how many are pending, and is any of them late? */
static bool
look_around(struct receipt_signer *s, struct db *db, struct err *e)
{
	struct db_rows *rows = NULL;
	int64_t waiting;

	if (!db_one(db, DB_receipt_waiting, (const struct db_arg[]){ DB_END },
		&rows, e))
		return false;
	waiting = db_int(rows, 0, "waiting");
	db_rows_free(rows);
	metrics_set(METRIC_receipts_pending, waiting);
	return waiting == 0 || db_tx(db, alarm_in_tx, s, e);
}

bool
receipt_sign(struct db *db, void *arg, bool *more, struct err *e)
{
	struct receipt_signer *s = arg;
	struct db_rows *claimed = NULL;
	bool ok;

	if (!db_query(db, DB_receipt_work_claim,
		(const struct db_arg[]){ DB_INT(LEASE_MS), DB_END }, &claimed,
		e))
		return false;
	*more = db_count(claimed) == 1;
	ok = *more ? sign_one(s, db, claimed, e) : look_around(s, db, e);
	db_rows_free(claimed);
	return ok;
}
