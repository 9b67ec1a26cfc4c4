/* The route table: what a path is, and what its {names} hold. */
#include "gateway/route.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "gateway/request.h"

static const struct route *
find(const char *method, const char *path, const char *allowed)
{
	char allow[ROUTE_ALLOW_LEN];
	const struct route *r = route_find(method, path, allow);

	if (allowed != NULL)
		assert_string_equal(allow, allowed);
	return r;
}

static void
a_path_that_is_not_quite_one_is_none(void **unused)
{
	static const char *const bad[] = { "", "/", "/v1", "/v1/", "/V1/events",
		"/v1/dossiers/", "/v1/dossiers//actions", "/v1/events/",
		"/v1/dossiers/a/b", "/v1/dossiers/a/documents/1/report/x",
		"//v1/events", "/healthz/", "/healthz\n" };

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++)
		assert_null(find("GET", bad[i], ""));
}

static void
another_method_of_a_path_is_told_which_it_takes(void **unused)
{
	(void)unused;

	assert_null(find("DELETE", "/v1/dossiers", "POST, GET, HEAD"));
	assert_null(find("GET", "/v1/dossiers/x/actions", "POST"));
	assert_null(find("POST", "/healthz", "GET, HEAD"));
	assert_null(
	    find("PUT", "/v1/payments/callbacks/vnpay", "GET, HEAD, POST"));
}

static void
head_is_a_get(void **unused)
{
	(void)unused;

	assert_non_null(find("HEAD", "/healthz", NULL));
	assert_ptr_equal(
	    find("HEAD", "/healthz", NULL), find("GET", "/healthz", NULL));
	assert_null(find("HEAD", "/v1/dossiers/x/actions", "POST"));
}

static void
the_names_of_a_path_are_bound(void **unused)
{
	static const char path[] =
	    "/v1/dossiers/H29.20-261123-0001/documents/42/report";
	const struct route *r = find("GET", path, NULL);
	struct request req = { 0 };
	char storage[sizeof(path)];

	(void)unused;

	assert_non_null(r);
	route_bind(r, path, &req, storage);
	assert_string_equal(req.arg.code, "H29.20-261123-0001");
	assert_string_equal(req.arg.id, "42");
	assert_null(req.arg.provider);
	assert_null(req.arg.set);
}

static void
every_row_can_be_run_where_it_says(void **unused)
{
	static const struct {
		const char *method, *path;
		enum route_where where;
	} rows[] = {
		{ "GET", "/healthz", ROUTE_FRONT },
		{ "GET", "/readyz", ROUTE_WORK },
		{ "POST", "/v1/dossiers", ROUTE_WORK },
		{ "POST", "/v1/payments/callbacks/vnpay", ROUTE_BATCH },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(rows); i++) {
		const struct route *r =
		    find(rows[i].method, rows[i].path, NULL);

		assert_non_null(r);
		assert_int_equal(r->where, rows[i].where);
		assert_true((r->where == ROUTE_BATCH) == (r->batch != NULL));
		assert_true((r->where == ROUTE_BATCH) == (r->fn == NULL));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_that_is_not_quite_one_is_none),
		cmocka_unit_test(
		    another_method_of_a_path_is_told_which_it_takes),
		cmocka_unit_test(head_is_a_get),
		cmocka_unit_test(the_names_of_a_path_are_bound),
		cmocka_unit_test(every_row_can_be_run_where_it_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
