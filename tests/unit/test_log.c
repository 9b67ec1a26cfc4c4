/* The operator's log: one JSON object a line, whatever a stranger sends. */
#include "base/log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/err.h"
#include "base/json.h"

/* Logs s and reads the line back; the caller frees. */
static struct json *
logged(const char *s)
{
	struct json *j = NULL;
	struct err e;
	char line[4096];
	ssize_t len;
	int fd[2];

	assert_int_equal(pipe(fd), 0);
	log_open(fd[1], LOG_INFO);
	log_info("request: %s", s);
	log_open(STDERR_FILENO, LOG_INFO);
	len = read(fd[0], line, sizeof(line));
	close(fd[0]);
	close(fd[1]);
	assert_true(len > 0);
	assert_int_equal(line[len - 1], '\n');
	assert_ptr_equal(memchr(line, '\n', (size_t)len), line + len - 1);
	assert_true(json_parse(line, (size_t)len, &j, &e));
	return j;
}

static void
nobody_writes_a_line_of_his_own(void **unused)
{
	struct json *j = logged("a\"}\n{\"level\":\"fatal\\");

	(void)unused;

	assert_string_equal(
	    json_text(j, "msg", ""), "request: a\"}\n{\"level\":\"fatal\\");
	assert_string_equal(json_text(j, "level", ""), "info");
	json_free(j);
}

static void
bytes_that_are_no_text_do_not_spoil_the_line(void **unused)
{
	struct json *j = logged("a\xff\xc3z");

	(void)unused;

	assert_string_equal(json_text(j, "msg", ""), "request: a??z");
	json_free(j);
}

static void
a_message_that_is_too_long_is_cut_between_characters(void **unused)
{
	char text[3002] = "";
	struct json *j;

	(void)unused;

	for (int i = 0; i < 1000; i++)
		memcpy(text + 3 * i, "ế", 3);
	j = logged(text);
	assert_true(strlen(json_text(j, "msg", "")) > 900);
	json_free(j);
}

static void
a_line_bears_the_trace_id_of_its_thread(void **unused)
{
	struct json *j;

	(void)unused;

	log_trace("0123456789abcdef");
	j = logged("x");
	log_trace("");
	assert_string_equal(json_text(j, "trace_id", ""), "0123456789abcdef");
	json_free(j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nobody_writes_a_line_of_his_own),
		cmocka_unit_test(bytes_that_are_no_text_do_not_spoil_the_line),
		cmocka_unit_test(
		    a_message_that_is_too_long_is_cut_between_characters),
		cmocka_unit_test(a_line_bears_the_trace_id_of_its_thread),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
