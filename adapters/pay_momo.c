/*
 * MoMo, AIO v2 (captureWallet): create, notice (IPN), return, query, refund.
 *
 * Its MAC is HMAC-SHA256 in lower-case hex over "name=value" joined by & in
 * the order of the names; the access key is in it and never in a notice.
 * Nothing is escaped, so a value with & or = in it could be cut in another
 * way under the same MAC: such a notice is in doubt, and asked about.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/pairs.h"
#include "adapters/pay_codes.h"
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"

#define LEAST    1000
#define MOST     50000000
#define OPEN_MS  30000 /* MoMo asks for no less */
#define QUERY_MS 30000

/* What a notice and a return sign, in order, but for the access key. */
enum {
	SAID_AMOUNT,
	SAID_EXTRA,
	SAID_MESSAGE,
	SAID_ORDER,
	SAID_INFO,
	SAID_ORDER_TYPE,
	SAID_PARTNER,
	SAID_PAY_TYPE,
	SAID_REQUEST,
	SAID_TIME,
	SAID_RESULT,
	SAID_TXN,
	SAID_COUNT
};

static const char *const said_names[SAID_COUNT] = { "amount", "extraData",
	"message", "orderId", "orderInfo", "orderType", "partnerCode",
	"payType", "requestId", "responseTime", "resultCode", "transId" };

#define VALUE_MAX 512

struct said {
	char value[SAID_COUNT][VALUE_MAX];
	char signature[2 * MAC_SHA256 + 2];
};

static bool
proved(const struct pay_terms *t, const struct said *s, size_t *which)
{
	struct pay_proof proof = { .hex = s->signature };
	struct buf data = { 0 };
	bool ok;

	buf_printf(&data, "accessKey=%s", t->access_key);
	for (size_t i = 0; i < SAID_COUNT; i++)
		buf_printf(&data, "&%s=%s", said_names[i], s->value[i]);
	ok = pay_proves(t, MAC_SHA256, &data, &proof);
	buf_release(&data);
	*which = proof.secret;
	return ok;
}

/* MoMo's lists have changed over the years, so that the configuration may say
 * otherwise.  What an answer has no word of its own for, it says as a notice
 * does. */
static enum pay_outcome
read_outcome(const struct pay_terms *t, const char *of, const char *result)
{
	enum pay_outcome said = PAY_PENDING;

	if (!pay_code(t, result, &said) && !pay_code_find(of, result, &said))
		pay_code_find("momo", result, &said);
	return said;
}

static bool
can_be_cut_otherwise(const struct said *s)
{
	for (size_t i = 0; i < SAID_COUNT; i++)
		if (strpbrk(s->value[i], "&=") != NULL)
			return true;
	return false;
}

static int64_t
read_amount(const char *s)
{
	int64_t n;

	return text_int(s, &n) && n > 0 ? n : -1;
}

static bool
is_txn(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= 20 && strspn(s, "0123456789") == len &&
	       s[0] != '0';
}

/* We sent the order's reference as the request's too, and no extra data. */
static void
fill(const struct pay_terms *t, const struct said *s, struct pay_notice *out)
{
	const char *txn = s->value[SAID_TXN];

	out->outcome = read_outcome(t, "momo", s->value[SAID_RESULT]);
	out->amount.dong = read_amount(s->value[SAID_AMOUNT]);
	if (can_be_cut_otherwise(s) || s->value[SAID_EXTRA][0] != '\0' ||
	    strcmp(s->value[SAID_REQUEST], s->value[SAID_ORDER]) != 0 ||
	    (out->outcome == PAY_PAID && !is_txn(txn)))
		out->outcome = PAY_DOUBT;
	snprintf(out->ref, sizeof(out->ref), "%.100s", s->value[SAID_ORDER]);
	snprintf(out->terminal, sizeof(out->terminal), "%.64s",
	    s->value[SAID_PARTNER]);
	snprintf(out->txn, sizeof(out->txn), "%.64s", is_txn(txn) ? txn : "");
	snprintf(out->code, sizeof(out->code), "%.40s", s->value[SAID_RESULT]);
}

static bool
prove_and_fill(const struct pay_terms *t, const struct said *s,
    struct pay_notice *out, struct err *e)
{
	if (!proved(t, s, &out->secret))
		return err_set(e, ERR_UNAUTHENTICATED, "momo: wrong MAC");
	fill(t, s, out);
	return true;
}

static bool
read_body(const struct json *j, struct said *s, struct err *e)
{
	bool ok = json_kind(j) == JSON_KIND_OBJECT;

	for (size_t i = 0; ok && i < SAID_COUNT; i++)
		ok = pay_lexeme(j, said_names[i], s->value[i], VALUE_MAX);
	ok = ok &&
	     pay_lexeme(j, "signature", s->signature, sizeof(s->signature));
	if (!ok)
		return err_set(
		    e, ERR_UNAUTHENTICATED, "momo: a field is malformed");
	return true;
}

static bool
read_notice(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct json *j = NULL;
	struct said s = { 0 };
	bool ok = false;

	if (raw->body_len == 0)
		return err_set(e, ERR_MISSING_FIELD, "momo: no body");
	if (!json_parse((const char *)raw->body, raw->body_len, &j, e)) {
		e->code = ERR_UNAUTHENTICATED;
		goto out;
	}
	if (!read_body(j, &s, e) || !prove_and_fill(t, &s, out, e))
		goto out;
	out->raw = blob_copy(raw->body, raw->body_len);
	ok = true;

out:
	json_free(j);
	return ok;
}

/* The same fields in the query. */
static bool
read_return(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct pairs p;
	struct said s = { 0 };
	bool ok;

	if (!pairs_read(raw->query, &p, e))
		return false;
	for (size_t i = 0; i < SAID_COUNT; i++)
		snprintf(
		    s.value[i], VALUE_MAX, "%s", pairs_find(&p, said_names[i]));
	snprintf(s.signature, sizeof(s.signature), "%s",
	    pairs_find(&p, "signature"));
	ok = prove_and_fill(t, &s, out, e);
	pairs_release(&p);
	return ok;
}

/* MoMo reads the status alone, and promises no second call. */
static void
answer(enum pay_answer a, const struct pay_heard *h, struct pay_reply *out)
{
	static const int status[] = {
		[PAY_ANSWER_TROUBLE] = 503,
		[PAY_ANSWER_DONE] = 204,
		[PAY_ANSWER_ALREADY] = 204,
		[PAY_ANSWER_UNKNOWN] = 204,
		[PAY_ANSWER_OTHER_AMOUNT] = 204,
		[PAY_ANSWER_CLASH] = 204,
		[PAY_ANSWER_BAD_MAC] = 400,
		[PAY_ANSWER_FLOOD] = 429,
		[PAY_ANSWER_NO_INPUT] = 400,
	};

	(void)h;
	out->status = status[a];
	out->type = "text/plain";
}

/* What we send: names in order, and whether MoMo's JSON wants a number. */
struct field {
	const char *name, *value;
	bool number, unsent; /* the access key is signed and not sent */
};

static void
put_call(const struct pay_terms *t, const char *path,
    const struct field *fields, struct pay_call *out)
{
	struct json *j = json_new_object();
	struct buf data = { 0 }, hex = { 0 };
	int64_t n = 0;
	char *body;

	for (const struct field *f = fields; f->name != NULL; f++) {
		buf_printf(&data, "%s%s=%s", data.len == 0 ? "" : "&", f->name,
		    f->value);
		if (f->number && text_int(f->value, &n))
			json_put_int(j, f->name, n);
		else if (!f->unsent)
			json_put_text(j, f->name, f->value);
	}
	pay_sign(MAC_SHA256, t->own_secret, &data, &hex);
	json_put_text(j, "signature", hex.data);
	json_put_text(j, "lang", "vi");
	body = json_write(j);
	buf_puts(&out->body, body);
	buf_printf(&out->url, "%s%s", t->api_url, path);
	free(body);
	json_free(j);
	buf_release(&hex);
	buf_release(&data);
}

static bool
open_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	const struct pay_order *o = q->order;
	struct buf info = { 0 };
	char amount[24];

	if (o->amount.dong < LEAST || o->amount.dong > MOST)
		return err_set(e, ERR_WRONG_AMOUNT, "momo: %" PRId64 " dong",
		    o->amount.dong);
	snprintf(amount, sizeof(amount), "%" PRId64, o->amount.dong);
	pay_info(&info, "Nop phi ho so ", o->subject);
	put_call(q->terms, "/v2/gateway/api/create",
	    (const struct field[]){
		{ "accessKey", q->terms->access_key, false, true },
		{ "amount", amount, true, false },
		{ "extraData", "", false, false },
		{ "ipnUrl", q->terms->notice_url, false, false },
		{ "orderId", o->ref, false, false },
		{ "orderInfo", info.data, false, false },
		{ "partnerCode", q->terms->terminal, false, false },
		{ "redirectUrl", q->terms->return_url, false, false },
		{ "requestId", o->ref, false, false },
		{ "requestType", "captureWallet", false, false },
		{ NULL, NULL, false, false } },
	    out);
	out->timeout_ms = OPEN_MS;
	buf_release(&info);
	return true;
}

/* Answers to create and query are not signed: they come by TLS, and must be
 * about our order. */
static bool
parse_ours(const struct pay_question *q, const struct pay_raw *raw,
    struct json **out, struct err *e)
{
	struct json *j = NULL;

	if (!pay_parse("momo", raw, &j, e))
		return false;
	if (strcmp(json_text(j, "partnerCode", ""), q->terms->terminal) != 0 ||
	    strcmp(json_text(j, "orderId", ""), q->order->ref) != 0) {
		json_free(j);
		return err_set(e, ERR_PROVIDER, "momo: of another order");
	}
	*out = j;
	return true;
}

static bool
open_read(const struct pay_question *q, const struct pay_raw *raw,
    struct buf *url, struct err *e)
{
	struct json *j = NULL;
	const char *pay;
	bool ok = false;

	if (!parse_ours(q, raw, &j, e))
		return false;
	pay = json_text(j, "payUrl", "");
	if (json_int(j, "resultCode", -1) != 0 ||
	    json_int(j, "amount", -1) != q->order->amount.dong ||
	    strncmp(pay, "https://", 8) != 0) {
		err_set(e, ERR_PROVIDER, "momo: create answers %" PRId64,
		    json_int(j, "resultCode", -1));
		goto out;
	}
	buf_puts(url, pay);
	ok = true;

out:
	json_free(j);
	return ok;
}

/* What became of an order, or of a refund: each under its own reference. */
static void
ask_about(const struct pay_question *q, const char *path, const char *ref,
    struct pay_call *out)
{
	char id[33];
	uint8_t fresh[16];

	mac_random(fresh, sizeof(fresh));
	text_hex(fresh, sizeof(fresh), id);
	put_call(q->terms, path,
	    (const struct field[]){
		{ "accessKey", q->terms->access_key, false, true },
		{ "orderId", ref, false, false },
		{ "partnerCode", q->terms->terminal, false, false },
		{ "requestId", id, false, false },
		{ NULL, NULL, false, false } },
	    out);
	out->timeout_ms = QUERY_MS;
}

static bool
query_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	(void)e;
	ask_about(q, "/v2/gateway/api/query", q->order->ref, out);
	return true;
}

static bool
query_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	char result[VALUE_MAX], amount[VALUE_MAX], txn[VALUE_MAX];
	struct json *j = NULL;
	bool ok = false;

	if (!parse_ours(q, raw, &j, e))
		return false;
	if (!pay_lexeme(j, "resultCode", result, sizeof(result)) ||
	    !pay_lexeme(j, "amount", amount, sizeof(amount)) ||
	    !pay_lexeme(j, "transId", txn, sizeof(txn)) || result[0] == '\0') {
		err_set(e, ERR_PROVIDER, "momo: query: a field is malformed");
		goto out;
	}
	out->outcome = read_outcome(q->terms, "momo query", result);
	if (out->outcome == PAY_PAID && !is_txn(txn))
		out->outcome = PAY_DOUBT;
	out->amount.dong = read_amount(amount);
	snprintf(out->ref, sizeof(out->ref), "%s", q->order->ref);
	snprintf(
	    out->terminal, sizeof(out->terminal), "%s", q->terms->terminal);
	snprintf(out->txn, sizeof(out->txn), "%.64s", is_txn(txn) ? txn : "");
	snprintf(out->code, sizeof(out->code), "%.40s", result);
	out->raw = blob_copy(raw->body, raw->body_len);
	ok = true;

out:
	json_free(j);
	return ok;
}

/* A refund is an order of its own, under our reference of it, which is also
 * what MoMo tells repetitions by, for 31 days. */
static bool
refund_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	const struct pay_refund *r = q->refund;
	char amount[24];

	if (r->amount.dong < LEAST || r->amount.dong > MOST)
		return err_set(e, ERR_WRONG_AMOUNT, "momo: %" PRId64 " dong",
		    r->amount.dong);
	snprintf(amount, sizeof(amount), "%" PRId64, r->amount.dong);
	put_call(q->terms, "/v2/gateway/api/refund",
	    (const struct field[]){
		{ "accessKey", q->terms->access_key, false, true },
		{ "amount", amount, true, false },
		{ "description", "", false, false },
		{ "orderId", r->ref, false, false },
		{ "partnerCode", q->terms->terminal, false, false },
		{ "requestId", r->ref, false, false },
		{ "transId", r->txn, true, false },
		{ NULL, NULL, false, false } },
	    out);
	out->timeout_ms = OPEN_MS;
	return true;
}

static bool
refund_query_call(
    const struct pay_question *q, struct pay_call *out, struct err *e)
{
	(void)e;
	ask_about(q, "/v2/gateway/api/refund/query", q->refund->ref, out);
	return true;
}

/* Not signed either: by TLS, and about our refund and its amount. */
static bool
refund_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_refunded *out, struct err *e)
{
	const struct pay_order refund = { .ref = q->refund->ref };
	const struct pay_question about = { .terms = q->terms,
		.order = &refund };
	char code[VALUE_MAX], txn[VALUE_MAX];
	struct json *j = NULL;
	bool ok = false;

	if (!parse_ours(&about, raw, &j, e))
		return false;
	if (!pay_lexeme(j, "resultCode", code, sizeof(code)) ||
	    code[0] == '\0' || !pay_lexeme(j, "transId", txn, sizeof(txn))) {
		err_set(e, ERR_PROVIDER, "momo: refund: a field is malformed");
		goto out;
	}
	pay_keep(out->code, sizeof(out->code), code);
	if (!pay_code_find_refund("momo refund", code, &out->outcome)) {
		err_set(e, ERR_PROVIDER, "momo: refund answers %s", out->code);
		goto out;
	}
	if (out->outcome == PAY_REFUND_DONE &&
	    json_int(j, "amount", -1) != q->refund->amount.dong) {
		err_set(e, ERR_PROVIDER, "momo: refund of another amount");
		goto out;
	}
	snprintf(out->txn, sizeof(out->txn), "%.64s", is_txn(txn) ? txn : "");
	ok = true;

out:
	json_free(j);
	return ok;
}

const struct pay_adapter pay_momo = {
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
	.refund_query_read = refund_read,
};
