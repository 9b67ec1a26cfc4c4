#include "gateway/slip_paper.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/text.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/files.h"
#include "gateway/mail.h"
#include "gateway/paper.h"
#include "gateway/slip_check.h"
#include "gateway/template.h"

#define BLANK    "……………………" /* what an officer fills in */
#define COLUMNS  2          /* of the table of documents */
#define ID_SHOWN 4          /* digits of an identity number: forms go by mail */

struct content {
	struct db_rows *row, *documents;
	struct buf template;
	char received[MAIL_TIME_LEN], accepted[MAIL_TIME_LEN];
	char due[MAIL_TIME_LEN], new_due[MAIL_TIME_LEN];
	char date[SLIP_DATE_LEN], limit[64], place[256], id[64];
	const char **cells; /* borrow from documents and positions */
	char (*positions)[24];
};

static void
content_release(struct content *c)
{
	db_rows_free(c->row);
	db_rows_free(c->documents);
	buf_release(&c->template);
	free(c->cells);
	free(c->positions);
}

void
slip_date(int64_t us, char out[SLIP_DATE_LEN])
{
	struct clock_date d = clock_date(clock_vn_day(us));

	snprintf(out, SLIP_DATE_LEN, "ngày %02d tháng %02d năm %d", d.day,
	    d.month, d.year);
}

bool
slip_template(
    const struct config *c, const char *name, struct buf *out, struct err *e)
{
	const char *built_in = files_text(name);
	struct blob own = { 0 };
	char path[4096];

	snprintf(path, sizeof(path), "%s/%s", c->form_folder, name);
	if (c->form_folder[0] == '\0' || access(path, F_OK) != 0) {
		if (built_in == NULL)
			return err_set(
			    e, ERR_CONFIG, "%s: no such template", name);
		buf_puts(out, built_in);
		return true;
	}
	if (!file_read(path, SLIP_TEMPLATE_MAX, &own, e))
		return false;
	buf_put(out, own.data, own.len);
	blob_release(&own);
	return true;
}

static int64_t
when(const struct content *c, const char *column)
{
	return db_time(c->row, 0, column);
}

static const char *
text(const struct content *c, const char *column)
{
	return db_text(c->row, 0, column);
}

/* Blank lines in a draft, and left out elsewhere. */
static const char *
or_blank(const struct content *c, const char *s)
{
	return s[0] == '\0' && db_bool(c->row, 0, "draft") ? BLANK : s;
}

static void
say_limit(const struct content *c, char *out, size_t cap)
{
	static const struct {
		const char *unit, *words;
	} units[] = {
		{ "working-hour", "giờ làm việc" },
		{ "working-day", "ngày làm việc" },
		{ "day", "ngày" },
		{ "month", "tháng" },
	};

	snprintf(out, cap, "trong ngày");
	for (size_t i = 0; i < nitems(units); i++)
		if (strcmp(units[i].unit, text(c, "limit_unit")) == 0)
			snprintf(out, cap, "%d %s",
			    (int)db_int(c->row, 0, "limit_amount"),
			    units[i].words);
}

static void
say(const struct config *config, struct content *c)
{
	bool draft = db_bool(c->row, 0, "draft");

	mail_time(when(c, "received_at"), c->received);
	mail_time(when(c, "accepted_at"), c->accepted);
	mail_time(when(c, "original_due_at"), c->due);
	mail_time(draft ? 0 : when(c, "new_due_at"), c->new_due);
	slip_date(when(c, "at"), c->date);
	snprintf(c->place, sizeof(c->place), "%s%s%s", config->form_place,
	    config->form_place[0] == '\0' ? "" : ", ", c->date);
	text_mask(text(c, "id"), ID_SHOWN, c->id, sizeof(c->id));
	say_limit(c, c->limit, sizeof(c->limit));
}

static void
lay_documents(struct content *c)
{
	size_t n = (size_t)db_count(c->documents);

	c->cells = blob_calloc(n * COLUMNS + 1, sizeof(*c->cells));
	c->positions = blob_calloc(n + 1, sizeof(*c->positions));
	for (size_t i = 0; i < n; i++) {
		snprintf(
		    c->positions[i], sizeof(c->positions[i]), "%zu", i + 1);
		c->cells[i * COLUMNS] = c->positions[i];
		c->cells[i * COLUMNS + 1] =
		    db_text(c->documents, (int)i, "title");
	}
}

static bool
load(struct db *db, const struct config *config, struct slip_paper *p,
    struct content *c, struct err *e)
{
	char name[32];

	if (!db_one(db, DB_slip_source,
		(const struct db_arg[]){
		    DB_INT(p->tenant), DB_INT(p->form), DB_END },
		&c->row, e))
		return false;
	p->dossier = db_int(c->row, 0, "dossier_id");
	p->event = db_int(c->row, 0, "event_id");
	p->now_us = when(c, "now");
	p->draft = db_bool(c->row, 0, "draft");
	snprintf(p->number, sizeof(p->number), "%s", text(c, "number"));
	snprintf(p->unit, sizeof(p->unit), "%s", text(c, "unit_code"));
	snprintf(p->file, sizeof(p->file), "mau-%s-%s%s.pdf", p->number,
	    text(c, "code"), p->draft ? "-du-thao" : "");
	snprintf(name, sizeof(name), "paper-form-%s.txt", p->number);
	return db_query(db, DB_slip_documents,
		   (const struct db_arg[]){ DB_INT(p->tenant),
		       DB_INT(p->dossier), DB_TIME(when(c, "at")), DB_END },
		   &c->documents, e) &&
	       slip_template(config, name, &c->template, e);
}

static const char *
judge(const struct content *c)
{
	const struct slip_facts facts = {
		.number = text(c, "number")[1] - '0',
		.draft = db_bool(c->row, 0, "draft"),
		.intake = strcmp(text(c, "phase"), "intake") == 0,
		.has_result = db_bool(c->row, 0, "has_result"),
		.reason = text(c, "reason"),
		.ground = text(c, "ground"),
		.officer = text(c, "officer"),
		.accepted_us = when(c, "accepted_at"),
		.original_due_us = when(c, "original_due_at"),
		.new_due_us = when(c, "new_due_at"),
	};

	return slip_missing(&facts);
}

static bool
lay_out(const struct config *config, const struct slip_paper *p,
    const struct content *c, struct buf *out, struct err *e)
{
	const struct template_field fields[] = {
		{ "parent", config->form_parent, false },
		{ "agency", text(c, "unit"), false },
		{ "place_and_date", c->place, false },
		{ "code", text(c, "code"), true },
		{ "procedure", text(c, "procedure"), false },
		{ "procedure_code", text(c, "procedure_code"), true },
		{ "decision", text(c, "decision"), false },
		{ "limit", c->limit, false },
		{ "applicant", text(c, "applicant"), false },
		{ "id_kind", text(c, "id_kind"), false },
		{ "id", c->id, false },
		{ "email", text(c, "email"), false },
		{ "phone", text(c, "phone"), false },
		{ "received", c->received, false },
		{ "accepted", c->accepted, false },
		{ "due", c->due, false },
		{ "new_due", or_blank(c, c->new_due), false },
		{ "reason", p->draft ? BLANK : or_blank(c, text(c, "reason")),
		    false },
		{ "ground", text(c, "ground"), false },
		{ "officer", or_blank(c, text(c, "officer")), false },
		{ "officer_title", text(c, "officer_title"), false },
		{ "draft", p->draft ? "DỰ THẢO, chưa phát hành" : "", false },
	};
	const struct paper_table table = { "documents", COLUMNS,
		(size_t)db_count(c->documents), c->cells };

	return paper_make(
	    &(struct paper){
		.template = c->template.data,
		.fields = fields,
		.field_count = nitems(fields),
		.tables = &table,
		.table_count = 1,
		.at_us = when(c, "at"),
	    },
	    out, e);
}

bool
slip_paper_make(struct db *db, const struct config *config,
    struct slip_paper *p, struct buf *out, struct err *e)
{
	struct content c = { 0 };
	bool ok = false;

	if (!load(db, config, p, &c, e))
		goto out;
	p->missing = judge(&c);
	if (p->missing == NULL) {
		say(config, &c);
		lay_documents(&c);
		if (!lay_out(config, p, &c, out, e))
			goto out;
	}
	ok = true;

out:
	content_release(&c);
	return ok;
}
