/*
 * Sessions with a mail server that follows a script, to the byte: what goes in
 * one piece, what waits, and whom a failure costs what.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "adapters/smtp.h"
#include "base/base.h"
#include "base/clock.h"
#include "tests/unit/smtp_stage.h"

static void
an_envelope_is_one_piece_and_the_next_goes_with_the_end(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, GO },
		{ 0, HEAR, "m0\r\n" END ENVELOPE(1) },
		{ 0, SAY, "250 kept 0\r\n" GO },
		{ 0, HEAR, "m1\r\n" END ENVELOPE(2) },
		{ 0, SAY, "250 kept 1\r\n" GO },
		{ 0, HEAR, "m2\r\n" END },
		{ 0, SAY, "250 kept 2\r\n" },
		{ 0, HEAR, "QUIT\r\n" },
		{ 0, SAY, "221 bye\r\n" },
		{ 0, HEAR_END, "" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, "m0\r\n");
	post(&g, 1, "m1\r\n");
	assert_false(smtp_has_room(g.smtp));
	assert_int_equal(next(&g), 0);
	assert_true(smtp_has_room(g.smtp));
	post(&g, 2, "m2\r\n");
	assert_int_equal(next(&g), 1);
	assert_int_equal(next(&g), 2);
	assert_int_equal(next(&g), -1);
	assert_verdict(&g, 0, SMTP_ACCEPTED);
	assert_verdict(&g, 2, SMTP_ACCEPTED);
	assert_int_equal(g.reply[1].code, 250);
	assert_string_equal(g.reply[1].text, "250 kept 1");
	assert_false(g.reply[1].tls);
	close_stage(&g);
}

static void
without_pipelining_each_command_waits_for_its_answer(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, BARE },
		{ 0, HEAR, "MAIL FROM:<a@b.vn>\r\n" },
		{ 0, SAY, "250 ok\r\n" },
		{ 0, HEAR, RCPT(0) },
		{ 0, SAY, "250 ok\r\n" },
		{ 0, HEAR, "DATA\r\n" },
		{ 0, SAY, "354 go\r\n" },
		{ 0, HEAR, "m0\r\n" END },
		{ 0, SAY, "250 kept\r\n" },
		{ 0, HEAR, "MAIL FROM:<a@b.vn>\r\n" },
		{ 0, SAY, "250 ok\r\n" },
		{ 0, HEAR, RCPT(1) },
		{ 0, SAY, "550 nobody\r\n" },
		{ 0, HEAR, "QUIT\r\n" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, "m0\r\n");
	post(&g, 1, "m1\r\n");
	end_all(&g);
	assert_verdict(&g, 0, SMTP_ACCEPTED);
	assert_verdict(&g, 1, SMTP_PERMANENT);
	close_stage(&g);
}

/* RFC 2920, 3.1 */
static void
a_refused_message_that_may_come_all_the_same_ends_at_once(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, "250 ok\r\n450 full\r\n354 go\r\n" },
		{ 0, HEAR, END },
		{ 0, SAY, "554 nobody to send it to\r\n" },
		{ 0, HEAR, ENVELOPE(1) },
		{ 0, SAY, GO },
		{ 0, HEAR, "m1\r\n" END },
		{ 0, SAY, "250 kept\r\n" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, "m0\r\n");
	end_all(&g);
	assert_verdict(&g, 0, SMTP_TEMPORARY);
	assert_int_equal(g.reply[0].code, 450);
	assert_string_equal(g.reply[0].text, "450 full");
	post(&g, 1, "m1\r\n");
	end_all(&g);
	assert_verdict(&g, 1, SMTP_ACCEPTED);
	close_stage(&g);
}

static void
what_was_refused_is_forgotten_before_the_next(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, GO },
		{ 0, HEAR, "m0\r\n" END ENVELOPE(1) },
		{ 0, SAY,
		    "250 kept\r\n250 ok\r\n550-no\r\n550 user\r\n"
		    "503 nobody\r\n" },
		{ 0, HEAR, "RSET\r\n" ENVELOPE(2) },
		{ 0, SAY, "250 forgotten\r\n" GO },
		{ 0, HEAR, "m2\r\n" END },
		{ 0, SAY, "250 kept\r\n" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, "m0\r\n");
	post(&g, 1, "m1\r\n");
	assert_int_equal(next(&g), 0);
	post(&g, 2, "m2\r\n");
	end_all(&g);
	assert_verdict(&g, 0, SMTP_ACCEPTED);
	assert_verdict(&g, 1, SMTP_PERMANENT);
	assert_string_equal(g.reply[1].text, "550 user");
	assert_verdict(&g, 2, SMTP_ACCEPTED);
	close_stage(&g);
}

static void
a_message_refused_at_its_end_leaves_the_next_alone(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, GO },
		{ 0, HEAR, "m0\r\n" END ENVELOPE(1) },
		{ 0, SAY, "554 spam\r\n" GO },
		{ 0, HEAR, "m1\r\n" END },
		{ 0, SAY, "250 kept\r\n" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, "m0\r\n");
	post(&g, 1, "m1\r\n");
	end_all(&g);
	assert_verdict(&g, 0, SMTP_PERMANENT);
	assert_verdict(&g, 1, SMTP_ACCEPTED);
	close_stage(&g);
}

static void
a_connection_that_breaks_costs_the_message_alone_that_was_sent(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, GO },
		{ 0, HEAR, "m0\r\n" END ENVELOPE(1) },
		{ 0, HANG_UP, "" },
		{ 1, WELCOME, PIPELINED },
		{ 1, HEAR, ENVELOPE(1) },
		{ 1, SAY, GO },
		{ 1, HEAR, "m1\r\n" END },
		{ 1, SAY, "250 kept\r\n" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, "m0\r\n");
	post(&g, 1, "m1\r\n");
	end_all(&g);
	assert_verdict(&g, 0, SMTP_UNREACHABLE);
	assert_true(strlen(g.reply[0].text) > 0);
	assert_verdict(&g, 1, SMTP_ACCEPTED);
	close_stage(&g);
}

/* 421 to the first is a failure; a connection that has served may have had its
 * day, and the message goes on a new one, once. */
static void
good_bye_costs_a_message_nothing_on_an_older_connection(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, GO },
		{ 0, HEAR, "m0\r\n" END ENVELOPE(1) },
		{ 0, SAY, "250 kept\r\n421 enough for today\r\n" },
		{ 0, HEAR_END, "" },
		{ 1, WELCOME, PIPELINED },
		{ 1, HEAR, ENVELOPE(1) },
		{ 1, SAY, "421 come again\r\n" },
		{ 1, HEAR_END, "" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, "m0\r\n");
	post(&g, 1, "m1\r\n");
	end_all(&g);
	assert_verdict(&g, 0, SMTP_ACCEPTED);
	assert_verdict(&g, 1, SMTP_UNREACHABLE);
	assert_int_equal(g.reply[1].code, 421);
	assert_string_equal(g.reply[1].text, "421 come again");
	close_stage(&g);
}

static void
a_server_that_left_while_nothing_was_sent_is_called_again(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, GO },
		{ 0, HEAR, "m0\r\n" END },
		{ 0, SAY, "250 kept\r\n" },
		{ 0, WAIT, "" },
		{ 0, SAY, "451 nothing to do\r\n" },
		{ 0, HEAR_END, "" },
		{ 1, WELCOME, PIPELINED },
		{ 1, HEAR, ENVELOPE(1) },
		{ 1, SAY, GO },
		{ 1, HEAR, "m1\r\n" END },
		{ 1, SAY, "250 kept\r\n" },
		{ 1, WAIT, "" },
		{ 1, HANG_UP, "" },
		{ 2, WELCOME, PIPELINED },
		{ 2, HEAR, ENVELOPE(2) },
		{ 2, SAY, "250 ok\r\n550 no\r\n503 no\r\n" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, "m0\r\n");
	end_all(&g);
	cue(&g.server);
	await(&g.server, 7);
	post(&g, 1, "m1\r\n");
	end_all(&g);
	cue(&g.server);
	await(&g.server, 15);
	post(&g, 2, "m2\r\n");
	end_all(&g);
	assert_verdict(&g, 0, SMTP_ACCEPTED);
	assert_verdict(&g, 1, SMTP_ACCEPTED);
	assert_verdict(&g, 2, SMTP_PERMANENT);
	close_stage(&g);
}

static void
a_reply_may_come_in_any_pieces(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SPELL, "250-a\r\n250-b\r\n250 c\r\n250 ok\r\n354 go\r\n" },
		{ 0, HEAR, "m0\r\n" END },
		{ 0, SPELL, "250-kept\r\n250-well\r\n250 indeed\r\n" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, "m0\r\n");
	end_all(&g);
	assert_verdict(&g, 0, SMTP_ACCEPTED);
	assert_string_equal(g.reply[0].text, "250 indeed");
	close_stage(&g);
}

static void
a_server_that_talks_nonsense_is_left(void **unused)
{
	static char endless[8192];
	const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, endless },
		{ 1, WELCOME, PIPELINED },
		{ 1, HEAR, ENVELOPE(1) },
		{ 1, SAY, "HTTP/1.1 400 Bad Request\r\n" },
		{ 1, HEAR_END, "" },
	};
	struct stage g;

	(void)unused;
	memset(endless, '2', sizeof(endless) - 1);
	OPEN(&g, script, 1);
	for (int i = 0; i < 2; i++) {
		post(&g, i, "m0\r\n");
		end_all(&g);
		assert_verdict(&g, i, SMTP_UNREACHABLE);
		assert_int_equal(g.reply[i].code, 0);
		assert_string_equal(
		    g.reply[i].text, "the server's reply makes no sense");
	}
	close_stage(&g);
}

/* Whatever that was, it was no word on a message that had not been sent. */
static void
an_answer_that_comes_too_early_accepts_nothing(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, GO "250 kept\r\n" },
		{ 0, HEAR_END, "" },
		{ 1, WELCOME, BARE },
		{ 1, HEAR, "MAIL FROM:<a@b.vn>\r\n" },
		{ 1, SAY, "250 ok\r\n250 ok\r\n" },
		{ 1, HEAR_END, "" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	for (int i = 0; i < 2; i++) {
		post(&g, i, "m0\r\n");
		end_all(&g);
		assert_verdict(&g, i, SMTP_UNREACHABLE);
	}
	close_stage(&g);
}

static void
dots_are_doubled_and_the_last_line_is_ended(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR,
		    "MAIL FROM:<a@b.vn> SIZE=10\r\n" RCPT(0) "DATA\r\n" },
		{ 0, SAY, GO },
		{ 0, HEAR, "..a\r\n..\r\nb.c\r\n" END },
		{ 0, SAY, "250 kept\r\n" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post(&g, 0, ".a\r\n.\r\nb.c");
	end_all(&g);
	assert_verdict(&g, 0, SMTP_ACCEPTED);
	close_stage(&g);
}

static void
a_server_that_says_nothing_holds_up_one_message_and_for_its_time(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 1, WELCOME, PIPELINED },
		{ 1, HEAR, ENVELOPE(1) },
		{ 1, SAY, GO },
		{ 1, HEAR, "m1\r\n" END },
		{ 1, SAY, "250 kept\r\n" },
		{ 1, HEAR, ENVELOPE(2) },
		{ 1, SAY, GO },
		{ 1, HEAR, "m2\r\n" END },
		{ 1, SAY, "250 kept\r\n" },
		{ 0, HEAR_END, "" },
	};
	struct stage g;
	int64_t began_us;

	(void)unused;
	OPEN(&g, script, 2);
	began_us = clock_mono_us();
	post_within(&g, 0, "m0\r\n", 500);
	post(&g, 1, "m1\r\n");
	post(&g, 2, "m2\r\n");
	assert_int_equal(next(&g), 1);
	assert_int_equal(next(&g), 2);
	assert_int_equal(next(&g), 0);
	assert_true(clock_mono_us() - began_us >= 500000);
	assert_verdict(&g, 0, SMTP_UNREACHABLE);
	assert_string_equal(g.reply[0].text, "no answer within 500 ms");
	close_stage(&g);
}

static void
a_message_whose_end_is_not_answered_fails_in_its_time(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 0, SAY, GO },
		{ 0, HEAR, "m0\r\n" END ENVELOPE(1) },
		{ 0, HEAR_END, "" },
		{ 1, WELCOME, PIPELINED },
		{ 1, HEAR, ENVELOPE(1) },
		{ 1, SAY, GO },
		{ 1, HEAR, "m1\r\n" END },
		{ 1, SAY, "250 kept\r\n" },
	};
	int64_t began_us = clock_mono_us();
	struct stage g;

	(void)unused;
	OPEN(&g, script, 1);
	post_within(&g, 0, "m0\r\n", 200);
	post_within(&g, 1, "m1\r\n", TIMEOUT_MS);
	end_all(&g);
	assert_verdict(&g, 0, SMTP_UNREACHABLE);
	assert_int_equal(g.reply[0].code, 354);
	assert_verdict(&g, 1, SMTP_ACCEPTED);
	/* One after the other: waiting for another is not its own time. */
	assert_true(g.reply[0].took_us >= 200000);
	assert_true(g.reply[0].took_us + g.reply[1].took_us <=
		    clock_mono_us() - began_us);
	close_stage(&g);
}

static void
a_limit_ends_the_sessions_beyond_it(void **unused)
{
	static const struct act script[] = {
		{ 0, WELCOME, PIPELINED },
		{ 0, HEAR, ENVELOPE(0) },
		{ 1, WELCOME, PIPELINED },
		{ 1, HEAR, ENVELOPE(1) },
		{ 0, SAY, "550 no\r\n503 no\r\n503 no\r\n" },
		{ 1, SAY, "550 no\r\n503 no\r\n503 no\r\n" },
		{ 1, HEAR, "QUIT\r\n" },
		{ 1, SAY, "221 bye\r\n" },
		{ 1, HEAR_END, "" },
		{ 0, HEAR, "RSET\r\n" ENVELOPE(2) },
		{ 0, SAY, "250 ok\r\n" GO },
		{ 0, HEAR, "m2\r\n" END ENVELOPE(3) },
		{ 0, SAY, "250 kept\r\n" GO },
		{ 0, HEAR, "m3\r\n" END },
		{ 0, SAY, "250 kept\r\n" },
	};
	struct stage g;

	(void)unused;
	OPEN(&g, script, 2);
	post(&g, 0, "m0\r\n");
	post(&g, 1, "m1\r\n");
	end_all(&g);
	smtp_limit(g.smtp, 1);
	post(&g, 2, "m2\r\n");
	post(&g, 3, "m3\r\n");
	assert_false(smtp_has_room(g.smtp));
	end_all(&g);
	assert_verdict(&g, 2, SMTP_ACCEPTED);
	assert_verdict(&g, 3, SMTP_ACCEPTED);
	close_stage(&g);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_envelope_is_one_piece_and_the_next_goes_with_the_end),
		cmocka_unit_test(
		    without_pipelining_each_command_waits_for_its_answer),
		cmocka_unit_test(
		    a_refused_message_that_may_come_all_the_same_ends_at_once),
		cmocka_unit_test(what_was_refused_is_forgotten_before_the_next),
		cmocka_unit_test(
		    a_message_refused_at_its_end_leaves_the_next_alone),
		cmocka_unit_test(
		    a_connection_that_breaks_costs_the_message_alone_that_was_sent),
		cmocka_unit_test(
		    good_bye_costs_a_message_nothing_on_an_older_connection),
		cmocka_unit_test(
		    a_server_that_left_while_nothing_was_sent_is_called_again),
		cmocka_unit_test(a_reply_may_come_in_any_pieces),
		cmocka_unit_test(a_server_that_talks_nonsense_is_left),
		cmocka_unit_test(
		    an_answer_that_comes_too_early_accepts_nothing),
		cmocka_unit_test(dots_are_doubled_and_the_last_line_is_ended),
		cmocka_unit_test(
		    a_server_that_says_nothing_holds_up_one_message_and_for_its_time),
		cmocka_unit_test(
		    a_message_whose_end_is_not_answered_fails_in_its_time),
		cmocka_unit_test(a_limit_ends_the_sessions_beyond_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
