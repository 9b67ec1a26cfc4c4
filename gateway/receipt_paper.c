#include "gateway/receipt_paper.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/money.h"
#include "gateway/amount_words.h"
#include "gateway/db.h"
#include "gateway/files.h"
#include "gateway/mail.h"
#include "gateway/paper.h"
#include "gateway/payment_provider.h"
#include "gateway/template.h"

#define COLUMNS 3

struct content {
	struct db_rows *row, *lines;
	const char *template;
	struct buf words;
	char number[12], date[64], old[128], verify[512];
	char amount[MONEY_TEXT_LEN], paid_at[MAIL_TIME_LEN];
	char (*amounts)[MONEY_TEXT_LEN];
	const char **cells; /* borrow from lines, amounts and positions */
	char (*positions)[24];
};

static void
content_release(struct content *c)
{
	db_rows_free(c->row);
	db_rows_free(c->lines);
	buf_release(&c->words);
	free(c->amounts);
	free(c->positions);
	free(c->cells);
}

/* "ngày 26 tháng 11 năm 2026", in Vietnam. */
static void
say_date(int64_t us, char *out, size_t cap)
{
	struct clock_date d = clock_date(clock_vn_day(us));

	snprintf(
	    out, cap, "ngày %02d tháng %02d năm %d", d.day, d.month, d.year);
}

static bool
load(struct db *db, struct receipt_paper *p, struct content *c, struct err *e)
{
	if (!db_one(db, DB_receipt_paper,
		(const struct db_arg[]){
		    DB_INT(p->tenant), DB_INT(p->receipt), DB_END },
		&c->row, e))
		return false;
	if (!db_query(db, DB_receipt_lines,
		(const struct db_arg[]){ DB_INT(p->tenant),
		    DB_INT(db_int(c->row, 0, "request_id")), DB_END },
		&c->lines, e))
		return false;
	c->template = files_text("paper-receipt.txt");
	if (c->template == NULL)
		return err_set(e, ERR_CONFIG, "no paper-receipt.txt");
	return true;
}

static void
tell(const struct content *c, struct receipt_paper *p)
{
	p->dossier = db_int(c->row, 0, "dossier_id");
	p->now_us = db_time(c->row, 0, "now");
	p->number = db_int(c->row, 0, "number");
	p->year = db_int(c->row, 0, "year");
	p->amount = db_int(c->row, 0, "amount");
	snprintf(p->kind, sizeof(p->kind), "%s", db_text(c->row, 0, "kind"));
	snprintf(p->form, sizeof(p->form), "%s", db_text(c->row, 0, "form"));
	snprintf(
	    p->series, sizeof(p->series), "%s", db_text(c->row, 0, "series"));
	snprintf(p->tax_code, sizeof(p->tax_code), "%s",
	    db_text(c->row, 0, "tax_code"));
	snprintf(p->file, sizeof(p->file),
	    "bien-lai-%" PRId64 "-%08" PRId64 ".pdf", p->year, p->number);
}

static void
fill_lines(struct content *c)
{
	size_t n = (size_t)db_count(c->lines);

	c->amounts = blob_calloc(n + 1, sizeof(*c->amounts));
	c->positions = blob_calloc(n + 1, sizeof(*c->positions));
	c->cells = blob_calloc(n * COLUMNS + 1, sizeof(*c->cells));
	for (size_t i = 0; i < n; i++) {
		const struct money m = { db_int(c->lines, (int)i, "amount") };

		money_text(m, c->amounts[i]);
		snprintf(
		    c->positions[i], sizeof(c->positions[i]), "%zu", i + 1);
		c->cells[i * COLUMNS] = c->positions[i];
		c->cells[i * COLUMNS + 1] = db_text(c->lines, (int)i, "title");
		c->cells[i * COLUMNS + 2] = c->amounts[i];
	}
}

static void
fill_words(struct content *c, const struct receipt_paper *p)
{
	const struct money amount = { p->amount };
	int64_t old = db_int(c->row, 0, "old_number");
	char date[64];

	snprintf(c->number, sizeof(c->number), "%08" PRId64, p->number);
	say_date(db_time(c->row, 0, "issued_at"), c->date, sizeof(c->date));
	if (old > 0) {
		say_date(
		    db_time(c->row, 0, "old_issued_at"), date, sizeof(date));
		snprintf(c->old, sizeof(c->old), "%08" PRId64 " %s", old, date);
	}
	money_text(amount, c->amount);
	amount_words(amount, &c->words);
	mail_time(db_time(c->row, 0, "paid_at"), c->paid_at);
	snprintf(c->verify, sizeof(c->verify), "%s/v1/receipts/%s",
	    p->public_url, db_text(c->row, 0, "code"));
	fill_lines(c);
}

static const char *
title_of(const char *kind)
{
	if (strcmp(kind, "void") == 0)
		return "BIÊN BẢN HỦY BIÊN LAI THU PHÍ, LỆ PHÍ";
	if (strcmp(kind, "replacement") == 0)
		return "BIÊN LAI THU PHÍ, LỆ PHÍ (THAY THẾ)";
	return "BIÊN LAI THU PHÍ, LỆ PHÍ";
}

/* How it was paid, in words. */
static const char *
method_of(const struct db_rows *row)
{
	const char *method = db_text(row, 0, "method");

	if (strcmp(method, "cash") == 0)
		return "Tiền mặt tại quầy";
	if (strcmp(method, "transfer") == 0)
		return "Chuyển khoản";
	return payment_provider_title(db_text(row, 0, "provider"));
}

static bool
print(const struct content *c, const struct receipt_paper *p, struct buf *out,
    struct err *e)
{
	const struct db_rows *row = c->row;
	const struct template_field fields[] = {
		{ "title", title_of(p->kind), true },
		{ "body", db_text(row, 0, "body"), true },
		{ "tax_code", db_text(row, 0, "tax_code"), true },
		{ "address", db_text(row, 0, "address"), true },
		{ "form", p->form, true },
		{ "series", p->series, true },
		{ "number", c->number, true },
		{ "date", c->date, true },
		{ "payer", db_text(row, 0, "payer"), true },
		{ "dossier", db_text(row, 0, "dossier"), true },
		{ "procedure", db_text(row, 0, "procedure"), true },
		{ "method", method_of(row), true },
		{ "txn", db_text(row, 0, "txn"), true },
		{ "paid_at", c->paid_at, true },
		{ "old", c->old, true },
		{ "ground", db_text(row, 0, "ground"), true },
		{ "amount", c->amount, true },
		{ "words", c->words.data, true },
		{ "verify", c->verify, true },
	};
	const struct paper_table lines = { "lines", COLUMNS,
		(size_t)db_count(c->lines), c->cells };

	return paper_make(
	    &(struct paper){
		.template = c->template,
		.fields = fields,
		.field_count = nitems(fields),
		.tables = &lines,
		.table_count = 1,
		.at_us = db_time(row, 0, "issued_at"),
	    },
	    out, e);
}

bool
receipt_paper_make(
    struct db *db, struct receipt_paper *p, struct buf *out, struct err *e)
{
	struct content c = { 0 };
	bool ok = false;

	if (!load(db, p, &c, e))
		goto out;
	tell(&c, p);
	fill_words(&c, p);
	ok = print(&c, p, out, e);

out:
	content_release(&c);
	return ok;
}
