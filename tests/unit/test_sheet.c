/* A table that somebody else exported: read as its format says, or not at all.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/sheet.h"

enum { COL_TXN, COL_AMOUNT, COL_FEE };

static const struct json_field columns[] = {
	[COL_TXN] = { "transaction", JSON_KIND_TEXT, true, 1, 100, false,
	    NULL },
	[COL_AMOUNT] = { "amount", JSON_KIND_TEXT, true, 1, 100, false, NULL },
	[COL_FEE] = { "fee", JSON_KIND_TEXT, false, 1, 100, false, NULL },
};

#define TITLES "\"columns\":{\"transaction\":\"Mã\",\"amount\":\"Số tiền\"}"

struct read {
	struct json *format;
	struct sheet_form form;
	struct sheet *sheet;
	struct err e;
};

static bool
begin(struct read *r, const char *format, const char *text)
{
	memset(r, 0, sizeof(*r));
	assert_true(json_parse(format, strlen(format), &r->format, &r->e));
	r->form = (struct sheet_form){ r->format, columns, nitems(columns),
		COL_AMOUNT };
	return sheet_check(&r->form, NULL, 0, &r->e) &&
	       sheet_open(&r->form, text, strlen(text), &r->sheet, &r->e);
}

static void
end(struct read *r)
{
	sheet_free(r->sheet);
	json_free(r->format);
}

static void
rows_are_read_by_the_titles_of_their_columns(void **unused)
{
	struct read r;
	int64_t amount;

	(void)unused;

	assert_true(begin(&r, "{\"thousands\":\".\"," TITLES "}",
	    "Số tiền,x,Mã\n60.000,,\"A,1\"\n,,B\n"));
	assert_true(sheet_next(r.sheet, &r.e));
	assert_int_equal(sheet_line(r.sheet), 2);
	assert_string_equal(sheet_cell(r.sheet, COL_TXN), "A,1");
	assert_true(sheet_amount(r.sheet, COL_AMOUNT, &amount));
	assert_int_equal(amount, 60000);
	assert_true(sheet_amount(r.sheet, COL_FEE, &amount));
	assert_int_equal(amount, 0);
	assert_true(sheet_next(r.sheet, &r.e));
	assert_false(sheet_amount(r.sheet, COL_AMOUNT, &amount));
	assert_false(sheet_next(r.sheet, &r.e));
	assert_int_equal(r.e.code, ERR_NONE);
	end(&r);
}

static void
lines_before_the_header_are_skipped_where_the_format_says_so(void **unused)
{
	struct read r;

	(void)unused;

	assert_true(begin(&r, "{\"skip\":2," TITLES "}",
	    "SAO KÊ\n\"Tài khoản\",1\nMã,Số tiền\nA,1\n"));
	assert_true(sheet_next(r.sheet, &r.e));
	assert_int_equal(sheet_line(r.sheet), 4);
	end(&r);

	assert_false(begin(&r, "{\"skip\":2," TITLES "}", "Mã,Số tiền\n"));
	assert_int_equal(r.e.code, ERR_UNREADABLE);
	end(&r);
}

static void
a_header_that_is_not_known_is_refused_with_what_was_expected(void **unused)
{
	struct read r;

	(void)unused;

	assert_false(begin(&r, "{" TITLES "}", "Mã,So tien\nA,1\n"));
	assert_int_equal(r.e.code, ERR_UNREADABLE);
	assert_string_equal(
	    r.e.detail, "line 1: no column Số tiền; expected: Mã, Số tiền");
	end(&r);

	assert_false(begin(&r, "{" TITLES "}", "Mã,Số tiền,Mã\nA,1,B\n"));
	assert_string_equal(
	    r.e.detail, "line 1: twice the column Mã; expected: Mã, Số tiền");
	end(&r);
}

static void
the_last_line_has_to_be_there_and_to_be_the_sum(void **unused)
{
	static const char *const bad[] = {
		"Mã,Số tiền\nA,1\nB,2\n",
		"Mã,Số tiền\nA,1\nB,2\nCộng,4\n",
		"Mã,Số tiền\nA,1\nB,2\nCộng\n",
		"Mã,Số tiền\nA,1\nB,2\nCộng,3\nC,1\n",
	};
	struct read r;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		assert_true(
		    begin(&r, "{\"total\":\"Cộng\"," TITLES "}", bad[i]));
		while (sheet_next(r.sheet, &r.e))
			;
		assert_int_equal(r.e.code, ERR_UNREADABLE);
		end(&r);
	}
}

static void
a_format_that_says_what_it_may_not_is_refused_by_name(void **unused)
{
	struct read r;

	(void)unused;

	assert_false(begin(&r, "{\"seperator\":\";\"," TITLES "}", ""));
	assert_int_equal(r.e.code, ERR_UNKNOWN_FIELD);
	assert_string_equal(r.e.pointer, "/seperator");
	end(&r);

	assert_false(begin(&r, "{\"columns\":{\"transaction\":\"Mã\"}}", ""));
	assert_int_equal(r.e.code, ERR_MISSING_FIELD);
	assert_string_equal(r.e.pointer, "/columns/amount");
	end(&r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_read_by_the_titles_of_their_columns),
		cmocka_unit_test(
		    lines_before_the_header_are_skipped_where_the_format_says_so),
		cmocka_unit_test(
		    a_header_that_is_not_known_is_refused_with_what_was_expected),
		cmocka_unit_test(
		    the_last_line_has_to_be_there_and_to_be_the_sum),
		cmocka_unit_test(
		    a_format_that_says_what_it_may_not_is_refused_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
