/*
 * What another calendar does to dates that were counted by the one before.
 * The week is that of tests/unit/week.h; the other one has a day off more, on
 * Wednesday the 18th, and no other difference.
 */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "gateway/step_plan.h"
#include "tests/unit/week.h"

#define ROUNDS 20000

struct calendars {
	void *week;
	struct calendar *shorter;
};

static int
make_both(void **state)
{
	static struct calendars both;
	struct calendar_hours hours[10];
	const struct calendar_day off = { .day = clock_vn_day(
					      at("2026-11-18 12:00")) };

	for (int i = 0; i < 10; i++)
		hours[i] = (struct calendar_hours){
			clock_vn_day(at("2026-11-01 12:00")), i / 2 + 1,
			i % 2 == 0 ? 27000 : 46800, i % 2 == 0 ? 41400 : 61200
		};
	both.shorter = calendar_make(&(struct calendar_rows){
	    .own = { hours, nitems(hours), &off, 1 },
	    .first = clock_vn_day(at("2026-11-01 12:00")),
	    .last = clock_vn_day(at("2026-12-31 12:00")),
	});
	*state = &both;
	return make_week(&both.week);
}

static int
free_both(void **state)
{
	struct calendars *both = *state;

	calendar_free(both->shorter);
	return free_week(&both->week);
}

static struct sla_plan
recounted(const struct calendar *c, const struct dossier *d,
    const struct sla_since *since, const char *now)
{
	struct sla_plan p;

	assert_true(sla_recount(c, d, since, at(now), &p));
	return p;
}

static void
a_day_off_moves_what_is_due_after_it_and_keeps_the_clock_time(void **state)
{
	const struct calendars *both = *state;
	const struct dossier d = processing();
	const struct sla_since since = { 0 };
	struct sla_plan p =
	    recounted(both->shorter, &d, &since, "2026-11-19 09:00");

	assert_true(p.turns);
	assert_int_equal(p.due_us, at("2026-11-24 10:00"));
	assert_int_equal(p.original_due_us, 0);
	assert_string_equal(p.timer[0].kind, "near-due");
	assert_int_equal(p.timer[0].at_us, at("2026-11-23 10:00"));
	assert_false(
	    recounted(both->week, &d, &since, "2026-11-19 09:00").turns);
}

static void
a_date_that_has_come_stays(void **state)
{
	const struct calendars *both = *state;
	const struct dossier d = processing();
	const struct sla_since since = { 0 };

	assert_false(
	    recounted(both->shorter, &d, &since, "2026-11-23 10:00").turns);
	assert_true(
	    recounted(both->shorter, &d, &since, "2026-11-23 09:59").turns);
}

static void
a_date_moves_to_the_front_only_while_that_is_ahead(void **state)
{
	const struct calendars *both = *state;
	const struct sla_since since = { 0 };
	struct dossier d = processing();

	d.due_us = at("2026-11-24 10:00");
	assert_int_equal(
	    recounted(both->week, &d, &since, "2026-11-23 09:59").due_us,
	    at("2026-11-23 10:00"));
	assert_false(
	    recounted(both->week, &d, &since, "2026-11-23 10:00").turns);
}

static void
what_went_on_counts_from_the_end_of_the_pause(void **state)
{
	const struct calendars *both = *state;
	struct sla_since since = { at("2026-11-17 10:00"), 4 * DAY_US, false,
		NULL, 0 };
	const struct dossier d = processing();

	assert_int_equal(
	    recounted(both->shorter, &d, &since, "2026-11-19 09:00").due_us,
	    at("2026-11-24 10:00"));
	since.went_on_us = at("2026-11-19 10:00");
	since.left_us = 2 * DAY_US;
	assert_false(
	    recounted(both->shorter, &d, &since, "2026-11-19 11:00").turns);
}

static void
an_extension_since_then_counts_too(void **state)
{
	const struct calendars *both = *state;
	const struct dossier_extension longer = { "complex", 8, "working-day" };
	const struct sla_since since = { 0, 0, false, &longer, 1 };
	struct dossier d = processing();

	d.due_us = at("2026-11-26 10:00");
	assert_int_equal(
	    recounted(both->shorter, &d, &since, "2026-11-19 09:00").due_us,
	    at("2026-11-27 10:00"));
}

/* Wednesday was counted as worked; the time of it is given back. */
static void
a_clock_that_stands_still_regains_what_a_day_off_took(void **state)
{
	const struct calendars *both = *state;
	const struct sla_since since = { 0 };
	struct dossier d = waiting(DOSSIER_AWAITING_SUPPLEMENT);
	struct sla_plan p;

	d.pause_began_us = at("2026-11-19 10:00");
	d.pause_left_us = 2 * DAY_US;
	p = recounted(both->shorter, &d, &since, "2026-11-20 09:00");
	assert_false(p.turns);
	assert_int_equal(p.left_us, 3 * DAY_US);
	d.pause_left_us = 4 * DAY_US;
	assert_int_equal(
	    recounted(both->shorter, &d, &since, "2026-11-20 09:00").left_us,
	    0);
	d.pause_left_us = 0;
	assert_int_equal(
	    recounted(both->shorter, &d, &since, "2026-11-20 09:00").left_us,
	    0);
}

static void
an_answer_counts_from_receipt_or_anew_from_the_fee(void **state)
{
	const struct calendars *both = *state;
	struct dossier d = registered();
	struct sla_since since = { 0 };
	struct sla_plan p;

	d.received_us = at("2026-11-17 15:00");
	d.intake_due_us = at("2026-11-18 15:00");
	p = recounted(both->shorter, &d, &since, "2026-11-18 09:00");
	assert_int_equal(p.intake_due_us, at("2026-11-19 15:00"));
	assert_string_equal(p.timer[0].kind, "intake");

	since = (struct sla_since){ at("2026-11-17 16:00"), HOUR_US, true, NULL,
		0 };
	p = recounted(both->shorter, &d, &since, "2026-11-18 09:00");
	assert_int_equal(p.intake_due_us, at("2026-11-19 16:00"));
}

static void
what_has_ended_is_not_counted(void **state)
{
	const struct calendars *both = *state;
	const struct sla_since since = { 0 };
	struct dossier d = processing();

	d.at.state = DOSSIER_RESOLVED;
	d.ended_us = at("2026-11-17 12:00");
	assert_false(
	    recounted(both->shorter, &d, &since, "2026-11-17 13:00").turns);
}

static void
an_open_step_moves_or_regains_what_was_left(void **state)
{
	const struct calendars *both = *state;
	struct step_since since = { 2, "working-day", 0, 0 };
	struct dossier_at_step s = { .seq = 1,
		.began_us = at("2026-11-17 10:00"),
		.due_us = at("2026-11-19 10:00") };
	int64_t now_us = at("2026-11-18 09:00");
	struct step_recounted r;

	assert_true(step_recount(both->shorter, &s, &since, now_us, &r));
	assert_true(r.turns);
	assert_int_equal(r.due_us, at("2026-11-20 10:00"));

	since.left_us = -1;
	assert_true(step_recount(both->shorter, &s, &since, now_us, &r));
	assert_false(r.turns);

	since.left_us = 0;
	s.due_us = 0;
	s.paused_us = at("2026-11-19 08:00");
	s.left_us = 2 * HOUR_US;
	assert_true(step_recount(both->shorter, &s, &since, now_us, &r));
	assert_true(r.turns);
	assert_int_equal(r.due_us, 0);
	assert_int_equal(r.left_us, 10 * HOUR_US);
}

/* ---- whatever happened before ---- */

/* Moves d, and keeps what recount.sql reads of the record. */
static void
happen(const struct calendar *c, struct dossier *d, struct sla_since *since,
    struct dossier_move *m)
{
	struct sla_plan p;

	m->d = d;
	if (!dossier_next(d->at, m->event, &m->to) || !sla_plan(c, m, &p))
		return;
	d->at = (struct dossier_place){ m->to,
		dossier_phase_after(d->at.phase, m->event) };
	if (m->event == DOSSIER_EV_ACCEPT) {
		d->accepted_us = m->at_us;
		*since = (struct sla_since){ .extension = since->extension };
	}
	if (p.closes) {
		*since = (struct sla_since){ m->at_us, d->pause_left_us,
			m->event == DOSSIER_EV_PAID && d->accepted_us == 0 &&
			    d->intake_restarts,
			since->extension, 0 };
		d->paused_us += d->accepted_us == 0 ? 0 : p.working_us;
		d->pause_began_us = 0;
	}
	if (p.opens) {
		d->pause_began_us = m->at_us;
		d->pause_left_us = p.left_us;
	}
	if (m->event == DOSSIER_EV_EXTEND)
		since->extension_count = 1;
	d->due_us = p.due_us;
	if (p.original_due_us != 0)
		d->original_due_us = p.original_due_us;
	if (p.intake_due_us != 0)
		d->intake_due_us = p.intake_due_us;
}

static void
over_the_same_calendar_nothing_moves(void **state)
{
	static const char *const units[] = { "working-hour", "working-day",
		"day", "same-day" };
	const struct calendars *both = *state;
	const struct dossier_extension longer = { "complex", 12, "day" };
	unsigned seed = 16;

	for (int round = 0; round < ROUNDS; round++) {
		struct sla_since since = { .extension = &longer };
		struct dossier d = registered();
		struct sla_plan p;

		d.limit_amount = rand_r(&seed) % 6 + 1;
		memccpy(d.limit_unit,
		    units[(unsigned)rand_r(&seed) % nitems(units)], '\0',
		    sizeof(d.limit_unit));
		for (int64_t now_us = d.received_us;
		     now_us < at("2026-11-28 00:00");
		     now_us += rand_r(&seed) % (40 * HOUR_SEC) * CLOCK_SEC_US +
			       rand_r(&seed) % CLOCK_SEC_US) {
			struct dossier_move m = { .at_us = now_us,
				.event = (enum dossier_event)(
				    rand_r(&seed) % DOSSIER_EVENT_COUNT),
				.extension = &longer };

			happen(both->week, &d, &since, &m);
			assert_true(
			    sla_recount(both->week, &d, &since, now_us, &p));
			assert_false(p.turns);
			assert_int_equal(p.left_us, 0);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_day_off_moves_what_is_due_after_it_and_keeps_the_clock_time),
		cmocka_unit_test(a_date_that_has_come_stays),
		cmocka_unit_test(
		    a_date_moves_to_the_front_only_while_that_is_ahead),
		cmocka_unit_test(what_went_on_counts_from_the_end_of_the_pause),
		cmocka_unit_test(an_extension_since_then_counts_too),
		cmocka_unit_test(
		    a_clock_that_stands_still_regains_what_a_day_off_took),
		cmocka_unit_test(
		    an_answer_counts_from_receipt_or_anew_from_the_fee),
		cmocka_unit_test(what_has_ended_is_not_counted),
		cmocka_unit_test(an_open_step_moves_or_regains_what_was_left),
		cmocka_unit_test(over_the_same_calendar_nothing_moves),
	};

	return cmocka_run_group_tests(tests, make_both, free_both);
}
