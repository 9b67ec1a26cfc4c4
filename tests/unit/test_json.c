/* JSON from strangers: what is refused, and where the pointer points. */
#include "base/json.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"
#include "base/text.h"

static const char *const kinds[] = { "tthc", "complaint", NULL };

static const struct json_field fields[] = {
	{ "name", JSON_KIND_TEXT, true, 1, 10, false, NULL },
	{ "kind", JSON_KIND_TEXT, false, 1, 20, false, kinds },
	{ "note", JSON_KIND_TEXT, false, 0, 20, true, NULL },
	{ "amount", JSON_KIND_INT, false, 1, 100, false, NULL },
	{ "parts", JSON_KIND_LIST, false, 1, 2, false, NULL },
	{ "paid", JSON_KIND_BOOL, false, 0, 0, false, NULL },
};

static struct json *
parse(const char *text)
{
	struct json *j = NULL;
	struct err e;

	assert_true(json_parse(text, strlen(text), &j, &e));
	return j;
}

static void
what_is_no_json_is_refused(void **unused)
{
	static const char *const bad[] = { "", "{", "{}{}", "{} x", "{'a':1}",
		"{\"a\":1,}", "[1,]", "nul", "{\"a\":01}", "{\"a\":1e999}",
		"{\"a\":\"\xff\"}", "{\"a\":\"\\u0000\"}", "{\"a\":\"\t\"}",
		"{\"a\":\"\\ud800\"}", "\xef\xbb\xbf{}",
		"{\"a\":9223372036854775808}" };
	struct json *j = NULL;
	struct err e;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		assert_false(json_parse(bad[i], strlen(bad[i]), &j, &e));
		assert_int_equal(e.code, ERR_BAD_JSON);
	}
	assert_null(j);
}

static void
a_key_that_stands_twice_is_refused(void **unused)
{
	static const char text[] = "{\"a\":{\"b\":1,\"b\":2}}";
	struct json *j = NULL;
	struct err e;

	(void)unused;

	assert_false(json_parse(text, strlen(text), &j, &e));
	assert_int_equal(e.code, ERR_BAD_JSON);
}

static void
depth_is_limited_and_brackets_in_texts_do_not_count(void **unused)
{
	char text[200] = { 0 };
	struct json *j = NULL;
	struct err e;

	(void)unused;

	memset(text, '[', JSON_DEPTH_MAX + 1);
	memset(text + JSON_DEPTH_MAX + 1, ']', JSON_DEPTH_MAX + 1);
	assert_false(json_parse(text, strlen(text), &j, &e));
	assert_int_equal(e.code, ERR_TOO_LARGE);
	j = parse("[\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[[[[\"]");
	json_free(j);
}

static void
refused(const char *text, enum err_code code, const char *pointer)
{
	struct json *j = parse(text);
	struct err e = { 0 };

	assert_false(json_check(j, "", fields, nitems(fields), &e));
	assert_int_equal(e.code, code);
	assert_string_equal(e.pointer, pointer);
	json_free(j);
}

static void
a_body_that_is_not_as_declared_is_refused_with_its_pointer(void **unused)
{
	(void)unused;

	refused("[]", ERR_BAD_FIELD, "");
	refused("{}", ERR_MISSING_FIELD, "/name");
	refused("{\"name\":null}", ERR_BAD_FIELD, "/name");
	refused("{\"name\":\"\"}", ERR_BAD_FIELD, "/name");
	refused("{\"name\":\"01234567890\"}", ERR_BAD_FIELD, "/name");
	refused("{\"name\":\"a\\nb\"}", ERR_BAD_FIELD, "/name");
	refused("{\"name\":\"a\",\"kind\":\"TTHC\"}", ERR_BAD_FIELD, "/kind");
	refused("{\"name\":\"a\",\"amount\":\"1\"}", ERR_BAD_FIELD, "/amount");
	refused("{\"name\":\"a\",\"amount\":1.0}", ERR_BAD_FIELD, "/amount");
	refused("{\"name\":\"a\",\"amount\":101}", ERR_BAD_FIELD, "/amount");
	refused("{\"name\":\"a\",\"parts\":[]}", ERR_BAD_FIELD, "/parts");
	refused("{\"name\":\"a\",\"parts\":[1,2,3]}", ERR_BAD_FIELD, "/parts");
	refused("{\"name\":\"a\",\"paid\":0}", ERR_BAD_FIELD, "/paid");
	refused("{\"name\":\"a\",\"x\":1}", ERR_UNKNOWN_FIELD, "/x");
	refused("{\"name\":\"a\",\"a/b~c\":1}", ERR_UNKNOWN_FIELD, "/a~1b~0c");
}

static void
a_long_unknown_key_still_gives_a_pointer_in_utf_8(void **unused)
{
	char text[700] = "{\"name\":\"a\",\"x";
	struct err e = { 0 };
	struct json *j;

	(void)unused;

	for (int i = 0; i < 100; i++)
		strncat(text, "ế", sizeof(text) - strlen(text) - 1);
	strncat(text, "\":1}", sizeof(text) - strlen(text) - 1);
	j = parse(text);
	assert_false(json_check(j, "", fields, nitems(fields), &e));
	assert_int_equal(e.code, ERR_UNKNOWN_FIELD);
	assert_true(text_is_utf8(e.pointer, strlen(e.pointer)));
	json_free(j);
}

static void
a_body_as_declared_passes(void **unused)
{
	struct json *j =
	    parse("{\"name\":\"Bưởi\",\"kind\":\"tthc\",\"note\":\"a\\n\\tb\","
		  "\"amount\":100,\"parts\":[1],\"paid\":false}");
	struct err e;

	(void)unused;

	assert_true(json_check(j, "", fields, nitems(fields), &e));
	assert_string_equal(json_text(j, "name", "x"), "Bưởi");
	assert_string_equal(json_text(j, "amount", "x"), "x");
	assert_int_equal(json_int(j, "amount", 0), 100);
	assert_int_equal(json_int(j, "name", 7), 7);
	assert_false(json_bool(j, "paid", true));
	json_free(j);
}

static void
sorted_writing_does_not_depend_on_the_order_of_putting(void **unused)
{
	struct json *a = json_new_object(), *b = json_new_object();
	char *wa, *wb;

	(void)unused;

	json_put_int(a, "z", 1);
	json_put_text(a, "a", "\"ế\n");
	json_put_text(b, "a", "\"ế\n");
	json_put_int(b, "z", 1);
	wa = json_write_sorted(a);
	wb = json_write_sorted(b);
	assert_string_equal(wa, wb);
	assert_string_equal(wa, "{\"a\":\"\\\"ế\\n\",\"z\":1}");
	free(wa);
	free(wb);
	json_free(a);
	json_free(b);
}

static void
an_instant_of_0_is_null(void **unused)
{
	struct json *j = json_new_object();
	char *text;

	(void)unused;

	json_put_time(j, "at", 0);
	json_put_time(j, "due", 1);
	text = json_write(j);
	assert_string_equal(
	    text, "{\"at\":null,\"due\":\"1970-01-01T00:00:00.000001Z\"}");
	free(text);
	json_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_json_is_refused),
		cmocka_unit_test(a_key_that_stands_twice_is_refused),
		cmocka_unit_test(
		    depth_is_limited_and_brackets_in_texts_do_not_count),
		cmocka_unit_test(
		    a_body_that_is_not_as_declared_is_refused_with_its_pointer),
		cmocka_unit_test(
		    a_long_unknown_key_still_gives_a_pointer_in_utf_8),
		cmocka_unit_test(a_body_as_declared_passes),
		cmocka_unit_test(
		    sorted_writing_does_not_depend_on_the_order_of_putting),
		cmocka_unit_test(an_instant_of_0_is_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
