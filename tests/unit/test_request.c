/* What a stranger's request line and headers are taken for. */
#include "gateway/request.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"

static char storage[512];

static bool
url(struct request *req, const char *raw)
{
	struct err e = { 0 };
	bool ok;

	*req = (struct request){ 0 };
	ok = request_url(req, raw, storage, &e) && request_split_query(req, &e);
	assert_int_equal(e.code, ok ? ERR_NONE : ERR_BAD_REQUEST);
	return ok;
}

static bool
header(struct request *req, const char *name, const char *value)
{
	struct err e = { 0 };

	*req = (struct request){ .lang = ERR_VI };
	return request_header(req, name, value, &e);
}

static void
a_url_that_two_readers_might_read_differently_is_refused(void **unused)
{
	static const char *const bad[] = { "", "*", "healthz", "ftp://x/a",
		"http://x", "/a%", "/a%4", "/a%4g", "/a%00b", "/a%0ab", "/a%7f",
		"/a%2fb", "/a%2Fb", "/a#b", "/a b", "/a?b c", "/a?b#c",
		"/a\x01", "/\xc4\x91", "/%ff", "/a?x=%", "/a?x=%00",
		"/a?x=%0d%0a", "/a?%zz=1", "/a?x=%c4", "/a?x=1&x=2", "/a?x&x",
		"/a?x=1&%78=2" };
	struct request req;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_false(url(&req, bad[i]));
}

static void
more_parameters_than_allowed_are_refused(void **unused)
{
	char raw[512] = "/a?";
	struct request req;
	size_t len = strlen(raw);

	(void)unused;

	for (int i = 0; i < REQUEST_ARGS_MAX; i++)
		len +=
		    (size_t)snprintf(raw + len, sizeof(raw) - len, "p%d&", i);
	assert_true(url(&req, raw));
	assert_int_equal(req.query_count, REQUEST_ARGS_MAX);
	snprintf(raw + len, sizeof(raw) - len, "one=more");
	assert_false(url(&req, raw));
}

static void
a_url_is_decoded_once_and_its_raw_query_kept(void **unused)
{
	struct request req;

	(void)unused;

	assert_true(
	    url(&req, "/v1/%C4%91%252f?a=b+c%2B&&%c4%91=%25&empty=&flag"));
	assert_string_equal(req.path, "/v1/\xc4\x91%2f");
	assert_string_equal(req.raw_query, "a=b+c%2B&&%c4%91=%25&empty=&flag");
	assert_string_equal(request_query(&req, "a", ""), "b c+");
	assert_string_equal(request_query(&req, "\xc4\x91", ""), "%");
	assert_string_equal(request_query(&req, "empty", "x"), "");
	assert_string_equal(request_query(&req, "flag", "x"), "");
	assert_null(request_query(&req, "none", NULL));
}

static void
the_absolute_form_is_the_same_path(void **unused)
{
	struct request req;

	(void)unused;

	assert_true(url(&req, "https://h.gov.vn:8443/v1/events?after=1"));
	assert_string_equal(req.path, "/v1/events");
	assert_string_equal(request_query(&req, "after", ""), "1");
}

static void
a_key_is_visible_ascii_and_not_too_long(void **unused)
{
	char key[REQUEST_KEY_MAX + 2];
	struct request req;

	(void)unused;

	assert_false(header(&req, "Idempotency-Key", ""));
	assert_false(header(&req, "Idempotency-Key", "\"\""));
	assert_false(header(&req, "Idempotency-Key", "a b"));
	assert_false(header(&req, "Idempotency-Key", "a\"b"));
	assert_false(header(&req, "Idempotency-Key", "\xc4\x91"));
	memset(key, 'k', sizeof(key));
	key[REQUEST_KEY_MAX + 1] = '\0';
	assert_false(header(&req, "Idempotency-Key", key));
	key[REQUEST_KEY_MAX] = '\0';
	assert_true(header(&req, "Idempotency-Key", key));
	assert_true(header(&req, "idempotency-key", "\"8e03-x\""));
	assert_string_equal(req.idempotency_key, "8e03-x");
}

static void
a_version_that_never_was_matches_nothing(void **unused)
{
	static const struct {
		const char *value;
		int version;
	} rows[] = { { "\"v7\"", 7 }, { "\"v123456789\"", 123456789 },
		{ "*", 0 }, { "v7", -1 }, { "\"7\"", -1 }, { "W/\"v7\"", -1 },
		{ "\"v7\", \"v8\"", -1 }, { "\"v0\"", -1 }, { "\"v07\"", -1 },
		{ "\"v1234567890\"", -1 }, { "\"v-1\"", -1 } };
	struct request req;

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		assert_true(header(&req, "If-Match", rows[i].value));
		assert_int_equal(req.if_match, rows[i].version);
	}
}

static void
a_malformed_traceparent_is_ignored(void **unused)
{
#define TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
	static const char *const bad[] = { "", "00",
		"00-" TRACE "-00f067aa0ba902b7",
		"ff-" TRACE "-00f067aa0ba902b7-01",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01",
		"00-" TRACE "-0000000000000000-01",
		"00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"00_" TRACE "-00f067aa0ba902b7-01" };
	struct request req;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		assert_true(header(&req, "traceparent", bad[i]));
		assert_string_equal(req.trace_id, "");
	}
	header(&req, "traceparent", "00-" TRACE "-00f067aa0ba902b7-01");
	assert_string_equal(req.trace_id, TRACE);
	/* a version to come, with more behind it */
	header(&req, "traceparent", "cc-" TRACE "-00f067aa0ba902b7-01-what");
	assert_string_equal(req.trace_id, TRACE);
}

static void
fresh_trace_ids_differ(void **unused)
{
	char seen[100][33];
	struct request req = { 0 };

	(void)unused;

	for (size_t i = 0; i < nitems(seen); i++) {
		request_trace(&req);
		assert_int_equal(strlen(req.trace_id), 32);
		for (size_t k = 0; k < i; k++)
			assert_string_not_equal(seen[k], req.trace_id);
		memcpy(seen[i], req.trace_id, sizeof(seen[i]));
	}
}

static void
the_session_is_our_own_cookie(void **unused)
{
	char cookie[300];
	struct request req;

	(void)unused;

	header(&req, "Cookie", "session=a; x__Host-session=b");
	assert_null(req.session);
	header(&req, "Cookie", "__Host-session=");
	assert_null(req.session);
	header(&req, "Cookie", "a=b; __Host-session=hs_42; c=d");
	assert_string_equal(req.session, "hs_42");
	snprintf(cookie, sizeof(cookie), "__Host-session=%0200d", 7);
	header(&req, "Cookie", cookie);
	assert_null(req.session);
}

static void
the_language_is_vietnamese_unless_english_is_wanted_more(void **unused)
{
	static const struct {
		const char *value;
		enum err_lang lang;
	} rows[] = { { "", ERR_VI }, { "vi", ERR_VI }, { "en", ERR_EN },
		{ "en-US,en;q=0.9", ERR_EN },
		{ "vi-VN,vi;q=0.9,en;q=0.8", ERR_VI },
		{ "en;q=0.3, vi;q=0.7", ERR_VI }, { "fr", ERR_VI },
		{ "fr, en;q=0.1", ERR_EN }, { "english", ERR_VI },
		{ "en;q=0", ERR_VI }, { "en;q=", ERR_VI },
		{ "en;q=0.", ERR_VI }, { "en;q=x", ERR_VI } };
	struct request req;

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		header(&req, "Accept-Language", rows[i].value);
		assert_int_equal(req.lang, rows[i].lang);
	}
}

static void
a_page_is_for_who_prefers_html(void **unused)
{
	struct request req;

	(void)unused;

	header(&req, "Accept", "*/*");
	assert_false(req.html);
	header(&req, "Accept", "application/json");
	assert_false(req.html);
	header(&req, "Accept", "text/html;q=0.5, application/json");
	assert_false(req.html);
	header(&req, "Accept",
	    "text/html,application/xhtml+xml,"
	    "application/xml;q=0.9,*/*;q=0.8");
	assert_true(req.html);
}

static void
a_media_type_is_itself_and_no_prefix(void **unused)
{
	(void)unused;

	assert_true(request_media("application/json", "application/json"));
	assert_true(request_media(
	    "Application/JSON; charset=utf-8", "application/json"));
	assert_false(request_media("application/jsonp", "application/json"));
	assert_false(request_media("", "application/json"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_url_that_two_readers_might_read_differently_is_refused),
		cmocka_unit_test(more_parameters_than_allowed_are_refused),
		cmocka_unit_test(a_url_is_decoded_once_and_its_raw_query_kept),
		cmocka_unit_test(the_absolute_form_is_the_same_path),
		cmocka_unit_test(a_key_is_visible_ascii_and_not_too_long),
		cmocka_unit_test(a_version_that_never_was_matches_nothing),
		cmocka_unit_test(a_malformed_traceparent_is_ignored),
		cmocka_unit_test(fresh_trace_ids_differ),
		cmocka_unit_test(the_session_is_our_own_cookie),
		cmocka_unit_test(
		    the_language_is_vietnamese_unless_english_is_wanted_more),
		cmocka_unit_test(a_page_is_for_who_prefers_html),
		cmocka_unit_test(a_media_type_is_itself_and_no_prefix),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
