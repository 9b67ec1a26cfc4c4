/* Spellings of instants, and days. */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static void
what_is_no_time_is_refused(void **unused)
{
	static const char *const bad[] = {
		"",
		"2026-11-23",
		"2026-11-23T10:20:30",
		"2026-11-23T10:20:30+0700",
		"2026-11-23T24:00:00Z",
		"2026-11-23T10:60:00Z",
		"2026-12-31T23:59:60Z",
		"2026-02-29T10:20:30Z",
		"2026-13-01T10:20:30Z",
		"2026-00-01T10:20:30Z",
		"2026-11-00T10:20:30Z",
		"0000-11-23T10:20:30Z",
		"2026-11-23T10:20:30.Z",
		"2026-11-23T10:20:30Z ",
		" 2026-11-23T10:20:30Z",
		"2026-11-23T10:20:30+24:00",
		"2026-11-23T1o:20:30Z",
	};
	int64_t us = 7;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_false(clock_parse_rfc3339(bad[i], &us));
	assert_int_equal(us, 7);
}

static void
a_time_is_read_with_its_offset_and_decimals(void **unused)
{
	static const struct {
		const char *text;
		int64_t us;
	} good[] = {
		{ "1970-01-01T00:00:00Z", 0 },
		{ "2026-11-23T03:20:30Z", INT64_C(1795404030000000) },
		{ "2026-11-23T10:20:30+07:00", INT64_C(1795404030000000) },
		{ "2026-11-22t22:50:30-04:30", INT64_C(1795404030000000) },
		{ "2026-11-23T03:20:30.5Z", INT64_C(1795404030500000) },
		{ "2026-11-23T03:20:30.000001Z", INT64_C(1795404030000001) },
		{ "2026-11-23T03:20:30.0000019Z", INT64_C(1795404030000001) },
		{ "1969-12-31T23:59:59.999999Z", -1 },
		{ "2024-02-29T00:00:00Z", INT64_C(1709164800000000) },
	};
	int64_t us;

	(void)unused;

	for (size_t i = 0; i < nitems(good); i++) {
		assert_true(clock_parse_rfc3339(good[i].text, &us));
		assert_int_equal(us, good[i].us);
	}
}

static void
what_is_written_is_read_back(void **unused)
{
	char text[CLOCK_RFC3339_LEN];
	int64_t back;

	(void)unused;

	for (int64_t us = -INT64_C(62135596800000000);
	     us < INT64_C(253402300800000000); us += INT64_C(86399123456789)) {
		clock_rfc3339(us, text);
		assert_true(clock_parse_rfc3339(text, &back));
		assert_int_equal(back, us);
	}
	clock_rfc3339(INT64_C(1795404030000006), text);
	assert_string_equal(text, "2026-11-23T03:20:30.000006Z");
}

static void
a_vietnamese_stamp_is_seven_hours_ahead(void **unused)
{
	char stamp[CLOCK_STAMP_LEN];
	int64_t us;

	(void)unused;

	clock_vn_stamp(INT64_C(1795404030000000), stamp);
	assert_string_equal(stamp, "20261123102030");
	clock_vn_stamp(INT64_C(1795453200000000) - 1, stamp);
	assert_string_equal(stamp, "20261123235959");
	assert_true(clock_parse_vn_stamp("20261123102030", &us));
	assert_int_equal(us, INT64_C(1795404030000000));
	assert_false(clock_parse_vn_stamp("2026112310203", &us));
	assert_false(clock_parse_vn_stamp("202611231020300", &us));
	assert_false(clock_parse_vn_stamp("20260229102030", &us));
	assert_false(clock_parse_vn_stamp("20261123242030", &us));
}

static void
days_and_dates_are_each_others_inverse(void **unused)
{
	struct clock_date d;

	(void)unused;

	for (int64_t n = -719162; n < 2932896; n += 13) {
		d = clock_date(n);
		assert_in_range(d.month, 1, 12);
		assert_in_range(d.day, 1, 31);
		assert_int_equal(clock_days(d), n);
	}
	assert_int_equal(clock_days((struct clock_date){ 1970, 1, 1 }), 0);
	assert_int_equal(clock_days((struct clock_date){ 2000, 3, 1 }), 11017);
}

static void
a_vietnamese_day_begins_at_its_own_midnight(void **unused)
{
	struct clock_date d;

	(void)unused;

	assert_true(clock_parse_date("2026-11-23", &d));
	assert_int_equal(
	    clock_vn_day(clock_vn_instant(clock_days(d), 0)), clock_days(d));
	assert_int_equal(clock_vn_day(clock_vn_instant(clock_days(d), 0) - 1),
	    clock_days(d) - 1);
	assert_int_equal(
	    clock_vn_instant(clock_days(d), 37230), INT64_C(1795404030000000));
	assert_false(clock_parse_date("2026-11-31", &d));
	assert_false(clock_parse_date("2026-1-01", &d));
	assert_false(clock_parse_date("2026-11-23 ", &d));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_time_is_refused),
		cmocka_unit_test(a_time_is_read_with_its_offset_and_decimals),
		cmocka_unit_test(what_is_written_is_read_back),
		cmocka_unit_test(a_vietnamese_stamp_is_seven_hours_ahead),
		cmocka_unit_test(days_and_dates_are_each_others_inverse),
		cmocka_unit_test(a_vietnamese_day_begins_at_its_own_midnight),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
