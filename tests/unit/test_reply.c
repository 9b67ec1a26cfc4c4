/* What a caller is told, above all when he is refused. */
#include "gateway/reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "gateway/request.h"

static const struct request *
asking(enum err_lang lang)
{
	static struct request req;

	req = (struct request){ .method = "POST",
		.path = "/v1/x",
		.trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
		.lang = lang };
	return &req;
}

static struct json *
body(const struct reply *r)
{
	struct json *j = NULL;
	struct err e = { 0 };
	size_t len;
	const char *text = reply_body(r, &len);

	assert_true(json_parse(text, len, &j, &e));
	return j;
}

static void
a_refusal_names_the_field_and_hides_the_detail(void **unused)
{
	struct err e = { 0 };
	struct reply *r;
	struct json *j;
	const struct json *fault;
	size_t len;

	(void)unused;

	err_field(&e, ERR_BAD_FIELD, "/documents/0/name", "table secret_x");
	r = reply_err(asking(ERR_VI), &e);
	assert_int_equal(reply_status(r), 400);
	assert_string_equal(reply_type(r), "application/problem+json");
	assert_null(strstr(reply_body(r, &len), "secret_x"));
	j = body(r);
	assert_string_equal(json_text(j, "code", ""), "bad-field");
	assert_string_equal(
	    json_text(j, "type", ""), "urn:hosogate:error:bad-field");
	assert_int_equal(json_int(j, "status", 0), 400);
	assert_string_equal(
	    json_text(j, "trace_id", ""), "4bf92f3577b34da6a3ce929d0e0e4736");
	fault = json_at(json_find(j, "errors"), 0);
	assert_string_equal(
	    json_text(fault, "pointer", ""), "/documents/0/name");
	json_free(j);
	reply_free(r);
}

static void
a_file_is_saved_under_its_name_whatever_that_is(void **unused)
{
	static const struct {
		const char *name, *says;
	} rows[] = {
		{ "bien-lai-00000001.pdf",
		    "attachment; filename=\"bien-lai-00000001.pdf\"" },
		{ "a\"b.pdf", "attachment; filename*=UTF-8''a%22b.pdf" },
		{ "Đơn 1.pdf",
		    "attachment; filename*=UTF-8''%C4%90%C6%A1n%201.pdf" },
		{ "x\r\ny: z", "attachment; filename*=UTF-8''x%0D%0Ay%3A%20z" },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		struct reply *r = reply_attachment(
		    "application/pdf", "%PDF-", 5, rows[i].name);
		size_t len;

		assert_int_equal(reply_status(r), 200);
		assert_string_equal(reply_type(r), "application/pdf");
		assert_string_equal(
		    reply_find(r, "Content-Disposition"), rows[i].says);
		assert_memory_equal(reply_body(r, &len), "%PDF-", 5);
		assert_int_equal(len, 5);
		reply_free(r);
	}
}

static void
the_title_is_in_the_callers_language_and_both_are_there(void **unused)
{
	static const enum err_lang langs[] = { ERR_EN, ERR_VI };
	struct err e = { 0 };

	(void)unused;

	err_set(&e, ERR_NOT_FOUND, "x");
	for (size_t i = 0; i < nitems(langs); i++) {
		struct reply *r = reply_err(asking(langs[i]), &e);
		struct json *j = body(r);
		const struct json *both = json_find(j, "titles");

		assert_string_equal(json_text(j, "title", ""),
		    err_title(ERR_NOT_FOUND, langs[i]));
		assert_string_equal(json_text(both, "en", ""),
		    err_title(ERR_NOT_FOUND, ERR_EN));
		assert_string_equal(json_text(both, "vi", ""),
		    err_title(ERR_NOT_FOUND, ERR_VI));
		assert_string_equal(reply_find(r, "Content-Language"),
		    langs[i] == ERR_EN ? "en" : "vi");
		json_free(j);
		reply_free(r);
	}
}

static void
what_passes_by_itself_says_when_to_come_again(void **unused)
{
	static const struct {
		enum err_code code;
		bool again;
	} rows[] = { { ERR_STORAGE, true }, { ERR_BUSY, true },
		{ ERR_TOO_MANY, true }, { ERR_KEY_IN_FLIGHT, true },
		{ ERR_BAD_FIELD, false }, { ERR_WRONG_STATE, false } };

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		struct err e = { 0 };
		struct reply *r;

		err_set(&e, rows[i].code, "x");
		r = reply_err(asking(ERR_EN), &e);
		assert_true(
		    (reply_find(r, "Retry-After") != NULL) == rows[i].again);
		reply_free(r);
	}
}

static void
who_must_prove_himself_is_told_how(void **unused)
{
	struct err e = { 0 };
	struct reply *r;

	(void)unused;

	err_set(&e, ERR_UNAUTHENTICATED, "x");
	r = reply_err(asking(ERR_EN), &e);
	assert_string_equal(reply_find(r, "WWW-Authenticate"), "Bearer");
	reply_free(r);
}

static struct reply *
tagged(int status)
{
	struct reply *r = reply_bytes(status, "text/plain", "x", 1);

	reply_etag(r, 7);
	return r;
}

static void
only_the_very_tag_is_fresh(void **unused)
{
	static const struct {
		const char *value;
		int status;
	} rows[] = { { NULL, 200 }, { "", 200 }, { "\"v70\"", 200 },
		{ "\"v6\"", 200 }, { "v7", 200 }, { "\"v7\"", 304 },
		{ "W/\"v7\"", 304 }, { "\"v6\", \"v7\"", 304 }, { "*", 304 } };
	struct reply *r;
	size_t len;

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		r = reply_fresh(tagged(200), rows[i].value);
		assert_int_equal(reply_status(r), rows[i].status);
		assert_string_equal(reply_find(r, "ETag"), "\"v7\"");
		reply_body(r, &len);
		assert_int_equal(len, rows[i].status == 200);
		reply_free(r);
	}
	r = reply_fresh(tagged(201), "\"v7\"");
	assert_int_equal(reply_status(r), 201);
	reply_free(r);
}

static void
a_reply_owns_its_bytes(void **unused)
{
	char text[] = "abc", value[] = "def";
	struct reply *r = reply_bytes(200, "text/plain", text, 3);
	size_t len;

	(void)unused;

	reply_header(r, "X-A", value);
	memset(text, 'x', 3);
	memset(value, 'x', 3);
	assert_memory_equal(reply_body(r, &len), "abc", 3);
	assert_int_equal(len, 3);
	assert_string_equal(reply_find(r, "X-A"), "def");
	assert_null(reply_find(r, "X-B"));
	reply_free(r);
	reply_free(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_file_is_saved_under_its_name_whatever_that_is),
		cmocka_unit_test(
		    a_refusal_names_the_field_and_hides_the_detail),
		cmocka_unit_test(
		    the_title_is_in_the_callers_language_and_both_are_there),
		cmocka_unit_test(what_passes_by_itself_says_when_to_come_again),
		cmocka_unit_test(who_must_prove_himself_is_told_how),
		cmocka_unit_test(only_the_very_tag_is_fresh),
		cmocka_unit_test(a_reply_owns_its_bytes),
	};

	log_open(-1, LOG_WARN); /* refusals are logged; not here */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
