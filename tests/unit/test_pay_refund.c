/*
 * Money given back, as each provider wants to be asked: what counts as no
 * answer first, then the vectors, then what its answers mean.
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
#include "crypto/mac.h"

#define VNPAY_KEY "SECRETKEYFORTESTONLY0123456789AB"
#define MOMO_KEY  "K951B6PE1waDMi640xX08PD3vg6EkVlz"
#define ZALO_KEY  "PcY4iZIKFCIdgZvA6ueMcMHHUbRLYjPL"
#define ORDER     "P0000000000000007A1"
#define REF       "R0123456789abcdef01234567"

/* 1 June 2024, 10:00 in Vietnam; 2 June, 09:00; 1717210600000 ms. */
#define ORDERED_US INT64_C(1717210800000000)
#define NOW_US     INT64_C(1717293600000000)
#define ZALO_US    INT64_C(1717210600000000)

static const char *const vnpay_secrets[] = { VNPAY_KEY };
static const struct pay_terms vnpay = {
	.terminal = "DEMOV210",
	.secrets = vnpay_secrets,
	.secret_count = 1,
	.own_secret = VNPAY_KEY,
	.api_url = "https://vnpay/api",
	.our_ip = "10.0.0.5",
};
static const struct pay_terms momo = {
	.terminal = "MOMO",
	.access_key = "F8BBA842ECF85",
	.own_secret = MOMO_KEY,
	.api_url = "https://momo",
};
static const struct pay_terms zalopay = {
	.terminal = "2553",
	.own_secret = ZALO_KEY,
	.api_url = "https://zalo",
};
static const struct pay_order order = {
	.ref = ORDER, .amount = { 250000 }, .created_us = ORDERED_US
};

/* One provider's question about one refund. */
struct asked {
	const struct pay_adapter *adapter;
	const struct pay_terms *terms;
	struct pay_refund refund;
	int64_t now_us;
};

static struct pay_question
question(const struct asked *a)
{
	return (struct pay_question){ .terms = a->terms,
		.order = &order,
		.refund = &a->refund,
		.now_us = a->now_us };
}

static const struct asked vnpay_part = { &pay_vnpay, &vnpay,
	{ REF, { 50000 }, "14226112", false, "canbo01", NOW_US }, NOW_US };
static const struct asked momo_part = { &pay_momo, &momo,
	{ "RF1717210300000", { 20000 }, "4042000001", false, "x", NOW_US },
	NOW_US };
static const struct asked zalo_part = { &pay_zalopay, &zalopay,
	{ "0000000001", { 50000 }, "240601000000107", false, "x", ZALO_US },
	ZALO_US };

static void
mac_of(enum mac_algorithm alg, const char *key, const char *data, char *out)
{
	uint8_t mac[MAC_LEN_MAX];

	mac_hmac(alg, key, strlen(key), data, strlen(data), mac);
	text_hex(mac, alg, out);
}

/* The body of a call; the caller frees. */
static struct json *
sent(const struct asked *a, bool ask, const char *url)
{
	const struct pay_question q = question(a);
	struct pay_call c = { 0 };
	struct json *j = NULL;
	struct err e = { 0 };

	if (ask)
		assert_true(a->adapter->refund_query_call(&q, &c, &e));
	else
		assert_true(a->adapter->refund_call(&q, &c, &e));
	assert_string_equal(c.url.data, url);
	assert_true(json_parse(c.body.data, c.body.len, &j, &e));
	buf_release(&c.url);
	buf_release(&c.body);
	return j;
}

static bool
read_answer(const struct asked *a, bool ask, const char *body,
    struct pay_refunded *out, struct err *e)
{
	const struct pay_question q = question(a);
	const struct pay_raw raw = { .body = (const uint8_t *)body,
		.body_len = strlen(body) };

	memset(out, 0, sizeof(*out));
	return ask ? a->adapter->refund_query_read(&q, &raw, out, e)
		   : a->adapter->refund_read(&q, &raw, out, e);
}

static void
is_no_answer(const struct asked *a, bool ask, const char *body)
{
	struct pay_refunded out;
	struct err e = { 0 };

	assert_false(read_answer(a, ask, body, &out, &e));
	assert_int_equal(e.code, ERR_PROVIDER);
}

static enum pay_refund_outcome
outcome(const struct asked *a, bool ask, const char *body)
{
	struct pay_refunded out;
	struct err e = { 0 };

	assert_true(read_answer(a, ask, body, &out, &e));
	return out.outcome;
}

/* VNPay's answer to refund or querydr, under the right MAC or a wrong one. */
struct vnpay_said {
	const char *code, *ref, *amount, *type, *status, *info;
};

static void
vnpay_answer(const struct vnpay_said *s, bool ask, const char *key, char *out,
    size_t cap)
{
	char data[512], hex[2 * MAC_SHA512 + 1];

	snprintf(data, sizeof(data),
	    "RSP1|%s|%s|m|DEMOV210|%s|%s|NCB|20240602090001|77|%s|%s|%s%s",
	    ask ? "querydr" : "refund", s->code, s->ref, s->amount, s->type,
	    s->status, s->info, ask ? "||" : "");
	mac_of(MAC_SHA512, key, data, hex);
	snprintf(out, cap,
	    "{\"vnp_ResponseId\":\"RSP1\",\"vnp_Command\":\"%s\","
	    "\"vnp_ResponseCode\":\"%s\",\"vnp_Message\":\"m\","
	    "\"vnp_TmnCode\":\"DEMOV210\",\"vnp_TxnRef\":\"%s\","
	    "\"vnp_Amount\":\"%s\",\"vnp_BankCode\":\"NCB\","
	    "\"vnp_PayDate\":\"20240602090001\",\"vnp_TransactionNo\":\"77\","
	    "\"vnp_TransactionType\":\"%s\",\"vnp_TransactionStatus\":\"%s\","
	    "\"vnp_OrderInfo\":\"%s\",\"vnp_SecureHash\":\"%s\"}",
	    ask ? "querydr" : "refund", s->code, s->ref, s->amount, s->type,
	    s->status, s->info, hex);
}

static const struct vnpay_said vnpay_good = { "00", ORDER, "5000000", "03",
	"00", "Hoan phi " REF };

static enum pay_refund_outcome
vnpay_outcome_of(bool ask, const char *code, const char *status)
{
	struct vnpay_said s = vnpay_good;
	char body[1024];

	s.code = code;
	s.status = status;
	vnpay_answer(&s, ask, VNPAY_KEY, body, sizeof(body));
	return outcome(&vnpay_part, ask, body);
}

static void
what_cannot_be_believed_is_no_answer(void **unused)
{
	static const char *const bodies[] = { "", "<html>503</html>", "[]",
		"null", "{}" };
	const struct asked *all[] = { &vnpay_part, &momo_part, &zalo_part };
	struct vnpay_said other = vnpay_good;
	char body[1024];

	(void)unused;

	for (size_t i = 0; i < nitems(all); i++)
		for (size_t k = 0; k < nitems(bodies); k++) {
			is_no_answer(all[i], false, bodies[k]);
			is_no_answer(all[i], true, bodies[k]);
		}
	for (int ask = 0; ask < 2; ask++) {
		vnpay_answer(&vnpay_good, ask, "other", body, sizeof(body));
		is_no_answer(&vnpay_part, ask, body);
	}
	vnpay_answer(&vnpay_good, true, VNPAY_KEY, body, sizeof(body));
	is_no_answer(&vnpay_part, false, body);
	other.ref = "P9";
	vnpay_answer(&other, false, VNPAY_KEY, body, sizeof(body));
	is_no_answer(&vnpay_part, false, body);
	is_no_answer(&momo_part, false,
	    "{\"partnerCode\":\"MOMO\",\"orderId\":\"RF2\",\"amount\":20000,"
	    "\"resultCode\":0,\"transId\":7}");
	is_no_answer(&momo_part, false,
	    "{\"partnerCode\":\"MOMO\",\"orderId\":\"RF1717210300000\","
	    "\"amount\":20001,\"resultCode\":0,\"transId\":7}");
	is_no_answer(&zalo_part, true, "{\"return_code\":-1}");
}

static void
the_vnpay_vector_is_hmac_sha512(void **unused)
{
	char hex[2 * MAC_SHA512 + 1];

	(void)unused;

	mac_of(MAC_SHA512, VNPAY_KEY,
	    "R20240601000002|2.1.0|refund|DEMOV210|03|" ORDER
	    "|5000000|14226112|20240601100000|canbo01|20240602090000|10.0.0.5"
	    "|Hoan phi " ORDER,
	    hex);
	assert_string_equal(hex,
	    "9fe1956aab16a4004043a66b88f840b1f659653e8ba3cc0642beedeb480d66d2"
	    "e5d1c7901ebb13dbd8617fc13fb81df5747011a4c0f96c2d0bf50b0792927cf"
	    "3");
}

static void
vnpay_is_asked_in_the_order_of_its_mac(void **unused)
{
	char hex[2 * MAC_SHA512 + 1];
	struct json *j = sent(&vnpay_part, false, "https://vnpay/api");

	(void)unused;

	mac_of(MAC_SHA512, VNPAY_KEY,
	    REF "|2.1.0|refund|DEMOV210|03|" ORDER
		"|5000000|14226112|20240601100000|canbo01|20240602090000"
		"|10.0.0.5|Hoan phi " REF,
	    hex);
	assert_string_equal(json_text(j, "vnp_SecureHash", ""), hex);
	assert_string_equal(json_text(j, "vnp_RequestId", ""), REF);
	assert_string_equal(json_text(j, "vnp_TransactionType", ""), "03");
	json_free(j);
}

static void
a_whole_refund_is_of_another_type(void **unused)
{
	struct asked whole = vnpay_part;
	struct json *j;

	(void)unused;

	whole.refund.whole = true;
	j = sent(&whole, false, "https://vnpay/api");
	assert_string_equal(json_text(j, "vnp_TransactionType", ""), "02");
	json_free(j);
}

static void
the_momo_vector_is_what_we_send(void **unused)
{
	struct json *j =
	    sent(&momo_part, false, "https://momo/v2/gateway/api/refund");

	(void)unused;

	assert_string_equal(json_text(j, "signature", ""),
	    "95d4172b57809661d2dd93eba2e26fb69ac0647db79f73087fdb180adbe1878"
	    "4");
	assert_int_equal(json_int(j, "transId", 0), 4042000001);
	assert_int_equal(json_int(j, "amount", 0), 20000);
	assert_null(json_find(j, "accessKey"));
	json_free(j);
	j = sent(&momo_part, true, "https://momo/v2/gateway/api/refund/query");
	assert_string_equal(json_text(j, "orderId", ""), "RF1717210300000");
	json_free(j);
}

static void
the_zalopay_vectors_are_hmac_sha256(void **unused)
{
	char hex[2 * MAC_SHA256 + 1];
	struct json *j;

	(void)unused;

	mac_of(MAC_SHA256, ZALO_KEY,
	    "2553|240601000000107|50000|Hoan phi|1717210500000", hex);
	assert_string_equal(hex,
	    "dd4b6137ec38f9af9752e3666729d03ce3e8e53e9110286cebcdcb870274b26"
	    "d");
	j = sent(&zalo_part, true, "https://zalo/v2/query_refund");
	assert_string_equal(
	    json_text(j, "m_refund_id", ""), "240601_2553_0000000001");
	assert_string_equal(json_text(j, "mac", ""),
	    "69f2a2b01b2d4cbd6748efacce872645e6df01b3d7c885d4f2f756465a288e8"
	    "8");
	json_free(j);
	mac_of(MAC_SHA256, ZALO_KEY,
	    "2553|240601000000107|50000|Hoan phi 0000000001|1717210600000",
	    hex);
	j = sent(&zalo_part, false, "https://zalo/v2/refund");
	assert_string_equal(json_text(j, "mac", ""), hex);
	json_free(j);
}

/* The day of the first call is part of the name: asked about tomorrow, a
 * refund keeps its name of today. */
static void
a_zalopay_refund_keeps_its_name_past_midnight(void **unused)
{
	struct asked later = zalo_part;
	struct json *j;

	(void)unused;

	later.now_us += 86400 * INT64_C(1000000);
	j = sent(&later, true, "https://zalo/v2/query_refund");
	assert_string_equal(
	    json_text(j, "m_refund_id", ""), "240601_2553_0000000001");
	json_free(j);
}

static void
vnpay_says_what_became_of_a_refund(void **unused)
{
	struct vnpay_said other = vnpay_good;
	char body[1024];

	(void)unused;

	assert_int_equal(vnpay_outcome_of(false, "00", "00"), PAY_REFUND_DONE);
	assert_int_equal(
	    vnpay_outcome_of(false, "00", "05"), PAY_REFUND_PROCESSING);
	assert_int_equal(
	    vnpay_outcome_of(false, "00", "06"), PAY_REFUND_PROCESSING);
	assert_int_equal(
	    vnpay_outcome_of(false, "00", "09"), PAY_REFUND_REJECTED);
	assert_int_equal(
	    vnpay_outcome_of(false, "94", ""), PAY_REFUND_PROCESSING);
	assert_int_equal(
	    vnpay_outcome_of(false, "95", ""), PAY_REFUND_REJECTED);
	assert_int_equal(vnpay_outcome_of(true, "00", "00"), PAY_REFUND_DONE);
	assert_int_equal(
	    vnpay_outcome_of(true, "00", "09"), PAY_REFUND_REJECTED);
	vnpay_answer(&(struct vnpay_said){ "97", ORDER, "", "", "", "" }, false,
	    VNPAY_KEY, body, sizeof(body));
	is_no_answer(&vnpay_part, false, body);

	/* The payment itself, another refund, another amount: not this one. */
	other.type = "01";
	vnpay_answer(&other, true, VNPAY_KEY, body, sizeof(body));
	assert_int_equal(outcome(&vnpay_part, true, body), PAY_REFUND_ABSENT);
	other = vnpay_good;
	other.info = "Hoan phi R9";
	vnpay_answer(&other, true, VNPAY_KEY, body, sizeof(body));
	assert_int_equal(outcome(&vnpay_part, true, body), PAY_REFUND_ABSENT);
	other = vnpay_good;
	other.amount = "100";
	vnpay_answer(&other, true, VNPAY_KEY, body, sizeof(body));
	assert_int_equal(outcome(&vnpay_part, true, body), PAY_REFUND_ABSENT);
}

static enum pay_refund_outcome
momo_outcome_of(const char *code)
{
	char body[256];

	snprintf(body, sizeof(body),
	    "{\"partnerCode\":\"MOMO\",\"orderId\":\"RF1717210300000\","
	    "\"amount\":20000,\"resultCode\":%s,\"transId\":7}",
	    code);
	return outcome(&momo_part, false, body);
}

static void
momo_says_what_became_of_a_refund(void **unused)
{
	static const char *const processing[] = { "40", "41", "1000", "7000",
		"7002", "123456" };
	static const char *const rejected[] = { "99", "1080", "1081", "1088" };

	(void)unused;

	assert_int_equal(momo_outcome_of("0"), PAY_REFUND_DONE);
	assert_int_equal(momo_outcome_of("42"), PAY_REFUND_ABSENT);
	for (size_t i = 0; i < nitems(processing); i++)
		assert_int_equal(
		    momo_outcome_of(processing[i]), PAY_REFUND_PROCESSING);
	for (size_t i = 0; i < nitems(rejected); i++)
		assert_int_equal(
		    momo_outcome_of(rejected[i]), PAY_REFUND_REJECTED);
	is_no_answer(&momo_part, false,
	    "{\"partnerCode\":\"MOMO\",\"orderId\":\"RF1717210300000\","
	    "\"amount\":20000,\"resultCode\":11,\"transId\":0}");
}

static void
zalopay_says_what_became_of_a_refund(void **unused)
{
	(void)unused;

	assert_int_equal(
	    outcome(&zalo_part, false, "{\"return_code\":1,\"refund_id\":7}"),
	    PAY_REFUND_DONE);
	assert_int_equal(outcome(&zalo_part, false, "{\"return_code\":3}"),
	    PAY_REFUND_PROCESSING);
	assert_int_equal(outcome(&zalo_part, false,
			     "{\"return_code\":2,\"sub_return_code\":-101}"),
	    PAY_REFUND_REJECTED);
	assert_int_equal(outcome(&zalo_part, true,
			     "{\"return_code\":2,\"sub_return_code\":-101}"),
	    PAY_REFUND_ABSENT);
	assert_int_equal(outcome(&zalo_part, true,
			     "{\"return_code\":2,\"sub_return_code\":-13}"),
	    PAY_REFUND_REJECTED);
}

static void
momo_is_not_asked_for_less_or_more_than_it_gives_back(void **unused)
{
	struct asked a = momo_part;
	struct pay_call c = { 0 };
	struct err e = { 0 };

	(void)unused;

	a.refund.amount.dong = 999;
	const struct pay_question low = question(&a);
	assert_false(pay_momo.refund_call(&low, &c, &e));
	assert_int_equal(e.code, ERR_WRONG_AMOUNT);
	a.refund.amount.dong = 50000001;
	const struct pay_question high = question(&a);
	assert_false(pay_momo.refund_call(&high, &c, &e));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_cannot_be_believed_is_no_answer),
		cmocka_unit_test(the_vnpay_vector_is_hmac_sha512),
		cmocka_unit_test(vnpay_is_asked_in_the_order_of_its_mac),
		cmocka_unit_test(a_whole_refund_is_of_another_type),
		cmocka_unit_test(the_momo_vector_is_what_we_send),
		cmocka_unit_test(the_zalopay_vectors_are_hmac_sha256),
		cmocka_unit_test(a_zalopay_refund_keeps_its_name_past_midnight),
		cmocka_unit_test(vnpay_says_what_became_of_a_refund),
		cmocka_unit_test(momo_says_what_became_of_a_refund),
		cmocka_unit_test(zalopay_says_what_became_of_a_refund),
		cmocka_unit_test(
		    momo_is_not_asked_for_less_or_more_than_it_gives_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
