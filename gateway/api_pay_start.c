/*
 * POST /v1/pay/{code}?provider=
 *
 * What a button of the payer's page does: starts an attempt as
 * POST /v1/dossiers/{code}/payments does, and sends the browser on to the
 * provider, or shows the QR of a transfer.  A provider that does not open
 * sends it back to the page.
 */
#include <stdio.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/money.h"
#include "gateway/html.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

/* Back to the page, which knows how things stand. */
static struct reply *
back(const struct request *req, bool trouble)
{
	struct buf url = { 0 };
	struct reply *reply;

	buf_printf(&url, "/v1/pay/%s?key=%s%s", req->arg.code,
	    request_query(req, "key", ""), trouble ? "&trouble=1" : "");
	reply = reply_redirect(url.data);
	buf_release(&url);
	return reply;
}

/* The drawing is our own, and stands in the page as it is. */
static struct reply *
show_transfer(const struct request *req, const struct json *t)
{
	const struct html_page page = { .title = "Chuyển khoản" };
	char amount[MONEY_TEXT_LEN];
	struct buf b = { 0 };

	money_text((struct money){ json_int(t, "amount", 0) }, amount);
	html_begin(&b, &page);
	buf_puts(&b, "<p>Quét mã bằng ứng dụng ngân hàng; đừng sửa nội dung. "
		     "<span lang=\"en\">Scan this with your bank's "
		     "application; leave the content as it is.</span></p>\n");
	buf_puts(&b, json_text(t, "svg", ""));
	buf_puts(&b, "<dl>");
	html_term(&b, "Ngân hàng", "Bank", json_text(t, "bank", ""));
	html_term(&b, "Số tài khoản", "Account", json_text(t, "account", ""));
	html_term(&b, "Chủ tài khoản", "Holder", json_text(t, "holder", ""));
	html_term(&b, "Số tiền", "Amount", amount);
	html_term(&b, "Nội dung", "Content", json_text(t, "content", ""));
	buf_puts(&b, "</dl><p><a href=\"/v1/pay/");
	buf_html(&b, req->arg.code);
	buf_puts(&b, "?key=");
	buf_html(&b, request_query(req, "key", ""));
	buf_puts(&b, "\">Tôi đã chuyển khoản · <span lang=\"en\">I have "
		     "transferred it</span></a></p>\n");
	return html_reply(&b);
}

static struct reply *
onward(const struct request *req, const struct reply *started)
{
	struct reply *reply = NULL;
	struct json *j = NULL;
	struct err e = { 0 };
	const void *body;
	const char *url;
	size_t len;

	body = reply_body(started, &len);
	if (reply_status(started) == 201 && json_parse(body, len, &j, &e)) {
		url = json_text(j, "pay_url", "");
		if (json_find(j, "transfer") != NULL)
			reply = show_transfer(req, json_find(j, "transfer"));
		else
			reply = *url != '\0' ? reply_redirect(url)
					     : back(req, false);
		json_free(j);
	}
	return reply != NULL ? reply : back(req, true);
}

struct reply *
api_pay_start(struct request *req)
{
	struct json *body = json_new_object();
	struct request asked = *req;
	struct reply *started, *reply;

	json_put_text(body, "provider", request_query(req, "provider", ""));
	asked.json = body;
	started = api_payment_start(&asked);
	reply = onward(req, started);
	reply_free(started);
	json_free(body);
	return reply;
}
