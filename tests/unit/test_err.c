/* The catalogue of refusals: each row is a promise to strangers. */
#include "base/err.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/text.h"

static const enum err_code codes[] = {
#define ERR(code, http, name, en, vi) ERR_##code,
#include "base/errors.def"
};

static void
every_row_has_a_status_and_a_title_in_both_languages(void **unused)
{
	(void)unused;

	for (size_t i = 0; i < nitems(codes); i++) {
		const char *vi = err_title(codes[i], ERR_VI);

		assert_in_range(err_http(codes[i]), 400, 599);
		assert_true(strlen(err_title(codes[i], ERR_EN)) > 10);
		assert_true(strlen(vi) > 10);
		assert_true(text_is_utf8(vi, strlen(vi)));
	}
}

static void
names_are_kebab_case_and_stand_once(void **unused)
{
	(void)unused;

	for (size_t i = 0; i < nitems(codes); i++) {
		const char *name = err_name(codes[i]);

		assert_int_equal(
		    strspn(name, "abcdefghijklmnopqrstuvwxyz-"), strlen(name));
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(name, err_name(codes[j]));
	}
}

static void
setting_an_error_forgets_the_pointer_of_the_last(void **unused)
{
	struct err e;

	(void)unused;

	assert_false(err_field(&e, ERR_BAD_FIELD, "/a/0", "no %s", "date"));
	assert_int_equal(e.code, ERR_BAD_FIELD);
	assert_string_equal(e.pointer, "/a/0");
	assert_string_equal(e.detail, "no date");
	assert_false(err_set(&e, ERR_STORAGE, "down"));
	assert_int_equal(e.code, ERR_STORAGE);
	assert_string_equal(e.pointer, "");
}

static void
a_pointer_that_is_too_long_is_cut_between_characters(void **unused)
{
	char pointer[401] = "x"; /* so that a cut falls into a character */
	struct err e;

	(void)unused;

	for (int i = 0; i < 100; i++)
		strncat(pointer, "ế", sizeof(pointer) - strlen(pointer) - 1);
	err_field(&e, ERR_BAD_FIELD, pointer, "%s", "");
	assert_true(strlen(e.pointer) > 100);
	assert_true(text_is_utf8(e.pointer, strlen(e.pointer)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_row_has_a_status_and_a_title_in_both_languages),
		cmocka_unit_test(names_are_kebab_case_and_stand_once),
		cmocka_unit_test(
		    setting_an_error_forgets_the_pointer_of_the_last),
		cmocka_unit_test(
		    a_pointer_that_is_too_long_is_cut_between_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
