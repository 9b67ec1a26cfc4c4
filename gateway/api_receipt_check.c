/*
 * GET /v1/receipts/{code}
 *
 * Where the QR code of a receipt leads: is it one of ours, is it still good,
 * and which bytes are it?  Whoever has the code has the receipt, so this says
 * what stands on it, but for the payer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/money.h"
#include "gateway/db.h"
#include "gateway/html.h"
#include "gateway/mail.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

static const struct words {
	const char *state, *look, *vi, *en;
} verdicts[] = {
	{ "issued", "good", "Biên lai có giá trị.", "The receipt is good." },
	{ "pending", "wait", "Biên lai đã có số và đang được ký.",
	    "The receipt has its number and is being signed." },
	{ "replaced", "bad", "Biên lai đã được thay thế bởi biên lai khác.",
	    "The receipt has been replaced by another." },
	{ "void", "bad", "Biên lai đã bị hủy.",
	    "The receipt has been taken back." },
};

/* A document that takes another back is no receipt, good as it is. */
static const struct words void_document = { "issued", "bad",
	"Đây là biên bản hủy một biên lai.",
	"This document takes a receipt back." };

static const struct words *
verdict(const struct db_rows *r)
{
	const char *state = db_text(r, 0, "state");

	if (strcmp(db_text(r, 0, "kind"), "void") == 0)
		return &void_document;
	for (size_t i = 0; i < nitems(verdicts); i++)
		if (strcmp(verdicts[i].state, state) == 0)
			return &verdicts[i];
	return &verdicts[1];
}

static struct reply *
show_json(const struct db_rows *r)
{
	static const char *const words[] = { "kind", "state", "form", "series",
		"body", "tax_code" };
	const struct words *say = verdict(r);
	struct json *j = json_new_object();

	json_put_int(j, "number", db_int(r, 0, "number"));
	json_put_int(j, "year", db_int(r, 0, "year"));
	for (size_t i = 0; i < nitems(words); i++)
		json_put_text(j, words[i], db_text(r, 0, words[i]));
	json_put_int(j, "amount", db_int(r, 0, "amount"));
	json_put_time(j, "issued_at", db_time(r, 0, "issued_at"));
	json_put_time(j, "signed_at", db_time(r, 0, "signed_at"));
	json_put_text_or_null(j, "sha256",
	    *db_text(r, 0, "sha256") == '\0' ? NULL : db_text(r, 0, "sha256"));
	if (db_int(r, 0, "corrected_by") == 0)
		json_put_null(j, "corrected_by");
	else
		json_put_int(j, "corrected_by", db_int(r, 0, "corrected_by"));
	json_put_text(j, "message", say->en);
	json_put_text(j, "message_vi", say->vi);
	return reply_json(200, j);
}

static void
put_terms(struct buf *b, const struct db_rows *r)
{
	char number[64], amount[MONEY_TEXT_LEN], issued[MAIL_TIME_LEN];

	snprintf(number, sizeof(number), "%08" PRId64 " / %" PRId64,
	    db_int(r, 0, "number"), db_int(r, 0, "year"));
	money_text((struct money){ db_int(r, 0, "amount") }, amount);
	mail_time(db_time(r, 0, "issued_at"), issued);
	buf_puts(b, "<dl>\n");
	html_term(b, "Đơn vị thu", "Collecting body", db_text(r, 0, "body"));
	html_term(b, "Mã số thuế", "Tax code", db_text(r, 0, "tax_code"));
	html_term(b, "Mẫu số", "Form", db_text(r, 0, "form"));
	html_term(b, "Ký hiệu", "Series", db_text(r, 0, "series"));
	html_term(b, "Số / năm", "Number / year", number);
	html_term(b, "Số tiền", "Amount", amount);
	html_term(b, "Ngày lập", "Issued", issued);
	if (*db_text(r, 0, "sha256") != '\0')
		html_term(b, "SHA-256 của tệp PDF", "of the PDF file",
		    db_text(r, 0, "sha256"));
	buf_puts(b, "</dl>\n");
}

static struct reply *
show_html(const struct db_rows *r)
{
	const struct words *say = verdict(r);
	struct buf b = { 0 };

	html_begin(
	    &b, &(struct html_page){ .title = "Kiểm tra biên lai điện tử" });
	buf_printf(&b,
	    "<div class=\"state %s\" role=\"status\"><p><strong>%s</strong>"
	    "</p><p lang=\"en\">%s</p></div>\n",
	    say->look, say->vi, say->en);
	put_terms(&b, r);
	return html_reply(&b);
}

struct reply *
api_receipt_check(struct request *req)
{
	struct db_rows *rows = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!db_one(req->db, DB_receipt_check,
		(const struct db_arg[]){ DB_TEXT(req->arg.code), DB_END },
		&rows, &e))
		return reply_err(req, &e);
	reply = req->html ? show_html(rows) : show_json(rows);
	db_rows_free(rows);
	return reply;
}
