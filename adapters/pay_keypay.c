/*
 * KEYPAY_DVCQG 3.0, payment through the National Public Service Portal:
 * create, callback, detail, and the Portal's own question what a dossier owes.
 *
 * Its check_sum is HMAC-SHA256 in hex over values joined by |, under key 1 on
 * what we send and under key 2 on what calls back.  **It does not cover the
 * status**: the callback of a payment that failed, sent again with status 0,
 * proves itself.  So a callback is a reason to ask, and the detail alone is
 * believed (asks_first).
 *
 * A transaction_id has 20 characters: the random half of our reference.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/dvcqg_bill.h"
#include "adapters/pay_codes.h"
#include "adapters/piped.h"
#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"

#define CALL_MS 10000
#define ID_LEN  20

/* What a callback and a detail say. */
enum {
	SAID_FEE,
	SAID_CLIENT,
	SAID_COMMAND,
	SAID_AMOUNT,
	SAID_ID,
	SAID_VERSION,
	SAID_SIGNED, /* those above, in this order */
	SAID_STATUS = SAID_SIGNED,
	SAID_TXN,
	SAID_CURRENCY,
	SAID_COUNT
};

static const char *const said_names[SAID_COUNT] = { "addition_fee", "client_id",
	"command", "trans_amount", "transaction_id", "version", "status",
	"transaction_code", "currency_code" };

struct said {
	char value[SAID_COUNT][PIPED_MAX];
};

static bool
read_said(const struct json *j, struct said *s)
{
	return piped_read(j, said_names, SAID_COUNT, s->value);
}

static bool
proved(const struct pay_terms *t, const struct said *s, const char *hex,
    size_t *which)
{
	struct pay_proof proof = { .hex = hex };
	struct buf data = { 0 };
	bool ok;

	piped_join(s->value, SAID_SIGNED, &data);
	ok = pay_proves(t, MAC_SHA256, &data, &proof);
	buf_release(&data);
	*which = proof.secret;
	return ok;
}

static bool
is_among(const char *const *list, size_t count, const char *value)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(value, list[i]) == 0)
			return true;
	return false;
}

static enum pay_outcome
outcome(const struct pay_terms *t, const struct said *s)
{
	const char *status = s->value[SAID_STATUS];
	enum pay_outcome said = PAY_DOUBT;

	pay_code_find("keypay", status, &said);
	if (said == PAY_PAID && s->value[SAID_TXN][0] == '\0')
		return PAY_DOUBT;
	if (said == PAY_PENDING && is_among(t->failed, t->failed_count, status))
		return PAY_FAILED;
	return said;
}

/* A boundary that was moved leaves none of these as it was. */
static bool
is_ours(const struct said *s)
{
	return strcmp(s->value[SAID_COMMAND], "PAY") == 0 &&
	       strcmp(s->value[SAID_VERSION], "3.0") == 0 &&
	       strcmp(s->value[SAID_FEE], "0") == 0;
}

static void
fill(const struct said *s, struct pay_notice *out)
{
	const char *id = s->value[SAID_ID], *currency = s->value[SAID_CURRENCY];
	bool ours =
	    strlen(id) == ID_LEN && strspn(id, "0123456789abcdef") == ID_LEN;

	snprintf(out->mark, sizeof(out->mark), "%s", ours ? id : "");
	pay_keep(out->ref, sizeof(out->ref), ours ? "" : id);
	pay_keep(out->terminal, sizeof(out->terminal), s->value[SAID_CLIENT]);
	pay_keep(out->txn, sizeof(out->txn), s->value[SAID_TXN]);
	pay_keep(out->code, sizeof(out->code), s->value[SAID_STATUS]);
	if (!money_parse(s->value[SAID_AMOUNT], &out->amount) ||
	    (currency[0] != '\0' && strcmp(currency, "VND") != 0))
		out->amount.dong = -1;
}

static bool
read_notice(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	char hex[2 * MAC_SHA256 + 2];
	struct json *j = NULL;
	struct said s;
	bool ok = false;

	if (raw->body_len == 0)
		return err_set(e, ERR_MISSING_FIELD, "keypay: no body");
	if (!json_parse((const char *)raw->body, raw->body_len, &j, e) ||
	    !read_said(j, &s) ||
	    !pay_lexeme(j, "check_sum", hex, sizeof(hex))) {
		err_set(e, ERR_UNAUTHENTICATED, "keypay: not such a body");
		goto out;
	}
	if (!proved(t, &s, hex, &out->secret) || !is_ours(&s) ||
	    s.value[SAID_STATUS][0] == '\0') {
		err_set(e, ERR_UNAUTHENTICATED, "keypay: wrong check_sum");
		goto out;
	}
	fill(&s, out);
	out->outcome = outcome(t, &s);
	out->raw = blob_copy(raw->body, raw->body_len);
	ok = true;

out:
	json_free(j);
	return ok;
}

static void
put_info(const struct pay_order *o, struct buf *out)
{
	pay_info(out, "Nop phi ho so ", o->subject);
}

/* What else it repeats of what create has sent; it need not repeat it. */
static bool
is_echo(const struct pay_order *o, const struct pay_raw *raw)
{
	struct buf info = { 0 };
	struct json *j = NULL;
	struct err e;
	bool ok;

	put_info(o, &info);
	ok = json_parse((const char *)raw->body, raw->body_len, &j, &e) &&
	     strcmp(json_text(j, "description", info.data), info.data) == 0 &&
	     strcmp(json_text(j, "locale", "vn"), "vn") == 0 &&
	     strcmp(json_text(j, "country_code", "vi"), "vi") == 0;
	json_free(j);
	buf_release(&info);
	return ok;
}

static void
answer(enum pay_answer a, const struct pay_heard *h, struct pay_reply *out)
{
	static const char *const errors[] = {
		[PAY_ANSWER_TROUBLE] = "try again",
		[PAY_ANSWER_DONE] = NULL,
		[PAY_ANSWER_ALREADY] = NULL,
		[PAY_ANSWER_UNKNOWN] = "no such transaction",
		[PAY_ANSWER_OTHER_AMOUNT] = "another amount",
		[PAY_ANSWER_CLASH] = "transaction of another order",
		[PAY_ANSWER_BAD_MAC] = "wrong check_sum",
		[PAY_ANSWER_FLOOD] = "wrong check_sum",
		[PAY_ANSWER_NO_INPUT] = "no input",
	};

	(void)h;
	out->status = 200;
	out->type = "application/json";
	if (errors[a] == NULL)
		buf_puts(&out->body,
		    "{\"return_code\":0,\"return_msg\":\"success\"}");
	else
		buf_printf(&out->body,
		    "{\"return_code\":-1,\"return_msg\":\"error: %s\"}",
		    errors[a]);
}

/* The random half of a reference. */
static const char *
transaction_id(const struct pay_order *o)
{
	return strchr(o->ref, 'R') + 1;
}

/* dptracuuthanhtoanhs: bill_info, and by what it is paid. */
static struct json *
bill(const struct pay_question *q)
{
	const struct pay_order *o = q->order;
	struct json *j = dvcqg_bill(q->terms, o);
	char stamp[CLOCK_STAMP_LEN];
	struct buf number = { 0 };

	clock_vn_stamp(o->created_us, stamp);
	buf_printf(&number, "%s%s", o->subject, stamp);
	json_put_text(j, "MaTraCuuTT", number.data);
	json_put_text(j, "transaction_id", transaction_id(o));
	json_put_text(j, "client_id", q->terms->terminal);
	buf_release(&number);
	return j;
}

static void
put_call(const char *url, struct json *body, const struct buf *data,
    const struct pay_question *q, struct pay_call *out)
{
	struct buf hex = { 0 };
	char *text;

	pay_sign(MAC_SHA256, q->terms->own_secret, data, &hex);
	json_put_text(body, "check_sum", hex.data);
	text = json_write(body);
	buf_puts(&out->url, url);
	buf_puts(&out->body, text);
	out->timeout_ms = CALL_MS;
	free(text);
	json_free(body);
	buf_release(&hex);
}

static void
put_return(const struct pay_question *q, struct json *body)
{
	struct buf url = { 0 };

	buf_printf(&url, "%s?attempt=%s", q->terms->return_url, q->order->ref);
	json_put_text(body, "return_url", url.data);
	buf_release(&url);
}

static bool
open_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	const struct pay_order *o = q->order;
	struct json *body = json_new_object();
	struct buf data = { 0 }, info = { 0 };
	char amount[24];

	(void)e;
	snprintf(amount, sizeof(amount), "%" PRId64, o->amount.dong);
	put_info(o, &info);
	buf_printf(&data, "0|%s|PAY|%s|%s|3.0", q->terms->terminal, amount,
	    transaction_id(o));
	json_put_text(body, "client_id", q->terms->terminal);
	json_put_text(body, "transaction_id", transaction_id(o));
	json_put_text(body, "trans_amount", amount);
	json_put_text(body, "command", "PAY");
	json_put_text(body, "version", "3.0");
	json_put_text(body, "description", info.data);
	json_put_text(body, "locale", "vn");
	json_put_text(body, "country_code", "vi");
	json_put_text(body, "currency_code", "VND");
	json_put_text(body, "environment", "1");
	put_return(q, body);
	json_put_text(body, "addition_fee", "0");
	json_put(body, "bill_info", dvcqg_bill(q->terms, o));
	put_call(q->terms->api_url, body, &data, q, out);
	buf_release(&info);
	buf_release(&data);
	return true;
}

static bool
open_read(const struct pay_question *q, const struct pay_raw *raw,
    struct buf *url, struct err *e)
{
	char error[PIPED_MAX];
	struct json *j = NULL;
	const char *pay;
	bool ok = false;

	(void)q;
	if (!pay_parse("keypay", raw, &j, e))
		return false;
	pay = json_text(j, "payment_url", "");
	if (!pay_lexeme(j, "error", error, sizeof(error)) ||
	    strcmp(error, "0") != 0 || strncmp(pay, "https://", 8) != 0) {
		err_set(e, ERR_PROVIDER, "keypay: create answers %.20s", error);
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

	(void)e;
	buf_printf(
	    &data, "%s|PAY|%s", q->terms->terminal, transaction_id(q->order));
	json_put_text(body, "client_id", q->terms->terminal);
	json_put_text(body, "transaction_id", transaction_id(q->order));
	json_put_text(body, "command", "PAY");
	put_call(q->terms->query_url, body, &data, q, out);
	buf_release(&data);
	return true;
}

/* An order of which only a bill was told is none there until it is paid. */
static bool
is_absent(const struct pay_question *q, const struct json *j)
{
	char error[PIPED_MAX];

	return pay_lexeme(j, "error", error, sizeof(error)) &&
	       error[0] != '\0' &&
	       is_among(q->terms->absent, q->terms->absent_count, error);
}

static void
put_absent(const struct pay_question *q, struct pay_notice *out)
{
	pay_keep(out->ref, sizeof(out->ref), q->order->ref);
	pay_keep(out->terminal, sizeof(out->terminal), q->terms->terminal);
	out->amount = q->order->amount;
	out->outcome = PAY_ABSENT;
}

/* The detail is protected by TLS alone: what it names must be what was asked
 * about, and a status that is not there is no answer. */
static bool
read_detail(
    const struct pay_question *q, const struct json *j, struct pay_notice *out)
{
	struct said s;

	if (!read_said(j, &s) || s.value[SAID_STATUS][0] == '\0' ||
	    strcmp(s.value[SAID_CLIENT], q->terms->terminal) != 0 ||
	    strcmp(s.value[SAID_ID], transaction_id(q->order)) != 0)
		return false;
	fill(&s, out);
	out->mark[0] = '\0';
	snprintf(out->ref, sizeof(out->ref), "%s", q->order->ref);
	out->outcome = outcome(q->terms, &s);
	return true;
}

static bool
query_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct json *j = NULL;
	bool ok = true;

	if (!pay_parse("keypay", raw, &j, e))
		return false;
	if (is_absent(q, j))
		put_absent(q, out);
	else
		ok = read_detail(q, j, out);
	json_free(j);
	if (!ok)
		return err_set(
		    e, ERR_PROVIDER, "keypay: the detail is of no order");
	out->raw = blob_copy(raw->body, raw->body_len);
	return true;
}

const struct pay_adapter pay_keypay = {
	.method = "POST",
	.bills = true,
	.asks_first = true,
	.open_call = open_call,
	.open_read = open_read,
	.bill = bill,
	.read_notice = read_notice,
	.read_return = pay_read_attempt,
	.is_echo = is_echo,
	.answer = answer,
	.query_call = query_call,
	.query_read = query_read,
};
