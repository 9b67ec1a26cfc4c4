/* UTF-8, hex and base64 as strangers send them. */
#include "base/text.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static void
bytes_that_are_no_utf_8_are_refused(void **unused)
{
	static const char *const bad[] = {
		"\xff",
		"a\x80",
		"\xc3",
		"\xc0\xaf",         /* overlong */
		"\xed\xa0\x80",     /* a surrogate */
		"\xf4\x90\x80\x80", /* beyond U+10FFFF */
		"\xe1\xba",
	};
	static const char good[] = "Nguyễn Thị Bưởi 🏫";

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_false(text_is_utf8(bad[i], strlen(bad[i])));
	assert_true(text_is_utf8(good, strlen(good)));
	assert_true(text_is_utf8("", 0));
}

static void
a_cut_leaves_no_part_of_a_character(void **unused)
{
	static const char whole[] = "aế🏫z";
	char s[sizeof(whole)];

	(void)unused;

	for (size_t n = 0; n < sizeof(whole); n++) {
		memcpy(s, whole, sizeof(whole));
		s[n] = '\0';
		text_cut(s);
		assert_true(text_is_utf8(s, strlen(s)));
		assert_true(strlen(s) + 3 >= n);
		assert_memory_equal(s, whole, strlen(s));
	}
	memcpy(s, whole, sizeof(whole));
	text_cut(s);
	assert_string_equal(s, whole);
}

static void
equal_words_become_equal_bytes(void **unused)
{
	char *a = text_nfc("e\xcc\x82\xcc\x81"); /* e, circumflex, acute */
	char *b = text_nfc("\xe1\xba\xbf");      /* ế */

	(void)unused;

	assert_string_equal(a, b);
	free(a);
	free(b);
}

static void
marks_are_taken_off_and_d_is_a_letter_of_its_own(void **unused)
{
	char *s = text_unaccent("Đường Điện Biên Phủ, phường Đa Kao");

	(void)unused;

	assert_string_equal(s, "Duong Dien Bien Phu, phuong Da Kao");
	free(s);
}

static void
a_run_of_hex_ends_where_a_pair_is_not_whole(void **unused)
{
	static const struct {
		const char *text;
		size_t pairs;
	} runs[] = { { "", 0 }, { "0", 0 }, { "0a", 1 }, { "0a1", 1 },
		{ "0A1b2c>", 3 }, { "0a 1b", 1 }, { "0g", 0 }, { "g0", 0 },
		{ "0a\xff"
		  "0",
		    1 } };
	uint8_t out[4] = { 0 };

	(void)unused;

	for (size_t i = 0; i < nitems(runs); i++)
		assert_int_equal(text_unhex_run((const uint8_t *)runs[i].text,
				     strlen(runs[i].text), out),
		    runs[i].pairs);
	text_unhex_run((const uint8_t *)"0A1b2c", 6, out);
	assert_memory_equal(out, "\x0a\x1b\x2c", 3);
}

static void
hex_of_another_length_or_alphabet_is_refused(void **unused)
{
	uint8_t out[2];
	char hex[5];

	(void)unused;

	assert_false(text_unhex("0a1", out, 2));
	assert_false(text_unhex("0a1b2", out, 2));
	assert_false(text_unhex("0a1g", out, 2));
	assert_false(text_unhex("0x1b", out, 2));
	assert_true(text_unhex("0A1b", out, 2));
	text_hex(out, 2, hex);
	assert_string_equal(hex, "0a1b");
}

static void
base64_is_read_only_as_it_would_be_written(void **unused)
{
	static const char *const bad[] = {
		"QQ",
		"QQ=",
		"QR==", /* bits after the end */
		"QUI",
		"QUJ=",
		"QUI=QUI=",
		"Q===",
		"====",
		"QU I",
		"QUI\n",
		"QU-_",
	};
	uint8_t out[8];
	size_t len;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		len = sizeof(out);
		assert_false(text_unbase64(bad[i], out, &len));
	}
	len = sizeof(out);
	assert_true(text_unbase64("QUJDREU=", out, &len));
	assert_int_equal(len, 5);
	assert_memory_equal(out, "ABCDE", 5);
	len = 4;
	assert_false(text_unbase64("QUJDREU=", out, &len));
	len = 0;
	assert_true(text_unbase64("", out, &len));
	assert_int_equal(len, 0);
}

static void
base64url_has_no_padding(void **unused)
{
	char out[8];

	(void)unused;

	text_base64url((const uint8_t *)"\xfb\xff", 2, out);
	assert_string_equal(out, "-_8");
	text_base64url((const uint8_t *)"\xfb\xff\xfe", 3, out);
	assert_string_equal(out, "-__-");
	text_base64url((const uint8_t *)"", 0, out);
	assert_string_equal(out, "");
}

static void
an_integer_is_digits_and_nothing_else(void **unused)
{
	static const char *const bad[] = { "", "-1", "+1", " 1", "1 ", "01",
		"1.0", "1e3", "0x1", "99999999999999999999" };
	int64_t n = 7;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_false(text_int(bad[i], &n));
	assert_int_equal(n, 7);
	assert_true(text_int("0", &n));
	assert_int_equal(n, 0);
	assert_true(text_int("9007199254740993", &n));
	assert_int_equal(n, INT64_C(9007199254740993));
}

static void
a_mask_shows_the_end_alone(void **unused)
{
	char out[16];

	(void)unused;

	text_mask("012345678901", 4, out, sizeof(out));
	assert_string_equal(out, "********8901");
	text_mask("123", 4, out, sizeof(out));
	assert_string_equal(out, "***");
	text_mask("0123456789012345678", 4, out, sizeof(out));
	assert_string_equal(out, "***************");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_that_are_no_utf_8_are_refused),
		cmocka_unit_test(a_cut_leaves_no_part_of_a_character),
		cmocka_unit_test(equal_words_become_equal_bytes),
		cmocka_unit_test(
		    marks_are_taken_off_and_d_is_a_letter_of_its_own),
		cmocka_unit_test(hex_of_another_length_or_alphabet_is_refused),
		cmocka_unit_test(a_run_of_hex_ends_where_a_pair_is_not_whole),
		cmocka_unit_test(base64_is_read_only_as_it_would_be_written),
		cmocka_unit_test(base64url_has_no_padding),
		cmocka_unit_test(an_integer_is_digits_and_nothing_else),
		cmocka_unit_test(a_mask_shows_the_end_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
