/*
 * PaymentPlatform 1.0.6.  No vector is published: hashes are made here from
 * the rule, by OpenSSL's name for it and not by the adapter's code.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/adapter.h"
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"

#define REF  "P1R0123456789abcdef0123"
#define INFO "Nop phi ho so H29.20-240601-0007"

static const char *const secrets[] = { "new-secret", "old-secret" };
static const char *const places[] = { "message", "message.A.Pdf" };
static const struct pay_terms terms = {
	.terminal = "DT01",
	.secrets = secrets,
	.secret_count = 2,
	.own_secret = "new-secret",
	.token = "t0k3n",
	.api_url = "https://a/init",
	.query_url = "https://a/query",
	.voucher_url = "https://a/bill",
	.voucher_places = places,
	.voucher_place_count = 2,
	.our_ip = "10.0.0.5",
	.fee_kind = "1",
	.charge_kind = "2",
	.wrong = "99",
};
static const struct pay_payee payee = { "970436", "0123499999", "So GD" };
static const struct pay_line lines[] = { { "P1", "Phi", false, { 250000 } } };
static const struct pay_bill bill = { "H29.20", "Sở", "1.0", "Thủ tục",
	"Nguyễn Văn A", "001", lines, 1 };
/* 15:04:05 in Viet Nam: provincial C# (a) wrote 03 there. */
static const struct pay_order order = { .ref = REF,
	.amount = { 250000 },
	.created_us = INT64_C(1717229045000000),
	.subject = "H29.20-240601-0007",
	.payer_ip = "203.0.113.9",
	.payee = &payee,
	.bill = &bill };
static const struct pay_question question = {
	.terms = &terms, .order = &order, .now_us = INT64_C(1717232645000000)
};

static void
hash_of(const char *joined, const char *secret, char out[2 * DIGEST_LEN + 1])
{
	uint8_t digest[DIGEST_LEN_MAX];
	char text[900];

	snprintf(text, sizeof(text), "%s|%s", joined, secret);
	digest_named("sha256", text, strlen(text), digest);
	text_hex(digest, DIGEST_LEN, out);
}

struct callback {
	const char *error, *partner, *ref, *amount, *currency, *info;
	const char *secret; /* of its hash; NULL: hash as given */
	const char *hash;
};

static const struct callback good = { "00", "DT01", REF, "250000", "VND", INFO,
	"new-secret", NULL };

static enum err_code
read_callback(const struct callback *c, struct pay_notice *out)
{
	char joined[800], body[1200], hex[2 * DIGEST_LEN + 1];
	struct pay_raw raw;
	struct err e = { 0 };

	snprintf(joined, sizeof(joined),
	    "CONFIRM|%s|%s|%s|%s|%s|GD1|VCB|20240601150500|%s", c->error,
	    c->partner, c->ref, c->amount, c->currency, c->info);
	if (c->secret != NULL)
		hash_of(joined, c->secret, hex);
	snprintf(body, sizeof(body),
	    "{\"LoaiBanTin\":\"CONFIRM\",\"MaLoi\":\"%s\",\"MaDoiTac\":\"%s\","
	    "\"MaThamChieu\":\"%s\",\"SoTien\":\"%s\",\"MaTienTe\":\"%s\","
	    "\"MaGiaoDich\":\"GD1\",\"MaNganHang\":\"VCB\","
	    "\"ThoiGianGD\":\"20240601150500\",\"ThongTinGiaoDich\":\"%s\","
	    "\"MaXacThuc\":\"%s\"}",
	    c->error, c->partner, c->ref, c->amount, c->currency, c->info,
	    c->secret != NULL ? hex : c->hash);
	raw = (struct pay_raw){ .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	memset(out, 0, sizeof(*out));
	return pay_dvcqg.read_notice(&terms, &raw, out, &e) ? ERR_NONE : e.code;
}

static void
what_is_not_proved_is_refused(void **unused)
{
	struct callback c = good;
	struct pay_notice n;

	(void)unused;
	c.secret = "another";
	assert_int_equal(read_callback(&c, &n), ERR_UNAUTHENTICATED);
	c.secret = "";
	assert_int_equal(read_callback(&c, &n), ERR_UNAUTHENTICATED);
	c = good;
	c.secret = NULL;
	c.hash = "";
	assert_int_equal(read_callback(&c, &n), ERR_UNAUTHENTICATED);
	c.hash = "00";
	assert_int_equal(read_callback(&c, &n), ERR_UNAUTHENTICATED);
}

/* The same joined text, cut elsewhere. */
static void
a_value_that_holds_a_separator_is_refused_under_a_true_hash(void **unused)
{
	struct callback c = good;
	struct pay_notice n;

	(void)unused;
	c.info = INFO "|x";
	assert_int_equal(read_callback(&c, &n), ERR_UNAUTHENTICATED);
	c = good;
	c.ref = REF "|1";
	assert_int_equal(read_callback(&c, &n), ERR_UNAUTHENTICATED);
}

static void
a_callback_under_either_live_secret_is_read(void **unused)
{
	struct callback c = good;
	struct pay_notice n;

	(void)unused;
	assert_true(pay_dvcqg.asks_first);
	assert_int_equal(read_callback(&c, &n), ERR_NONE);
	assert_string_equal(n.ref, REF);
	assert_string_equal(n.terminal, "DT01");
	assert_string_equal(n.txn, "GD1");
	assert_int_equal(n.amount.dong, 250000);
	assert_int_equal(n.outcome, PAY_PAID);
	assert_int_equal(n.secret, 0);
	pay_notice_release(&n);

	c.secret = "old-secret";
	c.error = "51";
	assert_int_equal(read_callback(&c, &n), ERR_NONE);
	assert_int_equal(n.outcome, PAY_FAILED);
	assert_int_equal(n.secret, 1);
	pay_notice_release(&n);
}

/* Provincial C# (b). */
static void
an_amount_that_is_not_in_plain_dong_is_none(void **unused)
{
	static const char *const amounts[] = { "250000.0", "+250000", "-1",
		"2.5e5", "0250000", " 250000", "" };
	struct callback c = good;
	struct pay_notice n;

	(void)unused;
	for (size_t i = 0; i < nitems(amounts); i++) {
		c.amount = amounts[i];
		assert_int_equal(read_callback(&c, &n), ERR_NONE);
		assert_int_equal(n.amount.dong, -1);
		pay_notice_release(&n);
	}
	c = good;
	c.currency = "USD";
	assert_int_equal(read_callback(&c, &n), ERR_NONE);
	assert_int_equal(n.amount.dong, -1);
	pay_notice_release(&n);
}

static const char *
member(const struct json *j, const char *name)
{
	return json_text(j, name, "");
}

/* The object of a body, its hash proved over these of its members. */
static struct json *
signed_object(const struct buf *body, const char *const *names)
{
	char joined[800] = "", hex[2 * DIGEST_LEN + 1];
	struct json *j = NULL;
	struct err e;

	assert_true(json_parse(body->data, body->len, &j, &e));
	for (; *names != NULL; names++)
		snprintf(joined + strlen(joined),
		    sizeof(joined) - strlen(joined), "%s%s",
		    joined[0] == '\0' ? "" : "|", member(j, *names));
	hash_of(joined, "new-secret", hex);
	assert_string_equal(member(j, "MaXacThuc"), hex);
	return j;
}

static void
init_is_hashed_in_order_and_its_clock_has_24_hours(void **unused)
{
	static const char *const names[] = { "LoaiBanTin", "PhienBan",
		"MaDoiTac", "MaThamChieu", "SoTien", "LoaiHinhThanhToan",
		"MaKenhThanhToan", "MaThietBi", "NgonNgu", "MaTienTe",
		"MaNganHang", "ThongTinGiaoDich", "ThoiGianGD", "Ip", NULL };
	static const char *const values[] = { "INIT", "1.0.6", "DT01", REF,
		"250000", "PAY", "1", "1", "vi-VN", "VND", "PAYMENT", INFO,
		"20240601150405", "203.0.113.9" };
	struct pay_call c = { 0 };
	struct err e = { 0 };
	struct json *j;

	(void)unused;
	assert_true(pay_dvcqg.open_call(&question, &c, &e));
	assert_string_equal(c.url.data, "https://a/init");
	assert_string_equal(c.headers[0].data, "Authorization: Bearer t0k3n");
	j = signed_object(&c.body, names);
	for (size_t i = 0; i < nitems(values); i++)
		assert_string_equal(member(j, names[i]), values[i]);
	assert_string_equal(
	    member(json_find(j, "ThongTinBienLai"), "MaNHThuHuong"), "970436");
	json_free(j);
	pay_call_release(&c);
}

static void
query_names_the_order_and_the_time_of_asking(void **unused)
{
	static const char *const names[] = { "LoaiBanTin", "PhienBan",
		"MaDoiTac", "MaThamChieu", "ThoiGianGD", NULL };
	struct pay_call c = { 0 };
	struct err e = { 0 };
	struct json *j;

	(void)unused;
	assert_true(pay_dvcqg.query_call(&question, &c, &e));
	assert_string_equal(c.url.data, "https://a/query");
	j = signed_object(&c.body, names);
	assert_string_equal(member(j, "LoaiBanTin"), "QUERY");
	assert_string_equal(member(j, "ThoiGianGD"), "20240601160405");
	json_free(j);
	pay_call_release(&c);
}

static bool
asked(const char *body, struct pay_notice *n)
{
	const struct pay_raw raw = { .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	struct err e = { 0 };

	memset(n, 0, sizeof(*n));
	if (pay_dvcqg.query_read(&question, &raw, n, &e))
		return true;
	assert_int_equal(e.code, ERR_PROVIDER);
	assert_null(n->raw.data);
	return false;
}

static void
an_answer_that_cannot_be_believed_is_none(void **unused)
{
	static const char *const bodies[] = {
		"",
		"<html>",
		"{}",
		"{\"error_code\":\"1\",\"message\":\"{}\"}",
		"{\"error_code\":\"0\",\"message\":\"no JSON\"}",
		"{\"TrangThaiGD\":\"2\"}",
		"{\"TrangThaiGD\":1.0}",
		"{\"TrangThaiGD\":\"1\",\"MaThamChieu\":\"P2\"}",
		"{\"TrangThaiGD\":\"1\",\"MaDoiTac\":\"DT02\"}",
	};
	struct pay_notice n;

	(void)unused;
	for (size_t i = 0; i < nitems(bodies); i++)
		assert_false(asked(bodies[i], &n));
}

static void
a_query_says_what_became_of_it(void **unused)
{
	static const struct {
		const char *body;
		enum pay_outcome outcome;
		int64_t dong;
		const char *txn;
	} rows[] = {
		{ "{\"TrangThaiGD\":\"1\",\"SoTien\":\"250000\","
		  "\"MaGiaoDich\":\"GD1\"}",
		    PAY_PAID, 250000, "GD1" },
		{ "{\"error_code\":\"0\",\"message\":\"{\\\"TrangThaiGD\\\":1,"
		  "\\\"SoTien\\\":1,\\\"MaGiaoDich\\\":\\\"G\\\"}\"}",
		    PAY_PAID, 1, "G" },
		{ "{\"TrangThaiGD\":1}", PAY_PAID, 250000, REF },
		{ "{\"TrangThaiGD\":3}", PAY_PENDING, 250000, REF },
		{ "{\"TrangThaiGD\":\"4\",\"MaThamChieu\":\"" REF "\"}",
		    PAY_FAILED, 250000, REF },
		{ "{\"TrangThaiGD\":1,\"SoTien\":\"x\"}", PAY_PAID, -1, REF },
	};
	struct pay_notice n;

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		assert_true(asked(rows[i].body, &n));
		assert_int_equal(n.outcome, rows[i].outcome);
		assert_int_equal(n.amount.dong, rows[i].dong);
		assert_string_equal(n.txn, rows[i].txn);
		assert_string_equal(n.ref, REF);
		assert_string_equal(n.terminal, "DT01");
		pay_notice_release(&n);
	}
}

static void
a_voucher_is_asked_for_as_an_order_is(void **unused)
{
	static const char *const names[] = { "LoaiBanTin", "PhienBan",
		"MaDoiTac", "MaThamChieu", "ThoiGianGD", NULL };
	struct pay_terms without = terms;
	struct pay_question q = question;
	struct pay_call c = { 0 };
	struct err e = { 0 };
	struct json *j;

	(void)unused;
	assert_true(pay_dvcqg.voucher_call(&question, &c, &e));
	assert_string_equal(c.url.data, "https://a/bill");
	assert_true(c.answer_max > PAY_VOUCHER_MAX / 3 * 4);
	j = signed_object(&c.body, names);
	assert_string_equal(member(j, "LoaiBanTin"), "GET_BILL");
	assert_string_equal(member(j, "MaThamChieu"), REF);
	json_free(j);
	pay_call_release(&c);

	without.voucher_url = "";
	q.terms = &without;
	assert_false(pay_dvcqg.voucher_call(&q, &c, &e));
	assert_int_equal(e.code, ERR_CONFIG);
}

static enum err_code
given(const char *body, size_t len, struct blob *pdf)
{
	const struct pay_raw raw = { .body = (const uint8_t *)body,
		.body_len = len };
	struct err e = { 0 };

	*pdf = (struct blob){ 0 };
	if (pay_dvcqg.voucher_read(&question, &raw, pdf, &e))
		return ERR_NONE;
	assert_null(pdf->data);
	return e.code;
}

/* JVBERi0x: %PDF-1 */
static void
a_voucher_is_a_pdf_at_a_place_that_is_written_down(void **unused)
{
	static const struct {
		const char *body;
		enum err_code code;
	} rows[] = {
		{ "%PDF-1", ERR_NONE },
		{ "{\"error_code\":\"0\",\"message\":\"JVBERi0x\"}", ERR_NONE },
		{ "{\"error_code\":0,\"message\":\"JVBERi0x\"}", ERR_NONE },
		{ "{\"message\":{\"A\":{\"Pdf\":\"JVBERi0x\"}}}", ERR_NONE },
		{ "{\"message\":\"{\\\"A\\\":{\\\"Pdf\\\":"
		  "\\\"JVBERi0x\\\"}}\"}",
		    ERR_NONE },
		{ "", ERR_PROVIDER },
		{ "%PDF", ERR_PROVIDER },
		{ " %PDF-1", ERR_PROVIDER },
		{ "<html>", ERR_PROVIDER },
		{ "{}", ERR_PROVIDER },
		{ "[]", ERR_PROVIDER },
		{ "{\"error_code\":\"1\",\"message\":\"JVBERi0x\"}",
		    ERR_NOT_FOUND },
		{ "{\"error_code\":{},\"message\":\"JVBERi0x\"}",
		    ERR_PROVIDER },
		{ "{\"message\":\"\"}", ERR_PROVIDER },
		{ "{\"message\":\"%PDF-1\"}", ERR_PROVIDER },
		{ "{\"message\":\"JVBERi0\"}", ERR_PROVIDER },
		{ "{\"message\":\"bm9uZSAh\"}", ERR_PROVIDER },
		{ "{\"other\":\"JVBERi0x\"}", ERR_PROVIDER },
		{ "{\"message\":{\"Pdf\":\"JVBERi0x\"}}", ERR_PROVIDER },
		{ "{\"message\":\"JVBERi0x\",\"MaThamChieu\":\"P2\"}",
		    ERR_PROVIDER },
		{ "{\"message\":{\"A\":{\"Pdf\":\"JVBERi0x\","
		  "\"MaThamChieu\":\"P2\"}}}",
		    ERR_PROVIDER },
	};
	struct blob pdf;

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		enum err_code code =
		    given(rows[i].body, strlen(rows[i].body), &pdf);

		assert_int_equal(code, rows[i].code);
		if (code == ERR_NONE) {
			assert_int_equal(pdf.len, 6);
			assert_memory_equal(pdf.data, "%PDF-1", 6);
		}
		blob_release(&pdf);
	}
}

static void
a_voucher_may_have_so_many_bytes_and_no_more(void **unused)
{
	static const size_t most = PAY_VOUCHER_MAX;
	uint8_t *bytes = blob_calloc(most + 1, 1);
	struct blob pdf;

	(void)unused;
	memcpy(bytes, "%PDF-", 5);
	for (size_t over = 0; over < 2; over++) {
		enum err_code want = over == 0 ? ERR_NONE : ERR_PROVIDER;
		struct buf body = { 0 };

		buf_puts(&body, "{\"message\":\"");
		buf_base64(&body, bytes, most + over);
		buf_puts(&body, "\"}");
		assert_int_equal(given(body.data, body.len, &pdf), want);
		assert_true(over == 1 || pdf.len == most);
		blob_release(&pdf);
		assert_int_equal(
		    given((const char *)bytes, most + over, &pdf), want);
		blob_release(&pdf);
		buf_release(&body);
	}
	free(bytes);
}

/* Provincial C# (c): the reply's hash is our own, over what we say. */
static void
the_reply_is_hashed_by_us_and_echoes_no_hash(void **unused)
{
	static const char *const names[] = { "MaLoi", "MoTaLoi", "MaDoiTac",
		"MaThamChieu", "ThoiGianGD", NULL };
	static const struct {
		enum pay_answer answer;
		const char *code;
	} rows[] = {
		{ PAY_ANSWER_DONE, "00" },
		{ PAY_ANSWER_ALREADY, "00" },
		{ PAY_ANSWER_TROUBLE, "99" },
		{ PAY_ANSWER_UNKNOWN, "99" },
		{ PAY_ANSWER_OTHER_AMOUNT, "99" },
		{ PAY_ANSWER_BAD_MAC, "99" },
		{ PAY_ANSWER_NO_INPUT, "99" },
	};
	const struct pay_notice said = { .ref = REF };
	const struct pay_heard heard = { &terms, &said, question.now_us };

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		struct pay_reply reply = { 0 };
		struct json *j;

		pay_dvcqg.answer(rows[i].answer, &heard, &reply);
		assert_int_equal(reply.status, 200);
		j = signed_object(&reply.body, names);
		assert_string_equal(member(j, "MaLoi"), rows[i].code);
		assert_string_equal(member(j, "MaThamChieu"), REF);
		assert_string_equal(member(j, "ThoiGianGD"), "20240601160405");
		json_free(j);
		buf_release(&reply.body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_proved_is_refused),
		cmocka_unit_test(
		    a_value_that_holds_a_separator_is_refused_under_a_true_hash),
		cmocka_unit_test(a_callback_under_either_live_secret_is_read),
		cmocka_unit_test(an_amount_that_is_not_in_plain_dong_is_none),
		cmocka_unit_test(
		    init_is_hashed_in_order_and_its_clock_has_24_hours),
		cmocka_unit_test(query_names_the_order_and_the_time_of_asking),
		cmocka_unit_test(an_answer_that_cannot_be_believed_is_none),
		cmocka_unit_test(a_query_says_what_became_of_it),
		cmocka_unit_test(a_voucher_is_asked_for_as_an_order_is),
		cmocka_unit_test(
		    a_voucher_is_a_pdf_at_a_place_that_is_written_down),
		cmocka_unit_test(a_voucher_may_have_so_many_bytes_and_no_more),
		cmocka_unit_test(the_reply_is_hashed_by_us_and_echoes_no_hash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
