/*
 * GET /v1/payments/return/{provider}
 *
 * Where the payer's browser comes back.  What it carries proves only which
 * attempt is meant; what is shown is what the database knows, and nothing is
 * changed: a browser's word never credits anything.
 */
#include <string.h>

#include "adapters/adapter.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/payment.h"
#include "gateway/payment_provider.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

struct words {
	const char *vi, *en;
};

static struct words
advice(enum payment_state s)
{
	static const struct words paid = {
		"Đã nhận được tiền. Hồ sơ được tiếp tục xử lý.",
		"The money has been received. The dossier goes on."
	};
	static const struct words waiting = {
		"Ngân hàng chưa trả lời – đừng trả lại lần nữa. "
		"Xin xem lại trang này sau ít phút.",
		"The bank has not answered yet – do not pay again. "
		"Look at this page again in a few minutes."
	};
	static const struct words failed = {
		"Chưa có khoản tiền nào được ghi nhận. "
		"Quý vị có thể thanh toán lại.",
		"No money has been recorded. You may pay again."
	};
	static const struct words review = {
		"Giao dịch đang được kiểm tra – đừng trả lại lần nữa.",
		"The transaction is being checked – do not pay again."
	};
	static const struct words surplus = {
		"Khoản phí này đã được nộp trước đó; "
		"số tiền nộp thừa sẽ được hoàn trả.",
		"This fee was not owed any more; the surplus will be returned."
	};

	switch (s) {
	case PAYMENT_CREATED:
	case PAYMENT_PENDING:
		return waiting;
	case PAYMENT_PAID:
		return paid;
	case PAYMENT_FAILED:
	case PAYMENT_EXPIRED:
		return failed;
	case PAYMENT_REVIEW:
		return review;
	case PAYMENT_SUPERSEDED:
	case PAYMENT_SURPLUS:
		return surplus;
	}
	return waiting;
}

static struct reply *
show_json(const char *ref, const struct payment_shown *shown)
{
	struct json *j = json_new_object();
	struct words say = advice(shown->state);

	json_put_text(j, "attempt", ref);
	json_put_text(j, "dossier", shown->dossier);
	json_put_text(j, "state", payment_state_name(shown->state));
	json_put_text(j, "state_vi", payment_state_name_vi(shown->state));
	json_put_int(j, "amount", shown->amount.dong);
	json_put_text(j, "message", say.en);
	json_put_text(j, "message_vi", say.vi);
	return reply_json(200, j);
}

/* No script, no style from elsewhere, and no reload of its own accord (WCAG
 * 2.2, 2.2.1): a link does that. */
static struct reply *
show_html(const struct request *req, const struct payment_shown *shown)
{
	struct words say = advice(shown->state);
	char amount[MONEY_TEXT_LEN];
	struct buf page = { 0 };
	struct reply *reply;

	money_text(shown->amount, amount);
	buf_puts(&page, "<!doctype html><html lang=\"vi\"><head>"
			"<meta charset=\"utf-8\"><meta name=\"viewport\" "
			"content=\"width=device-width,initial-scale=1\">"
			"<title>Thanh toán hồ sơ</title></head><body><main>"
			"<h1>Thanh toán hồ sơ ");
	buf_html(&page, shown->dossier);
	buf_printf(&page, "</h1><p><strong>%s</strong> · %s</p><p>%s</p>",
	    payment_state_name_vi(shown->state), amount, say.vi);
	buf_printf(&page, "<p lang=\"en\"><strong>%s</strong>: %s</p>",
	    payment_state_name(shown->state), say.en);
	buf_puts(&page, "<p><a href=\"?");
	buf_html(&page, req->raw_query);
	buf_puts(&page, "\">Xem lại · <span lang=\"en\">Look again</span></a>"
			"</p></main></body></html>\n");
	reply =
	    reply_bytes(200, "text/html; charset=utf-8", page.data, page.len);
	reply_header(reply, "Content-Security-Policy",
	    "default-src 'none'; frame-ancestors 'none'");
	reply_header(reply, "Referrer-Policy", "no-referrer");
	buf_release(&page);
	return reply;
}

struct reply *
api_payment_return(struct request *req)
{
	const struct pay_raw raw = { .query = req->raw_query };
	struct payment_provider provider;
	struct payment_shown shown;
	struct pay_notice said = { 0 };
	struct err e = { 0 };
	struct reply *reply;

	if (!payment_provider_find(
		req->config, req->secrets, req->arg.provider, &provider)) {
		err_set(&e, ERR_NOT_FOUND, "no provider %s", req->arg.provider);
		goto refuse;
	}
	if (!provider.adapter->read_return(&provider.terms, &raw, &said, &e)) {
		e.code = ERR_BAD_REQUEST;
		goto refuse;
	}
	if (!payment_show(req->db, said.ref, &shown, &e))
		goto refuse;

	reply =
	    req->html ? show_html(req, &shown) : show_json(said.ref, &shown);
	reply_header(reply, "Cache-Control", "no-store");
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	pay_notice_release(&said);
	return reply;
}
