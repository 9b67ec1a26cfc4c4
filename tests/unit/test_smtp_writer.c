/* A message on its way out: its dots, its end, and what is said behind it. */
#include "adapters/smtp_writer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"

/* All that comes out, in pieces of that size, with NEXT said behind it. */
static void
write_out(const char *data, size_t len, size_t piece, struct buf *out)
{
	struct smtp_writer *w = blob_calloc(1, sizeof(*w));
	bool said = false;
	const char *rest;
	size_t n;

	smtp_writer_begin(w, data, len);
	do {
		if (smtp_writer_fill(w) && !said && smtp_writer_room(w) >= 4) {
			said = true;
			smtp_writer_say(w, "NEXT");
		}
		rest = smtp_writer_rest(w, &n);
		n = n < piece ? n : piece;
		buf_put(out, rest, n);
		smtp_writer_sent(w, n);
	} while (n > 0);
	assert_true(said);
	assert_true(smtp_writer_ended(w));
	free(w);
}

static void
a_message_ends_as_it_should(void **unused)
{
	static const struct {
		const char *data, *out;
	} cases[] = {
		{ "", ".\r\nNEXT" },
		{ "a\r\n", "a\r\n.\r\nNEXT" },
		{ "a", "a\r\n.\r\nNEXT" },
		{ "a\n", "a\n\r\n.\r\nNEXT" },
		{ "a\r", "a\r\r\n.\r\nNEXT" },
		{ ".", "..\r\n.\r\nNEXT" },
		{ ".\r\n", "..\r\n.\r\nNEXT" },
		{ "..\r\n", "...\r\n.\r\nNEXT" },
		{ "a.\r\n.b\r\n\r\n.", "a.\r\n..b\r\n\r\n..\r\n.\r\nNEXT" },
		{ "a\n.\nb\r\n", "a\n..\nb\r\n.\r\nNEXT" },
	};

	(void)unused;
	for (size_t i = 0; i < nitems(cases); i++) {
		struct buf out = { 0 };

		write_out(cases[i].data, strlen(cases[i].data), 3, &out);
		assert_string_equal(out.data, cases[i].out);
		buf_release(&out);
	}
}

/* As the definition has it, a byte at a time. */
static void
stuff(const char *data, size_t len, struct buf *out)
{
	for (size_t i = 0; i < len; i++) {
		if (data[i] == '.' && (i == 0 || data[i - 1] == '\n'))
			buf_puts(out, ".");
		buf_put(out, data + i, 1);
	}
	buf_puts(out, "\r\n.\r\nNEXT");
}

static void
dots_are_found_wherever_the_buffer_ends(void **unused)
{
	(void)unused;
	for (size_t shift = 0; shift < 8; shift++) {
		size_t len = 3 * SMTP_WRITER_LEN + 7;
		struct buf want = { 0 }, out = { 0 };
		char *data = blob_calloc(1, len);

		for (size_t i = 0; i < len; i++)
			data[i] = "ab\r\n..\r\n"[(i + shift) % 8];
		data[len - 1] = 'z';
		stuff(data, len, &want);
		write_out(data, len, 1000 + shift, &out);
		assert_int_equal(out.len, want.len);
		assert_memory_equal(out.data, want.data, want.len);
		buf_release(&want);
		buf_release(&out);
		free(data);
	}
}

static void
the_end_is_out_when_its_last_byte_is(void **unused)
{
	struct smtp_writer *w = blob_calloc(1, sizeof(*w));

	(void)unused;
	smtp_writer_begin(w, "a\r\n", 3);
	assert_false(smtp_writer_ended(w));
	assert_true(smtp_writer_fill(w));
	smtp_writer_say(w, "NEXT");
	smtp_writer_sent(w, 5);
	assert_false(smtp_writer_ended(w));
	smtp_writer_sent(w, 1);
	assert_true(smtp_writer_ended(w));
	smtp_writer_sent(w, 4);
	assert_true(smtp_writer_ended(w));
	free(w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_ends_as_it_should),
		cmocka_unit_test(dots_are_found_wherever_the_buffer_ends),
		cmocka_unit_test(the_end_is_out_when_its_last_byte_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
