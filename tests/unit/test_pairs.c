/* Query strings as strangers send them: strict, or refused. */
#include "adapters/pairs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"

static bool
reads(const char *query)
{
	struct err e = { 0 };
	struct pairs p;
	bool ok = pairs_read(query, &p, &e);

	pairs_release(&p);
	return ok;
}

static void
a_name_twice_is_refused(void **unused)
{
	(void)unused;

	assert_false(reads("a=1&a=1"));
	assert_false(reads("a=1&b=2&a"));
	assert_false(reads("a=1&A=1")); /* some reader's one name */
}

static void
a_name_that_is_not_plain_is_refused(void **unused)
{
	static const char *const queries[] = { "=1", "&", "a=1&", "&a=1",
		"a%5Fb=1", "a[]=1", "a;b=1", "a b=1", "a-b=1", "\xc4\x91=1" };

	(void)unused;

	for (size_t i = 0; i < nitems(queries); i++)
		assert_false(reads(queries[i]));
}

static void
a_value_that_does_not_decode_to_text_is_refused(void **unused)
{
	static const char *const queries[] = { "a=%", "a=%1", "a=%G1", "a=%1G",
		"a=%00", "a=%C0%80", "a=%ED%A0%80", "a=%FF", "a=\xff", "a=%2" };

	(void)unused;

	for (size_t i = 0; i < nitems(queries); i++)
		assert_false(reads(queries[i]));
}

static void
more_than_the_limits_is_refused(void **unused)
{
	char query[PAIRS_LEN_MAX + 2];
	size_t len = 0;

	(void)unused;

	memset(query, 'a', sizeof(query));
	query[PAIRS_LEN_MAX + 1] = '\0';
	assert_false(reads(query));
	query[PAIRS_LEN_MAX] = '\0';
	assert_true(reads(query));

	for (int i = 0; i <= PAIRS_MAX; i++)
		len += (size_t)snprintf(query + len, sizeof(query) - len,
		    "%sx%d=", i == 0 ? "" : "&", i);
	assert_false(reads(query));
	*strrchr(query, '&') = '\0';
	assert_true(reads(query));
}

static void
pairs_are_sorted_and_keep_both_spellings(void **unused)
{
	struct err e = { 0 };
	struct pairs p;

	(void)unused;

	assert_true(pairs_read("b=x+%79%3d=&a&C=%c4%91", &p, &e));
	assert_int_equal(p.count, 3);
	assert_string_equal(p.item[0].name, "C");
	assert_string_equal(p.item[2].raw, "x+%79%3d=");
	assert_string_equal(pairs_find(&p, "b"), "x y==");
	assert_string_equal(pairs_find(&p, "a"), "");
	assert_string_equal(pairs_find(&p, "C"), "\xc4\x91");
	assert_string_equal(pairs_find(&p, "c"), "");
	pairs_release(&p);
}

static void
nothing_has_no_pairs(void **unused)
{
	struct err e = { 0 };
	struct pairs p;

	(void)unused;

	assert_true(pairs_read("", &p, &e));
	assert_int_equal(p.count, 0);
	assert_string_equal(pairs_find(&p, "a"), "");
	pairs_release(&p);
}

static void
values_are_escaped_as_php_does(void **unused)
{
	struct buf out = { 0 };

	(void)unused;

	pairs_encode(&out, "aZ09-_. *!()~'+&=/ê");
	assert_string_equal(
	    out.data, "aZ09-_.+%2A%21%28%29%7E%27%2B%26%3D%2F%C3%AA");
	buf_release(&out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_twice_is_refused),
		cmocka_unit_test(a_name_that_is_not_plain_is_refused),
		cmocka_unit_test(
		    a_value_that_does_not_decode_to_text_is_refused),
		cmocka_unit_test(more_than_the_limits_is_refused),
		cmocka_unit_test(pairs_are_sorted_and_keep_both_spellings),
		cmocka_unit_test(nothing_has_no_pairs),
		cmocka_unit_test(values_are_escaped_as_php_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
