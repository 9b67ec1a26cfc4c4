/* One request in, one request out: what is refused before any handler. */
#include "gateway/http_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"

/* A head as it is shown: lines "Name: value", a NULL ends them. */
struct head {
	const char *method, *version;
	const char *fields[6];
};

static size_t
length(const struct head *h)
{
	size_t len = strlen(h->method) + strlen("/x") + strlen(h->version) + 6;

	for (size_t i = 0; i < nitems(h->fields) && h->fields[i] != NULL; i++)
		len += strlen(h->fields[i]) + 2;
	return len;
}

/* hidden: how many more bytes came than are shown. */
static enum err_code
judge(const struct head *h, int hidden)
{
	struct http_check c = HTTP_CHECK_INIT;
	struct http_check_line line = { h->method, h->version, 2,
		(size_t)((int)length(h) + hidden) };
	struct err e = { 0 };

	for (size_t i = 0; i < nitems(h->fields) && h->fields[i] != NULL; i++) {
		char name[64] = "";
		const char *colon = strchr(h->fields[i], ':');
		struct http_field f = { name, colon + 2,
			(size_t)(colon - h->fields[i]), strlen(colon + 2) };

		memcpy(name, h->fields[i], f.name_len);
		http_check_field(&c, &f);
	}
	return http_check_end(&c, &line, &e) ? ERR_NONE : e.code;
}

static void
what_is_ambiguous_is_refused(void **unused)
{
	static const struct head bad[] = {
		{ "POST", "HTTP/1.1",
		    { "Host: h", "Content-Length: 4",
			"Transfer-Encoding: chunked" } },
		{ "POST", "HTTP/1.1",
		    { "Host: h", "Content-Length: 4", "content-length: 4" } },
		{ "POST", "HTTP/1.1", { "Host: h", "Content-Length: 4, 4" } },
		{ "POST", "HTTP/1.1", { "Host: h", "Content-Length: +4" } },
		{ "POST", "HTTP/1.1", { "Host: h", "Content-Length: 0x4" } },
		{ "POST", "HTTP/1.1", { "Host: h", "Content-Length: 04" } },
		{ "POST", "HTTP/1.1",
		    { "Host: h", "Transfer-Encoding: gzip, chunked" } },
		{ "POST", "HTTP/1.1",
		    { "Host: h", "Transfer-Encoding: chunked",
			"Transfer-Encoding: chunked" } },
		{ "POST", "HTTP/1.0", { "Transfer-Encoding: chunked" } },
		{ "GET", "HTTP/1.1", { NULL } },
		{ "GET", "HTTP/1.1", { "Host: h", "Host: h" } },
		{ "GET", "HTTP/1.1", { "Host : h" } },
		{ "GET", "HTTP/1.1", { "Host: h", "X\tA: b" } },
		{ "GET", "HTTP/1.1", { "Host: h", "\xc4\x91: b" } },
		{ "GET", "HTTP/1.1", { "Host: h", "A: b\x01" } },
		{ "GET", "HTTP/1.1", { "Host: h", "A: b\x7f" } },
		{ "GET", "HTTP/1.1",
		    { "Host: h", "Authorization: a", "authorization: b" } },
		{ "GET", "HTTP/2.0", { "Host: h" } },
		{ "BREW", "HTTP/1.1", { "Host: h" } },
		{ "TRACE", "HTTP/1.1", { "Host: h" } },
		{ "get", "HTTP/1.1", { "Host: h" } },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_int_equal(judge(&bad[i], 0), ERR_BAD_REQUEST);
}

static void
what_is_plain_passes(void **unused)
{
	static const struct head good[] = {
		{ "GET", "HTTP/1.1", { "Host: h" } },
		{ "GET", "HTTP/1.0", { NULL } },
		{ "GET", "HTTP/1.1", { "Host: h", "X-A: \t b", "X-B: " } },
		{ "GET", "HTTP/1.1", { "Host: h", "X-A: \xc4\x91" } },
		{ "POST", "HTTP/1.1", { "Host: h", "Content-Length: 0" } },
		{ "POST", "HTTP/1.1",
		    { "Host: h", "transfer-encoding: CHUNKED" } },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(good); i++)
		assert_int_equal(judge(&good[i], 0), ERR_NONE);
}

static void
a_head_that_holds_more_than_it_shows_is_refused(void **unused)
{
	static const struct head h = { "GET", "HTTP/1.1",
		{ "Host: h", "X-A: b" } };

	(void)unused;

	assert_int_equal(judge(&h, 1), ERR_BAD_REQUEST);
	/* "Name:value", as RFC 9112, 5 lets anyone write */
	assert_int_equal(judge(&h, -2), ERR_NONE);
	/* every CR gone: four lines and the empty one */
	assert_int_equal(judge(&h, -4), ERR_BAD_REQUEST);
}

static void
more_fields_than_allowed_are_refused(void **unused)
{
	struct http_check c = HTTP_CHECK_INIT;
	const struct http_check_line line = { "GET", "HTTP/1.0", 1, 0 };
	const struct http_field f = { "X-A", "b", 3, 1 };
	struct err e = { 0 };

	(void)unused;

	for (int i = 0; i < HTTP_FIELDS_MAX; i++)
		http_check_field(&c, &f);
	assert_true(http_check_end(&c, &line, &e));
	http_check_field(&c, &f);
	assert_false(http_check_end(&c, &line, &e));
	assert_int_equal(e.code, ERR_HEADERS_TOO_LARGE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_ambiguous_is_refused),
		cmocka_unit_test(
		    a_head_that_holds_more_than_it_shows_is_refused),
		cmocka_unit_test(more_fields_than_allowed_are_refused),
		cmocka_unit_test(what_is_plain_passes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
