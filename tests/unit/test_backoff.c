/* The published schedule (gateway/courier.h), step by step. */
#include "gateway/backoff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/base.h"

#define SEC_MS  INT64_C(1000)
#define HOUR_MS INT64_C(3600000)
#define MIDDLE  20 /* dice that neither lengthen nor shorten */

static const int64_t published_ms[] = {
	5 * SEC_MS,
	300 * SEC_MS,
	1800 * SEC_MS,
	2 * HOUR_MS,
	5 * HOUR_MS,
	10 * HOUR_MS,
	14 * HOUR_MS,
	20 * HOUR_MS,
	24 * HOUR_MS,
};

static struct backoff
after(enum backoff_channel channel, int failures)
{
	return (struct backoff){
		.channel = channel,
		.failures = failures,
		.dest_failures = failures,
		.percent = 100,
		.dice = MIDDLE,
	};
}

static void
a_callback_is_given_up_after_the_tenth_try(void **unused)
{
	struct backoff b = after(BACKOFF_WEBHOOK, 10);
	int64_t wait = -1;

	(void)unused;
	assert_false(backoff_next(&b, &wait));
	assert_true(wait == -1);
}

static void
a_mail_is_given_up_at_seven_days(void **unused)
{
	struct backoff b = after(BACKOFF_MAIL, 12);
	int64_t wait;

	(void)unused;
	b.age_ms = 7 * 24 * HOUR_MS - 23 * HOUR_MS;
	assert_false(backoff_next(&b, &wait));
	b.unreachable = true;
	b.age_ms = 7 * 24 * HOUR_MS;
	assert_false(backoff_next(&b, &wait));
}

static void
the_waits_are_those_that_are_published(void **unused)
{
	int64_t wait;

	(void)unused;
	for (size_t i = 0; i < nitems(published_ms); i++) {
		struct backoff b = after(BACKOFF_WEBHOOK, (int)i + 1);

		assert_true(backoff_next(&b, &wait));
		assert_true(wait == published_ms[i]);
		b.channel = BACKOFF_MAIL;
		assert_true(backoff_next(&b, &wait));
		assert_true(wait == published_ms[i]);
	}
}

static void
a_mail_goes_on_daily(void **unused)
{
	struct backoff b = after(BACKOFF_MAIL, 12);
	int64_t wait;

	(void)unused;
	b.age_ms = 5 * 24 * HOUR_MS;
	assert_true(backoff_next(&b, &wait));
	assert_true(wait == 24 * HOUR_MS);
}

static void
jitter_is_a_fifth_at_most(void **unused)
{
	(void)unused;
	for (uint32_t dice = 0; dice < 100; dice++) {
		struct backoff b = after(BACKOFF_WEBHOOK, 2);
		int64_t wait;

		b.dice = dice;
		assert_true(backoff_next(&b, &wait));
		assert_true(wait >= 240 * SEC_MS && wait <= 360 * SEC_MS);
	}
}

static void
an_unreachable_mail_server_is_asked_every_minute(void **unused)
{
	static const int64_t waits[] = { 5, 10, 20, 40, 60, 60 };

	(void)unused;
	for (size_t i = 0; i < nitems(waits); i++) {
		struct backoff b = after(BACKOFF_MAIL, 1);
		int64_t wait;

		b.unreachable = true;
		b.dest_failures = (int)i + 1;
		assert_true(backoff_next(&b, &wait));
		assert_true(wait == waits[i] * SEC_MS);
		assert_true(backoff_breaker(&b) == wait);
	}
}

static void
a_portal_is_left_alone_after_three_failures(void **unused)
{
	static const int64_t waits[] = { 0, 0, 5, 10, 20, 40, 80, 160, 300,
		300 };

	(void)unused;
	for (size_t i = 0; i < nitems(waits); i++) {
		struct backoff b = after(BACKOFF_WEBHOOK, (int)i + 1);

		assert_true(backoff_breaker(&b) == waits[i] * SEC_MS);
	}
}

static void
percent_scales_every_wait(void **unused)
{
	struct backoff b = after(BACKOFF_WEBHOOK, 3);
	int64_t wait;

	(void)unused;
	b.percent = 1;
	assert_true(backoff_next(&b, &wait));
	assert_true(wait == 18 * SEC_MS);
	assert_true(backoff_breaker(&b) == 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_callback_is_given_up_after_the_tenth_try),
		cmocka_unit_test(a_mail_is_given_up_at_seven_days),
		cmocka_unit_test(the_waits_are_those_that_are_published),
		cmocka_unit_test(a_mail_goes_on_daily),
		cmocka_unit_test(jitter_is_a_fifth_at_most),
		cmocka_unit_test(
		    an_unreachable_mail_server_is_asked_every_minute),
		cmocka_unit_test(a_portal_is_left_alone_after_three_failures),
		cmocka_unit_test(percent_scales_every_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
