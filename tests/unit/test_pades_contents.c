/*
 * The hex string of a /Contents: one object and its padding, however it is
 * broken into lines, and nothing else.
 */
#include "crypto/pades_contents.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static enum contents_fault
read_text(const char *text, struct blob *out)
{
	struct pdf_cursor in = { .data = (const uint8_t *)text,
		.len = strlen(text) };

	return contents_read(&in, (struct pdf_span){ 0, strlen(text) }, out);
}

static void
an_object_is_read_whatever_stands_between_its_digits(void **unused)
{
	static const char *const texts[] = {
		"<0403010a0b>", "<0403010A0B0000>", "<04 03\r\n01 0a 0b\t00>",
		"<0 403 01 0a 0 b>",
		"<0403010a0b000>", /* half a byte of padding */
	};
	struct blob b = { 0 };

	(void)unused;

	for (size_t i = 0; i < nitems(texts); i++) {
		assert_int_equal(read_text(texts[i], &b), CONTENTS_GOOD);
		assert_int_equal(b.len, 5);
		assert_memory_equal(b.data, "\x04\x03\x01\x0a\x0b", 5);
		blob_release(&b);
	}
}

static void
a_last_digit_alone_has_a_zero_behind_it(void **unused)
{
	struct blob b = { 0 };

	(void)unused;

	assert_int_equal(read_text("<04020a5>", &b), CONTENTS_GOOD);
	assert_memory_equal(b.data, "\x04\x02\x0a\x50", 4);
	blob_release(&b);
}

static void
what_is_no_object_is_told_from_padding_that_says_something(void **unused)
{
	static const struct {
		const char *text;
		enum contents_fault fault;
	} bad[] = {
		{ "<>", CONTENTS_NO_OBJECT },
		{ "<", CONTENTS_NO_OBJECT },
		{ "<0403010a>", CONTENTS_NO_OBJECT },
		{ "<0403010g0b>", CONTENTS_NO_OBJECT },
		{ "<04 03 %comment\n 01 0a 0b>", CONTENTS_NO_OBJECT },
		{ "<0401010001>", CONTENTS_PADDED_WITH_DATA },
		{ "<04010101>", CONTENTS_PADDED_WITH_DATA },
		{ "<0401010000000000000001>", CONTENTS_PADDED_WITH_DATA },
	};
	struct blob b = { 0 };

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		if (read_text(bad[i].text, &b) != bad[i].fault)
			fail_msg("%s", bad[i].text);
	assert_null(b.data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_no_object_is_told_from_padding_that_says_something),
		cmocka_unit_test(
		    an_object_is_read_whatever_stands_between_its_digits),
		cmocka_unit_test(a_last_digit_alone_has_a_zero_behind_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
