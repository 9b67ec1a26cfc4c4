/* Who hands a dossier in: refused unless it can bind a signer. */
#include "gateway/applicant.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"

static bool
check(const char *text, struct err *e)
{
	struct json *j = NULL;
	bool ok;

	*e = (struct err){ 0 };
	assert_true(json_parse(text, strlen(text), &j, e));
	ok = applicant_check(j, "/applicant", e);
	json_free(j);
	return ok;
}

static bool
check_id(const char *kind, const char *id, struct err *e)
{
	char text[256];

	snprintf(text, sizeof(text),
	    "{\"kind\":\"citizen\",\"name\":\"A\",\"id_kind\":\"%s\","
	    "\"id\":\"%s\"}",
	    kind, id);
	return check(text, e);
}

static void
an_id_of_the_wrong_shape_is_refused(void **unused)
{
	static const char *const bad[][2] = { { "CCCD", "01234567890" },
		{ "CCCD", "0123456789012" }, { "CCCD", "01234567890x" },
		{ "CMND", "12345678" }, { "MST", "031234567" },
		{ "MST", "0312345678-01" }, { "MST", "0312345678_001" } };
	struct err e;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		assert_false(check_id(bad[i][0], bad[i][1], &e));
		assert_int_equal(e.code, ERR_BAD_FIELD);
		assert_string_equal(e.pointer, "/applicant/id");
	}
}

static void
an_id_as_the_law_writes_it_is_taken(void **unused)
{
	static const char *const good[][2] = { { "CCCD", "012345678901" },
		{ "CMND", "123456789" }, { "MST", "0312345678" },
		{ "MST", "0312345678-001" }, { "HC", "C1234567" } };
	struct err e;

	(void)unused;

	for (size_t i = 0; i < nitems(good); i++)
		assert_true(check_id(good[i][0], good[i][1], &e));
}

static void
an_address_that_could_write_headers_is_refused(void **unused)
{
	static const char *const bad[] = { "no-at.vn", "@x.vn", "a@b@c.vn",
		"a b@c.vn", "a@c", "a@c.vn,b@d.vn", "<a@c.vn>" };
	char text[256];
	struct err e;

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		snprintf(text, sizeof(text),
		    "{\"kind\":\"citizen\",\"name\":\"A\",\"id_kind\":\"HC\","
		    "\"id\":\"1\",\"email\":\"%s\"}",
		    bad[i]);
		assert_false(check(text, &e));
		assert_string_equal(e.pointer, "/applicant/email");
	}
}

static void
an_unknown_kind_or_field_is_refused(void **unused)
{
	struct err e;

	(void)unused;

	assert_false(check("{\"kind\":\"king\",\"name\":\"A\","
			   "\"id_kind\":\"HC\",\"id\":\"1\"}",
	    &e));
	assert_string_equal(e.pointer, "/applicant/kind");
	assert_false(check("{\"kind\":\"citizen\",\"name\":\"A\","
			   "\"id_kind\":\"HC\",\"id\":\"1\",\"x\":1}",
	    &e));
	assert_int_equal(e.code, ERR_UNKNOWN_FIELD);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_of_the_wrong_shape_is_refused),
		cmocka_unit_test(an_id_as_the_law_writes_it_is_taken),
		cmocka_unit_test(
		    an_address_that_could_write_headers_is_refused),
		cmocka_unit_test(an_unknown_kind_or_field_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
