/*
 * KEYPAY_DVCQG 3.0: refusals first, then the vectors; what calls back is never
 * taken for more than a reason to ask.
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

#define ID "123_0f8fad5b-d9cb-46" /* the vectors' */
#define CALLBACK                                                               \
	"e5d683d6aa354dfa2a0f706e912ee41fb094e9d8e6775e1f8e108465732e927b"
#define HEX "0123456789abcdef0123"

static const char *const secrets[] = { "new", "hashkey2" };
static const char *const failed[] = { "9" };
static const struct pay_terms terms = {
	.terminal = "CLIENT01",
	.secrets = secrets,
	.secret_count = 2,
	.own_secret = "hashkey1",
	.api_url = "https://a/create",
	.query_url = "https://a/detail",
	.return_url = "https://b/r",
	.fee_kind = "1",
	.charge_kind = "2",
	.failed = failed,
	.failed_count = 1,
};
static const struct pay_payee payee = { "970436", "0123499999", "So GD" };
static const struct pay_line lines[] = { { "LP1", "Le phi", true,
    { 250000 } } };
static const struct pay_bill bill = { "H29.20", "Sở", "1.0", "Thủ tục",
	"Nguyễn Văn A", "001", lines, 1 };
/* Of a reference of ours: what follows the R is the transaction_id. */
static const struct pay_order order = { .ref = "P1R" HEX,
	.amount = { 250000 },
	.subject = "H29.20-240601-0007",
	.payee = &payee,
	.bill = &bill };
static const struct pay_question question = { .terms = &terms,
	.order = &order };

static enum err_code
read_body(const char *body, struct pay_notice *out)
{
	const struct pay_raw raw = { .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	struct err e = { 0 };

	memset(out, 0, sizeof(*out));
	return pay_keypay.read_notice(&terms, &raw, out, &e) ? ERR_NONE
							     : e.code;
}

static const char *
callback(const char *status, const char *changed, const char *mac)
{
	static char body[600];

	snprintf(body, sizeof(body),
	    "{\"client_id\":\"CLIENT01\",\"transaction_id\":\"" ID "\","
	    "\"trans_amount\":250000,\"command\":\"PAY\",\"version\":\"3.0\","
	    "\"addition_fee\":\"0\",\"transaction_code\":\"T1\","
	    "\"currency_code\":\"VND\",\"status\":%s%s,\"check_sum\":\"%s\"}",
	    status, changed, mac);
	return body;
}

static void
what_is_not_proved_or_could_be_cut_otherwise_is_refused(void **unused)
{
	static const char *const bodies[] = {
		"{}",
		"{\"check_sum\":\"\"}",
		"[]",
		"\"x\"",
		"{\"client_id\":\"CLIENT01|PAY\",\"check_sum\":\"" CALLBACK
		"\"}",
	};
	char wrong[sizeof(CALLBACK)] = CALLBACK;
	struct pay_notice n;

	(void)unused;
	assert_int_equal(read_body("", &n), ERR_MISSING_FIELD);
	for (size_t i = 0; i < nitems(bodies); i++)
		assert_int_equal(read_body(bodies[i], &n), ERR_UNAUTHENTICATED);
	wrong[63] = 'c';
	assert_int_equal(
	    read_body(callback("0", "", wrong), &n), ERR_UNAUTHENTICATED);
	wrong[62] = '\0';
	assert_int_equal(
	    read_body(callback("0", "", wrong), &n), ERR_UNAUTHENTICATED);
	assert_int_equal(read_body(callback("0", "", CALLBACK "00"), &n),
	    ERR_UNAUTHENTICATED);
	assert_int_equal(
	    read_body(callback("0.0", "", CALLBACK), &n), ERR_UNAUTHENTICATED);
	assert_int_equal(
	    read_body(callback("\"\"", "", CALLBACK), &n), ERR_UNAUTHENTICATED);
	assert_int_equal(
	    read_body(callback("0", ",\"status\":1", CALLBACK), &n),
	    ERR_UNAUTHENTICATED);
}

/* OpenCPS (c): under the same check_sum stands any status.  It is read, and
 * the gateway asks, since the adapter says that it must. */
static void
the_vector_proves_an_order_and_no_status(void **unused)
{
	static const struct {
		const char *status;
		enum pay_outcome outcome;
	} rows[] = { { "0", PAY_PAID }, { "\"0\"", PAY_PAID },
		{ "9", PAY_FAILED }, { "7", PAY_PENDING } };
	struct pay_notice n;

	(void)unused;
	assert_true(pay_keypay.asks_first);
	for (size_t i = 0; i < nitems(rows); i++) {
		assert_int_equal(
		    read_body(callback(rows[i].status, "", CALLBACK), &n),
		    ERR_NONE);
		assert_int_equal(n.outcome, rows[i].outcome);
		assert_int_equal(n.amount.dong, 250000);
		assert_string_equal(n.terminal, "CLIENT01");
		assert_string_equal(n.ref, ID);
		assert_string_equal(n.mark, "");
		assert_int_equal(n.secret, 1);
		pay_notice_release(&n);
	}
}

/* The check_sum of a body of ours, under key 2. */
static void
sum_of(const char *data, struct buf *out)
{
	struct buf text = { 0 };

	buf_puts(&text, data);
	pay_sign(MAC_SHA256, "hashkey2", &text, out);
	buf_release(&text);
}

static void
a_transaction_of_ours_is_told_by_its_mark(void **unused)
{
	struct buf body = { 0 };
	struct pay_notice n;

	(void)unused;
	buf_puts(&body,
	    "{\"client_id\":\"CLIENT01\",\"transaction_id\":\"" HEX "\","
	    "\"trans_amount\":\"250000\",\"command\":\"PAY\","
	    "\"version\":\"3.0\",\"addition_fee\":\"0\",\"status\":0,"
	    "\"currency_code\":\"USD\",\"check_sum\":\"");
	sum_of("0|CLIENT01|PAY|250000|" HEX "|3.0", &body);
	buf_puts(&body, "\"}");
	assert_int_equal(read_body(body.data, &n), ERR_NONE);
	assert_string_equal(n.mark, HEX);
	assert_string_equal(n.ref, "");
	/* Dollars are no amount of ours; without a number nothing is paid. */
	assert_int_equal(n.amount.dong, -1);
	assert_int_equal(n.outcome, PAY_DOUBT);
	pay_notice_release(&n);
	buf_release(&body);
}

static const char *
member(const struct pay_call *c, const char *name)
{
	static char value[200];
	struct json *j = NULL;
	struct err e;

	assert_true(json_parse(c->body.data, c->body.len, &j, &e));
	snprintf(value, sizeof(value), "%s", json_text(j, name, ""));
	json_free(j);
	return value;
}

static void
is_signed(const struct pay_call *c, const char *data)
{
	struct buf text = { 0 }, hex = { 0 };

	buf_puts(&text, data);
	pay_sign(MAC_SHA256, "hashkey1", &text, &hex);
	assert_string_equal(member(c, "check_sum"), hex.data);
	buf_release(&hex);
	buf_release(&text);
}

/* The published vectors, and that create and detail are signed like them. */
static void
what_is_sent_is_signed_under_key_1(void **unused)
{
	static const struct {
		const char *data, *mac;
	} vectors[] = {
		{ "0|CLIENT01|PAY|250000|" ID "|3.0",
		    "9b873aedf03e666abec681c0fdb5459d441e4ecaa98800a874f8c798"
		    "fe4b107a" },
		{ "CLIENT01|PAY|" ID,
		    "50301dcd5052007bc0b840542b433461217471500ca53a175bf2f643"
		    "634a01ac" },
	};
	struct pay_call c = { 0 };
	struct err e = { 0 };

	(void)unused;
	for (size_t i = 0; i < nitems(vectors); i++) {
		struct buf text = { 0 }, hex = { 0 };

		buf_puts(&text, vectors[i].data);
		pay_sign(MAC_SHA256, "hashkey1", &text, &hex);
		assert_string_equal(hex.data, vectors[i].mac);
		buf_release(&hex);
		buf_release(&text);
	}
	assert_true(pay_keypay.open_call(&question, &c, &e));
	assert_string_equal(c.url.data, "https://a/create");
	is_signed(&c, "0|CLIENT01|PAY|250000|" HEX "|3.0");
	assert_string_equal(member(&c, "transaction_id"), HEX);
	assert_string_equal(
	    member(&c, "return_url"), "https://b/r?attempt=P1R" HEX);
	assert_non_null(strstr(c.body.data, "\"TKThuHuong\":\"0123499999\""));
	assert_non_null(strstr(c.body.data, "\"LoaiPhiLePhi\":\"2\""));
	pay_call_release(&c);

	assert_true(pay_keypay.query_call(&question, &c, &e));
	assert_string_equal(c.url.data, "https://a/detail");
	is_signed(&c, "CLIENT01|PAY|" HEX);
	pay_call_release(&c);
}

static bool
asked(const char *fields, struct pay_notice *n)
{
	char body[400];
	struct err e = { 0 };
	struct pay_raw raw;

	snprintf(body, sizeof(body), "{%s}", fields);
	raw = (struct pay_raw){ .body = (const uint8_t *)body,
		.body_len = strlen(body) };
	memset(n, 0, sizeof(*n));
	if (pay_keypay.query_read(&question, &raw, n, &e))
		return true;
	assert_int_equal(e.code, ERR_PROVIDER);
	assert_null(n->raw.data);
	return false;
}

#define ASKED "\"client_id\":\"CLIENT01\",\"transaction_id\":\"" HEX "\","

static void
a_detail_of_another_order_or_without_a_status_is_no_answer(void **unused)
{
	static const char *const bodies[] = {
		"",
		ASKED "\"trans_amount\":250000",
		"\"status\":0,\"trans_amount\":250000",
		"\"client_id\":\"CLIENT02\",\"transaction_id\":\"" HEX "\","
		"\"status\":0",
		"\"client_id\":\"CLIENT01\",\"transaction_id\":\"" ID "\","
		"\"status\":0",
	};
	struct pay_notice n;

	(void)unused;
	for (size_t i = 0; i < nitems(bodies); i++)
		assert_false(asked(bodies[i], &n));
}

static void
the_detail_says_what_became_of_it(void **unused)
{
	struct pay_notice n;

	(void)unused;
	assert_true(asked(ASKED "\"status\":0,\"trans_amount\":250000,"
				"\"transaction_code\":\"T9\"",
	    &n));
	assert_int_equal(n.outcome, PAY_PAID);
	assert_int_equal(n.amount.dong, 250000);
	assert_string_equal(n.ref, order.ref);
	assert_string_equal(n.mark, "");
	assert_string_equal(n.txn, "T9");
	pay_notice_release(&n);
	assert_true(asked(ASKED "\"status\":\"9\"", &n));
	assert_int_equal(n.outcome, PAY_FAILED);
	pay_notice_release(&n);
	assert_true(asked(ASKED "\"status\":\"1\"", &n));
	assert_int_equal(n.outcome, PAY_PENDING);
	pay_notice_release(&n);
}

static void
what_it_repeats_must_be_what_was_sent(void **unused)
{
	static const struct {
		const char *body;
		bool echo;
	} rows[] = {
		{ "{}", true },
		{ "{\"description\":\"Nop phi ho so H29.20-240601-0007\","
		  "\"locale\":\"vn\",\"country_code\":\"vi\"}",
		    true },
		{ "{\"description\":\"Nop phi ho so H29.20-240601-0008\"}",
		    false },
		{ "{\"country_code\":\"us\"}", false },
	};

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		const struct pay_raw raw = { .body =
						 (const uint8_t *)rows[i].body,
			.body_len = strlen(rows[i].body) };

		assert_int_equal(
		    pay_keypay.is_echo(&order, &raw), rows[i].echo);
	}
}

static void
only_what_is_settled_ends_the_calls(void **unused)
{
	static const struct {
		enum pay_answer answer;
		const char *begins;
	} rows[] = {
		{ PAY_ANSWER_DONE,
		    "{\"return_code\":0,\"return_msg\":\"success\"}" },
		{ PAY_ANSWER_ALREADY, "{\"return_code\":0," },
		{ PAY_ANSWER_UNKNOWN,
		    "{\"return_code\":-1,\"return_msg\":\"error: " },
		{ PAY_ANSWER_OTHER_AMOUNT, "{\"return_code\":-1," },
		{ PAY_ANSWER_TROUBLE, "{\"return_code\":-1," },
		{ PAY_ANSWER_BAD_MAC, "{\"return_code\":-1," },
		{ PAY_ANSWER_NO_INPUT, "{\"return_code\":-1," },
	};

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		struct pay_reply reply = { 0 };

		pay_keypay.answer(rows[i].answer, NULL, &reply);
		assert_int_equal(reply.status, 200);
		assert_ptr_equal(
		    strstr(reply.body.data, rows[i].begins), reply.body.data);
		buf_release(&reply.body);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_not_proved_or_could_be_cut_otherwise_is_refused),
		cmocka_unit_test(the_vector_proves_an_order_and_no_status),
		cmocka_unit_test(a_transaction_of_ours_is_told_by_its_mark),
		cmocka_unit_test(what_is_sent_is_signed_under_key_1),
		cmocka_unit_test(
		    a_detail_of_another_order_or_without_a_status_is_no_answer),
		cmocka_unit_test(the_detail_says_what_became_of_it),
		cmocka_unit_test(what_it_repeats_must_be_what_was_sent),
		cmocka_unit_test(only_what_is_settled_ends_the_calls),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
