/* Background work gives way while a request waits, and not for ever. */
#include "gateway/precedence.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"

#define GIVE_WAY_US 50000

static int64_t
took_us(void)
{
	int64_t began = clock_mono_us();

	precedence_give_way();
	return clock_mono_us() - began;
}

static void
who_waits_for_nobody_goes_on(void **state)
{
	(void)state;
	for (int i = 0; i < 1000; i++) {
		precedence_enter();
		precedence_leave(1);
		precedence_give_way();
	}
}

static void
a_crowd_holds_up_for_a_bounded_time(void **state)
{
	(void)state;
	precedence_enter();
	precedence_enter();
	assert_true(took_us() >= GIVE_WAY_US);
	precedence_leave(1);
	assert_true(took_us() >= GIVE_WAY_US);
	precedence_leave(1);
	precedence_give_way();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_for_nobody_goes_on),
		cmocka_unit_test(a_crowd_holds_up_for_a_bounded_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
