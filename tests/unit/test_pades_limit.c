/*
 * The largest PDF that is judged, and the first behind it.  Here and not in a
 * child, whose two seconds of processor time are another limit.
 */
#include "crypto/pades.h"

#include "base/clock.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "tests/unit/fixture.h"

static struct trust *trust;

static struct report *
judge(const char *name)
{
	const char *const argv[] = { "sh", "-c",
		"cd \"$0\" && "
		"exec node \"$OLDPWD/tests/fixtures/pdf-limits.js\" "
		"\"$1\" limit.pdf",
		fixture_folder, name, NULL };
	const struct question q = { .at_us = clock_now_us(),
		.trust = trust,
		.policy = trust_policy(trust) };
	struct report *r = report_new(name);
	struct blob b;

	fixture_run(argv);
	b = fixture_load("limit.pdf");
	pades_judge_file(b.data, b.len, &q, r);
	report_conclude(r);
	blob_release(&b);
	return r;
}

static void
two_million_objects_are_judged_and_one_more_is_not(void **unused)
{
	struct report *most = judge("objects-2000000");
	struct report *over = judge("objects-2000001");
	const struct finding *why = over->signatures[0].findings;

	(void)unused;

	assert_int_equal(most->indication, TOTAL_PASSED);
	assert_false(signature_has(&most->signatures[0], FIND_LIMIT));
	assert_int_equal(over->indication, TOTAL_FAILED);
	assert_int_equal(why->code, FIND_LIMIT);
	assert_string_equal(why->detail, "pdf: over 2000000 objects");
	report_free(most);
	report_free(over);
}

static int
make_fixtures(void **unused)
{
	struct trust_bundle *b = trust_bundle_new();

	(void)unused;

	fixture_make("tests/fixtures/make-pdf.sh");
	trust_init();
	fixture_add(b, "pki/root.crt", TRUST_ANCHOR, TRUST_ANY);
	fixture_add(b, "pki/root.crl", TRUST_CRL, TRUST_ANY);
	trust = fixture_open(b);
	return 0;
}

static int
remove_fixtures(void **unused)
{
	(void)unused;

	trust_free(trust);
	fixture_remove();
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    two_million_objects_are_judged_and_one_more_is_not),
	};

	return cmocka_run_group_tests(tests, make_fixtures, remove_fixtures);
}
