/*
 * ZaloPay v2: create, notice (callback), return, query, refund.
 *
 * MACs are HMAC-SHA256 in hex over values joined by |: with key 1 over what
 * we send, with key 2 over what comes back.  A notice signs one string,
 * "data", which is JSON again; it is sent for payments that succeeded, and
 * for no others, so that only asking finds out what failed.
 *
 * An order's name there is "<yymmdd>_<our reference>": it must begin with
 * the Vietnamese day on which it was made; a refund's is
 * "<yymmdd>_<app>_<our reference>".
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/pairs.h"
#include "adapters/pay_codes.h"
#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"

#define CALL_MS   10000
#define DAY_LEN   7 /* "yymmdd_" */
#define NAME_MAX  (DAY_LEN + PAY_REF_LEN)
#define VALUE_MAX 24

/* What the payer is called there; we tell nobody who he is. */
#define APP_USER "hosogate"

static void
order_name(const struct pay_order *o, char out[NAME_MAX])
{
	char stamp[CLOCK_STAMP_LEN];

	clock_vn_stamp(o->created_us, stamp);
	snprintf(out, NAME_MAX, "%.6s_%s", stamp + 2, o->ref);
}

/* Our reference in theirs; false: it is spelt in no such way. */
static bool
ref_of(const char *name, char out[PAY_REF_LEN])
{
	return strspn(name, "0123456789") == DAY_LEN - 1 &&
	       name[DAY_LEN - 1] == '_' &&
	       snprintf(out, PAY_REF_LEN, "%s", name + DAY_LEN) < PAY_REF_LEN;
}

static bool
proved(
    const struct pay_terms *t, const char *data, const char *hex, size_t *which)
{
	struct pay_proof proof = { .hex = hex };
	struct buf text = { 0 };
	bool ok;

	buf_puts(&text, data);
	ok = pay_proves(t, MAC_SHA256, &text, &proof);
	buf_release(&text);
	*which = proof.secret;
	return ok;
}

static void
put_number(char out[VALUE_MAX], int64_t n)
{
	snprintf(out, VALUE_MAX, "%" PRId64, n);
}

/* The signed string's JSON.  Numbers are plain integers, or this is none of
 * ours to understand: then -1, which is no order's amount. */
static bool
read_data(const struct json *data, struct pay_notice *out)
{
	int64_t txn = json_int(data, "zp_trans_id", 0);
	int64_t amount = json_int(data, "amount", -1);

	if (!ref_of(json_text(data, "app_trans_id", ""), out->ref))
		return false;
	put_number(out->terminal, json_int(data, "app_id", 0));
	out->amount.dong = amount > 0 ? amount : -1;
	out->outcome = txn > 0 ? PAY_PAID : PAY_DOUBT;
	if (txn > 0)
		put_number(out->txn, txn);
	snprintf(out->code, sizeof(out->code), "paid");
	return true;
}

static bool
read_notice(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct json *j = NULL, *data = NULL;
	const char *text;
	bool ok = false;

	if (raw->body_len == 0)
		return err_set(e, ERR_MISSING_FIELD, "zalopay: no body");
	if (!json_parse((const char *)raw->body, raw->body_len, &j, e)) {
		e->code = ERR_UNAUTHENTICATED;
		goto out;
	}
	text = json_text(j, "data", "");
	if (!proved(t, text, json_text(j, "mac", ""), &out->secret)) {
		err_set(e, ERR_UNAUTHENTICATED, "zalopay: wrong MAC");
		goto out;
	}
	if (!json_parse(text, strlen(text), &data, e) ||
	    !read_data(data, out)) {
		err_set(e, ERR_UNAUTHENTICATED, "zalopay: data of no order");
		goto out;
	}
	out->raw = blob_copy(raw->body, raw->body_len);
	ok = true;

out:
	json_free(data);
	json_free(j);
	return ok;
}

/* appid|apptransid|pmcid|bankcode|amount|discountamount|status, without
 * underscores, unlike everywhere else. */
static bool
read_return(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	static const char *const names[] = { "appid", "apptransid", "pmcid",
		"bankcode", "amount", "discountamount", "status" };
	struct buf text = { 0 };
	struct pairs p;
	bool ok = true;

	if (!pairs_read(raw->query, &p, e))
		return false;
	for (size_t i = 0; i < nitems(names); i++) {
		const char *value = pairs_find(&p, names[i]);

		ok = ok && strchr(value, '|') == NULL;
		buf_printf(&text, "%s%s", i == 0 ? "" : "|", value);
	}
	ok = ok &&
	     proved(t, text.data, pairs_find(&p, "checksum"), &out->secret) &&
	     ref_of(pairs_find(&p, "apptransid"), out->ref);
	if (!ok)
		err_set(e, ERR_UNAUTHENTICATED, "zalopay: wrong checksum");
	buf_release(&text);
	pairs_release(&p);
	return ok;
}

/* 1 and 2 end it; 0 is called again, three times at most. */
static void
answer(enum pay_answer a, const struct pay_heard *h, struct pay_reply *out)
{
	static const struct {
		int code;
		const char *message;
	} words[] = {
		[PAY_ANSWER_TROUBLE] = { 0, "try again" },
		[PAY_ANSWER_DONE] = { 1, "success" },
		[PAY_ANSWER_ALREADY] = { 2, "already served" },
		[PAY_ANSWER_UNKNOWN] = { 0, "no such order" },
		[PAY_ANSWER_OTHER_AMOUNT] = { 1, "kept for review" },
		[PAY_ANSWER_CLASH] = { 0, "kept for review" },
		[PAY_ANSWER_BAD_MAC] = { -1, "mac not equal" },
		[PAY_ANSWER_FLOOD] = { -1, "mac not equal" },
		[PAY_ANSWER_NO_INPUT] = { -1, "no input" },
	};

	(void)h;
	out->status = 200;
	out->type = "application/json";
	buf_printf(&out->body, "{\"return_code\":%d,\"return_message\":\"%s\"}",
	    words[a].code, words[a].message);
}

static void
put_call(const struct pay_terms *t, const char *path, struct json *body,
    struct pay_call *out)
{
	char *text = json_write(body);

	buf_printf(&out->url, "%s%s", t->api_url, path);
	buf_puts(&out->body, text);
	out->timeout_ms = CALL_MS;
	free(text);
	json_free(body);
}

static void
put_mac(const struct pay_terms *t, const struct buf *data, struct json *body)
{
	struct buf hex = { 0 };

	pay_sign(MAC_SHA256, t->own_secret, data, &hex);
	json_put_text(body, "mac", hex.data);
	buf_release(&hex);
}

static char *
embed_data(const struct pay_terms *t)
{
	struct json *j = json_new_object();
	char *text;

	json_put_text(j, "redirecturl", t->return_url);
	text = json_write(j);
	json_free(j);
	return text;
}

static bool
open_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	const struct pay_order *o = q->order;
	struct json *body = json_new_object();
	struct buf data = { 0 }, info = { 0 };
	char name[NAME_MAX];
	char *embed = embed_data(q->terms);
	int64_t app = 0, at_ms = o->created_us / 1000;

	(void)e;
	text_int(q->terms->terminal, &app);
	order_name(o, name);
	pay_info(&info, "Nop phi ho so ", o->subject);
	buf_printf(&data, "%s|%s|" APP_USER "|%" PRId64 "|%" PRId64 "|%s|[]",
	    q->terms->terminal, name, o->amount.dong, at_ms, embed);
	json_put_int(body, "app_id", app);
	json_put_text(body, "app_user", APP_USER);
	json_put_text(body, "app_trans_id", name);
	json_put_int(body, "app_time", at_ms);
	json_put_int(body, "expire_duration_seconds",
	    (o->expires_us - o->created_us) / CLOCK_SEC_US);
	json_put_int(body, "amount", o->amount.dong);
	json_put_text(body, "item", "[]");
	json_put_text(body, "embed_data", embed);
	json_put_text(body, "description", info.data);
	json_put_text(body, "bank_code", "");
	json_put_text(body, "callback_url", q->terms->notice_url);
	put_mac(q->terms, &data, body);
	put_call(q->terms, "/v2/create", body, out);
	free(embed);
	buf_release(&info);
	buf_release(&data);
	return true;
}

static bool
open_read(const struct pay_question *q, const struct pay_raw *raw,
    struct buf *url, struct err *e)
{
	struct json *j = NULL;
	const char *pay;
	bool ok = false;

	(void)q;
	if (!pay_parse("zalopay", raw, &j, e))
		return false;
	pay = json_text(j, "order_url", "");
	if (json_int(j, "return_code", 0) != 1 ||
	    strncmp(pay, "https://", 8) != 0) {
		err_set(e, ERR_PROVIDER,
		    "zalopay: create answers %" PRId64 "/%" PRId64,
		    json_int(j, "return_code", 0),
		    json_int(j, "sub_return_code", 0));
		goto out;
	}
	buf_puts(url, pay);
	ok = true;

out:
	json_free(j);
	return ok;
}

static bool
query_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	struct json *body = json_new_object();
	struct buf data = { 0 };
	char name[NAME_MAX];
	int64_t app = 0;

	(void)e;
	text_int(q->terms->terminal, &app);
	order_name(q->order, name);
	buf_printf(
	    &data, "%s|%s|%s", q->terms->terminal, name, q->terms->own_secret);
	json_put_int(body, "app_id", app);
	json_put_text(body, "app_trans_id", name);
	put_mac(q->terms, &data, body);
	put_call(q->terms, "/v2/query", body, out);
	buf_release(&data);
	return true;
}

/* The answer is not signed and names no order; it came by TLS to the one
 * that was asked about. */
static bool
query_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct json *j = NULL;
	int64_t code, txn;
	bool ok = false;

	if (!pay_parse("zalopay", raw, &j, e))
		return false;
	code = json_int(j, "return_code", 0);
	txn = json_int(j, "zp_trans_id", 0);
	put_number(out->code, code);
	if (!pay_code_find("zalopay query", out->code, &out->outcome)) {
		err_set(
		    e, ERR_PROVIDER, "zalopay: query answers %s", out->code);
		goto out;
	}
	if (out->outcome == PAY_PAID && txn <= 0)
		out->outcome = PAY_DOUBT;
	/* Before it is paid, ZaloPay says 0. */
	out->amount.dong =
	    code == 3 ? q->order->amount.dong : json_int(j, "amount", -1);
	snprintf(out->ref, sizeof(out->ref), "%s", q->order->ref);
	snprintf(
	    out->terminal, sizeof(out->terminal), "%s", q->terms->terminal);
	if (txn > 0)
		put_number(out->txn, txn);
	out->raw = blob_copy(raw->body, raw->body_len);
	ok = true;

out:
	json_free(j);
	return ok;
}

#define REFUND_NAME_MAX 64

static void
refund_name(const struct pay_question *q, char out[REFUND_NAME_MAX])
{
	char stamp[CLOCK_STAMP_LEN];

	clock_vn_stamp(q->refund->asked_us, stamp);
	snprintf(out, REFUND_NAME_MAX, "%.6s_%s_%s", stamp + 2,
	    q->terms->terminal, q->refund->ref);
}

static bool
refund_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	const struct pay_refund *r = q->refund;
	struct json *body = json_new_object();
	struct buf data = { 0 }, info = { 0 };
	int64_t app = 0, at_ms = q->now_us / 1000;
	char name[REFUND_NAME_MAX];

	(void)e;
	text_int(q->terms->terminal, &app);
	refund_name(q, name);
	pay_info(&info, "Hoan phi ", r->ref);
	buf_printf(&data, "%s|%s|%" PRId64 "|%s|%" PRId64, q->terms->terminal,
	    r->txn, r->amount.dong, info.data, at_ms);
	json_put_int(body, "app_id", app);
	json_put_text(body, "m_refund_id", name);
	json_put_text(body, "zp_trans_id", r->txn);
	json_put_int(body, "amount", r->amount.dong);
	json_put_int(body, "timestamp", at_ms);
	json_put_text(body, "description", info.data);
	put_mac(q->terms, &data, body);
	put_call(q->terms, "/v2/refund", body, out);
	buf_release(&info);
	buf_release(&data);
	return true;
}

static bool
refund_query_call(
    const struct pay_question *q, struct pay_call *out, struct err *e)
{
	struct json *body = json_new_object();
	int64_t app = 0, at_ms = q->now_us / 1000;
	char name[REFUND_NAME_MAX];
	struct buf data = { 0 };

	(void)e;
	text_int(q->terms->terminal, &app);
	refund_name(q, name);
	buf_printf(&data, "%s|%s|%" PRId64, q->terms->terminal, name, at_ms);
	json_put_int(body, "app_id", app);
	json_put_text(body, "m_refund_id", name);
	json_put_int(body, "timestamp", at_ms);
	put_mac(q->terms, &data, body);
	put_call(q->terms, "/v2/query_refund", body, out);
	buf_release(&data);
	return true;
}

/* Not signed and without a name: by TLS, to the one that was asked about. */
static bool
refund_answer(const char *of, const struct pay_raw *raw,
    struct pay_refunded *out, struct err *e)
{
	struct json *j = NULL;
	int64_t txn;

	if (!pay_parse("zalopay", raw, &j, e))
		return false;
	txn = json_int(j, "refund_id", 0);
	snprintf(out->code, sizeof(out->code), "%" PRId64 "/%" PRId64,
	    json_int(j, "return_code", 0), json_int(j, "sub_return_code", 0));
	json_free(j);
	if (!pay_code_find_refund(of, out->code, &out->outcome))
		return err_set(
		    e, ERR_PROVIDER, "zalopay: refund answers %s", out->code);
	if (txn > 0)
		snprintf(out->txn, sizeof(out->txn), "%" PRId64, txn);
	return true;
}

static bool
refund_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_refunded *out, struct err *e)
{
	(void)q;
	return refund_answer("zalopay refund", raw, out, e);
}

static bool
refund_query_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_refunded *out, struct err *e)
{
	(void)q;
	return refund_answer("zalopay query_refund", raw, out, e);
}

const struct pay_adapter pay_zalopay = {
	.method = "POST",
	.open_call = open_call,
	.open_read = open_read,
	.read_notice = read_notice,
	.read_return = read_return,
	.answer = answer,
	.query_call = query_call,
	.query_read = query_read,
	.refund_call = refund_call,
	.refund_read = refund_read,
	.refund_query_call = refund_query_call,
	.refund_query_read = refund_query_read,
};
