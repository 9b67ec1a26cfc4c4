/*
 * GET /v1/pay/{code}
 *
 * What the applicant sees who pays by his link: the amount and its lines
 * before anything is handed over, the choice of provider, and how it stands.
 * A small script looks again every second; without it, the page reloads
 * itself while there is something to wait for, and works all the same.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/money.h"
#include "gateway/auth.h"
#include "gateway/dossier.h"
#include "gateway/html.h"
#include "gateway/payment_view.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

#define REFRESH_SEC 10

static void
put_lines(struct buf *b, const struct json *j)
{
	const struct json *lines = json_find(j, "lines");
	struct money m = { json_int(j, "amount", 0) };
	char amount[MONEY_TEXT_LEN];

	if (json_count(lines) == 0)
		return;
	buf_puts(b, "<table><thead><tr>"
		    "<th scope=\"col\">Khoản thu <span lang=\"en\">Fee</span>"
		    "</th><th scope=\"col\">Số tiền <span lang=\"en\">Amount"
		    "</span></th></tr></thead><tbody>\n");
	for (size_t i = 0; i < json_count(lines); i++) {
		const struct json *line = json_at(lines, i);

		buf_puts(b, "<tr><td>");
		buf_html(b, json_text(line, "title", ""));
		money_text(
		    (struct money){ json_int(line, "amount", 0) }, amount);
		buf_printf(b, "</td><td>%s</td></tr>\n", amount);
	}
	money_text(m, amount);
	buf_printf(b,
	    "<tr><th scope=\"row\">Tổng cộng <span lang=\"en\">Total</span>"
	    "</th><td><strong>%s</strong></td></tr>\n</tbody></table>\n",
	    amount);
}

/* A button a provider.  It is a form without a field, so that it works
 * without a script; the key is the page's own. */
static void
put_choice(struct buf *b, const struct request *req, const struct json *j)
{
	const struct json *list = json_find(j, "providers");
	bool waiting = strcmp(json_text(j, "state", ""), "waiting") == 0;

	if (json_count(list) == 0)
		return;
	buf_puts(b,
	    waiting
		? "<details><summary>Quý vị chưa trả tiền? Chọn lại cách nộp "
		  "<span lang=\"en\">Not paid yet? Choose again</span>"
		  "</summary>\n"
		: "<h2>Chọn cách nộp <span lang=\"en\">Choose how to pay"
		  "</span></h2>\n");
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *p = json_at(list, i);

		buf_puts(b, "<form method=\"post\" action=\"/v1/pay/");
		buf_html(b, req->arg.code);
		buf_puts(b, "?key=");
		buf_html(b, request_query(req, "key", ""));
		buf_puts(b, "&amp;provider=");
		buf_html(b, json_text(p, "provider", ""));
		buf_puts(b, "\"><button>");
		buf_html(b, json_text(p, "title", ""));
		buf_puts(b, "</button></form>\n");
	}
	buf_puts(b, waiting ? "</details>\n" : "");
}

static void
put_receipt(struct buf *b, const struct request *req, const struct json *j)
{
	const struct json *r = json_find(j, "receipt");

	if (json_kind(r) != JSON_KIND_OBJECT)
		return;
	buf_puts(b, "<p><a href=\"/v1/dossiers/");
	buf_html(b, req->arg.code);
	buf_printf(b, "/receipts/%" PRId64 "?key=", json_int(r, "number", 0));
	buf_html(b, request_query(req, "key", ""));
	buf_printf(b,
	    "\">Biên lai điện tử số %08" PRId64 " (PDF) <span lang=\"en\">"
	    "Receipt</span></a></p>\n",
	    json_int(r, "number", 0));
}

static void
put_vouchers(struct buf *b, const struct request *req, const struct json *j)
{
	const struct json *list = json_find(j, "vouchers");

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *v = json_at(list, i);
		const char *link = json_text(v, "link", NULL);

		if (link == NULL)
			continue;
		buf_puts(b, "<p><a href=\"");
		buf_html(b, link);
		buf_puts(b, "?key=");
		buf_html(b, request_query(req, "key", ""));
		buf_puts(b, "\">Chứng từ của ");
		buf_html(b, json_text(v, "title", ""));
		buf_puts(b,
		    " (PDF) <span lang=\"en\">The provider's own receipt"
		    "</span></a></p>\n");
	}
}

/* Is there a paper still to come? */
static bool
lacks_paper(const struct json *j)
{
	const struct json *list = json_find(j, "vouchers");

	for (size_t i = 0; i < json_count(list); i++)
		if (strcmp(json_text(json_at(list, i), "state", ""),
			"pending") == 0)
			return true;
	return json_kind(json_find(j, "receipt")) != JSON_KIND_OBJECT;
}

static void
put_trouble(struct buf *b, const struct request *req)
{
	if (*request_query(req, "trouble", "") == '\0')
		return;
	buf_puts(b, "<p role=\"alert\">Chưa mở được trang thanh toán; xin thử "
		    "lại hoặc chọn cách khác. <span lang=\"en\">The payment "
		    "page could not be opened; try again or choose another "
		    "way.</span></p>\n");
}

static struct reply *
show_html(const struct request *req, const struct json *j)
{
	const char *state = json_text(j, "state", "");
	bool waits = strcmp(state, "owed") != 0 && strcmp(state, "failed") != 0;
	struct html_page page = {
		.title = "Thanh toán phí, lệ phí",
		.script = "/assets/pay.js",
		.refresh_sec = waits && lacks_paper(j) ? REFRESH_SEC : 0,
	};
	struct reply *reply;
	struct buf b = { 0 };

	html_begin(&b, &page);
	buf_puts(&b, "<p>Mã hồ sơ <span lang=\"en\">Dossier</span>: <strong>");
	buf_html(&b, json_text(j, "code", ""));
	buf_puts(&b, "</strong></p>\n");
	html_put_state(&b, payment_words(payment_standing_find(state)));
	put_trouble(&b, req);
	put_receipt(&b, req, j);
	put_vouchers(&b, req, j);
	put_lines(&b, j);
	put_choice(&b, req, j);
	reply = html_reply(&b);
	reply_header(reply, "Vary", "Accept");
	return reply;
}

struct reply *
api_pay_show(struct request *req)
{
	struct dossier *d = NULL;
	struct json *j = NULL;
	struct reply *reply;
	struct err e = { 0 };

	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e))
		goto refuse;
	if (!auth_dossier(req, d, &e))
		goto refuse;
	if (!payment_view(req, d, &j, &e))
		goto refuse;

	if (req->html) {
		reply = show_html(req, j);
		json_free(j);
	} else {
		reply = payment_view_json(j);
	}
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	dossier_free(d);
	return reply;
}
