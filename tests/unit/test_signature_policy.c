/*
 * Signature policies that a signature names, made by
 * tests/fixtures/make-time.js: recorded always, asked for where the policy
 * file does.
 */
#include "crypto/signature_policy.h"

#include "base/base.h"
#include "base/clock.h"
#include "crypto/judge.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "tests/unit/fixture.h"

static struct trust *plain, *demanding; /* without policy.json, and with it */

static struct trust *
open_trust(bool with_policy)
{
	struct trust_bundle *b = trust_bundle_new();

	fixture_add(b, "pki/root.der", TRUST_ANCHOR, TRUST_ANY);
	fixture_add(b, "pki/root.crl", TRUST_CRL, 0);
	fixture_add(b, "pki/ca.crl", TRUST_CRL, 0);
	if (with_policy)
		fixture_add(b, "policy.json", TRUST_POLICY, 0);
	return fixture_open(b);
}

static int
make(void **unused)
{
	(void)unused;

	trust_init();
	fixture_make("tests/fixtures/make-time.js");
	plain = open_trust(false);
	demanding = open_trust(true);
	return 0;
}

static int
unmake(void **unused)
{
	(void)unused;

	trust_free(plain);
	trust_free(demanding);
	fixture_remove();
	return 0;
}

static struct report *
judge_by(const char *name, const struct trust *t)
{
	struct blob data = fixture_load(name);
	struct question q = { .trust = t, .policy = trust_policy(t) };
	struct report *r;

	assert_true(clock_parse_rfc3339("2024-06-01T00:00:00Z", &q.at_us));
	print_message("%s\n", name);
	r = judge_file(name, data.data, data.len, &q);
	blob_release(&data);
	return r;
}

/* Under the file that lists the signature policies it knows. */
static const struct {
	const char *name;
	enum subindication sub;
	const char *recorded;
	enum finding_code found; /* of the digest; FIND_COUNT: none */
} policies[] = {
	{ "good/plain.p7m", SUB_NONE, NULL, FIND_COUNT },
	{ "good/policy.p7m", SUB_NONE, "1.2.3.4, sha256 8234", FIND_COUNT },
	{ "good/policy-without-digest.p7m", SUB_NONE,
	    "1.2.3.4, without a digest", FIND_COUNT },
	{ "good/policy-of-zeros.p7m", SUB_NONE, "1.2.3.4, without a digest",
	    FIND_COUNT },
	{ "good/policy.xml", SUB_NONE, "urn:oid:1.2.3.4, sha256 8234",
	    FIND_COUNT },
	{ "bad/policy-implied.p7m", SUB_SIGNATURE_POLICY_NOT_AVAILABLE,
	    "implied", FIND_COUNT },
	{ "bad/policy-implied.xml", SUB_SIGNATURE_POLICY_NOT_AVAILABLE,
	    "implied", FIND_COUNT },
	{ "bad/policy-unknown.xml", SUB_SIGNATURE_POLICY_NOT_AVAILABLE,
	    "urn:none, sha256", FIND_COUNT },
	{ "bad/policy-digest-unknown.p7m", SUB_SIGNATURE_POLICY_NOT_AVAILABLE,
	    "1.2.3.4, unknown digest", FIND_ALGORITHM_UNKNOWN },
	{ "bad/policy-digest-too-short.p7m", SUB_POLICY_PROCESSING_ERROR,
	    "1.2.3.4, sha256", FIND_ALGORITHM_MISMATCH },
	{ "bad/policy-of-another-document.p7m", SUB_POLICY_PROCESSING_ERROR,
	    "1.2.3.4, sha256", FIND_COUNT },
	{ "bad/policy-of-another-document.xml", SUB_POLICY_PROCESSING_ERROR,
	    "urn:oid:1.2.3.4, sha256", FIND_COUNT },
};

static const char *
recorded_policy(const struct signature_report *s)
{
	for (size_t i = 0; i < s->finding_count; i++)
		if (s->findings[i].code == FIND_SIGNATURE_POLICY)
			return s->findings[i].detail;
	return NULL;
}

static void
a_signature_policy_is_recorded_and_asked_for_only_where_the_file_does(
    void **unused)
{
	(void)unused;

	for (size_t i = 0; i < nitems(policies); i++) {
		const char *want = policies[i].recorded, *have;
		struct report *r = judge_by(policies[i].name, demanding);

		have = recorded_policy(&r->signatures[0]);
		assert_int_equal(
		    r->signatures[0].subindication, policies[i].sub);
		assert_true((want == NULL) == (have == NULL));
		if (want != NULL)
			assert_int_equal(strncmp(have, want, strlen(want)), 0);
		if (policies[i].found != FIND_COUNT)
			assert_true(signature_has(
			    &r->signatures[0], policies[i].found));
		report_free(r);

		r = judge_by(policies[i].name, plain);
		assert_int_equal(r->indication, TOTAL_PASSED);
		report_free(r);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_signature_policy_is_recorded_and_asked_for_only_where_the_file_does),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
