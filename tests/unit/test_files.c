/* The files that the program carries with it. */
#include "gateway/files.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void
every_name_has_a_text_of_whole_lines(void **unused)
{
	(void)unused;
	for (size_t i = 0; files_name(i) != NULL; i++) {
		const char *text = files_text(files_name(i));

		assert_non_null(text);
		assert_true(strlen(text) > 0);
		assert_int_equal(text[strlen(text) - 1], '\n');
	}
}

static void
a_name_gives_its_own_text(void **unused)
{
	(void)unused;
	assert_non_null(
	    strstr(files_text("mail-receipt.txt"), "Đã nhận hồ sơ"));
	assert_int_equal(files_text("openapi.json")[0], '{');
	assert_string_equal(files_name(0), "0001-base.sql");
	assert_non_null(strstr(files_text(files_name(0)), "CREATE TABLE"));
}

static void
a_name_that_is_none_has_no_text(void **unused)
{
	(void)unused;
	assert_null(files_text("mail-receipt"));
	assert_null(files_text(""));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_has_a_text_of_whole_lines),
		cmocka_unit_test(a_name_gives_its_own_text),
		cmocka_unit_test(a_name_that_is_none_has_no_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
