/*
 * Working time against a slow and obvious reference, which asks of each
 * minute whether it is worked.  The seed is printed; SEED=n runs it again.
 */
#include "gateway/calendar.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"

#define MINUTE_US INT64_C(60000000)

/* Mon to Fri 07:30-11:30 and 13:00-17:00, of November and December 2026; the
 * 24th of November is off, Saturday the 28th makes up for it, like a Tuesday.
 */
static struct calendar_hours week[10];
static const struct calendar_day november[] = {
	{ .works = false },
	{ .works = true, .like_weekday = 2 },
};

static int64_t
day(const char *date)
{
	struct clock_date d;

	assert_true(clock_parse_date(date, &d));
	return clock_days(d);
}

/* "2026-11-23 10:20" in Vietnam. */
static int64_t
at(const char *s)
{
	char text[40];
	int64_t us;

	snprintf(text, sizeof(text), "%.10sT%s:00+07:00", s, s + 11);
	assert_true(clock_parse_rfc3339(text, &us));
	return us;
}

static int
make_november(void **state)
{
	struct calendar_day days[2];
	struct calendar_rows rows = { .own = { week, 10, days, 2 } };

	memcpy(days, november, sizeof(days));
	for (int i = 0; i < 10; i++)
		week[i] = (struct calendar_hours){ day("2026-01-01"), i / 2 + 1,
			i % 2 == 0 ? 7 * 3600 + 1800 : 13 * 3600,
			i % 2 == 0 ? 11 * 3600 + 1800 : 17 * 3600 };
	days[0].day = day("2026-11-24");
	days[1].day = day("2026-11-28");
	rows.first = day("2026-11-01");
	rows.last = day("2026-12-31");
	*state = calendar_make(&rows);
	return 0;
}

static int
free_november(void **state)
{
	calendar_free(*state);
	return 0;
}

static void
assert_due(const struct calendar *c, const char *from, int amount,
    const char *unit, const char *due)
{
	int64_t us;

	assert_true(calendar_due(c, at(from), amount, unit, &us));
	assert_int_equal(us, at(due));
}

static void
a_due_date_beyond_the_end_is_refused(void **state)
{
	int64_t us = 7;

	assert_false(calendar_after(*state, at("2026-12-31 16:59"), 120, &us));
	assert_false(calendar_due(
	    *state, at("2026-12-31 10:00"), 1, "working-day", &us));
	assert_false(
	    calendar_due(*state, at("2026-12-31 10:00"), 1, "day", &us));
	assert_int_equal(us, 7);
}

static void
a_calendar_without_hours_has_no_working_time(void **unused)
{
	struct calendar_rows rows = { .first = 20000, .last = 20100 };
	struct calendar *c = calendar_make(&rows);
	int64_t us;

	(void)unused;

	assert_int_equal(
	    calendar_elapsed(c, 0, 20100 * CLOCK_DAY_SEC * CLOCK_SEC_US), 0);
	assert_false(calendar_after(c, 0, 0, &us));
	assert_false(calendar_is_working_day(c, 20050));
	calendar_free(c);
}

static void
a_working_day_keeps_the_clock_time(void **state)
{
	assert_due(
	    *state, "2026-11-16 10:20", 1, "working-day", "2026-11-17 10:20");
	assert_due(
	    *state, "2026-11-16 10:20", 4, "working-day", "2026-11-20 10:20");
}

static void
a_weekend_is_passed_over(void **state)
{
	assert_due(
	    *state, "2026-11-20 16:30", 1, "working-day", "2026-11-23 16:30");
}

static void
a_holiday_is_passed_over_and_its_make_up_day_is_worked(void **state)
{
	assert_due(
	    *state, "2026-11-23 10:00", 1, "working-day", "2026-11-25 10:00");
	assert_due(
	    *state, "2026-11-27 10:00", 1, "working-day", "2026-11-28 10:00");
	assert_true(calendar_is_working_day(*state, day("2026-11-28")));
	assert_false(calendar_is_working_day(*state, day("2026-11-24")));
	assert_false(calendar_is_working_day(*state, day("2026-11-29")));
}

static void
an_instant_outside_hours_is_the_next_working_one(void **state)
{
	assert_due(
	    *state, "2026-11-16 06:00", 1, "working-hour", "2026-11-16 08:30");
	assert_due(
	    *state, "2026-11-16 12:15", 1, "working-hour", "2026-11-16 14:00");
	assert_due(
	    *state, "2026-11-16 19:00", 1, "working-hour", "2026-11-17 08:30");
	assert_due(
	    *state, "2026-11-21 09:00", 1, "working-day", "2026-11-25 07:30");
}

static void
what_would_end_at_closing_time_ends_at_the_next_opening(void **state)
{
	assert_due(
	    *state, "2026-11-16 07:30", 8, "working-hour", "2026-11-17 07:30");
	assert_due(
	    *state, "2026-11-16 10:30", 1, "working-hour", "2026-11-16 13:00");
}

static void
a_limit_of_the_same_day_ends_when_the_office_closes(void **state)
{
	assert_due(
	    *state, "2026-11-16 09:00", 1, "same-day", "2026-11-16 17:00");
	assert_due(
	    *state, "2026-11-16 06:00", 1, "same-day", "2026-11-16 17:00");
	assert_due(
	    *state, "2026-11-16 18:00", 1, "same-day", "2026-11-17 17:00");
	assert_due(
	    *state, "2026-11-20 09:00", 2, "same-day", "2026-11-23 17:00");
}

static void
calendar_days_roll_forward_off_days_off(void **state)
{
	assert_due(*state, "2026-11-16 10:00", 3, "day", "2026-11-19 10:00");
	assert_due(*state, "2026-11-17 10:00", 4, "day", "2026-11-23 10:00");
	assert_due(*state, "2026-11-17 10:00", 7, "day", "2026-11-25 10:00");
}

static void
a_month_ends_on_the_same_date_or_on_its_months_last(void **unused)
{
	struct calendar_hours all[7];
	struct calendar_rows rows = { .own = {
					  .hours = all, .hours_count = 7 } };
	struct calendar *c;

	(void)unused;

	rows.first = day("2027-01-01");
	rows.last = day("2028-12-31");
	for (int i = 0; i < 7; i++)
		all[i] = (struct calendar_hours){ rows.first, i + 1, 0, 86400 };
	c = calendar_make(&rows);
	assert_due(c, "2027-03-15 10:00", 1, "month", "2027-04-15 10:00");
	assert_due(c, "2027-01-31 10:00", 1, "month", "2027-02-28 10:00");
	assert_due(c, "2028-01-31 10:00", 1, "month", "2028-02-29 10:00");
	assert_due(c, "2027-11-30 10:00", 3, "month", "2028-02-29 10:00");
	calendar_free(c);
}

static void
the_latest_hours_that_have_begun_hold(void **unused)
{
	/* Mondays of an hour; then, from the 16th, Mondays of four. */
	struct calendar_hours hours[] = {
		{ day("2026-11-01"), 1, 8 * 3600, 9 * 3600 },
		{ day("2026-11-16"), 1, 8 * 3600, 12 * 3600 },
	};
	struct calendar_rows rows = { .own = { hours, 2, NULL, 0 } };
	struct calendar *c;

	(void)unused;

	rows.first = day("2026-11-01");
	rows.last = day("2026-11-30");
	c = calendar_make(&rows);
	assert_int_equal(
	    calendar_elapsed(c, at("2026-11-09 00:00"), at("2026-11-10 00:00")),
	    3600);
	assert_int_equal(
	    calendar_elapsed(c, at("2026-11-16 00:00"), at("2026-11-17 00:00")),
	    4 * 3600);
	calendar_free(c);
}

/* The afternoon of the 18th and, in the base, the 19th; the 20th is off there
 * and worked from 08:00 to 10:00 here. */
static void
closures_of_both_add_up_and_a_make_up_day_of_its_own_wins(void **unused)
{
	const struct calendar_span afternoon = { 12 * 3600, 18 * 3600 };
	const struct calendar_span two_hours = { 8 * 3600, 10 * 3600 };
	const struct calendar_day here[] = {
		{ day("2026-11-18"), false, 0, &afternoon, 1 },
		{ day("2026-11-20"), true, 0, &two_hours, 1 },
	};
	const struct calendar_day there[] = {
		{ .day = day("2026-11-19") },
		{ .day = day("2026-11-20") },
	};
	const struct calendar_base bases[] = {
		{ day("2026-11-17"), { week, 10, there, 2 } },
	};
	const struct calendar_rows rows = { { NULL, 0, here, 2 }, bases, 1,
		day("2026-11-01"), day("2026-11-30") };
	struct calendar *c = calendar_make(&rows);

	(void)unused;

	assert_int_equal(
	    calendar_elapsed(c, at("2026-11-16 00:00"), at("2026-11-17 00:00")),
	    0); /* the base with its hours begins a day later */
	assert_due(
	    c, "2026-11-17 10:30", 10, "working-hour", "2026-11-20 09:00");
	assert_due(c, "2026-11-18 13:00", 2, "same-day", "2026-11-23 17:00");
	assert_due(
	    c, "2026-11-20 09:00", 2, "working-hour", "2026-11-23 08:30");
	assert_false(calendar_is_working_day(c, day("2026-11-19")));
	calendar_free(c);
}

/* The reference. */
static uint64_t seed;

static int64_t
random_below(int64_t n)
{
	/* splitmix64 */
	uint64_t z = (seed += UINT64_C(0x9e3779b97f4a7c15));

	z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
	return (int64_t)((z ^ (z >> 31)) % (uint64_t)n);
}

/* What a calendar or a base of it says; and how that is asked minute by
 * minute. */
struct part {
	struct calendar_hours hours[64];
	struct calendar_day days[64];
	struct calendar_span spans[64][2];
	struct calendar_own own;
};

struct model {
	struct part here, there[2];
	struct calendar_base bases[2];
	struct calendar_rows rows;
};

static void
make_hours(struct part *m, int64_t from_day)
{
	for (int weekday = 1; weekday <= 7; weekday++) {
		int minute = (int)random_below(600);

		if (random_below(4) == 0)
			continue;
		for (int i = 0; i < 3 && minute < 1300; i++) {
			int len = 1 + (int)random_below(240);

			if (minute + len > 1440)
				len = 1440 - minute;
			m->hours[m->own.hours_count++] =
			    (struct calendar_hours){ from_day, weekday,
				    minute * 60, (minute + len) * 60 };
			minute += len + (int)random_below(90);
		}
	}
}

static size_t
make_spans(struct calendar_span *s)
{
	int minute = (int)random_below(700);
	size_t n = (size_t)random_below(3);

	for (size_t i = 0; i < n; i++) {
		s[i].opens = (minute + (int)random_below(100)) * 60;
		s[i].closes = s[i].opens + 60 * (1 + (int)random_below(200));
		minute = s[i].closes / 60;
	}
	return n;
}

static void
make_part(struct part *m, bool with_hours)
{
	m->own = (struct calendar_own){ .hours = m->hours, .days = m->days };
	if (with_hours) {
		make_hours(m, 20000 - random_below(30));
		make_hours(m, 20020 + random_below(40));
	}
	for (int64_t d = 20000; d <= 20120; d++) {
		size_t i = m->own.days_count;

		if (random_below(5) != 0 || i == 64)
			continue;
		m->days[i] = (struct calendar_day){ d, random_below(3) == 0,
			(int)random_below(8), m->spans[i],
			make_spans(m->spans[i]) };
		m->own.days_count++;
	}
}

static void
make_model(struct model *m)
{
	int64_t from = 20000 - 10 + random_below(60);

	*m = (struct model){ .rows = { .first = 20000, .last = 20120 } };
	make_part(&m->here, random_below(3) != 0);
	m->rows.own = m->here.own;
	m->rows.bases = m->bases;
	m->rows.bases_count = (size_t)random_below(3);
	for (size_t i = 0; i < m->rows.bases_count; i++) {
		make_part(&m->there[i], true);
		m->bases[i] = (struct calendar_base){ from, m->there[i].own };
		from += 1 + random_below(60);
	}
}

static const struct calendar_day *
said_of(const struct calendar_own *o, int64_t d)
{
	for (size_t i = 0; i < o->days_count; i++)
		if (o->days[i].day == d)
			return &o->days[i];
	return NULL;
}

static bool
is_in_spans(const struct calendar_day *day, int64_t sec)
{
	for (size_t i = 0; i < day->span_count; i++)
		if (day->spans[i].opens <= sec && sec < day->spans[i].closes)
			return true;
	return false;
}

static bool
is_shut(const struct calendar_day *day, int64_t sec)
{
	return day != NULL && !day->works &&
	       (day->span_count == 0 || is_in_spans(day, sec));
}

/* -1: nothing is said of hours yet on that day. */
static int
is_in_hours(const struct calendar_own *o, int64_t d, int weekday, int64_t sec)
{
	int64_t set = -1;

	for (size_t i = 0; i < o->hours_count; i++)
		if (o->hours[i].from_day <= d && o->hours[i].from_day > set)
			set = o->hours[i].from_day;
	for (size_t i = 0; i < o->hours_count; i++)
		if (o->hours[i].from_day == set &&
		    o->hours[i].weekday == weekday &&
		    o->hours[i].opens <= sec && sec < o->hours[i].closes)
			return 1;
	return set == -1 ? -1 : 0;
}

static bool
is_worked(const struct model *m, int64_t d, int weekday, int64_t sec)
{
	const struct calendar_own *here = &m->rows.own, *there = NULL;
	const struct calendar_day *own = said_of(here, d), *base = NULL;
	const struct calendar_day *makes = NULL;
	int worked;

	for (size_t i = 0; i < m->rows.bases_count; i++)
		if (m->bases[i].from_day <= d)
			there = &m->bases[i].own;
	if (there != NULL)
		base = said_of(there, d);
	if (own != NULL && own->works)
		makes = own;
	else if (is_shut(own, sec) || is_shut(base, sec))
		return false;
	else if (base != NULL && base->works)
		makes = base;
	if (makes != NULL && makes->span_count > 0)
		return is_in_spans(makes, sec);
	if (makes != NULL && makes->like_weekday != 0)
		weekday = makes->like_weekday;
	worked = is_in_hours(here, d, weekday, sec);
	if (worked == -1 && there != NULL)
		worked = is_in_hours(there, d, weekday, sec);
	return worked == 1;
}

static void
fill(const struct model *m, bool *worked)
{
	int weekday = 4; /* 1970-01-01 was a Thursday */

	for (int64_t d = 0; d <= m->rows.last; d++) {
		for (int64_t i = 0; d >= m->rows.first && i < 1440; i++)
			worked[(d - m->rows.first) * 1440 + i] =
			    is_worked(m, d, weekday, i * 60);
		weekday = weekday % 7 + 1;
	}
}

static void
compare(const struct model *m, const struct calendar *c, const bool *worked)
{
	int64_t base = m->rows.first * 1440 - 420;
	int64_t len = (m->rows.last - m->rows.first + 1) * 1440;
	int64_t from = random_below(len), sum = 0, want, got = 0, i;

	want = random_below(40 * 60);
	for (i = from; i < len && sum < want; i++)
		sum += worked[i];
	assert_int_equal(calendar_elapsed(c, (base + from) * MINUTE_US,
			     (base + i) * MINUTE_US),
	    sum * 60);
	for (; i < len && !worked[i]; i++)
		;
	assert_int_equal(
	    calendar_after(c, (base + from) * MINUTE_US, want * 60, &got),
	    sum == want && i < len);
	if (got != 0)
		assert_int_equal(got, (base + i) * MINUTE_US);
}

static void
it_agrees_with_asking_every_minute(void **unused)
{
	static bool worked[121 * 1440]; /* of each minute */
	const char *given = getenv("SEED");
	struct calendar *c;
	struct model m;

	(void)unused;

	seed = given == NULL ? (uint64_t)clock_now_us()
			     : strtoull(given, NULL, 10);
	print_message("SEED=%" PRIu64 "\n", seed);
	for (int round = 0; round < 8; round++) {
		make_model(&m);
		c = calendar_make(&m.rows);
		fill(&m, worked);
		for (int i = 0; i < 300; i++)
			compare(&m, c, worked);
		calendar_free(c);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_due_date_beyond_the_end_is_refused),
		cmocka_unit_test(a_calendar_without_hours_has_no_working_time),
		cmocka_unit_test(a_working_day_keeps_the_clock_time),
		cmocka_unit_test(a_weekend_is_passed_over),
		cmocka_unit_test(
		    a_holiday_is_passed_over_and_its_make_up_day_is_worked),
		cmocka_unit_test(
		    an_instant_outside_hours_is_the_next_working_one),
		cmocka_unit_test(
		    what_would_end_at_closing_time_ends_at_the_next_opening),
		cmocka_unit_test(
		    a_limit_of_the_same_day_ends_when_the_office_closes),
		cmocka_unit_test(calendar_days_roll_forward_off_days_off),
		cmocka_unit_test(
		    a_month_ends_on_the_same_date_or_on_its_months_last),
		cmocka_unit_test(the_latest_hours_that_have_begun_hold),
		cmocka_unit_test(
		    closures_of_both_add_up_and_a_make_up_day_of_its_own_wins),
		cmocka_unit_test(it_agrees_with_asking_every_minute),
	};

	return cmocka_run_group_tests(tests, make_november, free_november);
}
