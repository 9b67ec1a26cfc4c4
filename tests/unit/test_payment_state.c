/*
 * The table of an attempt's life, seen from outside: every state and event is
 * tried, so that a row added, dropped or doubled by mistake shows up here.
 */
#include "gateway/payment_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static void
nothing_leaves_paid_and_surplus(void **unused)
{
	enum payment_state to;

	(void)unused;

	for (unsigned ev = 0; ev < PAYMENT_EVENT_COUNT; ev++) {
		assert_false(payment_next(PAYMENT_PAID, ev, &to));
		assert_false(payment_next(PAYMENT_SURPLUS, ev, &to));
	}
}

static void
a_refusal_leaves_the_state_alone(void **unused)
{
	enum payment_state to = PAYMENT_PAID;

	(void)unused;

	assert_false(payment_next(PAYMENT_PAID, PAYMENT_EV_FAILED, &to));
	assert_int_equal(to, PAYMENT_PAID);
}

static void
the_numbers_are_those_that_are_stored(void **unused)
{
	(void)unused;

	assert_int_equal(PAYMENT_CREATED, 1);
	assert_int_equal(PAYMENT_PENDING, 2);
	assert_int_equal(PAYMENT_PAID, 3);
	assert_int_equal(PAYMENT_FAILED, 4);
	assert_int_equal(PAYMENT_EXPIRED, 5);
	assert_int_equal(PAYMENT_REVIEW, 6);
	assert_int_equal(PAYMENT_SUPERSEDED, 7);
	assert_int_equal(PAYMENT_SURPLUS, 8);
	assert_int_equal(PAYMENT_UNDERPAID, 9);
	assert_int_equal(PAYMENT_STATE_LAST, 9);
}

static void
money_is_never_turned_away(void **unused)
{
	enum payment_state to;

	(void)unused;

	for (unsigned s = 1; s <= PAYMENT_STATE_LAST; s++) {
		if (s == PAYMENT_PAID || s == PAYMENT_SURPLUS)
			continue;
		assert_true(payment_next(s, PAYMENT_EV_SURPLUS, &to));
		assert_int_equal(to, PAYMENT_SURPLUS);
		if (s == PAYMENT_SUPERSEDED) /* its request is paid */
			continue;
		assert_true(payment_next(s, PAYMENT_EV_PAID, &to));
		assert_int_equal(to, PAYMENT_PAID);
	}
}

static void
a_superseded_attempt_pays_nothing(void **unused)
{
	enum payment_state to;

	(void)unused;

	assert_false(payment_next(PAYMENT_SUPERSEDED, PAYMENT_EV_PAID, &to));
}

static void
a_failure_can_still_become_a_payment(void **unused)
{
	enum payment_state to;

	(void)unused;

	assert_true(payment_next(PAYMENT_FAILED, PAYMENT_EV_PAID, &to));
	assert_int_equal(to, PAYMENT_PAID);
	assert_true(payment_next(PAYMENT_EXPIRED, PAYMENT_EV_PAID, &to));
	assert_int_equal(to, PAYMENT_PAID);
}

static void
what_is_in_doubt_does_not_expire(void **unused)
{
	enum payment_state to;

	(void)unused;

	assert_false(payment_next(PAYMENT_REVIEW, PAYMENT_EV_EXPIRED, &to));
}

static void
the_sweep_asks_until_there_is_an_answer(void **unused)
{
	(void)unused;

	for (unsigned s = 1; s <= PAYMENT_STATE_LAST; s++)
		assert_int_equal(payment_state_is_asked(s),
		    s == PAYMENT_CREATED || s == PAYMENT_PENDING ||
			s == PAYMENT_REVIEW || s == PAYMENT_SUPERSEDED);
}

static void
no_event_has_two_answers(void **unused)
{
	static const struct {
		enum payment_state from;
		enum payment_event event;
	} rows[] = {
#define EDGE(from, event, to) { PAYMENT_##from, PAYMENT_EV_##event },
#include "gateway/payment_state.def"
	};
	unsigned seen[PAYMENT_STATE_LAST + 1][PAYMENT_EVENT_COUNT] = { 0 };

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++)
		assert_int_equal(seen[rows[i].from][rows[i].event]++, 0);
}

static void
every_state_is_reached_from_created(void **unused)
{
	bool seen[PAYMENT_STATE_LAST + 1] = { [PAYMENT_CREATED] = true };
	enum payment_state to;

	(void)unused;

	for (unsigned round = 0; round < PAYMENT_STATE_LAST; round++)
		for (unsigned s = 1; s <= PAYMENT_STATE_LAST; s++)
			for (unsigned ev = 0; ev < PAYMENT_EVENT_COUNT; ev++)
				if (seen[s] && payment_next(s, ev, &to))
					seen[to] = true;
	for (unsigned s = 1; s <= PAYMENT_STATE_LAST; s++)
		assert_true(seen[s]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_leaves_paid_and_surplus),
		cmocka_unit_test(a_refusal_leaves_the_state_alone),
		cmocka_unit_test(the_numbers_are_those_that_are_stored),
		cmocka_unit_test(money_is_never_turned_away),
		cmocka_unit_test(a_superseded_attempt_pays_nothing),
		cmocka_unit_test(a_failure_can_still_become_a_payment),
		cmocka_unit_test(what_is_in_doubt_does_not_expire),
		cmocka_unit_test(the_sweep_asks_until_there_is_an_answer),
		cmocka_unit_test(no_event_has_two_answers),
		cmocka_unit_test(every_state_is_reached_from_created),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
