/* Whole đồng. */
#include "base/money.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/base.h"

static void
what_is_no_plain_amount_is_refused(void **unused)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "01",
		"1.0", "1,000", "1e3", "0x10", "10000000000000",
		"99999999999999999999999" };
	struct money m = { 7 };

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_false(money_parse(bad[i], &m));
	assert_int_equal(m.dong, 7);
	assert_true(money_parse("0", &m));
	assert_true(money_parse("9999999999999", &m));
	assert_int_equal(m.dong, MONEY_MAX);
}

static void
a_sum_beyond_the_limit_is_refused(void **unused)
{
	struct money most = { MONEY_MAX }, one = { 1 }, m = { 7 };

	(void)unused;

	assert_false(money_add(most, one, &m));
	assert_false(
	    money_add((struct money){ -MONEY_MAX }, (struct money){ -1 }, &m));
	assert_false(money_make(MONEY_MAX + 1, &m));
	assert_false(money_make(INT64_MIN, &m));
	assert_int_equal(m.dong, 7);
	assert_true(money_add(most, (struct money){ -1 }, &m));
	assert_int_equal(m.dong, MONEY_MAX - 1);
}

static void
an_amount_is_written_as_vietnamese_write_it(void **unused)
{
	static const struct {
		int64_t dong;
		const char *text;
	} rows[] = {
		{ 0, "0 ₫" },
		{ 999, "999 ₫" },
		{ 1000, "1.000 ₫" },
		{ 60000, "60.000 ₫" },
		{ MONEY_MAX, "9.999.999.999.999 ₫" },
		{ -MONEY_MAX, "-9.999.999.999.999 ₫" },
	};
	char text[MONEY_TEXT_LEN];

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		money_text((struct money){ rows[i].dong }, text);
		assert_string_equal(text, rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_plain_amount_is_refused),
		cmocka_unit_test(a_sum_beyond_the_limit_is_refused),
		cmocka_unit_test(an_amount_is_written_as_vietnamese_write_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
