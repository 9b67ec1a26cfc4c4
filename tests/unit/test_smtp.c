/* What a mail server's answer means for the message. */
#include "adapters/smtp.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
an_answer_before_the_message_never_condemns_it(void **unused)
{
	(void)unused;
	assert_int_equal(smtp_judge(554, false), SMTP_UNREACHABLE);
	assert_int_equal(smtp_judge(220, false), SMTP_UNREACHABLE);
	assert_int_equal(smtp_judge(0, false), SMTP_UNREACHABLE);
}

static void
a_log_in_that_fails_is_not_the_message_s_fault(void **unused)
{
	(void)unused;
	assert_int_equal(smtp_judge(530, true), SMTP_UNREACHABLE);
	assert_int_equal(smtp_judge(534, true), SMTP_UNREACHABLE);
	assert_int_equal(smtp_judge(535, true), SMTP_UNREACHABLE);
	assert_int_equal(smtp_judge(538, true), SMTP_UNREACHABLE);
	assert_int_equal(smtp_judge(421, true), SMTP_UNREACHABLE);
}

static void
a_connection_that_breaks_in_the_middle_is_tried_again(void **unused)
{
	(void)unused;
	assert_int_equal(smtp_judge(354, true), SMTP_UNREACHABLE);
	assert_int_equal(smtp_judge(250, true), SMTP_UNREACHABLE);
}

static void
four_hundreds_are_for_later_and_five_hundreds_for_never(void **unused)
{
	(void)unused;
	assert_int_equal(smtp_judge(450, true), SMTP_TEMPORARY);
	assert_int_equal(smtp_judge(451, true), SMTP_TEMPORARY);
	assert_int_equal(smtp_judge(550, true), SMTP_PERMANENT);
	assert_int_equal(smtp_judge(554, true), SMTP_PERMANENT);
}

static void
a_server_that_is_not_there_is_unreachable(void **unused)
{
	const struct smtp_options o = {
		.url = "smtp://127.0.0.1:9",
		.tls_required = true,
		.ca_file = "",
		.user = "",
		.password = "",
		.sessions = 2,
	};
	struct smtp *s = smtp_new(&o);
	struct smtp_reply reply;
	int tags[4] = { 0 };

	(void)unused;
	assert_null(smtp_next(s, &reply));
	for (int i = 0; i < 4; i++) {
		assert_true(smtp_has_room(s));
		smtp_start(s,
		    &(struct smtp_message){
			.from = "a@example.vn",
			.to = "b@example.vn",
			.data = "\r\n",
			.len = 2,
			.timeout_ms = 2000,
		    },
		    &tags[i]);
	}
	assert_false(smtp_has_room(s));
	for (int i = 0; i < 4; i++)
		++*(int *)smtp_next(s, &reply);
	for (int i = 0; i < 4; i++)
		assert_int_equal(tags[i], 1);
	assert_true(smtp_has_room(s));
	assert_null(smtp_next(s, &reply));
	assert_int_equal(reply.verdict, SMTP_UNREACHABLE);
	assert_int_equal(reply.code, 0);
	assert_false(reply.tls);
	assert_true(strlen(reply.text) > 0);
	smtp_free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_answer_before_the_message_never_condemns_it),
		cmocka_unit_test(
		    a_log_in_that_fails_is_not_the_message_s_fault),
		cmocka_unit_test(
		    a_connection_that_breaks_in_the_middle_is_tried_again),
		cmocka_unit_test(
		    four_hundreds_are_for_later_and_five_hundreds_for_never),
		cmocka_unit_test(a_server_that_is_not_there_is_unreachable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
