/* Bytes that grow. */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/text.h"

static void
base64_is_that_of_rfc_4648(void **unused)
{
	static const char *const vectors[][2] = { /* section 10 */
		{ "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" },
		{ "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" },
		{ "\xfb\xff\xbf\xfb\xff\xbf\xfb\xff", "+/+/+/+/+/8=" }
	};

	(void)unused;
	for (size_t i = 0; i < nitems(vectors); i++) {
		const char *in = vectors[i][0];
		struct buf b = { 0 };

		buf_base64(&b, (const uint8_t *)in, strlen(in));
		assert_string_equal(b.data, vectors[i][1]);
		assert_int_equal(b.len, strlen(b.data));
		buf_release(&b);
	}
}

/* From one byte to beyond a mail's line of 57, each tail after each run. */
static void
base64_comes_back_whatever_its_length(void **unused)
{
	(void)unused;
	for (size_t len = 1; len <= 64; len++) {
		uint8_t *in = malloc(len), back[64]; /* ends where ASan sees */
		struct buf b = { 0 };
		size_t n = sizeof(back);

		for (size_t i = 0; i < len; i++)
			in[i] = (uint8_t)(i * 151 + len);
		buf_puts(&b, "before:");
		buf_base64(&b, in, len);
		assert_int_equal(b.len, strlen("before:") + (len + 2) / 3 * 4);
		assert_true(
		    text_unbase64(b.data + strlen("before:"), back, &n));
		assert_int_equal(n, len);
		assert_memory_equal(back, in, len);
		buf_release(&b);
		free(in);
	}
}

static void
what_is_printed_is_whole_wherever_the_room_ends(void **unused)
{
	char word[301];

	(void)unused;
	for (size_t before = 0; before < 130; before++)
		for (size_t len = 0; len < sizeof(word); len += 7) {
			struct buf b = { 0 };

			memset(word, 'w', len);
			word[len] = '\0';
			for (size_t i = 0; i < before; i++)
				buf_puts(&b, "b");
			buf_printf(&b, "<%s %d>", word, 42);
			assert_int_equal(b.len, before + len + 5);
			assert_int_equal(strlen(b.data), b.len);
			assert_memory_equal(b.data + before + 1, word, len);
			assert_string_equal(b.data + b.len - 4, " 42>");
			buf_release(&b);
		}
}

static void
room_that_was_made_is_used_and_changes_nothing(void **unused)
{
	struct buf b = { 0 };
	const char *data;

	(void)unused;
	buf_puts(&b, "a");
	buf_reserve(&b, 10000);
	data = b.data;
	for (int i = 0; i < 1000; i++)
		buf_puts(&b, "0123456789");
	assert_ptr_equal(b.data, data);
	assert_int_equal(b.len, 10001);
	assert_int_equal(strlen(b.data), b.len);
	buf_release(&b);
}

static void
text_in_html_is_escaped(void **unused)
{
	struct buf b = { 0 };

	(void)unused;
	buf_html(&b, "<a href=\"x\">'ế & b'</a>");
	assert_string_equal(b.data,
	    "&lt;a href=&quot;x&quot;&gt;&#39;ế &amp; b&#39;&lt;/a&gt;");
	buf_release(&b);
}

static void
what_was_never_put_is_taken_as_an_empty_text(void **unused)
{
	struct buf b = { 0 };
	char *s = buf_take(&b);

	(void)unused;
	assert_string_equal(s, "");
	assert_null(b.data);
	free(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base64_is_that_of_rfc_4648),
		cmocka_unit_test(base64_comes_back_whatever_its_length),
		cmocka_unit_test(
		    what_is_printed_is_whole_wherever_the_room_ends),
		cmocka_unit_test(
		    room_that_was_made_is_used_and_changes_nothing),
		cmocka_unit_test(text_in_html_is_escaped),
		cmocka_unit_test(what_was_never_put_is_taken_as_an_empty_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
