/*
 * What clocks of comparable systems were seen to get wrong, each by its name:
 * here it must not happen.  (b), where AND and OR are mixed up in the period
 * before, and (e), where all agencies share one calendar, stand with real
 * figures and real units in tests/api/sla-peers.test.js.
 */
#include <string.h>

#include "tests/unit/week.h"

/* (a) "Stopped in time" and "stopped late" by one and the same condition. */
static void
a_stopped_in_time_and_stopped_late_are_two_things(void **week)
{
	struct dossier d = processing();
	struct sla_plan p;

	p = plan(week, &d, DOSSIER_EV_STOP, "2026-11-23 09:59");
	d.ended_us = p.ended_us;
	d.at.state = DOSSIER_STOPPED;
	assert_int_equal(
	    sla_verdict_national(&d, at("2026-12-30 10:00")), SLA_ON_TIME);

	d = processing();
	p = plan(week, &d, DOSSIER_EV_STOP, "2026-11-24 10:01");
	d.ended_us = p.ended_us;
	d.at.state = DOSSIER_STOPPED;
	assert_int_equal(
	    sla_verdict_national(&d, at("2026-11-24 10:01")), SLA_LATE);
	assert_int_equal(
	    sla_verdict_by_date(&d, at("2026-11-24 10:01")), SLA_LATE);
}

/* (c) The moment of the end taken from the moment of receipt. */
static void
c_the_end_is_the_moment_of_the_end_and_not_of_receipt(void **week)
{
	struct dossier d = processing();
	struct sla_plan p =
	    plan(week, &d, DOSSIER_EV_RESOLVE, "2026-11-24 15:30");

	assert_int_equal(p.ended_us, at("2026-11-24 15:30"));
	d.ended_us = p.ended_us;
	d.received_us = at("2026-11-16 08:00");
	assert_int_equal(sla_verdict_national(&d, d.ended_us), SLA_LATE);
}

/* (d) A supplement counted in days of the calendar, and eight hours added. */
static void
d_a_supplement_shifts_by_the_working_time_it_took(void **week)
{
	struct dossier d = waiting(DOSSIER_AWAITING_SUPPLEMENT);
	struct sla_plan p;

	/* Friday 16:00 to Monday 08:30: three days, two hours of work. */
	d.pause_began_us = at("2026-11-20 16:00");
	d.pause_left_us = 2 * HOUR_US + HOUR_US / 2;
	p = plan(week, &d, DOSSIER_EV_SUPPLEMENT, "2026-11-23 08:30");
	assert_int_equal(p.working_us, 2 * HOUR_US);
	assert_int_equal(p.due_us, at("2026-11-23 11:00"));
}

/* (f) The next working day sought by recursion, 360 deep at most. */
static void
f_a_closure_of_four_hundred_days_is_passed_over(void **unused)
{
	struct calendar_hours hours[] = { { 0, 4, 27000, 41400 } };
	static struct calendar_day closed[420];
	struct calendar_rows rows = { .own = { hours, 1, closed, 420 } };
	struct calendar *c;
	int64_t us;

	(void)unused;

	/* Works on Thursdays; closed from the second of 2024 on. */
	rows.first = clock_vn_day(at("2024-01-01 12:00"));
	rows.last = rows.first + 500;
	for (int64_t i = 0; i < 420; i++)
		closed[i].day = rows.first + 7 + i;
	c = calendar_make(&rows);
	assert_true(calendar_after(c, at("2024-01-09 09:00"), 0, &us));
	assert_true(us >= clock_vn_instant(rows.first + 427, 0));
	assert_true(calendar_due(c, at("2024-01-04 09:00"), 10, "day", &us));
	assert_true(us >= clock_vn_instant(rows.first + 427, 0));
	calendar_free(c);
}

/* (g) Whatever fails is caught and forgotten, and the year is 0001. */
static void
g_what_cannot_be_counted_is_refused_and_leaves_no_date(void **week)
{
	struct dossier d = registered();
	struct dossier_move m = { .d = &d,
		.event = DOSSIER_EV_ACCEPT,
		.to = DOSSIER_ACCEPTED,
		.at_us = at("2026-12-30 10:00") };
	struct sla_plan p;
	int64_t us = at("2026-11-16 10:00");

	d.limit_amount = 45;
	memcpy(d.limit_unit, "day", sizeof("day"));
	assert_false(sla_plan(*week, &m, &p));
	assert_int_equal(p.due_us, 0);
	assert_int_equal(p.timer_count, 0);
	assert_false(calendar_due(*week, m.at_us, 45, "day", &us));
	assert_int_equal(us, at("2026-11-16 10:00"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_stopped_in_time_and_stopped_late_are_two_things),
		cmocka_unit_test(
		    c_the_end_is_the_moment_of_the_end_and_not_of_receipt),
		cmocka_unit_test(
		    d_a_supplement_shifts_by_the_working_time_it_took),
		cmocka_unit_test(
		    f_a_closure_of_four_hundred_days_is_passed_over),
		cmocka_unit_test(
		    g_what_cannot_be_counted_is_refused_and_leaves_no_date),
	};

	return cmocka_run_group_tests(tests, make_week, free_week);
}
