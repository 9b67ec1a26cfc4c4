/* Rates and periods: whole numbers, rounded once, Vietnamese days. */
#include "gateway/score.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"

static void
a_rate_is_rounded_once_and_half_up(void **unused)
{
	static const struct {
		int64_t num, den;
		const char *text;
	} rows[] = {
		{ 0, 7, "0.00" },
		{ 1, 3, "33.33" },
		{ 2, 3, "66.67" },
		{ 1, 8, "12.50" },
		{ 98, 100, "98.00" },
		{ 19999, 20000, "100.00" },
		{ 7, 7, "100.00" },
	};
	char out[SCORE_RATE_LEN];

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		score_rate(rows[i].num, rows[i].den, out);
		assert_string_equal(out, rows[i].text);
	}
}

static void
nothing_to_measure_has_no_rate(void **unused)
{
	char out[SCORE_RATE_LEN] = "x";

	(void)unused;

	score_rate(0, 0, out);
	assert_string_equal(out, "");
}

static void
a_period_that_is_none_is_refused(void **unused)
{
	static const char *const bad[] = { "", "26", "2026-13", "2026-00",
		"2026-Q0", "2026-Q5", "2026-1", "2026-11-31", "2026-11-23x",
		"1999", "nothing", "2026-11-23T00:00:00Z0000000000" };
	struct score_period p;
	struct err e;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		e = (struct err){ 0 };
		assert_false(score_period_read(bad[i], &p, &e));
		assert_int_equal(e.code, ERR_BAD_FIELD);
		assert_string_equal(e.pointer, "?period");
	}
}

static void
periods_begin_and_end_at_vietnamese_midnight(void **unused)
{
	static const struct {
		const char *text, *from, *to;
	} rows[] = {
		{ "2026", "2025-12-31T17:00:00Z", "2026-12-31T17:00:00Z" },
		{ "2026-Q4", "2026-09-30T17:00:00Z", "2026-12-31T17:00:00Z" },
		{ "2026-12", "2026-11-30T17:00:00Z", "2026-12-31T17:00:00Z" },
		{ "2026-11-23", "2026-11-22T17:00:00Z",
		    "2026-11-23T17:00:00Z" },
	};
	struct score_period p;
	struct err e = { 0 };
	int64_t from, to;

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		assert_true(score_period_read(rows[i].text, &p, &e));
		assert_true(clock_parse_rfc3339(rows[i].from, &from));
		assert_true(clock_parse_rfc3339(rows[i].to, &to));
		assert_int_equal(p.from_us, from);
		assert_int_equal(p.to_us, to);
	}
}

static void
only_the_listed_formulas_exist(void **unused)
{
	(void)unused;

	assert_true(score_formula_exists("on-time-by-field"));
	assert_false(score_formula_exists("on-time"));
	assert_false(score_formula_exists(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_period_that_is_none_is_refused),
		cmocka_unit_test(nothing_to_measure_has_no_rate),
		cmocka_unit_test(a_rate_is_rounded_once_and_half_up),
		cmocka_unit_test(periods_begin_and_end_at_vietnamese_midnight),
		cmocka_unit_test(only_the_listed_formulas_exist),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
