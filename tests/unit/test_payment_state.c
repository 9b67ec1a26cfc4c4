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

/* Where each event leads, in the order of the events; 0: nowhere. */
static const unsigned leads[PAYMENT_STATE_LAST + 1][PAYMENT_EVENT_COUNT] = {
	/* part pending paid surplus failed expired doubt supersede
	 * silence */
	[PAYMENT_CREATED] = { 9, 2, 3, 8, 4, 5, 6, 7, 6 },
	[PAYMENT_PENDING] = { 0, 2, 3, 8, 4, 5, 6, 7, 6 },
	[PAYMENT_PAID] = { 0, 0, 0, 0, 0, 0, 0, 0, 0 },
	[PAYMENT_FAILED] = { 0, 0, 10, 8, 0, 0, 6, 0, 0 },
	[PAYMENT_EXPIRED] = { 0, 0, 10, 8, 4, 0, 6, 0, 0 },
	[PAYMENT_REVIEW] = { 0, 0, 3, 8, 4, 0, 0, 0, 6 },
	[PAYMENT_SUPERSEDED] = { 0, 0, 0, 8, 4, 5, 6, 0, 6 },
	[PAYMENT_SURPLUS] = { 0, 0, 0, 0, 0, 0, 0, 0, 0 },
	[PAYMENT_UNDERPAID] = { 9, 0, 3, 8, 0, 0, 6, 7, 0 },
	[PAYMENT_PAID_LATE] = { 0, 0, 0, 0, 0, 0, 0, 0, 0 },
};

static void
every_event_leads_where_it_should_and_nowhere_else(void **unused)
{
	(void)unused;

	for (unsigned s = 1; s <= PAYMENT_STATE_LAST; s++)
		for (unsigned ev = 0; ev < PAYMENT_EVENT_COUNT; ev++) {
			enum payment_state to = (enum payment_state)99;
			bool edge = payment_next(s, ev, &to);

			assert_int_equal(edge, leads[s][ev] != 0);
			assert_int_equal(to, edge ? leads[s][ev] : 99);
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
	assert_int_equal(PAYMENT_PAID_LATE, 10);
	assert_int_equal(PAYMENT_STATE_LAST, 10);
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
		cmocka_unit_test(
		    every_event_leads_where_it_should_and_nowhere_else),
		cmocka_unit_test(a_refusal_leaves_the_state_alone),
		cmocka_unit_test(the_numbers_are_those_that_are_stored),
		cmocka_unit_test(the_sweep_asks_until_there_is_an_answer),
		cmocka_unit_test(no_event_has_two_answers),
		cmocka_unit_test(every_state_is_reached_from_created),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
