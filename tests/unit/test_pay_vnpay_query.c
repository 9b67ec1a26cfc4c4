/*
 * VNPay's querydr: what its answer must be like to count as one.  Refusals
 * first, then vectors that were made by other programs than ours.
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
#include "base/text.h"
#include "crypto/mac.h"

#define KEY "SECRETKEYFORTESTONLY0123456789AB"

static const char *const one_secret[] = { KEY };
static const struct pay_terms terms = {
	.terminal = "DEMOV210",
	.secrets = one_secret,
	.secret_count = 1,
	.own_secret = KEY,
	.our_ip = "10.0.0.5",
};

#define SAID_MAC                                                               \
	"43dabefe032b7a3c982544aab2a83a43112f4af6229614ba9120c2ffac9dd999"     \
	"e502433662e819a6bfff12a5cdfd8e753c95c87ceed04a06825f887aeed979ef"
#define SAID(status, mac)                                                      \
	"{\"vnp_ResponseId\":\"RSP0001\",\"vnp_Command\":\"querydr\","         \
	"\"vnp_ResponseCode\":\"00\",\"vnp_Message\":\"QueryDR Success\","     \
	"\"vnp_TmnCode\":\"DEMOV210\","                                        \
	"\"vnp_TxnRef\":\"P0000000000000007A1\","                              \
	"\"vnp_Amount\":\"25000000\",\"vnp_BankCode\":\"NCB\","                \
	"\"vnp_PayDate\":\"20240601101112\","                                  \
	"\"vnp_TransactionNo\":\"14226112\",\"vnp_TransactionType\":\"01\","   \
	"\"vnp_TransactionStatus\":\"" status "\",\"vnp_OrderInfo\":"          \
	"\"Le phi ho so H29.12-240601-0007\",\"vnp_SecureHash\":\"" mac "\"}"

static enum err_code
read_said(const char *ref, const char *body, struct pay_notice *out)
{
	const struct pay_order order = { .ref = ref };
	const struct pay_question q = { .terms = &terms, .order = &order };
	const struct pay_raw raw = { .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	struct err e = { 0 };

	memset(out, 0, sizeof(*out));
	if (pay_vnpay.query_read(&q, &raw, out, &e))
		return ERR_NONE;
	return e.code;
}

static void
an_answer_that_is_not_proved_is_no_answer(void **unused)
{
	static const char *const bodies[] = {
		"",
		"<html>503</html>",
		"[]",
		"null",
		"{}",
		SAID("00", ""),
		SAID("02", SAID_MAC),
		SAID("00\",\"vnp_TransactionStatus\":\"00", SAID_MAC),
	};
	struct pay_notice n;

	(void)unused;

	for (size_t i = 0; i < nitems(bodies); i++)
		assert_int_equal(
		    read_said("P0000000000000007A1", bodies[i], &n),
		    ERR_PROVIDER);
}

static void
an_answer_about_another_order_is_no_answer(void **unused)
{
	struct pay_notice n;

	(void)unused;

	assert_int_equal(
	    read_said("P1", SAID("00", SAID_MAC), &n), ERR_PROVIDER);
}

static void
an_answer_that_could_be_cut_otherwise_is_none(void **unused)
{
	static const char said[] =
	    "|querydr|00||DEMOV210|P1|100|||7|01|00|a|b||";
	static const char body[] =
	    "{\"vnp_Command\":\"querydr\",\"vnp_ResponseCode\":\"00\","
	    "\"vnp_TmnCode\":\"DEMOV210\",\"vnp_TxnRef\":\"P1\","
	    "\"vnp_Amount\":\"100\",\"vnp_TransactionNo\":\"7\","
	    "\"vnp_TransactionType\":\"01\",\"vnp_TransactionStatus\":\"00\","
	    "\"vnp_OrderInfo\":\"a|b\",\"vnp_SecureHash\":\"%s\"}";
	uint8_t mac[MAC_LEN_MAX];
	char hex[2 * MAC_SHA512 + 1], text[1024];
	struct pay_notice n;

	(void)unused;

	mac_hmac(MAC_SHA512, KEY, strlen(KEY), said, strlen(said), mac);
	text_hex(mac, MAC_SHA512, hex);
	snprintf(text, sizeof(text), body, hex);
	assert_int_equal(read_said("P1", text, &n), ERR_PROVIDER);
}

static void
the_answer_vector_is_read(void **unused)
{
	struct pay_notice n;

	(void)unused;

	assert_int_equal(
	    read_said("P0000000000000007A1", SAID("00", SAID_MAC), &n),
	    ERR_NONE);
	assert_int_equal(n.outcome, PAY_PAID);
	assert_int_equal(n.amount.dong, 250000);
	assert_string_equal(n.terminal, "DEMOV210");
	assert_string_equal(n.txn, "14226112");
	pay_notice_release(&n);
}

/* The requests' MACs go over values joined by |, not over pairs. */
static void
the_request_vectors_are_hmac_sha512(void **unused)
{
	static const struct {
		const char *data, *mac;
	} rows[] = {
		{ "R20240601000001|2.1.0|querydr|DEMOV210|P0000000000000007A1|"
		  "20240601100000|20240601102000|10.0.0.5|"
		  "Truy van P0000000000000007A1",
		    "96be9412a7e54f427228ed73c0d7356c9a6c4f05a0d36c2548866ec0"
		    "7ed9eabfa5d1bf731513d4cbbd91e215b73f07f6f6aa130f6b62337b"
		    "0ca31fac7ee18f59" },
		{ "R20240601000002|2.1.0|refund|DEMOV210|03|"
		  "P0000000000000007A1|5000000|14226112|20240601100000|"
		  "canbo01|20240602090000|10.0.0.5|"
		  "Hoan phi P0000000000000007A1",
		    "9fe1956aab16a4004043a66b88f840b1f659653e8ba3cc0642beedeb"
		    "480d66d2e5d1c7901ebb13dbd8617fc13fb81df5747011a4c0f96c2d"
		    "0bf50b0792927cf3" },
	};
	uint8_t mac[MAC_LEN_MAX];

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		mac_hmac(MAC_SHA512, KEY, strlen(KEY), rows[i].data,
		    strlen(rows[i].data), mac);
		assert_true(mac_equal_hex(MAC_SHA512, mac, rows[i].mac));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_answer_that_is_not_proved_is_no_answer),
		cmocka_unit_test(an_answer_about_another_order_is_no_answer),
		cmocka_unit_test(an_answer_that_could_be_cut_otherwise_is_none),
		cmocka_unit_test(the_answer_vector_is_read),
		cmocka_unit_test(the_request_vectors_are_hmac_sha512),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
