/* What each move does to the step that a dossier lies at. */
#include <string.h>

#include "gateway/step.h"
#include "gateway/step_plan.h"
#include "tests/unit/week.h"

static const struct step appraisal = { "appraisal", "specialist", 2,
	"working-day" };

/* In work, at reception since Monday at 10:00, for a day. */
static struct dossier
at_reception(void)
{
	struct dossier d = processing();

	d.officer = 7;
	d.step = (struct dossier_at_step){
		.seq = 1,
		.code = "reception",
		.role = "clerk",
		.began_us = at("2026-11-16 10:00"),
		.due_us = at("2026-11-17 10:00"),
	};
	return d;
}

static struct step_plan
step_planned(void **week, struct dossier_move *m, const char *when)
{
	struct step_plan p;

	m->at_us = at(when);
	m->by.n = 7;
	assert_true(dossier_next(m->d->at, m->event, &m->to));
	assert_true(step_plan(*week, m, &p));
	return p;
}

static void
a_procedure_without_steps_has_none_to_turn(void **week)
{
	struct dossier d = processing();
	struct dossier_move m = { .d = &d, .event = DOSSIER_EV_RESOLVE };
	struct step_plan p = step_planned(week, &m, "2026-11-17 10:00");

	assert_false(p.ends || p.begins || p.stops || p.goes_on);
	assert_int_equal(p.due_us, 0);
}

static void
a_step_that_would_be_due_beyond_the_calendar_is_refused(void **week)
{
	struct dossier d = at_reception();
	struct dossier_move m = { .d = &d,
		.event = DOSSIER_EV_HAND_OVER,
		.step = &appraisal,
		.at_us = at("2026-12-31 16:00") };
	struct step_plan p;

	assert_true(dossier_next(d.at, m.event, &m.to));
	assert_false(step_plan(*week, &m, &p));
}

static void
handing_over_ends_one_step_and_begins_the_next(void **week)
{
	struct dossier d = at_reception();
	struct dossier_move m = { .d = &d,
		.event = DOSSIER_EV_HAND_OVER,
		.officer = 8,
		.step = &appraisal };
	struct step_plan p = step_planned(week, &m, "2026-11-16 14:00");

	assert_true(p.ends);
	assert_string_equal(p.outcome, "handed-over");
	assert_int_equal(p.working_sec, 2 * HOUR_SEC + 1800);
	assert_false(p.late);
	assert_true(p.begins);
	assert_int_equal(p.officer, 8);
	assert_int_equal(p.taken_us, 0);
	assert_int_equal(p.due_us, at("2026-11-18 14:00"));
}

static void
what_is_offered_to_a_role_is_in_nobodys_hands(void **week)
{
	struct dossier d = at_reception();
	struct dossier_move m = { .d = &d,
		.event = DOSSIER_EV_HAND_OVER,
		.officer = DOSSIER_NOBODY,
		.step = &appraisal };
	struct step_plan p = step_planned(week, &m, "2026-11-16 14:00");

	assert_int_equal(p.officer, 0);
	assert_int_equal(p.taken_us, 0);

	d.officer = 0;
	m = (struct dossier_move){
		.d = &d, .event = DOSSIER_EV_TAKE, .officer = 7
	};
	p = step_planned(week, &m, "2026-11-16 15:00");
	assert_true(p.changes_hands);
	assert_int_equal(p.officer, 7);
	assert_int_equal(p.taken_us, at("2026-11-16 15:00"));
	assert_int_equal(p.due_us, 0);
}

static void
a_step_stands_still_with_the_dossier_and_gets_back_what_was_left(void **week)
{
	struct dossier d = at_reception();
	struct dossier_move m = { .d = &d,
		.event = DOSSIER_EV_REQUEST_SUPPLEMENT };
	struct step_plan p;

	d.step.due_us += 7;
	p = step_planned(week, &m, "2026-11-16 16:00");
	assert_true(p.stops);
	assert_int_equal(p.left_us, 3 * HOUR_US + HOUR_US / 2 + 7);
	assert_int_equal(p.due_us, 0);

	d.at.state = DOSSIER_AWAITING_SUPPLEMENT;
	d.step.due_us = 0;
	d.step.paused_us = at("2026-11-16 16:00");
	d.step.left_us = p.left_us;
	m = (struct dossier_move){ .d = &d, .event = DOSSIER_EV_SUPPLEMENT };
	p = step_planned(week, &m, "2026-11-18 07:30");
	assert_true(p.goes_on);
	assert_int_equal(p.paused_sec, 9 * HOUR_SEC);
	assert_int_equal(p.due_us, at("2026-11-18 11:00") + 7);
}

static void
what_was_paused_is_taken_off_the_working_time(void **week)
{
	struct dossier d = at_reception();
	struct dossier_move m = { .d = &d, .event = DOSSIER_EV_RESOLVE };
	struct step_plan p;

	d.step.paused_sec = 9 * HOUR_SEC;
	d.step.due_us = at("2026-11-18 11:00");
	p = step_planned(week, &m, "2026-11-18 11:01");
	assert_true(p.ends);
	assert_string_equal(p.outcome, "ended");
	/* 5:30 on Monday, 8 on Tuesday, 3:31 on Wednesday; 9 of them paused. */
	assert_int_equal(p.working_sec, 8 * HOUR_SEC + 60);
	assert_true(p.late);
}

static void
an_end_in_a_pause_takes_the_open_pause_off_too(void **week)
{
	struct dossier d = at_reception();
	struct dossier_move m = { .d = &d, .event = DOSSIER_EV_STOP };
	struct step_plan p;

	d.at.state = DOSSIER_AWAITING_SUPPLEMENT;
	d.step.due_us = 0;
	d.step.paused_us = at("2026-11-16 11:00");
	d.step.left_us = 7 * HOUR_US;
	p = step_planned(week, &m, "2026-11-19 15:00");
	assert_int_equal(p.working_sec, HOUR_SEC);
	assert_false(p.late);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_procedure_without_steps_has_none_to_turn),
		cmocka_unit_test(
		    a_step_that_would_be_due_beyond_the_calendar_is_refused),
		cmocka_unit_test(
		    handing_over_ends_one_step_and_begins_the_next),
		cmocka_unit_test(what_is_offered_to_a_role_is_in_nobodys_hands),
		cmocka_unit_test(
		    a_step_stands_still_with_the_dossier_and_gets_back_what_was_left),
		cmocka_unit_test(what_was_paused_is_taken_off_the_working_time),
		cmocka_unit_test(
		    an_end_in_a_pause_takes_the_open_pause_off_too),
	};

	return cmocka_run_group_tests(tests, make_week, free_week);
}
