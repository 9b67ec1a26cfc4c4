/*
 * ZaloPay's adapter: refusals first, then vectors under the keys that ZaloPay
 * has published for its sandbox.
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

#define KEY1 "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL"
#define KEY2 "kLtgPl8HHhfvMuDHPwKfgfsY4Ydm9eIz"
#define MAC  "aebb4cdfe50d9a1da4e53ed2ca02500c62e0ca276182b6ee7944fba8f05ffb70"
#define DATA                                                                   \
	"{\\\"app_id\\\":2553,\\\"app_trans_id\\\":\\\"240601_000007\\\","     \
	"\\\"app_time\\\":1717210000000,\\\"app_user\\\":\\\"user123\\\","     \
	"\\\"amount\\\":50000,\\\"embed_data\\\":\\\"{}\\\","                  \
	"\\\"item\\\":\\\"[]\\\",\\\"zp_trans_id\\\":240601000000107,"         \
	"\\\"server_time\\\":1717210101234,\\\"channel\\\":38,"                \
	"\\\"merchant_user_id\\\":\\\"abc\\\",\\\"user_fee_amount\\\":0,"      \
	"\\\"discount_amount\\\":0}"

static const char *const secrets[] = { KEY2 };
static const struct pay_terms terms = {
	.terminal = "2553",
	.secrets = secrets,
	.secret_count = 1,
	.own_secret = KEY1,
	.api_url = "https://sb-openapi.zalopay.vn",
	.return_url = "https://a/r",
	.notice_url = "https://a/n",
};
/* 10:00 on 1 June 2024 in Viet Nam. */
static const struct pay_order order = { .ref = "P1Rab",
	.amount = { 50000 },
	.created_us = INT64_C(1717210800000000),
	.expires_us = INT64_C(1717211700000000),
	.subject = "H29" };
static const struct pay_question question = { .terms = &terms,
	.order = &order };

static void
mac_of(const char *key, const char *data, char out[2 * MAC_SHA256 + 1])
{
	uint8_t mac[MAC_LEN_MAX];

	mac_hmac(MAC_SHA256, key, strlen(key), data, strlen(data), mac);
	text_hex(mac, MAC_SHA256, out);
}

static enum err_code
read_body(const char *body, struct pay_notice *out)
{
	const struct pay_raw raw = { .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	struct err e = { 0 };

	memset(out, 0, sizeof(*out));
	if (pay_zalopay.read_notice(&terms, &raw, out, &e))
		return ERR_NONE;
	return e.code;
}

static void
what_is_not_proved_or_nested_wrong_is_refused(void **unused)
{
	static const char *const bodies[] = {
		"{}",
		"{\"data\":{},\"mac\":\"" MAC "\"}",
		"{\"data\":\"" DATA "\"}",
		"{\"data\":\"" DATA "\",\"mac\":\"\"}",
		"{\"data\":\"" DATA " \",\"mac\":\"" MAC "\"}",
		"{\"data\":\"" DATA "\",\"data\":\"" DATA "\",\"mac\":\"" MAC
		"\"}",
	};
	char body[256], hex[2 * MAC_SHA256 + 1];
	struct pay_notice n;

	(void)unused;

	assert_int_equal(read_body("", &n), ERR_MISSING_FIELD);
	for (size_t i = 0; i < nitems(bodies); i++)
		assert_int_equal(read_body(bodies[i], &n), ERR_UNAUTHENTICATED);

	mac_of(KEY2, "not json", hex);
	snprintf(
	    body, sizeof(body), "{\"data\":\"not json\",\"mac\":\"%s\"}", hex);
	assert_int_equal(read_body(body, &n), ERR_UNAUTHENTICATED);
	mac_of(KEY1, "{}", hex); /* the other key */
	snprintf(body, sizeof(body), "{\"data\":\"{}\",\"mac\":\"%s\"}", hex);
	assert_int_equal(read_body(body, &n), ERR_UNAUTHENTICATED);
}

static void
the_notice_vector_is_read_and_its_type_is_not_trusted(void **unused)
{
	static const char *const types[] = { "1", "2", "\"x\"" };
	char body[1024];
	struct pay_notice n;

	(void)unused;

	for (size_t i = 0; i < nitems(types); i++) {
		snprintf(body, sizeof(body),
		    "{\"data\":\"" DATA "\",\"mac\":\"" MAC "\",\"type\":%s}",
		    types[i]);
		assert_int_equal(read_body(body, &n), ERR_NONE);
		assert_int_equal(n.outcome, PAY_PAID);
		assert_int_equal(n.amount.dong, 50000);
		assert_string_equal(n.ref, "000007");
		assert_string_equal(n.terminal, "2553");
		assert_string_equal(n.txn, "240601000000107");
		pay_notice_release(&n);
	}
}

static void
the_return_vector_names_the_order(void **unused)
{
	static const char *const bad[] = {
		"appid=2553&apptransid=240601_000007&pmcid=38&bankcode="
		"&amount=50000&discountamount=0&status=0&checksum="
		"bbb704c4d8560624c9da5b576868d8b9ed96c68c01ecb005c66e822c139e9e"
		"4c",
		"appid=2553&apptransid=240601_000007%7C38&pmcid=&bankcode="
		"&amount=50000&discountamount=0&status=1&checksum="
		"bbb704c4d8560624c9da5b576868d8b9ed96c68c01ecb005c66e822c139e9e"
		"4c",
	};
	struct pay_raw raw = {
		.query =
		    "appid=2553&apptransid=240601_000007&pmcid=38&bankcode="
		    "&amount=50000&discountamount=0&status=1&checksum="
		    "bbb704c4d8560624c9da5b576868d8b9ed96c68c01ecb005c66e"
		    "822c139e9e4c",
	};
	struct pay_notice n = { 0 };
	struct err e = { 0 };

	(void)unused;

	assert_true(pay_zalopay.read_return(&terms, &raw, &n, &e));
	assert_string_equal(n.ref, "000007");
	for (size_t i = 0; i < nitems(bad); i++) {
		raw.query = bad[i];
		assert_false(pay_zalopay.read_return(&terms, &raw, &n, &e));
	}
}

static void
the_request_vectors_are_hmac_sha256(void **unused)
{
	static const struct {
		const char *data, *mac;
	} rows[] = {
		{ "2553|240601_000007|user123|50000|1717210000000|{}|[]",
		    "a959052a0a05142a2e2df3bc4c53af1ca73403d3616ef86aaa14894d2"
		    "30b0bb8" },
		{ "2553|240601_000007|" KEY1,
		    "7e7327bdd484851c438d55efc6c59d2b162d230dc29078a2bc1e1e79e"
		    "4a53b72" },
		{ "2553|240601000000107|50000|Hoan phi|1717210500000",
		    "dd4b6137ec38f9af9752e3666729d03ce3e8e53e9110286cebcdcb870"
		    "274b26d" },
		{ "2553|240601_2553_0000000001|1717210600000",
		    "69f2a2b01b2d4cbd6748efacce872645e6df01b3d7c885d4f2f756465"
		    "a288e88" },
	};
	char hex[2 * MAC_SHA256 + 1];

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		mac_of(KEY1, rows[i].data, hex);
		assert_string_equal(hex, rows[i].mac);
	}
}

static void
create_names_the_vietnamese_day_and_signs_what_it_sends(void **unused)
{
	char hex[2 * MAC_SHA256 + 1];
	struct pay_call c = { 0 };
	struct json *j = NULL;
	struct err e = { 0 };

	(void)unused;

	assert_true(pay_zalopay.open_call(&question, &c, &e));
	assert_true(json_parse(c.body.data, c.body.len, &j, &e));
	assert_string_equal(json_text(j, "app_trans_id", ""), "240601_P1Rab");
	assert_int_equal(json_int(j, "expire_duration_seconds", 0), 900);
	mac_of(KEY1,
	    "2553|240601_P1Rab|hosogate|50000|1717210800000|"
	    "{\"redirecturl\":\"https://a/r\"}|[]",
	    hex);
	assert_string_equal(json_text(j, "mac", ""), hex);
	json_free(j);
	buf_release(&c.url);
	buf_release(&c.body);
}

static enum pay_outcome
asked(const char *body)
{
	const struct pay_raw raw = { .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	enum pay_outcome got;
	struct pay_notice n = { 0 };
	struct err e = { 0 };

	assert_true(pay_zalopay.query_read(&question, &raw, &n, &e));
	assert_string_equal(n.ref, "P1Rab");
	got = n.outcome;
	pay_notice_release(&n);
	return got;
}

static void
a_query_says_what_became_of_it(void **unused)
{
	static const char *const none[] = { "", "<html>", "{}",
		"{\"return_code\":0}", "{\"return_code\":4}",
		"{\"return_code\":\"1\"}" };
	struct pay_notice n = { 0 };
	struct err e;

	(void)unused;

	for (size_t i = 0; i < nitems(none); i++) {
		const struct pay_raw raw = { .body = (const uint8_t *)none[i],
			.body_len = strlen(none[i]) };

		assert_false(pay_zalopay.query_read(&question, &raw, &n, &e));
		assert_int_equal(e.code, ERR_PROVIDER);
	}
	assert_int_equal(asked("{\"return_code\":1,\"amount\":50000,"
			       "\"zp_trans_id\":240601000000107}"),
	    PAY_PAID);
	assert_int_equal(
	    asked("{\"return_code\":1,\"amount\":50000}"), PAY_DOUBT);
	assert_int_equal(asked("{\"return_code\":2}"), PAY_ABSENT);
	assert_int_equal(asked("{\"return_code\":3}"), PAY_PENDING);
}

static void
it_is_called_again_only_where_that_helps(void **unused)
{
	static const struct {
		enum pay_answer answer;
		const char *begins;
	} rows[] = {
		{ PAY_ANSWER_DONE, "{\"return_code\":1," },
		{ PAY_ANSWER_ALREADY, "{\"return_code\":2," },
		{ PAY_ANSWER_OTHER_AMOUNT, "{\"return_code\":1," },
		{ PAY_ANSWER_UNKNOWN, "{\"return_code\":0," },
		{ PAY_ANSWER_TROUBLE, "{\"return_code\":0," },
		{ PAY_ANSWER_BAD_MAC, "{\"return_code\":-1," },
	};
	struct pay_reply reply;

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		memset(&reply, 0, sizeof(reply));
		pay_zalopay.answer(rows[i].answer, NULL, &reply);
		assert_ptr_equal(
		    strstr(reply.body.data, rows[i].begins), reply.body.data);
		buf_release(&reply.body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_not_proved_or_nested_wrong_is_refused),
		cmocka_unit_test(
		    the_notice_vector_is_read_and_its_type_is_not_trusted),
		cmocka_unit_test(the_return_vector_names_the_order),
		cmocka_unit_test(the_request_vectors_are_hmac_sha256),
		cmocka_unit_test(
		    create_names_the_vietnamese_day_and_signs_what_it_sends),
		cmocka_unit_test(a_query_says_what_became_of_it),
		cmocka_unit_test(it_is_called_again_only_where_that_helps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
