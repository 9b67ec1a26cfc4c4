/* The table of what providers' codes mean; what each does with it is tested
 * with the provider. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "adapters/pay_codes.h"
#include "base/base.h"

static void
a_code_that_fits_no_row_means_nothing(void **unused)
{
	static const char *const rows[][2] = {
		{ "dvcqg query", "2" },
		{ "dvcqg query", "" },
		{ "dvcqg query", "[1]" },
		{ "zalopay query", "0" },
		{ "vnpay querydr", "00" },
		{ "none", "0" },
		{ "", "" },
	};
	enum pay_outcome out = PAY_DOUBT;

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		assert_false(pay_code_find(rows[i][0], rows[i][1], &out));
		assert_int_equal(out, PAY_DOUBT);
	}
}

static void
the_first_row_that_fits_counts(void **unused)
{
	static const struct {
		const char *code;
		enum pay_outcome outcome;
	} rows[] = {
		{ "00/00", PAY_PAID },
		{ "07/00", PAY_DOUBT },
		{ "07/01", PAY_DOUBT },
		{ "00/01", PAY_PENDING },
		{ "00/02", PAY_DOUBT },
		{ "24/02", PAY_FAILED },
		{ "24/00", PAY_DOUBT },
		{ "00/000", PAY_DOUBT },
		{ "/", PAY_DOUBT },
	};
	enum pay_outcome out;

	(void)unused;
	for (size_t i = 0; i < nitems(rows); i++) {
		assert_true(pay_code_find("vnpay", rows[i].code, &out));
		assert_int_equal(out, rows[i].outcome);
	}
}

static void
a_refusal_of_ours_is_no_answer_about_a_refund(void **unused)
{
	static const char *const ours[] = { "10", "11", "12", "13", "20", "21",
		"22" };
	enum pay_refund_outcome out = PAY_REFUND_DONE;

	(void)unused;
	for (size_t i = 0; i < nitems(ours); i++) {
		assert_false(
		    pay_code_find_refund("momo refund", ours[i], &out));
		assert_int_equal(out, PAY_REFUND_DONE);
	}
	assert_true(pay_code_find_refund("momo refund", "14", &out));
	assert_int_equal(out, PAY_REFUND_PROCESSING);
	assert_true(pay_code_find_refund("zalopay refund", "2/-101", &out));
	assert_int_equal(out, PAY_REFUND_REJECTED);
	assert_true(
	    pay_code_find_refund("zalopay query_refund", "2/-101", &out));
	assert_int_equal(out, PAY_REFUND_ABSENT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_code_that_fits_no_row_means_nothing),
		cmocka_unit_test(the_first_row_that_fits_counts),
		cmocka_unit_test(a_refusal_of_ours_is_no_answer_about_a_refund),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
