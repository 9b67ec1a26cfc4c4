/* A cursor is opaque: nobody makes or changes one but the gateway. */
#include "gateway/cursor.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"

static const uint8_t secret[32] = "not a secret, but as long as one";
static const uint8_t other[32] = "another, just as long as that on";

static void
what_we_did_not_make_is_refused(void **unused)
{
	static const char *const bad[] = { "x", "1.2", "1.2.0123456789abcdef",
		"..", "1.2.0123456789abcdef0", "-1.2.0123456789abcdef" };
	struct err e;
	int64_t a, b;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		e = (struct err){ 0 };
		assert_false(cursor_read(secret, bad[i], &a, &b, &e));
		assert_int_equal(e.code, ERR_BAD_FIELD);
	}
}

static void
a_changed_digit_is_refused(void **unused)
{
	char good[CURSOR_LEN], bad[CURSOR_LEN];
	struct err e = { 0 };
	int64_t a, b;

	(void)unused;

	cursor_make(secret, 1234567, 89, good);
	for (size_t i = 0; i < strlen(good); i++) {
		snprintf(bad, sizeof(bad), "%s", good);
		bad[i] = bad[i] == '1' ? '2' : '1';
		assert_false(cursor_read(secret, bad, &a, &b, &e));
	}
}

static void
anothers_key_does_not_open_it(void **unused)
{
	char text[CURSOR_LEN];
	struct err e = { 0 };
	int64_t a, b;

	(void)unused;

	cursor_make(other, 1, 2, text);
	assert_false(cursor_read(secret, text, &a, &b, &e));
}

static void
both_numbers_come_back(void **unused)
{
	char text[CURSOR_LEN];
	struct err e = { 0 };
	int64_t a, b;

	(void)unused;

	cursor_make(secret, INT64_MAX, 1, text);
	assert_true(cursor_read(secret, text, &a, &b, &e));
	assert_int_equal(a, INT64_MAX);
	assert_int_equal(b, 1);
}

static void
nothing_is_the_beginning(void **unused)
{
	struct err e = { 0 };
	int64_t a = 7, b = 7;

	(void)unused;

	assert_true(cursor_read(secret, NULL, &a, &b, &e));
	assert_int_equal(a, 0);
	assert_int_equal(b, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_we_did_not_make_is_refused),
		cmocka_unit_test(a_changed_digit_is_refused),
		cmocka_unit_test(anothers_key_does_not_open_it),
		cmocka_unit_test(both_numbers_come_back),
		cmocka_unit_test(nothing_is_the_beginning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
