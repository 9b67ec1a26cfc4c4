/* Delivery status notifications, as mail servers write them and as strangers
 * do. */
#include "gateway/dsn.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"

#define ID "hosogate.1.42.applicant@tphcm.gov.vn"

/* In the manner of Postfix. */
static const char whole[] =
    "Return-Path: <>\r\n"
    "Subject: Undelivered Mail Returned to Sender\r\n"
    "Content-Type: multipart/report; report-type=delivery-status;\r\n"
    "\tboundary=\"9B095B5ADSN=_01/mail\"\r\n"
    "\r\n"
    "preamble\r\n"
    "--9B095B5ADSN=_01/mail\r\n"
    "Content-Description: Notification\r\n"
    "Content-Type: text/plain; charset=us-ascii\r\n"
    "\r\n"
    "Action: delayed\r\n"
    "--9B095B5ADSN=_01/mail\r\n"
    "content-type: message/delivery-status\r\n"
    "\r\n"
    "Reporting-MTA: dns; mail.tphcm.gov.vn\r\n"
    "X-Postfix-Queue-ID: 9B095B5A\r\n"
    "\r\n"
    "Final-Recipient: rfc822; an.new@example.vn\r\n"
    "Original-Recipient: rfc822;an@example.vn\r\n"
    "Action: failed\r\n"
    "Status: 5.1.1\r\n"
    "Diagnostic-Code: smtp; 550 5.1.1 <an@example.vn>: no such\r\n"
    "    user here\r\n"
    "\r\n"
    "--9B095B5ADSN=_01/mail\r\n"
    "Content-Type: text/rfc822-headers\r\n"
    "\r\n"
    "From: so@tphcm.gov.vn\r\n"
    "Message-ID: <" ID ">\r\n"
    "\r\n"
    "--9B095B5ADSN=_01/mail--\r\n";

/* The whole one with a word changed; the caller frees. */
static char *
changed(const char *from, const char *to)
{
	const char *at = strstr(whole, from);
	struct buf out = { 0 };

	assert_non_null(at);
	buf_put(&out, whole, (size_t)(at - whole));
	buf_puts(&out, to);
	buf_puts(&out, at + strlen(from));
	return buf_take(&out);
}

static void
a_notification_is_read_whole(void **unused)
{
	struct dsn d = { 0 };

	(void)unused;
	assert_true(dsn_read(whole, strlen(whole), &d));
	assert_int_equal(d.action, DSN_FAILED);
	assert_string_equal(d.message_id, ID);
	assert_string_equal(d.recipient, "an@example.vn");
	assert_string_equal(d.status, "5.1.1");
	assert_string_equal(d.diagnostic,
	    "smtp; 550 5.1.1 <an@example.vn>: no such    user here");
}

static void
without_the_original_recipient_the_final_one_counts(void **unused)
{
	char *mail = changed("Original-Recipient", "X-Recipient");
	struct dsn d = { 0 };

	(void)unused;
	assert_true(dsn_read(mail, strlen(mail), &d));
	assert_string_equal(d.recipient, "an.new@example.vn");
	free(mail);
}

static void
what_is_none_is_refused_and_nothing_is_told(void **unused)
{
	static const struct {
		const char *from, *to;
	} cases[] = {
		{ "multipart/report", "multipart/mixed" },
		{ "report-type=delivery-status", "report-type=disposition" },
		{ "boundary=\"9B095B5ADSN=_01/mail\"", "boundary=\"\"" },
		{ "boundary=", "bound=" },
		{ "content-type: message/delivery-status",
		    "content-type: text/plain" },
		{ "text/rfc822-headers", "text/plain" },
		{ "Message-ID: <" ID ">", "Message-ID: <>" },
		{ "Message-ID", "X-ID" },
		{ "Action: failed", "X: failed" },
	};

	(void)unused;
	for (size_t i = 0; i < nitems(cases); i++) {
		char *mail = changed(cases[i].from, cases[i].to);
		struct dsn d = { .status = "left" };

		if (dsn_read(mail, strlen(mail), &d))
			fail_msg("%s", cases[i].to);
		assert_string_equal(d.status, "left");
		free(mail);
	}
}

static void
a_delay_is_no_failure(void **unused)
{
	char *mail = changed("Action: failed", "Action: Delayed");
	struct dsn d = { 0 };

	(void)unused;
	assert_true(dsn_read(mail, strlen(mail), &d));
	assert_int_equal(d.action, DSN_DELAYED);
	free(mail);
}

static void
what_comes_out_is_ascii_and_fits(void **unused)
{
	char *huge = blob_calloc(100001, 1);
	char *mail;
	struct dsn d = { 0 };

	(void)unused;
	memset(huge, 0x9b, 100000);
	mail = changed("smtp; 550", huge);
	assert_true(dsn_read(mail, strlen(mail), &d));
	/* The blank after the colon was cut off. */
	assert_int_equal(strlen(d.diagnostic), sizeof(d.diagnostic) - 2);
	for (const char *p = d.diagnostic; *p != '\0'; p++)
		assert_true(*p >= ' ' && *p < 0x7f);
	free(mail);
	free(huge);
}

static void
cut_anywhere_it_is_read_without_a_step_too_far(void **unused)
{
	(void)unused;
	for (size_t len = 0; len < strlen(whole); len++) {
		char *cut = blob_calloc(len + 1, 1);
		struct dsn d = { 0 };

		memcpy(cut, whole, len);
		dsn_read(cut, len, &d);
		free(cut);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_notification_is_read_whole),
		cmocka_unit_test(
		    without_the_original_recipient_the_final_one_counts),
		cmocka_unit_test(what_is_none_is_refused_and_nothing_is_told),
		cmocka_unit_test(a_delay_is_no_failure),
		cmocka_unit_test(what_comes_out_is_ascii_and_fits),
		cmocka_unit_test(
		    cut_anywhere_it_is_read_without_a_step_too_far),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
