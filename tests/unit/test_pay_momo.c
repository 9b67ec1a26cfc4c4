/*
 * MoMo's adapter: refusals first, then vectors under the keys that MoMo has
 * published for its sandbox.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/adapter.h"
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/mac.h"

#define ACCESS "F8BBA842ECF85"
#define KEY    "K951B6PE1waDMi640xX08PD3vg6EkVlz"
#define ORDER  "MOMO1717210000001"
#define MAC                                                                    \
	"b26847dc13bdae33cd723fdb595511768dba3e03"                             \
	"a921fb582a04a775bc91d74f"

static const char *const secrets[] = { KEY };
static const struct pay_terms terms = {
	.terminal = "MOMO",
	.access_key = ACCESS,
	.secrets = secrets,
	.secret_count = 1,
	.own_secret = KEY,
	.api_url = "https://test-payment.momo.vn",
	.return_url = "https://momo.vn/return",
	.notice_url = "https://callback.url/notify",
};

#define BODY(amount, message, mac)                                             \
	"{\"amount\":" amount ",\"extraData\":\"\",\"message\":\"" message     \
	"\",\"orderId\":\"" ORDER "\",\"orderInfo\":\"pay with MoMo\","        \
	"\"orderType\":\"momo_wallet\",\"partnerCode\":\"MOMO\","              \
	"\"payType\":\"qr\",\"requestId\":\"" ORDER "\","                      \
	"\"responseTime\":1717210100123,\"resultCode\":0,"                     \
	"\"transId\":4042000001,\"signature\":\"" mac "\"}"

static enum err_code
read_body(const char *body, struct pay_notice *out)
{
	const struct pay_raw raw = { .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	struct err e = { 0 };

	memset(out, 0, sizeof(*out));
	if (pay_momo.read_notice(&terms, &raw, out, &e))
		return ERR_NONE;
	return e.code;
}

static void
mac_of(const char *data, char out[2 * MAC_SHA256 + 1])
{
	uint8_t mac[MAC_LEN_MAX];

	mac_hmac(MAC_SHA256, KEY, strlen(KEY), data, strlen(data), mac);
	text_hex(mac, MAC_SHA256, out);
}

/* What a notice with this result code, order info and request says. */
static enum pay_outcome
outcome(const char *result, const char *info, const char *request)
{
	char data[1024], hex[2 * MAC_SHA256 + 1], body[1024];
	enum pay_outcome got;
	struct pay_notice n;

	snprintf(data, sizeof(data),
	    "accessKey=" ACCESS "&amount=50000&extraData=&message=m&orderId=P1"
	    "&orderInfo=%s&orderType=momo_wallet&partnerCode=MOMO&payType=qr"
	    "&requestId=%s&responseTime=1&resultCode=%s&transId=7",
	    info, request, result);
	mac_of(data, hex);
	snprintf(body, sizeof(body),
	    "{\"amount\":50000,\"extraData\":\"\",\"message\":\"m\","
	    "\"orderId\":\"P1\",\"orderInfo\":\"%s\","
	    "\"orderType\":\"momo_wallet\",\"partnerCode\":\"MOMO\","
	    "\"payType\":\"qr\",\"requestId\":\"%s\",\"responseTime\":1,"
	    "\"resultCode\":%s,\"transId\":7,\"signature\":\"%s\"}",
	    info, request, result, hex);
	assert_int_equal(read_body(body, &n), ERR_NONE);
	got = n.outcome;
	pay_notice_release(&n);
	return got;
}

static void
what_is_not_proved_is_refused(void **unused)
{
	static const char *const bodies[] = {
		"{}",
		"[]",
		"null",
		"{\"amount\":1,\"amount\":1}",
		"\xef\xbb\xbf{}",
		BODY("50000", "Thành công.", ""),
		BODY("50000", "Thành công.", "b26847dc"),
		BODY("50000", "Thành công.", MAC "00"),
		BODY("50001", "Thành công.", MAC),
		BODY("50000", "Thanh cong.", MAC),
		BODY("50000.0", "Thành công.", MAC), /* another lexeme */
		BODY("5e4", "Thành công.", MAC),
		BODY("{}", "Thành công.", MAC),
		BODY("true", "Thành công.", MAC),
	};
	struct pay_notice n;

	(void)unused;

	assert_int_equal(read_body("", &n), ERR_MISSING_FIELD);
	for (size_t i = 0; i < nitems(bodies); i++)
		assert_int_equal(read_body(bodies[i], &n), ERR_UNAUTHENTICATED);
}

static void
the_notice_vector_is_read_however_its_json_is_spelt(void **unused)
{
	static const char *const bodies[] = {
		BODY("50000", "Thành công.", MAC),
		BODY("50000", "Th\\u00e0nh c\\u00f4ng.", MAC),
		BODY("\"50000\"", "Thành công.", MAC),
	};
	struct pay_notice n;

	(void)unused;

	for (size_t i = 0; i < nitems(bodies); i++) {
		assert_int_equal(read_body(bodies[i], &n), ERR_NONE);
		assert_int_equal(n.outcome, PAY_PAID);
		assert_int_equal(n.amount.dong, 50000);
		assert_string_equal(n.ref, ORDER);
		assert_string_equal(n.terminal, "MOMO");
		assert_string_equal(n.txn, "4042000001");
		pay_notice_release(&n);
	}
}

static void
only_final_codes_fail_and_unknown_ones_leave_it_pending(void **unused)
{
	static const char *const failed[] = { "98", "99", "1001", "1005",
		"1006", "1017", "4100" };
	static const char *const pending[] = { "10", "21", "41", "1000", "7000",
		"7002", "9000", "123456" };

	(void)unused;

	assert_int_equal(outcome("0", "x", "P1"), PAY_PAID);
	for (size_t i = 0; i < nitems(failed); i++)
		assert_int_equal(outcome(failed[i], "x", "P1"), PAY_FAILED);
	for (size_t i = 0; i < nitems(pending); i++)
		assert_int_equal(outcome(pending[i], "x", "P1"), PAY_PENDING);
}

static void
the_configuration_says_what_a_code_means(void **unused)
{
	static const char *const codes[] = { "1006=pending", "9999=failed",
		"100=paid", "77=sometimes" };
	const struct pay_terms own = { .codes = codes,
		.code_count = nitems(codes) };
	enum pay_outcome out = PAY_DOUBT;

	(void)unused;

	assert_false(pay_code(&own, "1", &out));
	assert_false(pay_code(&own, "10066", &out));
	assert_false(pay_code(&own, "77", &out));
	assert_int_equal(out, PAY_DOUBT);
	assert_true(pay_code(&own, "1006", &out));
	assert_int_equal(out, PAY_PENDING);
	assert_true(pay_code(&own, "9999", &out));
	assert_int_equal(out, PAY_FAILED);
}

/* Nothing is escaped in MoMo's raw string. */
static void
what_could_be_cut_in_another_way_is_in_doubt(void **unused)
{
	(void)unused;

	assert_int_equal(outcome("0", "x&orderType=y", "P1"), PAY_DOUBT);
	assert_int_equal(outcome("0", "x=y", "P1"), PAY_DOUBT);
	assert_int_equal(outcome("0", "x", "P2"), PAY_DOUBT);
}

static void
the_request_vectors_are_hmac_sha256(void **unused)
{
	static const struct {
		const char *data, *mac;
	} rows[] = {
		{ "accessKey=" ACCESS "&amount=50000&extraData="
		  "&ipnUrl=https://callback.url/notify&orderId=" ORDER
		  "&orderInfo=pay with MoMo&partnerCode=MOMO"
		  "&redirectUrl=https://momo.vn/return&requestId=" ORDER
		  "&requestType=captureWallet",
		    "a50e0b3db0382491e829af1aa81d60f06e482a20b77b7441fbde060f2"
		    "ae46d90" },
		{ "accessKey=" ACCESS "&orderId=" ORDER
		  "&partnerCode=MOMO&requestId=Q1717210200000",
		    "9f5cdf1e6a9bf8db657a2b2281975af79a284dfff0bceeafc42eade73"
		    "b1856e0" },
		{ "accessKey=" ACCESS "&amount=20000&description="
		  "&orderId=RF1717210300000&partnerCode=MOMO"
		  "&requestId=RF1717210300000&transId=4042000001",
		    "95d4172b57809661d2dd93eba2e26fb69ac0647db79f73087fdb180ad"
		    "be18784" },
		{ "accessKey=" ACCESS
		  "&amount=50000&description=&orderId=" ORDER
		  "&partnerCode=MOMO&requestId=C1717210400000"
		  "&requestType=capture",
		    "0fc4d1b23a561984ac1a94bfb75c9669d6ae76bcc20cdec7815d727d8"
		    "12be3c1" },
	};
	char hex[2 * MAC_SHA256 + 1];

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		mac_of(rows[i].data, hex);
		assert_string_equal(hex, rows[i].mac);
	}
}

static void
create_is_signed_over_what_is_sent(void **unused)
{
	const struct pay_order order = { .ref = "P1Rab",
		.amount = { 50000 },
		.subject = "H29.20-261123-0001 (đ&=)" };
	const struct pay_question q = { .terms = &terms, .order = &order };
	char hex[2 * MAC_SHA256 + 1];
	struct pay_call c = { 0 };
	struct json *j = NULL;
	struct err e = { 0 };

	(void)unused;

	assert_true(pay_momo.open_call(&q, &c, &e));
	assert_string_equal(
	    c.url.data, "https://test-payment.momo.vn/v2/gateway/api/create");
	assert_true(json_parse(c.body.data, c.body.len, &j, &e));
	mac_of("accessKey=" ACCESS "&amount=50000&extraData="
	       "&ipnUrl=https://callback.url/notify&orderId=P1Rab"
	       "&orderInfo=Nop phi ho so H29.20-261123-0001 d&partnerCode=MOMO"
	       "&redirectUrl=https://momo.vn/return&requestId=P1Rab"
	       "&requestType=captureWallet",
	    hex);
	assert_string_equal(json_text(j, "signature", ""), hex);
	assert_int_equal(json_int(j, "amount", 0), 50000);
	assert_null(json_find(j, "accessKey"));
	json_free(j);
	buf_release(&c.url);
	buf_release(&c.body);
}

static void
an_amount_beyond_its_limits_is_not_sent(void **unused)
{
	struct pay_order order = { .ref = "P1", .subject = "x" };
	const struct pay_question q = { .terms = &terms, .order = &order };
	struct pay_call c = { 0 };
	struct err e = { 0 };

	(void)unused;

	order.amount.dong = 999;
	assert_false(pay_momo.open_call(&q, &c, &e));
	order.amount.dong = 50000001;
	assert_false(pay_momo.open_call(&q, &c, &e));
	assert_int_equal(e.code, ERR_WRONG_AMOUNT);
}

static void
an_answer_about_another_order_or_amount_opens_nothing(void **unused)
{
	static const char *const bodies[] = {
		"",
		"<html>",
		"{}",
		"{\"partnerCode\":\"MOMO\",\"orderId\":\"P2\",\"amount\":50000,"
		"\"resultCode\":0,\"payUrl\":\"https://x\"}",
		"{\"partnerCode\":\"MOMO\",\"orderId\":\"P1\",\"amount\":1,"
		"\"resultCode\":0,\"payUrl\":\"https://x\"}",
		"{\"partnerCode\":\"MOMO\",\"orderId\":\"P1\",\"amount\":50000,"
		"\"resultCode\":41,\"payUrl\":\"https://x\"}",
		"{\"partnerCode\":\"MOMO\",\"orderId\":\"P1\",\"amount\":50000,"
		"\"resultCode\":0,\"payUrl\":\"javascript:x\"}",
	};
	const struct pay_order order = { .ref = "P1", .amount = { 50000 } };
	const struct pay_question q = { .terms = &terms, .order = &order };
	struct buf url = { 0 };
	struct err e;

	(void)unused;

	for (size_t i = 0; i < nitems(bodies); i++) {
		const struct pay_raw raw = { .body = (const uint8_t *)bodies[i],
			.body_len = strlen(bodies[i]) };

		assert_false(pay_momo.open_read(&q, &raw, &url, &e));
		assert_int_equal(e.code, ERR_PROVIDER);
		assert_int_equal(url.len, 0);
	}
}

static enum pay_outcome
asked(const char *code, const char *txn)
{
	const struct pay_order order = { .ref = "P1", .amount = { 50000 } };
	const struct pay_question q = { .terms = &terms, .order = &order };
	enum pay_outcome got;
	struct pay_notice n = { 0 };
	struct err e = { 0 };
	char body[256];

	snprintf(body, sizeof(body),
	    "{\"partnerCode\":\"MOMO\",\"orderId\":\"P1\",\"amount\":50000,"
	    "\"resultCode\":%s,\"transId\":%s}",
	    code, txn);
	const struct pay_raw raw = { .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	assert_true(pay_momo.query_read(&q, &raw, &n, &e));
	got = n.outcome;
	pay_notice_release(&n);
	return got;
}

static void
a_query_says_what_became_of_it(void **unused)
{
	(void)unused;

	assert_int_equal(asked("0", "7"), PAY_PAID);
	assert_int_equal(asked("9000", "7"), PAY_PAID);
	assert_int_equal(asked("0", "0"), PAY_DOUBT);
	assert_int_equal(asked("1006", "0"), PAY_FAILED);
	assert_int_equal(asked("1000", "0"), PAY_PENDING);
	assert_int_equal(asked("42", "0"), PAY_ABSENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_proved_is_refused),
		cmocka_unit_test(
		    the_notice_vector_is_read_however_its_json_is_spelt),
		cmocka_unit_test(
		    only_final_codes_fail_and_unknown_ones_leave_it_pending),
		cmocka_unit_test(the_configuration_says_what_a_code_means),
		cmocka_unit_test(what_could_be_cut_in_another_way_is_in_doubt),
		cmocka_unit_test(the_request_vectors_are_hmac_sha256),
		cmocka_unit_test(create_is_signed_over_what_is_sent),
		cmocka_unit_test(an_amount_beyond_its_limits_is_not_sent),
		cmocka_unit_test(
		    an_answer_about_another_order_or_amount_opens_nothing),
		cmocka_unit_test(a_query_says_what_became_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
