/*
 * SePay and payOS: what is not proved is refused, what is proved is read as
 * their vectors say.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/adapter.h"
#include "adapters/transfer_code.h"
#include "adapters/vietqr.h"
#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"

#define SEPAY_MAC                                                              \
	"sha256="                                                              \
	"a2b8b13225fc71be00a053f71bdec92649e5ed84e8d79e3077a66adde292fc85"
#define SEPAY_BODY                                                             \
	"{\"id\":92704,\"gateway\":\"Vietcombank\",\"transactionDate\":"       \
	"\"2024-06-01 10:11:12\",\"accountNumber\":\"0123499999\",\"code\":"   \
	"\"DVC7A1\",\"content\":\"DVC7A1 nop le phi\",\"transferType\":"       \
	"\"in\",\"transferAmount\":250000,\"accumulated\":19077000,"           \
	"\"subAccount\":null,\"referenceCode\":\"MBVCB.3278907687\","          \
	"\"description\":\"\"}"
#define SEPAY_STAMP INT64_C(1717211472)

#define PAYOS_KEY                                                              \
	"1a54716c8f0efb2744fb28b6e38b25da7f67a925d98bc1c18bd8faaecadd7675"
#define PAYOS_MAC                                                              \
	"412e915d2871504ed31be63c8f62a149a4410d34c4c42affc9006ef9917eaa03"

static const char *const sepay_secrets[] = { "new", "sepay_secret" };
static const struct pay_terms sepay = {
	.terminal = "", .secrets = sepay_secrets, .secret_count = 2
};
static const struct pay_terms sepay_by_key = { .terminal = "",
	.secrets = sepay_secrets,
	.secret_count = 2,
	.by_key = true };
static const char *const payos_secrets[] = { PAYOS_KEY };
static const struct pay_terms payos = { .terminal = "c-1",
	.secrets = payos_secrets,
	.secret_count = 1,
	.own_secret = PAYOS_KEY,
	.token = "k-1",
	.api_url = "https://a/create",
	.return_url = "https://b/r" };
static const struct pay_payee payee = { "970436", "0123499999", "So GD" };
static const struct pay_order order = { .ref = "P1R0123456789abcdef0123",
	.amount = { 250000 },
	.subject = "H29",
	.payee = &payee };

struct heard {
	const char *body, *stamp, *mac, *authorization;
	int64_t late_sec;
};

static enum err_code
hear_sepay(
    const struct pay_terms *t, const struct heard *h, struct pay_notice *out)
{
	const struct pay_raw raw = {
		.body = (const uint8_t *)h->body,
		.body_len = strlen(h->body),
		.stamp = h->stamp,
		.mac = h->mac,
		.authorization = h->authorization,
		.now_us = (SEPAY_STAMP + h->late_sec) * CLOCK_SEC_US,
	};
	struct err e = { 0 };

	memset(out, 0, sizeof(*out));
	return pay_vietqr.read_notice(t, &raw, out, &e) ? ERR_NONE : e.code;
}

static void
what_is_not_proved_to_be_sepays_is_refused(void **unused)
{
	static const struct heard bad[] = {
		{ SEPAY_BODY, "1717211472", "", "", 0 },
		{ SEPAY_BODY, "1717211472", "sha256=", "", 0 },
		{ SEPAY_BODY, "1717211473", SEPAY_MAC, "", 0 },
		{ SEPAY_BODY, "", SEPAY_MAC, "", 0 },
		{ SEPAY_BODY " ", "1717211472", SEPAY_MAC, "", 0 },
		{ SEPAY_BODY, "1717211472", SEPAY_MAC "00", "", 0 },
		{ SEPAY_BODY, "1717211472", SEPAY_MAC, "", 301 },
		{ SEPAY_BODY, "1717211472", SEPAY_MAC, "", -301 },
		{ SEPAY_BODY, "1717211472", "", "Apikey sepay_secret", 0 },
	};
	struct pay_notice n;

	(void)unused;
	for (size_t i = 0; i < nitems(bad); i++)
		assert_int_equal(
		    hear_sepay(&sepay, &bad[i], &n), ERR_UNAUTHENTICATED);
	assert_int_equal(
	    hear_sepay(&sepay, &(struct heard){ "", "", "", "", 0 }, &n),
	    ERR_MISSING_FIELD);
}

static void
the_sepay_vector_is_read_within_five_minutes(void **unused)
{
	static const int64_t late[] = { 0, 300, -300 };
	struct pay_notice n;

	(void)unused;
	for (size_t i = 0; i < nitems(late); i++) {
		const struct heard h = { SEPAY_BODY, "1717211472", SEPAY_MAC,
			"", late[i] };

		assert_int_equal(hear_sepay(&sepay, &h, &n), ERR_NONE);
		assert_string_equal(n.txn, "92704");
		assert_string_equal(n.terminal, "0123499999");
		assert_string_equal(n.ref, "DVC7A1 nop le phi");
		assert_string_equal(n.mark, "");
		assert_int_equal(n.amount.dong, 250000);
		assert_int_equal(n.outcome, PAY_PAID);
		assert_int_equal(n.secret, 1);
		pay_notice_release(&n);
	}
}

static void
only_the_configured_proof_counts(void **unused)
{
	static const struct {
		const char *authorization;
		enum err_code code;
	} rows[] = {
		{ "", ERR_UNAUTHENTICATED },
		{ "Apikey ", ERR_UNAUTHENTICATED },
		{ "Apikey sepay_secre", ERR_UNAUTHENTICATED },
		{ "Apikey sepay_secret0", ERR_UNAUTHENTICATED },
		{ "Bearer sepay_secret", ERR_UNAUTHENTICATED },
		{ "Apikey sepay_secret", ERR_NONE },
		{ "Apikey new", ERR_NONE },
	};
	struct pay_notice n;

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		const struct heard h = { SEPAY_BODY, "1717211472", SEPAY_MAC,
			rows[i].authorization, 0 };

		assert_int_equal(
		    hear_sepay(&sepay_by_key, &h, &n), rows[i].code);
		pay_notice_release(&n);
	}
}

static enum err_code
by_key(const char *body, struct pay_notice *n)
{
	return hear_sepay(
	    &sepay_by_key, &(struct heard){ body, "", "", "Apikey new", 0 }, n);
}

static void
a_transfer_that_left_is_no_news_and_a_strange_amount_is_none(void **unused)
{
	static const struct {
		const char *body;
		enum pay_outcome outcome;
		int64_t dong;
	} rows[] = {
		{ "{\"id\":1,\"transferType\":\"out\",\"transferAmount\":5}",
		    PAY_NO_NEWS, 5 },
		{ "{\"id\":\"1\",\"transferType\":\"In\","
		  "\"transferAmount\":\"5\"}",
		    PAY_DOUBT, 5 },
		{ "{\"id\":1,\"transferType\":\"in\",\"transferAmount\":5.0}",
		    PAY_PAID, -1 },
		{ "{\"id\":1,\"transferType\":\"in\",\"transferAmount\":1e3}",
		    PAY_PAID, -1 },
		{ "{\"id\":1,\"transferType\":\"in\",\"transferAmount\":-5}",
		    PAY_PAID, -1 },
		{ "{\"id\":1,\"transferType\":\"in\"}", PAY_PAID, -1 },
	};
	static const char *const no_transfers[] = { "[]", "{}", "{\"id\":1.5}",
		"{\"id\":-1}", "{\"id\":1,\"id\":1}",
		"\xef\xbb\xbf{\"id\":1}" };
	struct pay_notice n;

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		assert_int_equal(by_key(rows[i].body, &n), ERR_NONE);
		assert_int_equal(n.outcome, rows[i].outcome);
		assert_int_equal(n.amount.dong, rows[i].dong);
		pay_notice_release(&n);
	}
	for (size_t i = 0; i < nitems(no_transfers); i++)
		assert_int_equal(
		    by_key(no_transfers[i], &n), ERR_MISSING_FIELD);
}

static void
a_code_in_the_content_names_its_order(void **unused)
{
	char code[TRANSFER_CODE_LEN], other[TRANSFER_CODE_LEN], body[300];
	struct pay_notice n;

	(void)unused;
	transfer_code_make(order.ref, code);
	transfer_code_make("P1Rfedcba98765432100000", other);
	snprintf(body, sizeof(body),
	    "{\"id\":1,\"transferType\":\"in\",\"transferAmount\":1,"
	    "\"content\":\"A %s B\"}",
	    code);
	assert_int_equal(by_key(body, &n), ERR_NONE);
	assert_string_equal(n.mark, "0123456789a");
	pay_notice_release(&n);
	snprintf(body, sizeof(body),
	    "{\"id\":1,\"transferType\":\"in\",\"transferAmount\":1,"
	    "\"content\":\"%s %s\"}",
	    code, other);
	assert_int_equal(by_key(body, &n), ERR_NONE);
	assert_string_equal(n.mark, "");
	pay_notice_release(&n);
}

static void
the_qr_asks_for_the_order_by_its_code(void **unused)
{
	char code[TRANSFER_CODE_LEN];
	struct buf text = { 0 };
	struct vietqr q;
	struct err e = { 0 };

	(void)unused;
	transfer_code_make(order.ref, code);
	assert_true(pay_vietqr.start(&sepay, &order, &text, &e));
	assert_true(vietqr_read(text.data, text.len, &q, &e));
	assert_string_equal(q.account, "0123499999");
	assert_string_equal(q.purpose, code);
	assert_int_equal(q.amount.dong, 250000);
	buf_release(&text);
}

#define PAYOS_DATA(order, code)                                                \
	"{\"orderCode\":" order ",\"amount\":3000,\"description\":"            \
	"\"VQRIO123\",\"accountNumber\":\"12345678\",\"reference\":"           \
	"\"TF230204212323\",\"transactionDateTime\":\"2023-02-04 18:25:00\","  \
	"\"currency\":\"VND\",\"paymentLinkId\":"                              \
	"\"124c33293c43417ab7879e14c8d9eb18\",\"code\":\"" code                \
	"\",\"desc\":\"Th\\u00e0nh c\xc3\xb4ng\","                             \
	"\"counterAccountBankId\":\"\",\"counterAccountBankName\":null,"       \
	"\"counterAccountName\":\"undefined\",\"counterAccountNumber\":"       \
	"\"null\",\"virtualAccountName\":\"\",\"virtualAccountNumber\":\"\"}"

static enum err_code
hear_payos(const char *data, const char *mac, struct pay_notice *out)
{
	char body[1500];
	struct pay_raw raw;
	struct err e = { 0 };

	snprintf(body, sizeof(body),
	    "{\"code\":\"00\",\"desc\":\"success\",\"success\":true,"
	    "\"data\":%s,\"signature\":\"%s\"}",
	    data, mac);
	raw = (struct pay_raw){ .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	memset(out, 0, sizeof(*out));
	return pay_payos.read_notice(&payos, &raw, out, &e) ? ERR_NONE : e.code;
}

static void
what_payos_has_not_signed_is_refused(void **unused)
{
	struct pay_notice n;

	(void)unused;
	assert_int_equal(hear_payos(PAYOS_DATA("124", "00"), PAYOS_MAC, &n),
	    ERR_UNAUTHENTICATED);
	assert_int_equal(hear_payos(PAYOS_DATA("123", "01"), PAYOS_MAC, &n),
	    ERR_UNAUTHENTICATED);
	assert_int_equal(hear_payos(PAYOS_DATA("123.0", "00"), PAYOS_MAC, &n),
	    ERR_UNAUTHENTICATED);
	assert_int_equal(
	    hear_payos(PAYOS_DATA("123", "00"), "", &n), ERR_UNAUTHENTICATED);
	assert_int_equal(hear_payos("{}", PAYOS_MAC, &n), ERR_UNAUTHENTICATED);
	assert_int_equal(hear_payos("[]", PAYOS_MAC, &n), ERR_UNAUTHENTICATED);
	assert_int_equal(
	    hear_payos("{\"a\":1,\"a\":1}", PAYOS_MAC, &n), ERR_MISSING_FIELD);
}

/* Order 123 is the sample that registration sends: no news of money. */
static void
the_payos_vector_is_a_probe_however_its_json_is_spelt(void **unused)
{
	struct pay_notice n;

	(void)unused;
	assert_int_equal(
	    hear_payos(PAYOS_DATA("123", "00"), PAYOS_MAC, &n), ERR_NONE);
	assert_int_equal(n.outcome, PAY_NO_NEWS);
	assert_string_equal(n.txn, "TF230204212323");
	assert_int_equal(n.amount.dong, 3000);
	pay_notice_release(&n);
}

/* The data of an event, signed here by the rule. */
static void
hear_signed(const char *json, const char *joined, struct pay_notice *n)
{
	struct buf text = { 0 }, hex = { 0 };

	buf_puts(&text, joined);
	pay_sign(MAC_SHA256, PAYOS_KEY, &text, &hex);
	assert_int_equal(hear_payos(json, hex.data, n), ERR_NONE);
	buf_release(&hex);
	buf_release(&text);
}

static void
only_what_data_says_counts(void **unused)
{
	char code[TRANSFER_CODE_LEN], json[300], joined[300];
	struct pay_notice n;
	long long number;

	(void)unused;
	transfer_code_make(order.ref, code);
	number = (long long)transfer_code_number(code);
	snprintf(json, sizeof(json),
	    "{\"amount\":1,\"code\":\"00\",\"currency\":\"VND\",\"orderCode\":"
	    "%lld,\"reference\":\"T\",\"x\":[{\"b\":1,\"a\":2}]}",
	    number);
	snprintf(joined, sizeof(joined),
	    "amount=1&code=00&currency=VND&orderCode=%lld&reference=T&"
	    "x=[{\"a\":2,\"b\":1}]",
	    number);
	hear_signed(json, joined, &n);
	assert_int_equal(n.outcome, PAY_PAID);
	assert_string_equal(n.mark, "0123456789a");
	assert_string_equal(n.terminal, "c-1");
	pay_notice_release(&n);

	/* The outer code and success say 00 and true. */
	hear_signed("{\"amount\":1,\"code\":\"01\",\"currency\":\"VND\"}",
	    "amount=1&code=01&currency=VND", &n);
	assert_int_equal(n.outcome, PAY_PENDING);
	pay_notice_release(&n);
	hear_signed("{\"amount\":1,\"code\":\"00\",\"currency\":\"USD\"}",
	    "amount=1&code=00&currency=USD", &n);
	assert_int_equal(n.amount.dong, -1);
	assert_int_equal(n.outcome, PAY_DOUBT);
	pay_notice_release(&n);
}

static void
a_link_is_asked_for_as_the_vector_is_signed(void **unused)
{
	const struct pay_question q = { .terms = &payos, .order = &order };
	struct buf text = { 0 }, hex = { 0 };
	struct pay_call c = { 0 };
	struct err e = { 0 };

	(void)unused;
	buf_puts(&text, "amount=250000&cancelUrl=https://dvc.example.vn/cancel&"
			"description=VQRIO123&orderCode=123&"
			"returnUrl=https://dvc.example.vn/return");
	pay_sign(MAC_SHA256, PAYOS_KEY, &text, &hex);
	assert_string_equal(hex.data,
	    "4f1bc008ae84cea77681198b87ca5fd457d569862d60f42dec29118fbda3d5"
	    "dc");
	assert_true(pay_payos.open_call(&q, &c, &e));
	assert_string_equal(c.headers[0].data, "x-client-id: c-1");
	assert_string_equal(c.headers[1].data, "x-api-key: k-1");
	assert_non_null(strstr(c.body.data, "\"description\":\"DVC"));
	pay_call_release(&c);
	buf_release(&hex);
	buf_release(&text);
}

static void
what_was_heard_ends_the_calls_and_trouble_does_not(void **unused)
{
	static const struct {
		enum pay_answer answer;
		int status;
	} rows[] = {
		{ PAY_ANSWER_DONE, 200 },
		{ PAY_ANSWER_ALREADY, 200 },
		{ PAY_ANSWER_UNKNOWN, 200 },
		{ PAY_ANSWER_OTHER_AMOUNT, 200 },
		{ PAY_ANSWER_BAD_MAC, 401 },
		{ PAY_ANSWER_NO_INPUT, 400 },
		{ PAY_ANSWER_TROUBLE, 503 },
	};

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		struct pay_reply r = { 0 };

		pay_vietqr.answer(rows[i].answer, NULL, &r);
		assert_int_equal(r.status, rows[i].status);
		assert_string_equal(r.body.data, r.status == 200
						     ? "{\"success\":true}"
						     : "{\"success\":false}");
		buf_release(&r.body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_proved_to_be_sepays_is_refused),
		cmocka_unit_test(the_sepay_vector_is_read_within_five_minutes),
		cmocka_unit_test(only_the_configured_proof_counts),
		cmocka_unit_test(
		    a_transfer_that_left_is_no_news_and_a_strange_amount_is_none),
		cmocka_unit_test(a_code_in_the_content_names_its_order),
		cmocka_unit_test(the_qr_asks_for_the_order_by_its_code),
		cmocka_unit_test(what_payos_has_not_signed_is_refused),
		cmocka_unit_test(
		    the_payos_vector_is_a_probe_however_its_json_is_spelt),
		cmocka_unit_test(only_what_data_says_counts),
		cmocka_unit_test(a_link_is_asked_for_as_the_vector_is_signed),
		cmocka_unit_test(
		    what_was_heard_ends_the_calls_and_trouble_does_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
