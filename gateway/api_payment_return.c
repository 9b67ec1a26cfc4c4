/*
 * GET /v1/payments/return/{provider}
 *
 * Where the payer's browser comes back.  What it carries proves only which
 * attempt is meant; what is shown is what the database knows, and no state is
 * changed: a browser's word never credits anything.  While there is no answer
 * the provider is asked, and the page looks again by itself.
 */
#include <string.h>

#include "adapters/adapter.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/html.h"
#include "gateway/payment.h"
#include "gateway/payment_provider.h"
#include "gateway/payment_view.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

#define REFRESH_SEC 10

static struct reply *
show_json(const char *ref, const struct payment_shown *shown)
{
	const struct html_state *say =
	    payment_words(payment_standing_of(shown->state));
	struct json *j = json_new_object();

	json_put_text(j, "attempt", ref);
	json_put_text(j, "dossier", shown->dossier);
	json_put_text(j, "state", payment_state_name(shown->state));
	json_put_text(j, "state_vi", payment_state_name_vi(shown->state));
	json_put_int(j, "amount", shown->amount.dong);
	json_put_text(j, "message", say->en);
	json_put_text(j, "message_vi", say->vi);
	return payment_view_json(j);
}

static struct reply *
show_html(const struct payment_shown *shown)
{
	enum payment_standing s = payment_standing_of(shown->state);
	const struct html_page page = {
		.title = "Thanh toán phí, lệ phí",
		.script = "/assets/pay.js",
		.refresh_sec = s == STANDING_WAITING ? REFRESH_SEC : 0,
	};
	char amount[MONEY_TEXT_LEN];
	struct reply *reply;
	struct buf b = { 0 };

	money_text(shown->amount, amount);
	html_begin(&b, &page);
	html_put_state(&b, payment_words(s));
	buf_puts(&b, "<dl>\n");
	html_term(&b, "Mã hồ sơ", "Dossier", shown->dossier);
	html_term(&b, "Số tiền", "Amount", amount);
	buf_puts(&b, "</dl>\n");
	reply = html_reply(&b);
	reply_header(reply, "Vary", "Accept");
	return reply;
}

/* No notice yet, and the payer is back: the provider is asked at once, but
 * once only, whoever reloads however often. */
static bool
hurry(struct request *req, const char *ref, const struct payment_shown *shown,
    struct err *e)
{
	if (payment_standing_of(shown->state) != STANDING_WAITING)
		return true;
	return payment_hurry(req->db, ref, e);
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
	if (!hurry(req, said.ref, &shown, &e))
		goto refuse;

	reply = req->html ? show_html(&shown) : show_json(said.ref, &shown);
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	pay_notice_release(&said);
	return reply;
}
