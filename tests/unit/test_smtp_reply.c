/* A mail server's replies, good and bad, in pieces. */
#include "adapters/smtp_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"

static enum smtp_read
read_all(const char *data, size_t len, struct smtp_answer *out)
{
	struct smtp_reader r = { 0 };

	return smtp_reply_read(&r, &data, &len, out);
}

static void
what_is_no_reply_is_garbage(void **unused)
{
	static const char *const bad[] = {
		"\n",
		"\r\n",
		"25\r\n",
		"2500 ok\r\n",
		"250_ok\r\n",
		"150 ok\r\n",
		"650 ok\r\n",
		"2a0 ok\r\n",
		" 250 ok\r\n",
		"250-ok\r\n251 ok\r\n",
		"250-ok\r\nok\r\n",
		"HTTP/1.1 200 OK\r\n",
	};
	struct smtp_answer a;

	(void)unused;
	for (size_t i = 0; i < nitems(bad); i++)
		assert_int_equal(
		    read_all(bad[i], strlen(bad[i]), &a), SMTP_READ_GARBAGE);
}

static void
a_line_and_a_reply_have_their_limits(void **unused)
{
	char line[SMTP_LINE_MAX + 2], lines[6 * (SMTP_LINES_MAX + 1) + 1];
	struct smtp_answer a;

	(void)unused;
	memset(line, 'x', sizeof(line));
	memcpy(line, "250 ", 4);
	line[SMTP_LINE_MAX - 1] = '\n';
	assert_int_equal(read_all(line, SMTP_LINE_MAX, &a), SMTP_READ_REPLY);
	assert_int_equal(strlen(a.text), SMTP_TEXT_LEN - 1);
	line[SMTP_LINE_MAX - 1] = 'x';
	line[SMTP_LINE_MAX] = '\n';
	assert_int_equal(
	    read_all(line, SMTP_LINE_MAX + 1, &a), SMTP_READ_GARBAGE);

	for (size_t i = 0; i <= SMTP_LINES_MAX; i++)
		memcpy(lines + 6 * i, "250-x\n", 6);
	memcpy(lines + 6 * (SMTP_LINES_MAX - 1), "250 y\n", 6);
	assert_int_equal(
	    read_all(lines, 6 * SMTP_LINES_MAX, &a), SMTP_READ_REPLY);
	memcpy(lines + 6 * (SMTP_LINES_MAX - 1), "250-x\n250 y\n", 12);
	assert_int_equal(
	    read_all(lines, 6 * (SMTP_LINES_MAX + 1), &a), SMTP_READ_GARBAGE);
}

static void
the_last_line_is_kept_in_ascii(void **unused)
{
	static const char reply[] = "550-no\r\n550 kh\xc3\xb4ng\x07 \t!\r\n";
	struct smtp_answer a;

	(void)unused;
	assert_int_equal(
	    read_all(reply, sizeof(reply) - 1, &a), SMTP_READ_REPLY);
	assert_int_equal(a.code, 550);
	assert_string_equal(a.text, "550 kh??ng? ?!");
	assert_int_equal(read_all("221\r\n", 5, &a), SMTP_READ_REPLY);
	assert_string_equal(a.text, "221");
}

/* Two replies, cut anywhere; each is taken off by itself. */
static void
pieces_make_no_difference(void **unused)
{
	static const char text[] = "250-a\r\n250 b\r\n354 go\n";
	size_t len = sizeof(text) - 1;

	(void)unused;
	for (size_t cut = 0; cut <= len; cut++) {
		size_t ends[] = { cut, len };
		struct smtp_reader r = { 0 };
		struct smtp_answer a;
		const char *p = text;
		int seen = 0;

		for (size_t i = 0; i < nitems(ends); i++) {
			size_t left = ends[i] - (size_t)(p - text);

			while (left > 0)
				if (smtp_reply_read(&r, &p, &left, &a) ==
				    SMTP_READ_REPLY)
					assert_int_equal(
					    a.code, seen++ == 0 ? 250 : 354);
		}
		assert_int_equal(seen, 2);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_no_reply_is_garbage),
		cmocka_unit_test(a_line_and_a_reply_have_their_limits),
		cmocka_unit_test(the_last_line_is_kept_in_ascii),
		cmocka_unit_test(pieces_make_no_difference),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
