/*
 * VNPay's adapter against the provider's rules: refusals first, then vectors
 * that were made by other programs than ours.
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

#define IPN                                                                    \
	"vnp_Amount=25000000&vnp_BankCode=NCB&vnp_BankTranNo=VNP14226112"      \
	"&vnp_CardType=ATM&vnp_OrderInfo=Le+phi+ho+so+H29.12-240601-0007+"     \
	"%2B+phi+%282%29&vnp_PayDate=20240601101112&vnp_ResponseCode=00"       \
	"&vnp_TmnCode=DEMOV210&vnp_TransactionNo=14226112"                     \
	"&vnp_TransactionStatus=00&vnp_TxnRef=P0000000000000007A1"
#define IPN_MAC                                                                \
	"3e3f104dc708249e87861eb11d390a5a4fd6f2e21c1b18899fc2203dc30b0628"     \
	"e1d55635a58dc82244df450d6ae9fecf53e6bba74935b4fd7ade7a4477511445"

static const char *const one_secret[] = { KEY };
static const struct pay_terms terms = {
	.terminal = "DEMOV210",
	.secrets = one_secret,
	.secret_count = 1,
	.own_secret = KEY,
	.pay_url = "https://sandbox.vnpayment.vn/paymentv2/vpcpay.html",
	.return_url = "https://domainmerchant.vn/ReturnUrl",
	.our_ip = "10.0.0.5",
};

/* Zero, or the error; *out holds what was read. */
static enum err_code
read_under(const struct pay_terms *t, const char *query, struct pay_notice *out)
{
	const struct pay_raw raw = { .query = query };
	struct err e = { 0 };

	memset(out, 0, sizeof(*out));
	if (pay_vnpay.read_notice(t, &raw, out, &e))
		return ERR_NONE;
	return e.code;
}

static enum err_code
refusal(const char *query)
{
	struct pay_notice n;
	enum err_code code = read_under(&terms, query, &n);

	pay_notice_release(&n);
	return code;
}

/* The MAC of data as it stands, appended. */
static void
sign(const char *data, char *out, size_t cap)
{
	uint8_t mac[MAC_LEN_MAX];
	char hex[2 * MAC_SHA512 + 1];

	mac_hmac(MAC_SHA512, KEY, strlen(KEY), data, strlen(data), mac);
	text_hex(mac, MAC_SHA512, hex);
	snprintf(out, cap, "%s&vnp_SecureHash=%s", data, hex);
}

static enum pay_outcome
outcome(const char *response, const char *status)
{
	char data[512], query[1024];
	struct pay_notice n;
	enum pay_outcome got;

	snprintf(data, sizeof(data),
	    "vnp_Amount=100&vnp_ResponseCode=%s&vnp_TransactionNo=7"
	    "&vnp_TransactionStatus=%s",
	    response, status);
	sign(data, query, sizeof(query));
	assert_int_equal(read_under(&terms, query, &n), ERR_NONE);
	got = n.outcome;
	pay_notice_release(&n);
	return got;
}

static int64_t
amount(const char *value, const char *more)
{
	char data[512], query[1024];
	struct pay_notice n;
	int64_t got;

	snprintf(data, sizeof(data), "vnp_Amount=%s%s", value, more);
	sign(data, query, sizeof(query));
	assert_int_equal(read_under(&terms, query, &n), ERR_NONE);
	got = n.amount.dong;
	pay_notice_release(&n);
	return got;
}

static void
nothing_is_no_notice(void **unused)
{
	(void)unused;

	assert_int_equal(refusal(""), ERR_MISSING_FIELD);
	assert_int_equal(refusal("utm_source=mail"), ERR_MISSING_FIELD);
}

static void
a_mac_that_is_wrong_short_or_missing_is_refused(void **unused)
{
	static const char *const macs[] = {
		"",
		"&vnp_SecureHash=",
		"&vnp_SecureHash",
		"&vnp_SecureHash=3e3f104d",
		"&vnp_SecureHash=" IPN_MAC "00",
		"&vnp_SecureHash="
		"zz3f104dc708249e87861eb11d390a5a4fd6f2e21c1b18899fc2203dc30b06"
		"28e1d55635a58dc82244df450d6ae9fecf53e6bba74935b4fd7ade7a447751"
		"1445",
		"&vnp_SecureHash="
		"4e3f104dc708249e87861eb11d390a5a4fd6f2e21c1b18899fc2203dc30b06"
		"28e1d55635a58dc82244df450d6ae9fecf53e6bba74935b4fd7ade7a447751"
		"1445",
	};
	char query[2048];

	(void)unused;

	for (size_t i = 0; i < nitems(macs); i++) {
		snprintf(query, sizeof(query), "%s%s", IPN, macs[i]);
		assert_int_equal(refusal(query), ERR_UNAUTHENTICATED);
	}
}

static void
a_shorter_algorithm_proves_nothing(void **unused)
{
	uint8_t mac[MAC_LEN_MAX];
	char hex[2 * MAC_SHA256 + 1], query[2048];

	(void)unused;

	mac_hmac(MAC_SHA256, KEY, strlen(KEY), IPN, strlen(IPN), mac);
	text_hex(mac, MAC_SHA256, hex);
	snprintf(query, sizeof(query),
	    "%s&vnp_SecureHashType=SHA256&vnp_SecureHash=%s", IPN, hex);
	assert_int_equal(refusal(query), ERR_UNAUTHENTICATED);
}

static void
what_two_readers_could_read_differently_is_refused(void **unused)
{
	static const char *const more[] = {
		"&vnp_Amount=1",   /* twice, differently */
		"&utm=1&utm=2",    /* twice, though not hashed */
		"&vnp%5FAmount=1", /* an encoded name */
		"&vnp_Amount[]=1", /* PHP's list */
		"&=1",             /* no name */
		"&",               /* nothing */
		"&;vnp_Amount=1",  /* the other separator */
		"&x=%",            /* bad escapes */
		"&x=%G1",
		"&x=%0",
		"&x=%00",
		"&x=%C0%80",    /* overlong */
		"&x=%ED%A0%80", /* half a surrogate */
		"&x=%FF%FE",
	};
	char query[2048];

	(void)unused;

	for (size_t i = 0; i < nitems(more); i++) {
		snprintf(query, sizeof(query), "%s&vnp_SecureHash=%s%s", IPN,
		    IPN_MAC, more[i]);
		assert_int_equal(refusal(query), ERR_UNAUTHENTICATED);
	}
}

static void
more_than_a_hundred_pairs_are_refused(void **unused)
{
	char query[4096];
	size_t len;

	(void)unused;

	len = (size_t)snprintf(
	    query, sizeof(query), "%s&vnp_SecureHash=%s", IPN, IPN_MAC);
	for (int i = 0; i < 89; i++)
		len += (size_t)snprintf(
		    query + len, sizeof(query) - len, "&x%d=1", i);
	assert_int_equal(refusal(query), ERR_UNAUTHENTICATED);
	*strrchr(query, '&') = '\0'; /* a hundred are not */
	assert_int_equal(refusal(query), ERR_NONE);
}

static void
a_change_of_any_signed_value_is_refused(void **unused)
{
	char query[2048];

	(void)unused;

	snprintf(query, sizeof(query), "%s&vnp_SecureHash=%s", IPN, IPN_MAC);
	for (size_t i = 0; i < strlen(IPN); i++) {
		char was = query[i];

		query[i] = was == '1' ? '2' : '1';
		assert_int_equal(refusal(query), ERR_UNAUTHENTICATED);
		query[i] = was;
	}
	assert_int_equal(refusal(query), ERR_NONE);
}

static void
an_amount_that_is_no_plain_number_is_none(void **unused)
{
	static const char *const values[] = { "", "0", "-100", "%2B100", "0100",
		"1e6", "100.0", "150", "1000000000000", "10+0", "0x64",
		"99999999999999999999" };

	(void)unused;

	for (size_t i = 0; i < nitems(values); i++)
		assert_int_equal(amount(values[i], ""), -1);
	assert_int_equal(amount("100", "&vnp_CurrCode=USD"), -1);
	assert_int_equal(amount("100", "&vnp_CurrCode=VND"), 1);
	assert_int_equal(amount("999999999900", ""), INT64_C(9999999999));
}

static void
paid_is_what_both_codes_call_paid(void **unused)
{
	(void)unused;

	assert_int_equal(outcome("00", "00"), PAY_PAID);
	assert_int_equal(outcome("24", "02"), PAY_FAILED);
	assert_int_equal(outcome("99", "02"), PAY_FAILED);
	assert_int_equal(outcome("00", "01"), PAY_PENDING);
	assert_int_equal(outcome("99", "01"), PAY_PENDING);
	assert_int_equal(outcome("00", "02"), PAY_DOUBT);
	assert_int_equal(outcome("24", "00"), PAY_DOUBT);
	assert_int_equal(outcome("07", "00"), PAY_DOUBT);
	assert_int_equal(outcome("07", "01"), PAY_DOUBT);
	assert_int_equal(outcome("00", "07"), PAY_DOUBT);
	assert_int_equal(outcome("00", "04"), PAY_DOUBT);
	assert_int_equal(outcome("24", "77"), PAY_DOUBT);
	assert_int_equal(outcome("", ""), PAY_DOUBT);
}

static void
a_success_without_a_transaction_is_in_doubt(void **unused)
{
	static const char *const txns[] = { "", "0", "00", "12a",
		"1234567890123456" };
	char data[512], query[1024];
	struct pay_notice n;

	(void)unused;

	for (size_t i = 0; i < nitems(txns); i++) {
		snprintf(data, sizeof(data),
		    "vnp_Amount=100&vnp_ResponseCode=00&vnp_TransactionNo=%s"
		    "&vnp_TransactionStatus=00",
		    txns[i]);
		sign(data, query, sizeof(query));
		assert_int_equal(read_under(&terms, query, &n), ERR_NONE);
		assert_int_equal(n.outcome, PAY_DOUBT);
		assert_string_equal(n.txn, "");
		pay_notice_release(&n);
	}
}

static void
the_notice_vector_is_read(void **unused)
{
	struct pay_notice n;

	(void)unused;

	assert_int_equal(
	    read_under(&terms, IPN "&vnp_SecureHash=" IPN_MAC, &n), ERR_NONE);
	assert_int_equal(n.outcome, PAY_PAID);
	assert_int_equal(n.amount.dong, 250000);
	assert_string_equal(n.ref, "P0000000000000007A1");
	assert_string_equal(n.terminal, "DEMOV210");
	assert_string_equal(n.txn, "14226112");
	assert_int_equal(n.secret, 0);
	assert_int_equal(n.raw.len, strlen(IPN "&vnp_SecureHash=" IPN_MAC));
	pay_notice_release(&n);
}

static void
pairs_come_in_any_order_the_mac_in_any_case(void **unused)
{
	static const char query[] =
	    "vnp_SecureHash="
	    "3E3F104DC708249E87861EB11D390A5A4FD6F2E21C1B18899FC2203DC30B0628"
	    "E1D55635A58DC82244DF450D6AE9FECF53E6BBA74935B4FD7ADE7A4477511445"
	    "&utm_source=x&vnp_TxnRef=P0000000000000007A1"
	    "&vnp_BankCode=NCB&vnp_BankTranNo=VNP14226112"
	    "&vnp_CardType=ATM&vnp_OrderInfo=Le+phi+ho+so+H29.12-240601-0007+"
	    "%2B+phi+%282%29&vnp_PayDate=20240601101112&vnp_ResponseCode=00"
	    "&vnp_TmnCode=DEMOV210&vnp_TransactionNo=14226112"
	    "&vnp_TransactionStatus=00&vnp_Amount=25000000"
	    "&vnp_SecureHashType=HmacSHA512";

	(void)unused;

	assert_int_equal(refusal(query), ERR_NONE);
}

static void
other_spellings_of_the_same_are_proved_too(void **unused)
{
	static const char query[] =
	    "vnp_Amount=25000000&vnp_BankCode=NCB&vnp_BankTranNo=VNP14226112"
	    "&vnp_CardType=ATM&vnp_OrderInfo=Le%20phi%20ho%20so%20"
	    "H29.12-240601-0007%20%2b%20phi%20(2)&vnp_PayDate=20240601101112"
	    "&vnp_ResponseCode=00&vnp_TmnCode=DEMOV210"
	    "&vnp_TransactionNo=14226112&vnp_TransactionStatus=00"
	    "&vnp_TxnRef=P0000000000000007A1&vnp_Empty="
	    "&vnp_SecureHash=" IPN_MAC;

	(void)unused;

	assert_int_equal(refusal(query), ERR_NONE);
}

static void
the_published_vectors_are_proved(void **unused)
{
	static const char *const secrets[] = { "test_secret" };
	static const char success[] =
	    "vnp_Amount=1000000&vnp_BankCode=NCB&vnp_BankTranNo=VNP14422574"
	    "&vnp_CardType=ATM&vnp_OrderInfo=Thanh+toan+don+hang+"
	    "2024-05-21T02%3A17%3A31.249Z&vnp_PayDate=20240521091806"
	    "&vnp_ResponseCode=00&vnp_TmnCode=TEST_TMN_CODE"
	    "&vnp_TransactionNo=14422574&vnp_TransactionStatus=00"
	    "&vnp_TxnRef=1716257871703&vnp_SecureHash="
	    "649982421beb422556a1374713c74e58e716ecbd05007c0c0e1f7effdfaf361d"
	    "bf146889ca446139afe11b9954c4d5c486e99e3b86fcfab6957f29eb0be72895";
	static const char contradiction[] =
	    "vnp_Amount=1000000&vnp_BankCode=NCB&vnp_BankTranNo=VNP14422574"
	    "&vnp_CardType=ATM&vnp_OrderInfo=Thanh+toan+don+hang+"
	    "2024-05-21T02%3A17%3A31.249Z&vnp_PayDate=20240521091806"
	    "&vnp_ResponseCode=99&vnp_TmnCode=TEST_TMN_CODE"
	    "&vnp_TransactionNo=14422574&vnp_TransactionStatus=00"
	    "&vnp_TxnRef=1716257871703&vnp_SecureHash="
	    "503194f6d93b57b357b2d1d09742565e67e86d771352c5dca4fc8d39df3d392c"
	    "6b3809add9405f97cfb9631f445e36c80656cfbf47eac67d97fa165865c13e1b";
	struct pay_terms t = terms;
	struct pay_notice n;

	(void)unused;

	t.secrets = secrets;
	assert_int_equal(read_under(&t, success, &n), ERR_NONE);
	assert_int_equal(n.outcome, PAY_PAID);
	assert_int_equal(n.amount.dong, 10000);
	pay_notice_release(&n);
	assert_int_equal(read_under(&t, contradiction, &n), ERR_NONE);
	assert_int_equal(n.outcome, PAY_DOUBT);
	pay_notice_release(&n);
}

static void
the_pay_vector_carries_the_same_mac(void **unused)
{
	struct pay_notice n;

	(void)unused;

	assert_int_equal(
	    read_under(&terms,
		"vnp_Amount=1806000&vnp_Command=pay"
		"&vnp_CreateDate=20210801153333&vnp_CurrCode=VND"
		"&vnp_IpAddr=127.0.0.1&vnp_Locale=vn"
		"&vnp_OrderInfo=Thanh+toan+don+hang+%3A5&vnp_OrderType=other"
		"&vnp_ReturnUrl=https%3A%2F%2Fdomainmerchant.vn%2FReturnUrl"
		"&vnp_TmnCode=DEMOV210&vnp_TxnRef=5&vnp_Version=2.1.0"
		"&vnp_SecureHash="
		"ad7f27c7d981f14af5c48ff15e2ed60a86d0a279b6b4a7b0f42d66699c76d7"
		"ef79e78e7c1595ebc4e6c9004aba9d12302f44c58a545e151571a241e5c5d3"
		"9e6a",
		&n),
	    ERR_NONE);
	assert_int_equal(n.amount.dong, 18060);
	assert_string_equal(n.ref, "5");
	pay_notice_release(&n);
}

static void
a_notice_under_the_older_secret_says_so(void **unused)
{
	static const char *const secrets[] = { "the-new-one", KEY };
	struct pay_terms t = terms;
	struct pay_notice n;

	(void)unused;

	t.secrets = secrets;
	t.secret_count = 2;
	assert_int_equal(
	    read_under(&t, IPN "&vnp_SecureHash=" IPN_MAC, &n), ERR_NONE);
	assert_int_equal(n.secret, 1);
	pay_notice_release(&n);
	t.secret_count = 1; /* retired */
	assert_int_equal(read_under(&t, IPN "&vnp_SecureHash=" IPN_MAC, &n),
	    ERR_UNAUTHENTICATED);
}

static void
the_pay_url_keeps_its_own_rules(void **unused)
{
	const struct pay_order order = {
		.ref = "P1Rabc",
		.amount = { 60000 },
		.created_us = INT64_C(1717210800000000), /* 10:00 in Viet Nam */
		.expires_us = INT64_C(1717211700000000),
		.subject = "H29.20-240601-0001 (đỗ*~'!)",
		.payer_ip = "203.0.113.9",
	};
	struct pay_notice n;
	struct buf url = { 0 };
	struct err e = { 0 };

	(void)unused;

	assert_true(pay_vnpay.start(&terms, &order, &url, &e));
	assert_ptr_equal(strstr(url.data, terms.pay_url), url.data);
	assert_non_null(strstr(url.data, "vnp_Amount=6000000&"));
	assert_non_null(strstr(url.data, "&vnp_CreateDate=20240601100000&"));
	assert_non_null(strstr(url.data, "&vnp_ExpireDate=20240601101500&"));
	assert_non_null(strstr(
	    url.data, "&vnp_OrderInfo=Nop+phi+ho+so+H29.20-240601-0001+do&"));
	assert_null(strstr(url.data, "vnp_SecureHashType"));
	assert_int_equal(
	    read_under(&terms, strchr(url.data, '?') + 1, &n), ERR_NONE);
	assert_string_equal(n.ref, "P1Rabc");
	pay_notice_release(&n);
	buf_release(&url);
}

static void
what_vnpay_cannot_take_is_not_started(void **unused)
{
	struct pay_order order = { .ref = "x", .subject = "x" };
	struct buf url = { 0 };
	struct err e = { 0 };

	(void)unused;

	assert_false(pay_vnpay.start(&terms, &order, &url, &e));
	order.amount.dong = INT64_C(10000000000);
	assert_false(pay_vnpay.start(&terms, &order, &url, &e));
	assert_int_equal(e.code, ERR_WRONG_AMOUNT);
	assert_int_equal(url.len, 0);
}

static void
the_answers_are_those_of_its_documentation(void **unused)
{
	static const struct {
		enum pay_answer answer;
		const char *body;
	} rows[] = {
		{ PAY_ANSWER_DONE,
		    "{\"RspCode\":\"00\",\"Message\":\"Confirm Success\"}" },
		{ PAY_ANSWER_UNKNOWN,
		    "{\"RspCode\":\"01\",\"Message\":\"Order not found\"}" },
		{ PAY_ANSWER_ALREADY, "{\"RspCode\":\"02\",\"Message\":"
				      "\"Order already confirmed\"}" },
		{ PAY_ANSWER_OTHER_AMOUNT,
		    "{\"RspCode\":\"04\",\"Message\":\"invalid amount\"}" },
		{ PAY_ANSWER_BAD_MAC,
		    "{\"RspCode\":\"97\",\"Message\":\"Invalid signature\"}" },
		{ PAY_ANSWER_TROUBLE,
		    "{\"RspCode\":\"99\",\"Message\":\"Unknow error\"}" },
	};
	struct pay_reply reply;

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		memset(&reply, 0, sizeof(reply));
		pay_vnpay.answer(rows[i].answer, NULL, &reply);
		assert_int_equal(reply.status, 200);
		assert_string_equal(reply.body.data, rows[i].body);
		buf_release(&reply.body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_no_notice),
		cmocka_unit_test(
		    a_mac_that_is_wrong_short_or_missing_is_refused),
		cmocka_unit_test(a_shorter_algorithm_proves_nothing),
		cmocka_unit_test(
		    what_two_readers_could_read_differently_is_refused),
		cmocka_unit_test(more_than_a_hundred_pairs_are_refused),
		cmocka_unit_test(a_change_of_any_signed_value_is_refused),
		cmocka_unit_test(an_amount_that_is_no_plain_number_is_none),
		cmocka_unit_test(paid_is_what_both_codes_call_paid),
		cmocka_unit_test(a_success_without_a_transaction_is_in_doubt),
		cmocka_unit_test(the_notice_vector_is_read),
		cmocka_unit_test(pairs_come_in_any_order_the_mac_in_any_case),
		cmocka_unit_test(other_spellings_of_the_same_are_proved_too),
		cmocka_unit_test(the_published_vectors_are_proved),
		cmocka_unit_test(the_pay_vector_carries_the_same_mac),
		cmocka_unit_test(a_notice_under_the_older_secret_says_so),
		cmocka_unit_test(the_pay_url_keeps_its_own_rules),
		cmocka_unit_test(what_vnpay_cannot_take_is_not_started),
		cmocka_unit_test(the_answers_are_those_of_its_documentation),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
