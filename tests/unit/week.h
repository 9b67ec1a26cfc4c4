#ifndef TESTS_UNIT_WEEK_H
#define TESTS_UNIT_WEEK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/clock.h"
#include "gateway/calendar.h"
#include "gateway/dossier.h"
#include "gateway/sla_plan.h"
#include "gateway/sla_verdict.h"

/*
 * A week to count in, Monday to Friday, 07:30-11:30 and 13:00-17:00, and
 * dossiers in it, for tests of what a move does to a clock.  Each test is one
 * file, so this is all inline.
 */
#define HOUR_SEC INT64_C(3600)
#define HOUR_US  (HOUR_SEC * CLOCK_SEC_US)
#define DAY_US   (CALENDAR_DAY_SEC * CLOCK_SEC_US)

static inline int64_t
at(const char *s)
{
	char text[40];
	int64_t us;

	snprintf(text, sizeof(text), "%.10sT%s:00+07:00", s, s + 11);
	assert_true(clock_parse_rfc3339(text, &us));
	return us;
}

static inline int
make_week(void **state)
{
	struct calendar_hours hours[10];
	struct calendar_rows rows = { .own = {
					  .hours = hours, .hours_count = 10 } };

	rows.first = clock_vn_day(at("2026-11-01 12:00"));
	rows.last = clock_vn_day(at("2026-12-31 12:00"));
	for (int i = 0; i < 10; i++)
		hours[i] = (struct calendar_hours){ rows.first, i / 2 + 1,
			i % 2 == 0 ? 27000 : 46800,
			i % 2 == 0 ? 41400 : 61200 };
	*state = calendar_make(&rows);
	return 0;
}

static inline int
free_week(void **state)
{
	calendar_free(*state);
	return 0;
}

/* Registered on Monday at 08:00, so that an answer is due a day later. */
static inline struct dossier
registered(void)
{
	return (struct dossier){
		.at = { DOSSIER_REGISTERED, DOSSIER_INTAKE },
		.received_us = at("2026-11-16 08:00"),
		.intake_due_us = at("2026-11-17 08:00"),
		.intake_amount = 8,
		.intake_unit = "working-hour",
		.intake_restarts = true,
		.limit_amount = 5,
		.limit_unit = "working-day",
	};
}

/* Accepted on Monday at 10:00 and in work; due on the next Monday. */
static inline struct dossier
processing(void)
{
	struct dossier d = registered();

	d.at.state = DOSSIER_PROCESSING;
	d.at.phase = DOSSIER_WORK;
	d.accepted_us = at("2026-11-16 10:00");
	d.due_us = d.original_due_us = at("2026-11-23 10:00");
	return d;
}

/* The same, waiting since Tuesday at 10:00: four days are left. */
static inline struct dossier
waiting(enum dossier_state state)
{
	struct dossier d = processing();

	d.at.state = state;
	d.due_us = 0;
	d.pause_began_us = at("2026-11-17 10:00");
	d.pause_left_us = 4 * DAY_US;
	d.pauses = 1;
	return d;
}

static inline struct sla_plan
plan_at(void **week, const struct dossier *d, enum dossier_event ev,
    int64_t when_us)
{
	struct dossier_move m = { .d = d, .event = ev, .at_us = when_us };
	struct sla_plan p;

	assert_true(dossier_next(d->at, ev, &m.to));
	assert_true(sla_plan(*week, &m, &p));
	return p;
}

static inline struct sla_plan
plan(void **week, const struct dossier *d, enum dossier_event ev,
    const char *when)
{
	return plan_at(week, d, ev, at(when));
}

#endif /* TESTS_UNIT_WEEK_H */
