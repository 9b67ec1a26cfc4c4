/*
 * VNPay, PAY 2.1.0: the pay address, the notice (IPN), the return; what we
 * ask it is pay_vnpay_api.c.
 *
 * Its MAC is HMAC-SHA512 in lower-case hex over "name=value" pairs sorted by
 * name and joined by &.  Amounts are đồng times 100; stamps are Vietnamese
 * time.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/pairs.h"
#include "adapters/pay_codes.h"
#include "adapters/pay_vnpay.h"
#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/mac.h"

#define HASH_NAME      VNPAY_HASH_NAME
#define HASH_TYPE_NAME "vnp_SecureHashType"
#define AMOUNT_MAX     INT64_C(999999999999) /* twelve digits, times 100 */

static void
put_pair(struct buf *out, const char *name, const char *value)
{
	if (value[0] == '\0')
		return;
	if (out->len > 0)
		buf_puts(out, "&");
	buf_puts(out, name);
	buf_puts(out, "=");
	pairs_encode(out, value);
}

static const char *
payer_ip(const struct pay_terms *t, const struct pay_order *o)
{
	size_t len = o->payer_ip == NULL ? 0 : strlen(o->payer_ip);

	return len >= 7 && len <= 45 ? o->payer_ip : t->our_ip;
}

static bool
start(const struct pay_terms *t, const struct pay_order *o, struct buf *url,
    struct err *e)
{
	char created[CLOCK_STAMP_LEN], expires[CLOCK_STAMP_LEN], amount[24];
	struct buf data = { 0 }, info = { 0 };

	if (o->amount.dong <= 0 || o->amount.dong > AMOUNT_MAX / 100)
		return err_set(e, ERR_WRONG_AMOUNT, "vnpay: %lld dong",
		    (long long)o->amount.dong);

	snprintf(
	    amount, sizeof(amount), "%lld", (long long)o->amount.dong * 100);
	clock_vn_stamp(o->created_us, created);
	clock_vn_stamp(o->expires_us, expires);
	pay_info(&info, "Nop phi ho so ", o->subject);

	/* In byte order of the names, as the MAC wants them. */
	put_pair(&data, "vnp_Amount", amount);
	put_pair(&data, "vnp_Command", "pay");
	put_pair(&data, "vnp_CreateDate", created);
	put_pair(&data, "vnp_CurrCode", "VND");
	put_pair(&data, "vnp_ExpireDate", expires);
	put_pair(&data, "vnp_IpAddr", payer_ip(t, o));
	put_pair(&data, "vnp_Locale", o->english ? "en" : "vn");
	put_pair(&data, "vnp_OrderInfo", info.data);
	put_pair(&data, "vnp_OrderType", "other");
	put_pair(&data, "vnp_ReturnUrl", t->return_url);
	put_pair(&data, "vnp_TmnCode", t->terminal);
	put_pair(&data, "vnp_TxnRef", o->ref);
	put_pair(&data, "vnp_Version", "2.1.0");

	buf_printf(url, "%s?%s&" HASH_NAME "=", t->pay_url, data.data);
	pay_sign(MAC_SHA512, t->own_secret, &data, url);
	buf_release(&info);
	buf_release(&data);
	return true;
}

/* Only vnp_* is hashed, but for the hash itself and its type, which 2.1.0
 * does not know. */
static bool
is_hashed(const char *name)
{
	return strncmp(name, "vnp_", 4) == 0 && strcmp(name, HASH_NAME) != 0 &&
	       strcmp(name, HASH_TYPE_NAME) != 0;
}

static void
put_data(const struct pairs *p, bool raw, bool empties, struct buf *out)
{
	for (size_t i = 0; i < p->count; i++) {
		const struct pair *it = &p->item[i];

		if (!is_hashed(it->name) || (!empties && it->raw[0] == '\0'))
			continue;
		if (out->len > 0)
			buf_puts(out, "&");
		buf_puts(out, it->name);
		buf_puts(out, "=");
		if (raw)
			buf_puts(out, it->raw);
		else
			pairs_encode(out, it->value);
	}
}

/*
 * Senders differ in how they escape and in whether a pair without a value is
 * hashed.  Every form is keyed and made from the very pairs whose values are
 * used, so that any of them proves the same.  As it came is tried first.
 */
static bool
pairs_proved(const struct pay_terms *t, const struct pairs *p, size_t *which)
{
	struct pay_proof proof = { .hex = pairs_find(p, HASH_NAME) };
	struct buf data = { 0 };
	bool ok = false;

	for (unsigned form = 0; form < 4 && !ok; form++) {
		data.len = 0;
		put_data(p, form % 2 == 0, form < 2, &data);
		ok = pay_proves(t, MAC_SHA512, &data, &proof);
	}
	buf_release(&data);
	*which = proof.secret;
	return ok;
}

int64_t
vnpay_amount(const char *s, const char *currency)
{
	int64_t n;

	if (!text_int(s, &n) || n <= 0 || n > AMOUNT_MAX || n % 100 != 0)
		return -1;
	if (currency[0] != '\0' && strcmp(currency, "VND") != 0)
		return -1;
	return n / 100;
}

bool
vnpay_is_txn(const char *s)
{
	size_t len = strlen(s);

	return len >= 1 && len <= 15 && strspn(s, "0123456789") == len &&
	       strspn(s, "0") < len;
}

enum pay_outcome
vnpay_outcome(const char *response, const char *status)
{
	enum pay_outcome outcome = PAY_DOUBT;
	struct buf both = { 0 };

	buf_printf(&both, "%s/%s", response, status);
	pay_code_find("vnpay", both.data, &outcome);
	buf_release(&both);
	return outcome;
}

bool
vnpay_take(char *out, size_t cap, const char *value)
{
	int n = snprintf(out, cap, "%s", value);

	return n >= 0 && (size_t)n < cap;
}

static bool
fill(const struct pairs *p, struct pay_notice *out)
{
	const char *response = pairs_find(p, "vnp_ResponseCode");
	const char *status = pairs_find(p, "vnp_TransactionStatus");
	const char *txn = pairs_find(p, "vnp_TransactionNo");

	out->outcome = vnpay_outcome(response, status);
	if (out->outcome == PAY_PAID && !vnpay_is_txn(txn))
		out->outcome = PAY_DOUBT;
	out->amount.dong = vnpay_amount(
	    pairs_find(p, "vnp_Amount"), pairs_find(p, "vnp_CurrCode"));
	snprintf(out->code, sizeof(out->code), "%.4s/%.4s", response, status);
	return vnpay_take(
		   out->ref, sizeof(out->ref), pairs_find(p, "vnp_TxnRef")) &&
	       vnpay_take(out->terminal, sizeof(out->terminal),
		   pairs_find(p, "vnp_TmnCode")) &&
	       vnpay_take(
		   out->txn, sizeof(out->txn), vnpay_is_txn(txn) ? txn : "");
}

static bool
has_input(const struct pairs *p)
{
	for (size_t i = 0; i < p->count; i++)
		if (strncmp(p->item[i].name, "vnp_", 4) == 0)
			return true;
	return false;
}

static bool
read_notice(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct pairs p;
	bool ok = false;

	if (!pairs_read(raw->query, &p, e)) {
		e->code = ERR_UNAUTHENTICATED;
		return false;
	}
	if (!has_input(&p)) {
		err_set(e, ERR_MISSING_FIELD, "vnpay: nothing in it");
		goto out;
	}
	if (!pairs_proved(t, &p, &out->secret)) {
		err_set(e, ERR_UNAUTHENTICATED, "vnpay: wrong MAC");
		goto out;
	}
	if (!fill(&p, out)) {
		err_set(e, ERR_UNAUTHENTICATED, "vnpay: a value too long");
		goto out;
	}
	out->raw = blob_copy(raw->query, strlen(raw->query));
	ok = true;

out:
	pairs_release(&p);
	return ok;
}

/* HTTP 200 always: VNPay reads the code alone, and calls again for anything
 * but 00 and 02. */
static void
answer(enum pay_answer a, const struct pay_heard *h, struct pay_reply *out)
{
	static const struct {
		const char *code, *message;
	} words[] = {
		[PAY_ANSWER_DONE] = { "00", "Confirm Success" },
		[PAY_ANSWER_ALREADY] = { "02", "Order already confirmed" },
		[PAY_ANSWER_UNKNOWN] = { "01", "Order not found" },
		[PAY_ANSWER_OTHER_AMOUNT] = { "04", "invalid amount" },
		[PAY_ANSWER_CLASH] = { "99", "Unknow error" },
		[PAY_ANSWER_BAD_MAC] = { "97", "Invalid signature" },
		[PAY_ANSWER_FLOOD] = { "97", "Invalid signature" },
		[PAY_ANSWER_NO_INPUT] = { "99", "Input data required" },
		[PAY_ANSWER_TROUBLE] = { "99", "Unknow error" },
	};

	(void)h;
	out->status = 200;
	out->type = "application/json";
	buf_printf(&out->body, "{\"RspCode\":\"%s\",\"Message\":\"%s\"}",
	    words[a].code, words[a].message);
}

const struct pay_adapter pay_vnpay = {
	.method = "GET",
	.start = start,
	.read_notice = read_notice,
	.read_return = read_notice,
	.answer = answer,
	.query_call = vnpay_query_call,
	.query_read = vnpay_query_read,
	.refund_call = vnpay_refund_call,
	.refund_read = vnpay_refund_read,
	.refund_query_call = vnpay_query_call,
	.refund_query_read = vnpay_refund_query_read,
};
