/*
 * payOS: a link to pay by VietQR, and the webhook that tells of each transfer
 * for it.
 *
 * Its signature is HMAC-SHA256 in hex over the members of "data", sorted by
 * name and joined as name=value by &.  **Nothing outside of data is signed**:
 * neither success nor code there says anything; data.code does.  An order is a
 * number, that of our code for the transfer.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/pay_codes.h"
#include "adapters/transfer_answer.h"
#include "adapters/transfer_code.h"
#include "adapters/vietqr.h"
#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"

/* Who asks: named so by its official client library. */
#define CLIENT_HEADER "x-client-id"
#define KEY_HEADER    "x-api-key"

#define CALL_MS       10000
#define PROBE         123 /* the order of the event that registration sends */
#define NAMES_MAX     64
#define VALUE_MAX     1024

static int
by_bytes(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* As payOS's own clients write a value; a list as its JSON, the keys of its
 * objects sorted. */
static bool
put_value(const struct json *data, const char *name, struct buf *out)
{
	const struct json *value = json_find(data, name);
	char text[VALUE_MAX];
	char *list;

	if (json_kind(value) == JSON_KIND_LIST) {
		list = json_write_sorted(value);
		buf_puts(out, list);
		free(list);
		return true;
	}
	if (json_kind(value) == JSON_KIND_BOOL) {
		buf_puts(out, json_bool(data, name, false) ? "true" : "false");
		return true;
	}
	if (!pay_lexeme(data, name, text, sizeof(text)))
		return false;
	if (strcmp(text, "null") != 0 && strcmp(text, "undefined") != 0)
		buf_puts(out, text);
	return true;
}

static bool
put_data(const struct json *data, struct buf *out)
{
	const char *names[NAMES_MAX], *name = NULL;
	size_t n = 0;

	if (data == NULL || json_kind(data) != JSON_KIND_OBJECT)
		return false;
	while ((name = json_key_next(data, name)) != NULL) {
		if (n == NAMES_MAX)
			return false;
		names[n++] = name;
	}
	qsort(names, n, sizeof(*names), by_bytes);
	for (size_t i = 0; i < n; i++) {
		buf_printf(out, "%s%s=", i == 0 ? "" : "&", names[i]);
		if (!put_value(data, names[i], out))
			return false;
	}
	return n > 0;
}

static bool
proved(const struct pay_terms *t, const struct json *body, size_t *which)
{
	struct pay_proof proof = { .hex = json_text(body, "signature", "") };
	struct buf data = { 0 };
	bool ok = put_data(json_find(body, "data"), &data) &&
		  pay_proves(t, MAC_SHA256, &data, &proof);

	buf_release(&data);
	*which = proof.secret;
	return ok;
}

/* The order's own number counts; what its payer wrote only where that is none
 * of ours. */
static void
read_order(const struct json *data, struct pay_notice *out)
{
	int64_t number = json_int(data, "orderCode", -1);
	char mark[TRANSFER_MARK_LEN];

	transfer_content(json_text(data, "description", ""), out);
	if (transfer_code_of_number(number, mark))
		pay_keep(out->mark, sizeof(out->mark), mark);
	if (number == PROBE)
		out->outcome = PAY_NO_NEWS;
}

static void
read_data(
    const struct pay_terms *t, const struct json *data, struct pay_notice *out)
{
	char amount[24], code[PAY_CODE_LEN];

	if (!pay_lexeme(data, "amount", amount, sizeof(amount)) ||
	    !money_parse(amount, &out->amount) ||
	    strcmp(json_text(data, "currency", ""), "VND") != 0)
		out->amount.dong = -1;
	if (!pay_lexeme(data, "code", code, sizeof(code)))
		code[0] = '\0';
	pay_keep(out->txn, sizeof(out->txn), json_text(data, "reference", ""));
	pay_keep(out->terminal, sizeof(out->terminal), t->terminal);
	pay_keep(out->code, sizeof(out->code), code);
	if (!pay_code_find("payos", code, &out->outcome) ||
	    (out->outcome == PAY_PAID && out->txn[0] == '\0'))
		out->outcome = PAY_DOUBT;
	read_order(data, out);
}

static bool
read_notice(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct json *j = NULL;
	bool ok = false;

	if (raw->body_len == 0)
		return err_set(e, ERR_MISSING_FIELD, "payos: no body");
	if (!json_parse((const char *)raw->body, raw->body_len, &j, e))
		return err_set(e, ERR_MISSING_FIELD, "payos: not JSON");
	if (!proved(t, j, &out->secret)) {
		err_set(e, ERR_UNAUTHENTICATED, "payos: wrong signature");
		goto out;
	}
	read_data(t, json_find(j, "data"), out);
	out->raw = blob_copy(raw->body, raw->body_len);
	ok = true;

out:
	json_free(j);
	return ok;
}

static void
put_headers(const struct pay_terms *t, struct pay_call *out)
{
	buf_printf(&out->headers[0], CLIENT_HEADER ": %s", t->terminal);
	buf_printf(&out->headers[1], KEY_HEADER ": %s", t->token);
}

static bool
open_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	struct json *body = json_new_object();
	struct buf data = { 0 }, url = { 0 }, hex = { 0 };
	char code[TRANSFER_CODE_LEN];
	int64_t number;
	char *text;

	(void)e;
	transfer_code_make(q->order->ref, code);
	number = transfer_code_number(code);
	buf_printf(&url, "%s?attempt=%s", q->terms->return_url, q->order->ref);
	buf_printf(&data,
	    "amount=%" PRId64 "&cancelUrl=%s&description=%s&orderCode=%" PRId64
	    "&returnUrl=%s",
	    q->order->amount.dong, url.data, code, number, url.data);
	pay_sign(MAC_SHA256, q->terms->own_secret, &data, &hex);
	json_put_int(body, "orderCode", number);
	json_put_int(body, "amount", q->order->amount.dong);
	json_put_text(body, "description", code);
	json_put_text(body, "cancelUrl", url.data);
	json_put_text(body, "returnUrl", url.data);
	json_put_text(body, "signature", hex.data);
	text = json_write(body);
	buf_puts(&out->url, q->terms->api_url);
	buf_puts(&out->body, text);
	put_headers(q->terms, out);
	out->timeout_ms = CALL_MS;
	free(text);
	json_free(body);
	buf_release(&hex);
	buf_release(&url);
	buf_release(&data);
	return true;
}

/* The QR must ask for what we asked for, and be one. */
static bool
is_of_order(const struct pay_question *q, const struct json *data)
{
	const char *text = json_text(data, "qrCode", "");
	char code[TRANSFER_CODE_LEN];
	struct vietqr qr;
	struct err e;

	transfer_code_make(q->order->ref, code);
	return json_int(data, "orderCode", -1) == transfer_code_number(code) &&
	       vietqr_read(text, strlen(text), &qr, &e) &&
	       qr.amount.dong == q->order->amount.dong;
}

static bool
open_read(const struct pay_question *q, const struct pay_raw *raw,
    struct buf *text, struct err *e)
{
	const struct json *data;
	struct json *j = NULL;
	size_t which;
	bool ok = false;

	if (!pay_parse("payos", raw, &j, e))
		return false;
	data = json_find(j, "data");
	if (strcmp(json_text(j, "code", ""), "00") != 0 ||
	    !proved(q->terms, j, &which) || !is_of_order(q, data)) {
		err_set(e, ERR_PROVIDER, "payos: create answers %.20s",
		    json_text(j, "code", ""));
		goto out;
	}
	buf_puts(text, json_text(data, "qrCode", ""));
	ok = true;

out:
	json_free(j);
	return ok;
}

const struct pay_adapter pay_payos = {
	.method = "POST",
	.transfers = true,
	.bills = true,
	.open_call = open_call,
	.open_read = open_read,
	.read_notice = read_notice,
	.read_return = pay_read_attempt,
	.answer = transfer_answer,
};
