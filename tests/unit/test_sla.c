/*
 * What each move does to a dossier's clock.  The week is Monday to Friday,
 * 07:30-11:30 and 13:00-17:00, from 2026-11-16 on; the limit is five working
 * days.
 */
#include "gateway/sla_plan.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/week.h"

static void
assert_timers(const struct sla_plan *p, const char *first_kind,
    const char *first, const char *second_kind, const char *second)
{
	assert_int_equal(p->timer_count, second == NULL ? 1 : 2);
	assert_string_equal(p->timer[0].kind, first_kind);
	assert_int_equal(p->timer[0].at_us, at(first));
	if (second == NULL)
		return;
	assert_string_equal(p->timer[1].kind, second_kind);
	assert_int_equal(p->timer[1].at_us, at(second));
}

static void
a_limit_beyond_the_calendars_end_is_refused(void **week)
{
	struct dossier d = registered();
	struct dossier_move m = { .d = &d,
		.event = DOSSIER_EV_ACCEPT,
		.to = DOSSIER_ACCEPTED,
		.at_us = at("2026-12-30 10:00") };
	struct sla_plan p;

	assert_false(sla_plan(*week, &m, &p));
}

static void
the_clock_starts_at_acceptance_and_not_at_submission(void **week)
{
	struct dossier d = registered();
	struct sla_plan p =
	    plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-16 10:00");

	assert_true(p.turns);
	assert_int_equal(p.due_us, at("2026-11-23 10:00"));
	assert_int_equal(p.original_due_us, p.due_us);
	assert_timers(
	    &p, "near-due", "2026-11-20 10:00", "overdue", "2026-11-23 10:00");
}

static void
a_short_limit_is_near_due_when_a_fifth_of_it_is_left(void **week)
{
	struct dossier d = registered();
	struct sla_plan p;

	d.limit_amount = 10;
	memcpy(d.limit_unit, "working-hour", sizeof("working-hour"));
	p = plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-16 07:30");
	assert_timers(
	    &p, "near-due", "2026-11-17 07:30", "overdue", "2026-11-17 09:30");
}

static void
what_is_accepted_after_the_cut_off_hour_is_the_next_days(void **week)
{
	struct dossier d = registered();
	struct sla_plan p;

	d.cutoff_sec = 15 * 3600;
	d.limit_amount = 1;
	memcpy(d.limit_unit, "same-day", sizeof("same-day"));
	p = plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-16 14:59");
	assert_int_equal(p.due_us, at("2026-11-16 17:00"));
	p = plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-16 15:00");
	assert_int_equal(p.due_us, at("2026-11-17 17:00"));
	p = plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-20 15:00");
	assert_int_equal(p.due_us, at("2026-11-23 17:00"));
}

/* A complaint: thirty days from acceptance, or forty-five by decision. */
static struct sla_plan
extended(void **week, const struct dossier *d, int amount, const char *when)
{
	struct dossier_extension longer = { "complex", amount, "day" };
	struct dossier_move m = { .d = d,
		.event = DOSSIER_EV_EXTEND,
		.at_us = at(when),
		.extension = &longer };
	struct sla_plan p;

	assert_true(dossier_next(d->at, m.event, &m.to));
	assert_true(sla_plan(*week, &m, &p));
	return p;
}

static void
an_extension_counts_from_acceptance_too(void **week)
{
	struct dossier d = processing();
	struct sla_plan p = extended(week, &d, 15, "2026-11-20 10:00");

	assert_int_equal(p.due_us, at("2026-12-01 10:00"));
	assert_int_equal(p.original_due_us, 0);
	assert_int_equal(p.ended_us, 0);
	assert_timers(
	    &p, "near-due", "2026-11-30 10:00", "overdue", "2026-12-01 10:00");
}

static void
an_extension_adds_what_the_pauses_took(void **week)
{
	struct dossier d = processing();
	struct sla_plan p;

	d.paused_us = 2 * DAY_US + 7;
	d.due_us = at("2026-11-25 10:00") + 7;
	p = extended(week, &d, 15, "2026-11-20 10:00");
	assert_int_equal(p.due_us, at("2026-12-03 10:00") + 7);
}

static void
a_limit_that_is_no_longer_moves_nothing(void **week)
{
	struct dossier d = processing();
	struct sla_plan p = extended(week, &d, 2, "2026-11-20 10:00");

	assert_int_equal(p.due_us, d.due_us);
}

static void
assigning_leaves_the_clock_alone(void **week)
{
	struct dossier d = processing();
	struct sla_plan p =
	    plan(week, &d, DOSSIER_EV_ASSIGN, "2026-11-17 10:00");

	assert_false(p.turns);
	assert_int_equal(p.due_us, d.due_us);
}

static void
a_pause_keeps_the_working_time_that_is_left(void **week)
{
	struct dossier d = processing();
	struct sla_plan p =
	    plan(week, &d, DOSSIER_EV_REQUEST_SUPPLEMENT, "2026-11-17 10:00");

	assert_true(p.opens);
	assert_int_equal(p.left_us, 4 * DAY_US);
	assert_int_equal(p.due_us, 0);
	assert_int_equal(p.timer_count, 0);
	assert_int_equal(p.original_due_us, 0);
}

static void
a_pause_gives_back_what_was_left_when_it_ends(void **week)
{
	struct dossier d = waiting(DOSSIER_AWAITING_SUPPLEMENT);
	struct sla_plan p =
	    plan(week, &d, DOSSIER_EV_SUPPLEMENT, "2026-11-18 14:00");

	assert_true(p.closes);
	assert_int_equal(p.working_us, 10 * HOUR_US + HOUR_US / 2);
	assert_int_equal(p.due_us, at("2026-11-24 14:00"));
	assert_int_equal(p.original_due_us, 0);
	assert_timers(
	    &p, "near-due", "2026-11-23 14:00", "overdue", "2026-11-24 14:00");
}

static void
a_pause_that_ends_at_night_counts_from_the_next_morning(void **week)
{
	struct dossier d = waiting(DOSSIER_AWAITING_PAYMENT);
	struct sla_plan p = plan(week, &d, DOSSIER_EV_PAID, "2026-11-20 22:00");

	assert_int_equal(p.due_us, at("2026-11-27 07:30"));
}

/* Not even a fraction of a second is lost. */
static void
a_pause_moves_the_due_date_by_what_it_took(void **week)
{
	unsigned seed = 28;

	for (int round = 0; round < 1000; round++) {
		struct dossier d = processing();
		int64_t due_us = d.due_us, want_us;
		int64_t began_us = d.accepted_us + rand_r(&seed) * 101LL;
		int64_t ended_us = began_us + rand_r(&seed) * 53LL;
		struct sla_plan p =
		    plan_at(week, &d, DOSSIER_EV_REQUEST_SUPPLEMENT, began_us);

		d = waiting(DOSSIER_AWAITING_SUPPLEMENT);
		d.pause_began_us = began_us;
		d.pause_left_us = p.left_us;
		p = plan_at(week, &d, DOSSIER_EV_SUPPLEMENT, ended_us);
		assert_true(calendar_after_us(*week, due_us,
		    calendar_elapsed_us(*week, began_us, ended_us), &want_us));
		assert_int_equal(p.due_us, want_us);
		if (p.timer[0].at_us > ended_us)
			assert_int_equal(calendar_elapsed_us(
					     *week, p.timer[0].at_us, p.due_us),
			    DAY_US);
	}
}

static void
who_comes_back_with_little_left_is_told_at_once(void **week)
{
	struct dossier d = waiting(DOSSIER_AWAITING_PAYMENT);
	struct sla_plan p;

	d.pause_left_us = HOUR_US;
	p = plan(week, &d, DOSSIER_EV_PAID, "2026-11-18 14:00");
	assert_timers(
	    &p, "near-due", "2026-11-18 14:00", "overdue", "2026-11-18 15:00");
}

static void
who_comes_back_late_is_overdue_alone(void **week)
{
	struct dossier d = waiting(DOSSIER_AWAITING_PAYMENT);
	struct sla_plan p;

	d.pause_left_us = 0;
	p = plan(week, &d, DOSSIER_EV_PAID, "2026-11-18 14:00");
	assert_timers(&p, "overdue", "2026-11-18 14:00", NULL, NULL);
}

static void
a_pause_at_intake_stops_the_clock_of_the_answer_alone(void **week)
{
	struct dossier d = registered();
	struct sla_plan p =
	    plan(week, &d, DOSSIER_EV_REQUEST_PAYMENT, "2026-11-16 09:00");

	assert_true(p.opens);
	assert_int_equal(p.left_us, 7 * HOUR_US);
	assert_int_equal(p.due_us, 0);
}

static void
paying_at_intake_begins_the_time_for_an_answer_anew(void **week)
{
	struct dossier d = registered();
	struct sla_plan p;

	d.at.state = DOSSIER_AWAITING_PAYMENT;
	d.pause_began_us = at("2026-11-16 09:00");
	d.pause_left_us = 7 * HOUR_US;
	p = plan(week, &d, DOSSIER_EV_PAID, "2026-11-17 10:00");
	assert_int_equal(p.intake_due_us, at("2026-11-18 10:00"));
	assert_int_equal(p.due_us, 0);
	assert_timers(&p, "intake", "2026-11-18 10:00", NULL, NULL);
}

static void
a_supplement_at_intake_gives_back_what_was_left(void **week)
{
	struct dossier d = registered();
	struct sla_plan p;

	d.at.state = DOSSIER_AWAITING_SUPPLEMENT;
	d.pause_began_us = at("2026-11-16 09:00");
	d.pause_left_us = 2 * HOUR_US;
	p = plan(week, &d, DOSSIER_EV_SUPPLEMENT, "2026-11-17 08:00");
	assert_int_equal(p.intake_due_us, at("2026-11-17 10:00"));
}

/* The timer of that kind, the n-th of them; 0 without one. */
static int64_t
timer_of(const struct sla_plan *p, const char *kind, int n)
{
	for (size_t i = 0; i < p->timer_count; i++)
		if (strcmp(p->timer[i].kind, kind) == 0 && n-- == 1)
			return p->timer[i].at_us;
	return 0;
}

static void
near_due_is_when_the_procedure_says(void **week)
{
	struct dossier d = registered();
	struct sla_plan p;

	d.near_due_hours = 16;
	p = plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-16 10:00");
	assert_int_equal(timer_of(&p, "near-due", 1), at("2026-11-19 10:00"));
}

static void
an_apology_is_due_a_working_day_ahead(void **week)
{
	struct dossier d = registered();
	struct sla_plan p;

	d.apology_hours = 8;
	p = plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-16 10:00");
	assert_int_equal(
	    timer_of(&p, "apology-due", 1), at("2026-11-20 10:00"));

	d.limit_amount = 1;
	p = plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-16 10:00");
	assert_int_equal(timer_of(&p, "apology-due", 1), 0);
}

static void
each_level_of_escalation_is_later_than_it_was_due(void **week)
{
	struct dossier d = registered();
	struct sla_plan p;

	d.escalate_hours[0] = 4;
	d.escalate_hours[1] = 16;
	p = plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-16 10:00");
	assert_int_equal(p.due_us, at("2026-11-23 10:00"));
	assert_int_equal(timer_of(&p, "escalate-1", 1), at("2026-11-23 15:30"));
	assert_int_equal(timer_of(&p, "escalate-2", 1), at("2026-11-25 10:00"));
	assert_int_equal(timer_of(&p, "escalate-3", 1), 0);
}

static void
a_level_beyond_the_calendars_end_is_none(void **week)
{
	struct dossier d = registered();
	struct sla_plan p;

	d.escalate_hours[0] = 400;
	p = plan(week, &d, DOSSIER_EV_ACCEPT, "2026-11-16 10:00");
	assert_int_equal(timer_of(&p, "escalate-1", 1), 0);
	assert_int_equal(timer_of(&p, "overdue", 1), p.due_us);
}

static void
a_fee_is_reminded_of_three_times_and_a_supplement_is_not(void **week)
{
	struct dossier d = processing();
	struct sla_plan p;

	d.fee_remind_days = 2;
	p = plan(week, &d, DOSSIER_EV_REQUEST_PAYMENT, "2026-11-17 10:00");
	assert_int_equal(p.timer_count, 3);
	assert_int_equal(
	    timer_of(&p, "fee-reminder", 1), at("2026-11-19 10:00"));
	assert_int_equal(
	    timer_of(&p, "fee-reminder", 3), at("2026-11-25 10:00"));
	p = plan(week, &d, DOSSIER_EV_REQUEST_SUPPLEMENT, "2026-11-17 10:00");
	assert_int_equal(p.timer_count, 0);
}

static void
paying_gives_back_what_was_left_where_the_procedure_says_so(void **week)
{
	struct dossier d = registered();
	struct sla_plan p;

	d.intake_restarts = false;
	d.at.state = DOSSIER_AWAITING_PAYMENT;
	d.pause_began_us = at("2026-11-16 09:00");
	d.pause_left_us = 2 * HOUR_US;
	p = plan(week, &d, DOSSIER_EV_PAID, "2026-11-17 08:00");
	assert_int_equal(p.intake_due_us, at("2026-11-17 10:00"));
}

static void
a_decision_holds_the_clock_and_gives_back_what_was_left(void **week)
{
	struct dossier d = processing();
	struct sla_plan p =
	    plan(week, &d, DOSSIER_EV_SUSPEND, "2026-11-17 10:00");

	assert_true(p.opens);
	assert_int_equal(p.left_us, 4 * DAY_US);
	assert_int_equal(p.due_us, 0);
	assert_int_equal(p.timer_count, 0);

	d = waiting(DOSSIER_PROCESSING);
	d.at.phase = DOSSIER_HELD;
	p = plan(week, &d, DOSSIER_EV_RESUME, "2026-11-19 10:00");
	assert_true(p.closes);
	assert_int_equal(p.working_us, 2 * DAY_US);
	assert_int_equal(p.due_us, at("2026-11-25 10:00"));
	assert_int_equal(p.original_due_us, 0);
	assert_timers(
	    &p, "near-due", "2026-11-24 10:00", "overdue", "2026-11-25 10:00");
}

static void
who_takes_over_what_is_held_lets_it_stand_still(void **week)
{
	struct dossier d = waiting(DOSSIER_PROCESSING);
	struct sla_plan p;

	d.at.phase = DOSSIER_HELD;
	p = plan(week, &d, DOSSIER_EV_ASSIGN, "2026-11-19 10:00");
	assert_false(p.turns);
	assert_int_equal(p.due_us, 0);
}

static void
what_ends_while_it_is_held_is_due_as_it_would_be(void **week)
{
	struct dossier d = waiting(DOSSIER_PROCESSING);
	struct sla_plan p;

	d.at.phase = DOSSIER_HELD;
	p = plan(week, &d, DOSSIER_EV_WITHDRAW, "2026-11-18 10:00");
	assert_true(p.closes);
	assert_int_equal(p.due_us, at("2026-11-24 10:00"));
	assert_int_equal(p.ended_us, at("2026-11-18 10:00"));
}

static void
an_end_keeps_the_due_date_to_be_measured_by(void **week)
{
	struct dossier d = processing();
	struct sla_plan p =
	    plan(week, &d, DOSSIER_EV_RESOLVE, "2026-11-18 10:00");

	assert_int_equal(p.ended_us, at("2026-11-18 10:00"));
	assert_int_equal(p.due_us, d.due_us);
	assert_int_equal(p.timer_count, 0);
}

static void
an_end_in_a_pause_closes_it_and_is_due_as_it_would_be(void **week)
{
	struct dossier d = waiting(DOSSIER_AWAITING_SUPPLEMENT);
	struct sla_plan p = plan(week, &d, DOSSIER_EV_STOP, "2026-11-18 10:00");

	assert_true(p.closes);
	assert_int_equal(p.working_us, DAY_US);
	assert_int_equal(p.due_us, at("2026-11-24 10:00"));
	assert_int_equal(p.ended_us, at("2026-11-18 10:00"));
}

static void
a_refusal_has_no_due_date(void **week)
{
	struct dossier d = registered();
	struct sla_plan p =
	    plan(week, &d, DOSSIER_EV_REFUSE, "2026-11-16 10:00");

	assert_int_equal(p.due_us, 0);
	assert_int_equal(p.ended_us, at("2026-11-16 10:00"));
}

static void
returning_does_not_end_it_a_second_time(void **week)
{
	struct dossier d = processing();
	struct sla_plan p;

	d.at.state = DOSSIER_RESOLVED;
	d.ended_us = at("2026-11-18 10:00");
	p = plan(week, &d, DOSSIER_EV_RETURN, "2026-11-19 10:00");
	assert_false(p.turns);
	assert_int_equal(p.due_us, d.due_us);
}

static void
assert_verdicts(const struct dossier *d, const char *now,
    enum sla_verdict national, enum sla_verdict by_date)
{
	assert_int_equal(sla_verdict_national(d, at(now)), national);
	assert_int_equal(sla_verdict_by_date(d, at(now)), by_date);
}

static void
nothing_is_judged_before_acceptance(void **unused)
{
	struct dossier d = registered();

	(void)unused;

	assert_verdicts(&d, "2026-12-30 10:00", SLA_UNDECIDED, SLA_UNDECIDED);
}

static void
the_rules_differ_on_the_day_that_it_is_due(void **unused)
{
	struct dossier d = processing();

	(void)unused;

	assert_verdicts(&d, "2026-11-23 09:59", SLA_ON_TIME, SLA_UNDECIDED);
	assert_verdicts(&d, "2026-11-23 10:01", SLA_LATE, SLA_UNDECIDED);
	assert_verdicts(&d, "2026-11-24 00:00", SLA_LATE, SLA_LATE);
	d.ended_us = at("2026-11-23 16:00");
	assert_verdicts(&d, "2026-12-01 00:00", SLA_LATE, SLA_ON_TIME);
	d.ended_us = at("2026-11-20 16:00");
	assert_verdicts(&d, "2026-12-01 00:00", SLA_ON_TIME, SLA_EARLY);
}

static void
a_second_request_for_a_supplement_is_late_nationally(void **unused)
{
	struct dossier d = processing();

	(void)unused;

	d.ended_us = at("2026-11-18 16:00");
	d.supplements = 1;
	assert_true(sla_supplement_is_used(&d));
	assert_verdicts(&d, "2026-11-18 16:00", SLA_ON_TIME, SLA_EARLY);
	d.supplements = 2;
	assert_verdicts(&d, "2026-11-18 16:00", SLA_LATE, SLA_EARLY);
}

static void
what_waits_is_in_time_while_something_was_left(void **unused)
{
	struct dossier d = waiting(DOSSIER_AWAITING_SUPPLEMENT);

	(void)unused;

	assert_verdicts(&d, "2026-12-30 10:00", SLA_ON_TIME, SLA_UNDECIDED);
	d.pause_left_us = 1;
	assert_verdicts(&d, "2026-12-30 10:00", SLA_ON_TIME, SLA_UNDECIDED);
	d.pause_left_us = 0;
	assert_verdicts(&d, "2026-12-30 10:00", SLA_LATE, SLA_UNDECIDED);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_beyond_the_calendars_end_is_refused),
		cmocka_unit_test(
		    the_clock_starts_at_acceptance_and_not_at_submission),
		cmocka_unit_test(
		    a_short_limit_is_near_due_when_a_fifth_of_it_is_left),
		cmocka_unit_test(
		    what_is_accepted_after_the_cut_off_hour_is_the_next_days),
		cmocka_unit_test(an_extension_counts_from_acceptance_too),
		cmocka_unit_test(an_extension_adds_what_the_pauses_took),
		cmocka_unit_test(a_limit_that_is_no_longer_moves_nothing),
		cmocka_unit_test(assigning_leaves_the_clock_alone),
		cmocka_unit_test(a_pause_keeps_the_working_time_that_is_left),
		cmocka_unit_test(a_pause_gives_back_what_was_left_when_it_ends),
		cmocka_unit_test(
		    a_pause_that_ends_at_night_counts_from_the_next_morning),
		cmocka_unit_test(a_pause_moves_the_due_date_by_what_it_took),
		cmocka_unit_test(
		    who_comes_back_with_little_left_is_told_at_once),
		cmocka_unit_test(who_comes_back_late_is_overdue_alone),
		cmocka_unit_test(
		    a_pause_at_intake_stops_the_clock_of_the_answer_alone),
		cmocka_unit_test(
		    paying_at_intake_begins_the_time_for_an_answer_anew),
		cmocka_unit_test(
		    a_supplement_at_intake_gives_back_what_was_left),
		cmocka_unit_test(near_due_is_when_the_procedure_says),
		cmocka_unit_test(an_apology_is_due_a_working_day_ahead),
		cmocka_unit_test(
		    each_level_of_escalation_is_later_than_it_was_due),
		cmocka_unit_test(a_level_beyond_the_calendars_end_is_none),
		cmocka_unit_test(
		    a_fee_is_reminded_of_three_times_and_a_supplement_is_not),
		cmocka_unit_test(
		    paying_gives_back_what_was_left_where_the_procedure_says_so),
		cmocka_unit_test(
		    a_decision_holds_the_clock_and_gives_back_what_was_left),
		cmocka_unit_test(
		    who_takes_over_what_is_held_lets_it_stand_still),
		cmocka_unit_test(
		    what_ends_while_it_is_held_is_due_as_it_would_be),
		cmocka_unit_test(an_end_keeps_the_due_date_to_be_measured_by),
		cmocka_unit_test(
		    an_end_in_a_pause_closes_it_and_is_due_as_it_would_be),
		cmocka_unit_test(a_refusal_has_no_due_date),
		cmocka_unit_test(returning_does_not_end_it_a_second_time),
		cmocka_unit_test(nothing_is_judged_before_acceptance),
		cmocka_unit_test(the_rules_differ_on_the_day_that_it_is_due),
		cmocka_unit_test(
		    a_second_request_for_a_supplement_is_late_nationally),
		cmocka_unit_test(
		    what_waits_is_in_time_while_something_was_left),
	};

	return cmocka_run_group_tests(tests, make_week, free_week);
}
