/*
 * PaymentPlatform 1.0.6 of the National Public Service Portal: INIT, callback,
 * QUERY, GET_BILL.
 *
 * MaXacThuc is SHA-256 in lower-case hex over values joined by |, the secret
 * appended as the last of them; it is no HMAC.  It covers the callback's
 * MaLoi; the Portal tells what became of an order by QUERY all the same, and
 * that alone is believed (asks_first), as with keypay.
 *
 * Times are Vietnamese, on a clock of 24 hours.
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
#include "base/text.h"
#include "crypto/digest.h"

#define CALL_MS 10000
#define VERSION "1.0.6"

/* What a callback signs, in order. */
enum {
	SAID_KIND,
	SAID_ERROR,
	SAID_PARTNER,
	SAID_REF,
	SAID_AMOUNT,
	SAID_CURRENCY,
	SAID_TXN,
	SAID_BANK,
	SAID_TIME,
	SAID_INFO,
	SAID_COUNT
};

static const char *const said_names[SAID_COUNT] = { "LoaiBanTin", "MaLoi",
	"MaDoiTac", "MaThamChieu", "SoTien", "MaTienTe", "MaGiaoDich",
	"MaNganHang", "ThoiGianGD", "ThongTinGiaoDich" };

struct said {
	char value[SAID_COUNT][PIPED_MAX];
};

static void
hash(const struct buf *joined, const char *secret, uint8_t out[DIGEST_LEN])
{
	struct digest *d = digest_new();

	digest_add(d, joined->data, joined->len);
	digest_add(d, "|", 1);
	digest_add(d, secret, strlen(secret));
	digest_end(d, out);
}

static bool
read_said(const struct json *j, struct said *s)
{
	return piped_read(j, said_names, SAID_COUNT, s->value);
}

static bool
proved(const struct pay_terms *t, const struct said *s, const char *hex,
    size_t *which)
{
	uint8_t digest[DIGEST_LEN];
	struct buf joined = { 0 };
	bool ok = false;

	piped_join(s->value, SAID_COUNT, &joined);
	for (*which = 0; *which < t->secret_count; (*which)++) {
		hash(&joined, t->secrets[*which], digest);
		ok = mac_equal_hex(MAC_SHA256, digest, hex);
		if (ok)
			break;
	}
	buf_release(&joined);
	return ok;
}

static void
fill(const struct said *s, struct pay_notice *out)
{
	const char *currency = s->value[SAID_CURRENCY];

	pay_keep(out->ref, sizeof(out->ref), s->value[SAID_REF]);
	pay_keep(out->terminal, sizeof(out->terminal), s->value[SAID_PARTNER]);
	pay_keep(out->txn, sizeof(out->txn), s->value[SAID_TXN]);
	pay_keep(out->code, sizeof(out->code), s->value[SAID_ERROR]);
	if (!money_parse(s->value[SAID_AMOUNT], &out->amount) ||
	    strcmp(currency, "VND") != 0)
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
		return err_set(e, ERR_MISSING_FIELD, "dvcqg: no body");
	if (!json_parse((const char *)raw->body, raw->body_len, &j, e) ||
	    !read_said(j, &s) ||
	    !pay_lexeme(j, "MaXacThuc", hex, sizeof(hex))) {
		err_set(e, ERR_UNAUTHENTICATED, "dvcqg: not such a body");
		goto out;
	}
	if (!proved(t, &s, hex, &out->secret)) {
		err_set(e, ERR_UNAUTHENTICATED, "dvcqg: wrong MaXacThuc");
		goto out;
	}
	fill(&s, out);
	if (!pay_code_find(
		"dvcqg callback", s.value[SAID_ERROR], &out->outcome))
		out->outcome = PAY_DOUBT;
	out->raw = blob_copy(raw->body, raw->body_len);
	ok = true;

out:
	json_free(j);
	return ok;
}

static bool
is_echo(const struct pay_order *o, const struct pay_raw *raw)
{
	struct buf info = { 0 };
	struct json *j = NULL;
	struct err e;
	bool ok;

	pay_info(&info, "Nop phi ho so ", o->subject);
	ok = json_parse((const char *)raw->body, raw->body_len, &j, &e) &&
	     strcmp(json_text(j, "ThongTinGiaoDich", ""), info.data) == 0;
	json_free(j);
	buf_release(&info);
	return ok;
}

/* One of what we send: a name, and its value, which is signed. */
struct field {
	const char *name, *value;
};

static struct json *
sign(const struct pay_terms *t, const struct field *fields)
{
	struct json *j = json_new_object();
	struct buf joined = { 0 }, hex = { 0 };
	uint8_t digest[DIGEST_LEN];

	for (const struct field *f = fields; f->name != NULL; f++) {
		buf_printf(&joined, "%s%s", f == fields ? "" : "|", f->value);
		json_put_text(j, f->name, f->value);
	}
	hash(&joined, t->own_secret, digest);
	buf_hex(&hex, digest, sizeof(digest));
	json_put_text(j, "MaXacThuc", hex.data);
	buf_release(&hex);
	buf_release(&joined);
	return j;
}

/* A hash of our own over what we say: what came is not echoed. */
static void
answer(enum pay_answer a, const struct pay_heard *h, struct pay_reply *out)
{
	static const char *const words[] = {
		[PAY_ANSWER_TROUBLE] = "Thu lai sau",
		[PAY_ANSWER_DONE] = "Thanh cong",
		[PAY_ANSWER_ALREADY] = "Thanh cong",
		[PAY_ANSWER_UNKNOWN] = "Khong co giao dich nay",
		[PAY_ANSWER_OTHER_AMOUNT] = "Sai so tien",
		[PAY_ANSWER_CLASH] = "Trung giao dich",
		[PAY_ANSWER_BAD_MAC] = "Sai ma xac thuc",
		[PAY_ANSWER_FLOOD] = "Sai ma xac thuc",
		[PAY_ANSWER_NO_INPUT] = "Thieu du lieu",
	};
	bool done = a == PAY_ANSWER_DONE || a == PAY_ANSWER_ALREADY;
	char stamp[CLOCK_STAMP_LEN];
	struct json *j;
	char *text;

	clock_vn_stamp(h->now_us, stamp);
	j = sign(h->terms, (const struct field[]){
			       { "MaLoi", done ? "00" : h->terms->wrong },
			       { "MoTaLoi", words[a] },
			       { "MaDoiTac", h->terms->terminal },
			       { "MaThamChieu", h->said->ref },
			       { "ThoiGianGD", stamp },
			       { NULL, NULL },
			   });
	text = json_write(j);
	out->status = 200;
	out->type = "application/json";
	buf_puts(&out->body, text);
	free(text);
	json_free(j);
}

static void
put_call(const struct pay_question *q, const char *url, struct json *body,
    struct pay_call *out)
{
	char *text = json_write(body);

	buf_puts(&out->url, url);
	buf_puts(&out->body, text);
	if (q->terms->token != NULL)
		buf_printf(&out->headers[0], "Authorization: Bearer %s",
		    q->terms->token);
	out->timeout_ms = CALL_MS;
	free(text);
	json_free(body);
}

static bool
open_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	const struct pay_order *o = q->order;
	char amount[24], stamp[CLOCK_STAMP_LEN];
	struct buf info = { 0 };
	struct json *body;

	(void)e;
	snprintf(amount, sizeof(amount), "%" PRId64, o->amount.dong);
	clock_vn_stamp(o->created_us, stamp);
	pay_info(&info, "Nop phi ho so ", o->subject);
	body = sign(q->terms,
	    (const struct field[]){
		{ "LoaiBanTin", "INIT" },
		{ "PhienBan", VERSION },
		{ "MaDoiTac", q->terms->terminal },
		{ "MaThamChieu", o->ref },
		{ "SoTien", amount },
		{ "LoaiHinhThanhToan", "PAY" },
		{ "MaKenhThanhToan", "1" },
		{ "MaThietBi", "1" },
		{ "NgonNgu", "vi-VN" },
		{ "MaTienTe", "VND" },
		{ "MaNganHang", "PAYMENT" },
		{ "ThongTinGiaoDich", info.data },
		{ "ThoiGianGD", stamp },
		{ "Ip", o->payer_ip == NULL ? q->terms->our_ip : o->payer_ip },
		{ NULL, NULL },
	    });
	json_put(body, "ThongTinBienLai", dvcqg_bill(q->terms, o));
	put_call(q, q->terms->api_url, body, out);
	buf_release(&info);
	return true;
}

/* {"error_code":"0","message":"<JSON>"}: the object within, or the whole if
 * there is no message; NULL: neither. */
static struct json *
inner(const struct pay_raw *raw)
{
	struct json *j = NULL, *message = NULL;
	char code[PIPED_MAX];
	const char *text;
	struct err e;

	if (!json_parse((const char *)raw->body, raw->body_len, &j, &e))
		return NULL;
	if (json_find(j, "message") == NULL)
		return j;
	text = json_text(j, "message", "");
	if (!pay_lexeme(j, "error_code", code, sizeof(code)) ||
	    strcmp(code, "0") != 0 ||
	    !json_parse(text, strlen(text), &message, &e))
		message = NULL;
	json_free(j);
	return message;
}

static bool
open_read(const struct pay_question *q, const struct pay_raw *raw,
    struct buf *url, struct err *e)
{
	struct json *j = inner(raw);
	const char *pay = j == NULL ? "" : json_text(j, "UrlThanhToan", "");
	bool ok = strncmp(pay, "https://", 8) == 0;

	(void)q;
	if (ok)
		buf_puts(url, pay);
	else
		err_set(e, ERR_PROVIDER, "dvcqg: INIT answers without a URL");
	json_free(j);
	return ok;
}

/* QUERY and GET_BILL are one question but for its name. */
static void
put_question(const struct pay_question *q, const char *kind, const char *url,
    struct pay_call *out)
{
	char stamp[CLOCK_STAMP_LEN];

	clock_vn_stamp(q->now_us, stamp);
	put_call(q, url,
	    sign(q->terms,
		(const struct field[]){
		    { "LoaiBanTin", kind },
		    { "PhienBan", VERSION },
		    { "MaDoiTac", q->terms->terminal },
		    { "MaThamChieu", q->order->ref },
		    { "ThoiGianGD", stamp },
		    { NULL, NULL },
		}),
	    out);
}

static bool
query_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	(void)e;
	put_question(q, "QUERY", q->terms->query_url, out);
	return true;
}

/* What an answer repeats must be what was asked about. */
static bool
repeats(const struct json *j, const char *name, const char *asked)
{
	char value[PIPED_MAX];

	return pay_lexeme(j, name, value, sizeof(value)) &&
	       (value[0] == '\0' || strcmp(value, asked) == 0);
}

/* Without an amount it is the one that was asked for; without a number, the
 * order's name is one that nobody else's money can bear. */
static bool
read_state(
    const struct pay_question *q, const struct json *j, struct pay_notice *out)
{
	char amount[PIPED_MAX], txn[PIPED_MAX];

	if (!pay_lexeme(j, "TrangThaiGD", out->code, sizeof(out->code)) ||
	    !pay_code_find("dvcqg query", out->code, &out->outcome) ||
	    !pay_lexeme(j, "SoTien", amount, sizeof(amount)) ||
	    !pay_lexeme(j, "MaGiaoDich", txn, sizeof(txn)) ||
	    strlen(txn) >= PAY_TXN_LEN)
		return false;
	out->amount = q->order->amount;
	if (amount[0] != '\0' && !money_parse(amount, &out->amount))
		out->amount.dong = -1;
	snprintf(out->txn, sizeof(out->txn), "%.64s",
	    txn[0] == '\0' ? q->order->ref : txn);
	return true;
}

static bool
query_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct json *j = inner(raw);
	bool ok = j != NULL && repeats(j, "MaThamChieu", q->order->ref) &&
		  repeats(j, "MaDoiTac", q->terms->terminal) &&
		  read_state(q, j, out);

	json_free(j);
	if (!ok)
		return err_set(e, ERR_PROVIDER, "dvcqg: QUERY: no answer");
	snprintf(out->ref, sizeof(out->ref), "%s", q->order->ref);
	snprintf(
	    out->terminal, sizeof(out->terminal), "%s", q->terms->terminal);
	out->raw = blob_copy(raw->body, raw->body_len);
	return true;
}

/* In base64, and in JSON that may escape each of its slashes twice. */
static bool
voucher_call(const struct pay_question *q, struct pay_call *out, struct err *e)
{
	if (q->terms->voucher_url[0] == '\0')
		return err_set(e, ERR_CONFIG, "dvcqg: no address of GET_BILL");
	put_question(q, "GET_BILL", q->terms->voucher_url, out);
	out->answer_max = 2 * (size_t)PAY_VOUCHER_MAX;
	return true;
}

static bool
is_pdf(const uint8_t *bytes, size_t len)
{
	return len >= 5 && len <= PAY_VOUCHER_MAX &&
	       memcmp(bytes, "%PDF-", 5) == 0;
}

static bool
unpack(const char *text, struct blob *pdf)
{
	size_t len = strlen(text) / 4 * 3;
	uint8_t *bytes = blob_calloc(len + 1, 1);

	if (!text_unbase64(text, bytes, &len) || !is_pdf(bytes, len)) {
		free(bytes);
		return false;
	}
	*pdf = (struct blob){ bytes, len };
	return true;
}

/* A place is a path of names, as message.FileBienLai; a text on the way is
 * JSON itself.  Nothing on the way may name another order. */
static bool
find_at(const struct pay_question *q, const struct json *j, const char *place,
    struct blob *pdf)
{
	size_t len = strcspn(place, ".");
	char name[PIPED_MAX];
	const struct json *at;
	struct json *within = NULL;
	struct err e;
	bool ok;

	snprintf(name, sizeof(name), "%.*s", (int)len, place);
	at = json_find(j, name);
	if (at == NULL || !repeats(j, "MaThamChieu", q->order->ref))
		return false;
	if (place[len] == '\0')
		return unpack(json_text_value(at), pdf);
	if (json_kind(at) == JSON_KIND_TEXT) {
		const char *text = json_text_value(at);

		if (!json_parse(text, strlen(text), &within, &e))
			return false;
		at = within;
	}
	ok = find_at(q, at, place + len + 1, pdf);
	json_free(within);
	return ok;
}

static bool
find_within(const struct pay_question *q, const struct json *j,
    struct blob *pdf, struct err *e)
{
	const struct pay_terms *t = q->terms;
	char code[PIPED_MAX];

	if (!pay_lexeme(j, "error_code", code, sizeof(code)))
		return err_set(e, ERR_PROVIDER, "dvcqg: GET_BILL: no code");
	if (code[0] != '\0' && strcmp(code, "0") != 0)
		return err_set(
		    e, ERR_NOT_FOUND, "dvcqg: GET_BILL answers %.20s", code);
	for (size_t i = 0; i < t->voucher_place_count; i++)
		if (find_at(q, j, t->voucher_places[i], pdf))
			return true;
	return err_set(e, ERR_PROVIDER, "dvcqg: GET_BILL: no PDF");
}

/* The PDF itself, or JSON that holds it. */
static bool
voucher_read(const struct pay_question *q, const struct pay_raw *raw,
    struct blob *pdf, struct err *e)
{
	struct json *j = NULL;
	bool ok;

	if (is_pdf(raw->body, raw->body_len)) {
		*pdf = blob_copy(raw->body, raw->body_len);
		return true;
	}
	if (!json_parse((const char *)raw->body, raw->body_len, &j, e))
		return err_set(e, ERR_PROVIDER, "dvcqg: GET_BILL: no PDF");
	ok = find_within(q, j, pdf, e);
	json_free(j);
	return ok;
}

const struct pay_adapter pay_dvcqg = {
	.method = "POST",
	.bills = true,
	.asks_first = true,
	.open_call = open_call,
	.open_read = open_read,
	.read_notice = read_notice,
	.read_return = pay_read_attempt,
	.is_echo = is_echo,
	.answer = answer,
	.query_call = query_call,
	.query_read = query_read,
	.voucher_call = voucher_call,
	.voucher_read = voucher_read,
};
