/*
 * VNPay's merchant API: querydr and refund, one address for both.
 *
 * MACs are HMAC-SHA512 in lower-case hex over values joined by |, in an order
 * of its own for each message.  A value that holds a | could be cut in
 * another way under the same MAC, so that none may.
 *
 * VNPay has no question about a refund: querydr says what was last done with
 * the order.  The refund's reference stands in its description and comes back
 * in the answer, which tells it from any other refund of the same order; and
 * it is the request's id, so that what was asked for twice is answered 94.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/pay_codes.h"
#include "adapters/pay_vnpay.h"
#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/mac.h"

#define QUERY_MS  10000
#define REFUND_MS 30000
#define WHOLE     "02"
#define PART      "03"

/* What is sent: names in the order of the MAC; a NULL name ends it. */
struct field {
	const char *name, *value;
};

static void
put_call(const struct pay_terms *t, const struct field *fields, int timeout_ms,
    struct pay_call *out)
{
	struct buf data = { 0 }, hex = { 0 };
	struct json *j = json_new_object();
	char *body;

	for (const struct field *f = fields; f->name != NULL; f++) {
		buf_printf(&data, "%s%s", data.len == 0 ? "" : "|", f->value);
		json_put_text(j, f->name, f->value);
	}
	pay_sign(MAC_SHA512, t->own_secret, &data, &hex);
	json_put_text(j, VNPAY_HASH_NAME, hex.data);
	body = json_write(j);
	buf_puts(&out->body, body);
	buf_puts(&out->url, t->api_url);
	out->timeout_ms = timeout_ms;
	free(body);
	json_free(j);
	buf_release(&hex);
	buf_release(&data);
}

bool
vnpay_query_call(
    const struct pay_question *q, struct pay_call *out, struct err *e)
{
	char ordered[CLOCK_STAMP_LEN], created[CLOCK_STAMP_LEN], id[33];
	struct buf info = { 0 };
	uint8_t fresh[16];

	(void)e;
	mac_random(fresh, sizeof(fresh));
	text_hex(fresh, sizeof(fresh), id);
	clock_vn_stamp(q->order->created_us, ordered);
	clock_vn_stamp(q->now_us, created);
	pay_info(&info, "Truy van ", q->order->ref);
	put_call(q->terms,
	    (const struct field[]){ { "vnp_RequestId", id },
		{ "vnp_Version", "2.1.0" }, { "vnp_Command", "querydr" },
		{ "vnp_TmnCode", q->terms->terminal },
		{ "vnp_TxnRef", q->order->ref },
		{ "vnp_TransactionDate", ordered },
		{ "vnp_CreateDate", created },
		{ "vnp_IpAddr", q->terms->our_ip },
		{ "vnp_OrderInfo", info.data }, { NULL, NULL } },
	    QUERY_MS, out);
	buf_release(&info);
	return true;
}

/* The fields of an answer in the order of its MAC, NULL at the end; a missing
 * one counts as empty. */
static const char *const queried[] = {
	"vnp_ResponseId",
	"vnp_Command",
	"vnp_ResponseCode",
	"vnp_Message",
	"vnp_TmnCode",
	"vnp_TxnRef",
	"vnp_Amount",
	"vnp_BankCode",
	"vnp_PayDate",
	"vnp_TransactionNo",
	"vnp_TransactionType",
	"vnp_TransactionStatus",
	"vnp_OrderInfo",
	"vnp_PromotionCode",
	"vnp_PromotionAmount",
	NULL,
};

/* To a refund: the same without the promotion. */
static const char *const refunded[] = {
	"vnp_ResponseId",
	"vnp_Command",
	"vnp_ResponseCode",
	"vnp_Message",
	"vnp_TmnCode",
	"vnp_TxnRef",
	"vnp_Amount",
	"vnp_BankCode",
	"vnp_PayDate",
	"vnp_TransactionNo",
	"vnp_TransactionType",
	"vnp_TransactionStatus",
	"vnp_OrderInfo",
	NULL,
};

/* An answer under VNPay's MAC, and under which of the secrets. */
struct said {
	struct json *j;
	size_t secret;
};

static bool
is_proved(const struct pay_terms *t, struct said *s, const char *const *names)
{
	struct pay_proof proof = { .hex =
				       json_text(s->j, VNPAY_HASH_NAME, "") };
	struct buf data = { 0 };
	bool ok = true;

	for (size_t i = 0; names[i] != NULL; i++) {
		const char *value = json_text(s->j, names[i], "");

		ok = ok && strchr(value, '|') == NULL;
		buf_printf(&data, "%s%s", i == 0 ? "" : "|", value);
	}
	ok = ok && pay_proves(t, MAC_SHA512, &data, &proof);
	buf_release(&data);
	s->secret = proof.secret;
	return ok;
}

/* The caller frees out->j, whatever this returns. */
static bool
read_answer(const struct pay_question *q, const struct pay_raw *raw,
    const char *const *names, struct said *out, struct err *e)
{
	if (!pay_parse("vnpay", raw, &out->j, e))
		return false;
	if (!is_proved(q->terms, out, names))
		return err_set(e, ERR_PROVIDER, "vnpay: answer: wrong MAC");
	return true;
}

static bool
is_ours(const struct pay_question *q, const struct json *j, struct err *e)
{
	if (strcmp(json_text(j, "vnp_TxnRef", ""), q->order->ref) != 0)
		return err_set(e, ERR_PROVIDER, "vnpay: of another order");
	return true;
}

/* The API's 00 says that asking worked; what became of the money is the
 * transaction's status, and that of a payment (01), not of a refund. */
static bool
said_outcome(const struct json *j, struct pay_notice *out, struct err *e)
{
	const char *response = json_text(j, "vnp_ResponseCode", "");
	const char *status = json_text(j, "vnp_TransactionStatus", "");
	const char *type = json_text(j, "vnp_TransactionType", "");
	const char *txn = json_text(j, "vnp_TransactionNo", "");

	snprintf(out->code, sizeof(out->code), "%.4s/%.4s", response, status);
	if (pay_code_find("vnpay querydr", response, &out->outcome))
		return true;
	if (strcmp(response, "00") != 0)
		return err_set(
		    e, ERR_PROVIDER, "vnpay: querydr answers %s", out->code);
	out->outcome =
	    vnpay_outcome(strcmp(status, "00") == 0 ? "00" : "", status);
	if (out->outcome == PAY_PAID &&
	    (strcmp(type, "01") != 0 || !vnpay_is_txn(txn)))
		out->outcome = PAY_DOUBT;
	out->amount.dong = vnpay_amount(json_text(j, "vnp_Amount", ""), "");
	if (!vnpay_take(
		out->txn, sizeof(out->txn), vnpay_is_txn(txn) ? txn : ""))
		return err_set(e, ERR_PROVIDER, "vnpay: a value too long");
	return true;
}

bool
vnpay_query_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct said s = { 0 };
	bool ok = false;

	if (!read_answer(q, raw, queried, &s, e) ||
	    !said_outcome(s.j, out, e) || !is_ours(q, s.j, e))
		goto out;
	out->secret = s.secret;
	snprintf(out->ref, sizeof(out->ref), "%s", q->order->ref);
	snprintf(out->terminal, sizeof(out->terminal), "%.64s",
	    json_text(s.j, "vnp_TmnCode", ""));
	out->raw = blob_copy(raw->body, raw->body_len);
	ok = true;

out:
	json_free(s.j);
	return ok;
}

static void
refund_info(const struct pay_refund *r, struct buf *out)
{
	pay_info(out, "Hoan phi ", r->ref);
}

bool
vnpay_refund_call(
    const struct pay_question *q, struct pay_call *out, struct err *e)
{
	char ordered[CLOCK_STAMP_LEN], created[CLOCK_STAMP_LEN], amount[24];
	const struct pay_refund *r = q->refund;
	struct buf info = { 0 }, by = { 0 };

	(void)e;
	clock_vn_stamp(q->order->created_us, ordered);
	clock_vn_stamp(q->now_us, created);
	snprintf(amount, sizeof(amount), "%" PRId64, r->amount.dong * 100);
	refund_info(r, &info);
	pay_info(&by, "", r->by);
	put_call(q->terms,
	    (const struct field[]){ { "vnp_RequestId", r->ref },
		{ "vnp_Version", "2.1.0" }, { "vnp_Command", "refund" },
		{ "vnp_TmnCode", q->terms->terminal },
		{ "vnp_TransactionType", r->whole ? WHOLE : PART },
		{ "vnp_TxnRef", q->order->ref }, { "vnp_Amount", amount },
		{ "vnp_TransactionNo", r->txn },
		{ "vnp_TransactionDate", ordered }, { "vnp_CreateBy", by.data },
		{ "vnp_CreateDate", created },
		{ "vnp_IpAddr", q->terms->our_ip },
		{ "vnp_OrderInfo", info.data }, { NULL, NULL } },
	    REFUND_MS, out);
	buf_release(&by);
	buf_release(&info);
	return true;
}

static bool
refund_status(const struct json *j, struct pay_refunded *out, struct err *e)
{
	const char *status = json_text(j, "vnp_TransactionStatus", "");
	const char *txn = json_text(j, "vnp_TransactionNo", "");

	if (!pay_code_find_refund("vnpay refund status", status, &out->outcome))
		return err_set(
		    e, ERR_PROVIDER, "vnpay: refund: status %s", status);
	snprintf(
	    out->txn, sizeof(out->txn), "%s", vnpay_is_txn(txn) ? txn : "");
	return true;
}

static void
refund_code(const struct json *j, struct pay_refunded *out)
{
	snprintf(out->code, sizeof(out->code), "%.4s/%.4s",
	    json_text(j, "vnp_ResponseCode", ""),
	    json_text(j, "vnp_TransactionStatus", ""));
}

/* Whatever is in no table may be our fault or a moment's, and is no answer. */
static bool
refund_response(const struct json *j, struct pay_refunded *out, struct err *e)
{
	const char *response = json_text(j, "vnp_ResponseCode", "");

	refund_code(j, out);
	if (strcmp(response, "00") == 0)
		return refund_status(j, out, e);
	if (!pay_code_find_refund("vnpay refund", response, &out->outcome))
		return err_set(
		    e, ERR_PROVIDER, "vnpay: refund answers %s", out->code);
	return true;
}

bool
vnpay_refund_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_refunded *out, struct err *e)
{
	struct said s = { 0 };
	bool ok = read_answer(q, raw, refunded, &s, e) && is_ours(q, s.j, e) &&
		  refund_response(s.j, out, e);

	json_free(s.j);
	return ok;
}

/* Is the answer about this very refund, of this amount? */
static bool
is_this_refund(const struct pay_refund *r, const struct json *j)
{
	const char *type = json_text(j, "vnp_TransactionType", "");
	struct buf info = { 0 };
	bool ok;

	refund_info(r, &info);
	ok = (strcmp(type, WHOLE) == 0 || strcmp(type, PART) == 0) &&
	     strcmp(json_text(j, "vnp_OrderInfo", ""), info.data) == 0 &&
	     vnpay_amount(json_text(j, "vnp_Amount", ""), "") == r->amount.dong;
	buf_release(&info);
	return ok;
}

bool
vnpay_refund_query_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_refunded *out, struct err *e)
{
	struct said s = { 0 };
	bool ok = false;

	if (!read_answer(q, raw, queried, &s, e) || !is_ours(q, s.j, e))
		goto out;
	refund_code(s.j, out);
	if (strcmp(json_text(s.j, "vnp_ResponseCode", ""), "00") != 0) {
		err_set(
		    e, ERR_PROVIDER, "vnpay: querydr answers %s", out->code);
		goto out;
	}
	out->outcome = PAY_REFUND_ABSENT;
	ok = !is_this_refund(q->refund, s.j) || refund_status(s.j, out, e);

out:
	json_free(s.j);
	return ok;
}
