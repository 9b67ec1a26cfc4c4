/* How arguments travel: quoting, nulls, binary arrays. */
#include "gateway/db_bind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "gateway/db.h"

static void
nothing_in_a_text_ends_its_quotes(void **unused)
{
	const char *texts[] = { "a", "", "\"},{\"", "\\\"", NULL, "NULL",
		"Bưởi, {x}" };
	const struct db_arg args[] = { DB_TEXTS(texts, 7), DB_END };
	struct db_binds b;

	(void)unused;

	db_bind(&b, args);
	assert_string_equal(b.value[0],
	    "{\"a\",\"\",\"\\\"},{\\\"\",\"\\\\\\\"\",NULL,\"NULL\","
	    "\"Bưởi, {x}\"}");
	db_bind_release(&b);
}

static void
what_is_absent_is_null(void **unused)
{
	const struct db_arg args[] = { DB_NULL, DB_TIME(0), DB_TEXT(NULL),
		DB_BYTES(NULL, 0), DB_TEXT(""), DB_BYTES("", 0), DB_END };
	struct db_binds b;

	(void)unused;

	db_bind(&b, args);
	assert_int_equal(b.count, 6);
	for (int i = 0; i < 4; i++)
		assert_null(b.value[i]);
	assert_string_equal(b.value[4], "");
	assert_non_null(b.value[5]);
	assert_int_equal(b.len[5], 0);
	db_bind_release(&b);
}

static void
numbers_and_times_are_text(void **unused)
{
	const int64_t ints[] = { INT64_MIN, 0, INT64_MAX };
	const int64_t times[] = { INT64_C(1795404030000006), 0 };
	const struct db_arg args[] = { DB_INT(-1), DB_BOOL(true),
		DB_BOOL(false), DB_TIME(INT64_C(1795404030000006)),
		DB_INTS(ints, 3), DB_TIMES(times, 2), DB_INTS(NULL, 0),
		DB_END };
	struct db_binds b;

	(void)unused;

	db_bind(&b, args);
	assert_string_equal(b.value[0], "-1");
	assert_string_equal(b.value[1], "t");
	assert_string_equal(b.value[2], "f");
	assert_string_equal(b.value[3], "2026-11-23T03:20:30.000006Z");
	assert_string_equal(
	    b.value[4], "{-9223372036854775808,0,9223372036854775807}");
	assert_string_equal(
	    b.value[5], "{\"2026-11-23T03:20:30.000006Z\",NULL}");
	assert_string_equal(b.value[6], "{}");
	db_bind_release(&b);
}

static void
bytes_travel_as_they_are(void **unused)
{
	static const uint8_t want[] = { 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 17, 0,
		0, 0, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 255, 255, 255, 255, 255, 0,
		0, 0, 0 };
	const uint8_t bytes[] = { 0, 255 };
	const struct db_bytes items[] = { { bytes, 2 }, { NULL, 0 },
		{ bytes, 0 } };
	const struct db_arg args[] = { DB_BYTES(bytes, 2), DB_BYTESS(items, 3),
		DB_END };
	struct db_binds b;

	(void)unused;

	db_bind(&b, args);
	assert_int_equal(b.binary[0], 1);
	assert_int_equal(b.len[0], 2);
	assert_ptr_equal(b.value[0], bytes);
	assert_int_equal(b.binary[1], 1);
	assert_int_equal(b.len[1], sizeof(want));
	assert_memory_equal(b.value[1], want, sizeof(want));
	db_bind_release(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_in_a_text_ends_its_quotes),
		cmocka_unit_test(what_is_absent_is_null),
		cmocka_unit_test(numbers_and_times_are_text),
		cmocka_unit_test(bytes_travel_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
