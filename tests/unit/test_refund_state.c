/*
 * The table of a refund's life, seen from outside: every state and event is
 * tried against a table of its own, so that a row added, dropped or doubled by
 * mistake shows up here.
 */
#include "gateway/refund_state.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

/* Where each event leads, in the order of the events; 0: nowhere. */
static const unsigned leads[REFUND_STATE_LAST + 1][REFUND_EVENT_COUNT] = {
	/* approve reject submit processing done refused lost confirm give-up */
	[REFUND_REQUESTED] = { 2, 6, 0, 0, 0, 0, 0, 0, 0 },
	[REFUND_APPROVED] = { 0, 6, 3, 0, 0, 0, 0, 5, 0 },
	[REFUND_SUBMITTED] = { 0, 0, 3, 4, 5, 7, 8, 0, 0 },
	[REFUND_PROCESSING] = { 0, 0, 0, 4, 5, 7, 8, 0, 0 },
	[REFUND_DONE] = { 0, 0, 0, 0, 0, 0, 0, 0, 0 },
	[REFUND_REJECTED] = { 0, 0, 0, 0, 0, 0, 0, 0, 0 },
	[REFUND_FAILED] = { 0, 0, 0, 0, 0, 0, 0, 0, 0 },
	[REFUND_REVIEW] = { 0, 0, 0, 0, 0, 0, 0, 5, 7 },
};

static void
every_event_leads_where_it_should_and_nowhere_else(void **unused)
{
	(void)unused;

	for (unsigned s = 1; s <= REFUND_STATE_LAST; s++)
		for (unsigned ev = 0; ev < REFUND_EVENT_COUNT; ev++) {
			enum refund_state to = (enum refund_state)99;
			bool edge = refund_next(s, ev, &to);

			assert_int_equal(edge, leads[s][ev] != 0);
			assert_int_equal(to, edge ? leads[s][ev] : 99);
		}
}

static void
the_numbers_are_those_that_are_stored(void **unused)
{
	(void)unused;

	assert_int_equal(REFUND_REQUESTED, 1);
	assert_int_equal(REFUND_APPROVED, 2);
	assert_int_equal(REFUND_SUBMITTED, 3);
	assert_int_equal(REFUND_PROCESSING, 4);
	assert_int_equal(REFUND_DONE, 5);
	assert_int_equal(REFUND_REJECTED, 6);
	assert_int_equal(REFUND_FAILED, 7);
	assert_int_equal(REFUND_REVIEW, 8);
	assert_int_equal(REFUND_STATE_LAST, 8);
}

static void
no_event_has_two_answers(void **unused)
{
	static const struct {
		enum refund_state from;
		enum refund_event event;
	} rows[] = {
#define EDGE(from, event, to) { REFUND_##from, REFUND_EV_##event },
#include "gateway/refund_state.def"
	};
	unsigned seen[REFUND_STATE_LAST + 1][REFUND_EVENT_COUNT] = { 0 };

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++)
		assert_int_equal(seen[rows[i].from][rows[i].event]++, 0);
}

static void
nothing_goes_on_that_is_over_or_waits_for_a_person(void **unused)
{
	(void)unused;

	for (unsigned s = 1; s <= REFUND_STATE_LAST; s++) {
		assert_int_equal(refund_state_goes_on(s), s >= 2 && s <= 4);
		assert_int_equal(refund_state_is_over(s), s >= 5 && s <= 7);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_event_leads_where_it_should_and_nowhere_else),
		cmocka_unit_test(the_numbers_are_those_that_are_stored),
		cmocka_unit_test(no_event_has_two_answers),
		cmocka_unit_test(
		    nothing_goes_on_that_is_over_or_waits_for_a_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
