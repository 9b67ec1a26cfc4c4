#include "gateway/slip.h"

#include <inttypes.h>
#include <stdlib.h>

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
#include "gateway/slip_paper.h"

#define LEASE_MS 60000

struct slip_maker {
	const struct config *config;
	struct paper_signer *signer; /* NULL: forms are not signed */
};

/* A form on its way: what it says, and its bytes. */
struct job {
	struct slip_paper paper;
	struct paper_made made;
	bool is_signed;
};

bool
slip_maker_new(const struct paper_signer_means *means, struct slip_maker **out,
    struct err *e)
{
	const struct config *c = means->config;
	const struct paper_signer_keys keys = { c->form_key_file,
		c->form_password_file, c->form_key_folder, KEY_HOLDER_UNIT };
	struct slip_maker *m = blob_calloc(1, sizeof(*m));

	m->config = c;
	if (!paper_signer_new(means, &keys, &m->signer, e)) {
		free(m);
		return false;
	}
	*out = m;
	return true;
}

void
slip_maker_free(struct slip_maker *m)
{
	if (m == NULL)
		return;
	paper_signer_free(m->signer);
	free(m);
}

static bool
sign(const struct slip_maker *m, struct db *db, const struct buf *plain,
    struct job *j, struct err *e)
{
	const struct blob pdf = { (uint8_t *)plain->data, plain->len };
	const struct paper_signing what = { j->paper.tenant, j->paper.unit,
		&pdf, j->paper.file, "Phát hành biểu mẫu", j->paper.now_us };

	j->is_signed =
	    !j->paper.draft && paper_signer_has(m->signer, j->paper.unit);
	if (j->is_signed)
		return paper_sign(m->signer, db, &what, &j->made, e);
	j->made.pdf = blob_copy(pdf.data, pdf.len);
	digest_sha256(pdf.data, pdf.len, j->made.sha256);
	return true;
}

static bool
make(const struct slip_maker *m, struct db *db, struct job *j, struct err *e)
{
	struct buf plain = { 0 };
	bool ok = slip_paper_make(db, m->config, &j->paper, &plain, e) &&
		  (j->paper.missing != NULL || sign(m, db, &plain, j, e));

	buf_release(&plain);
	return ok;
}

/* So that the chain covers the bytes. */
static char *
event_data(const struct job *j)
{
	const struct slip_paper *p = &j->paper;
	struct json *data = json_new_object();
	char hex[2 * DIGEST_LEN + 1], *text;

	text_hex(j->made.sha256, DIGEST_LEN, hex);
	json_put_text(data, "file", p->file);
	json_put_text(data, "number", p->number);
	json_put_text(data, "sha256", hex);
	json_put_bool(data, "signed", j->is_signed);
	text = json_write_sorted(data);
	json_free(data);
	return text;
}

/* A draft is issued to nobody. */
static bool
record(struct db *db, const struct job *j, struct err *e)
{
	char *data = event_data(j);
	struct event event = {
		.tenant = j->paper.tenant,
		.dossier = j->paper.dossier,
		.kind = "form",
		.at_us = j->paper.now_us,
		.actor = ACTOR_GATEWAY,
		.data = data,
	};
	bool ok = j->paper.draft ||
		  (event_append(db, &event, 1, e) &&
		      outbox_announce(db, event.tenant, &event.id, 1, e));

	free(data);
	return ok;
}

static bool
store(struct db *db, const struct job *j, struct err *e)
{
	const struct slip_paper *p = &j->paper;
	const struct db_arg form[] = { DB_INT(p->tenant), DB_INT(p->form),
		DB_BYTES(j->made.sha256, DIGEST_LEN), DB_TEXT(p->file),
		DB_BOOL(j->is_signed), DB_END };
	int mine = 0;

	return paper_keep(db, p->tenant, p->now_us, &j->made, e) &&
	       db_exec(db, DB_slip_keep, form, &mine, e) &&
	       (mine == 0 || record(db, j, e));
}

/* Another gateway may have made it too, when our lease ran out: who is first
 * has made the form. */
static bool
keep(struct db *db, void *arg, struct err *e)
{
	const struct job *j = arg;
	const struct slip_paper *p = &j->paper;
	const struct db_arg missing[] = { DB_INT(p->tenant), DB_INT(p->form),
		DB_TEXT(p->missing), DB_END };
	const struct db_arg event[] = { DB_INT(p->tenant), DB_INT(p->event),
		DB_END };

	if (p->missing != NULL
		? !db_exec(db, DB_slip_withhold, missing, NULL, e)
		: !store(db, j, e))
		return false;
	return db_exec(db, DB_slip_release, event, NULL, e);
}

static bool
issue_one(const struct slip_maker *m, struct db *db,
    const struct db_rows *claimed, struct err *e)
{
	struct job j = { .paper = {
			     .tenant = db_int(claimed, 0, "tenant_id"),
			     .form = db_int(claimed, 0, "id"),
			 } };
	const struct db_arg failed[] = { DB_INT(j.paper.tenant),
		DB_INT(j.paper.form), DB_END };
	struct err why = { 0 };
	bool ok;

	if (make(m, db, &j, &why)) {
		ok = db_tx(db, keep, &j, e);
		if (j.paper.missing == NULL)
			metrics_add(METRIC_forms_issued_total, ok);
		else
			metrics_add(METRIC_forms_withheld_total, ok);
	} else {
		log_warnx("form %" PRId64 "/%" PRId64 ": not yet: %s: %s",
		    j.paper.tenant, j.paper.form, err_name(why.code),
		    why.detail);
		metrics_add(METRIC_forms_failed_total, 1);
		ok = db_exec(db, DB_slip_later, failed, NULL, e);
	}
	paper_made_release(&j.made);
	return ok;
}

bool
slip_issue(struct db *db, void *arg, bool *more, struct err *e)
{
	const struct slip_maker *m = arg;
	struct db_rows *claimed = NULL;
	bool ok;

	if (!db_query(db, DB_slip_claim,
		(const struct db_arg[]){ DB_INT(LEASE_MS), DB_END }, &claimed,
		e))
		return false;
	*more = db_count(claimed) == 1;
	ok = !*more || issue_one(m, db, claimed, e);
	db_rows_free(claimed);
	return ok;
}
