/*
 * What a verdict rested on: on the PKI of tests/fixtures/make-cms.sh.
 */
#include "crypto/evidence.h"

#include "base/base.h"
#include "base/clock.h"
#include "base/json.h"
#include "crypto/chain.h"
#include "crypto/evidence_json.h"
#include "crypto/judge.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "tests/unit/fixture.h"

static int
make(void **unused)
{
	(void)unused;

	trust_init();
	fixture_make("tests/fixtures/make-cms.sh");
	return 0;
}

static int
unmake(void **unused)
{
	(void)unused;

	fixture_remove();
	return 0;
}

static struct trust *
trust_with(const char *const *crls, const char *ocsp)
{
	struct trust_bundle *b = trust_bundle_new();

	fixture_add(b, "pki/root/cert.pem", TRUST_ANCHOR,
	    TRUST_PUBLIC | TRUST_TIMESTAMP);
	fixture_add(b, "pki/ca/cert.pem", TRUST_UNTRUSTED, 0);
	for (size_t i = 0; crls[i] != NULL; i++)
		fixture_add(b, crls[i], TRUST_CRL, 0);
	if (ocsp != NULL)
		fixture_add(b, ocsp, TRUST_OCSP, 0);
	return fixture_open(b);
}

static enum indication
judge(const struct trust *t, const struct blob *der, struct evidence_list *out)
{
	const struct question q = { .at_us = clock_now_us(),
		.trust = t,
		.policy = trust_policy(t),
		.evidence = out };
	const struct chain_subject subject = { .certificate = {
						   der->data, der->len } };
	struct signature_report s = { 0 };

	signature_begin(&s);
	chain_judge(&q, &subject, &s);
	return s.indication;
}

static size_t
count(const struct evidence_list *l, enum evidence_kind kind,
    enum evidence_place place)
{
	size_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		n += l->at[i].kind == kind && l->at[i].place == place;
	return n;
}

static bool
has_bytes(const struct evidence_list *l, const struct blob *b)
{
	uint8_t sha256[DIGEST_LEN];

	digest_sha256(b->data, b->len, sha256);
	for (size_t i = 0; i < l->count; i++)
		if (memcmp(l->at[i].sha256, sha256, DIGEST_LEN) == 0)
			return true;
	return false;
}

static void
a_path_names_its_certificates_and_lists_remembered_or_not(void **unused)
{
	static const char *const crls[] = { "pki/root.crl", "pki/ca.crl",
		"pki/ca-stale.crl", NULL };
	struct blob der = fixture_load("pki/signer.der");
	struct trust *t = trust_with(crls, NULL);

	(void)unused;

	for (int again = 0; again < 2; again++) {
		struct evidence_list l = { 0 };

		assert_int_equal(judge(t, &der, &l), TOTAL_PASSED);
		assert_int_equal(l.count, 5);
		assert_int_equal(
		    count(&l, EVIDENCE_ANCHOR, EVIDENCE_BUNDLE), 1);
		assert_int_equal(
		    count(&l, EVIDENCE_CERTIFICATE, EVIDENCE_BUNDLE), 1);
		assert_int_equal(
		    count(&l, EVIDENCE_CERTIFICATE, EVIDENCE_DOCUMENT), 1);
		assert_int_equal(count(&l, EVIDENCE_CRL, EVIDENCE_BUNDLE), 2);
		assert_true(has_bytes(&l, &der));
		for (size_t i = 0; i < l.count; i++)
			assert_int_equal(l.at[i].purpose,
			    l.at[i].kind == EVIDENCE_ANCHOR
				? TRUST_PUBLIC | TRUST_TIMESTAMP
				: 0);
		evidence_release(&l);
	}
	trust_free(t);
	blob_release(&der);
}

static void
an_answer_counts_as_evidence_when_it_speaks_of_the_certificate(void **unused)
{
	static const char *const crls[] = { "pki/root.crl", NULL };
	struct blob der = fixture_load("pki/signer.der");
	struct blob good = fixture_load("pki/ocsp-good");
	struct trust *t = trust_with(crls, "pki/ocsp-good");
	struct evidence_list l = { 0 };

	(void)unused;

	assert_int_equal(judge(t, &der, &l), TOTAL_PASSED);
	assert_int_equal(count(&l, EVIDENCE_OCSP, EVIDENCE_BUNDLE), 1);
	assert_true(has_bytes(&l, &good));
	evidence_release(&l);
	trust_free(t);

	t = trust_with(crls, "pki/ocsp-revoked"); /* somebody else's */
	assert_int_equal(judge(t, &der, &l), INDETERMINATE);
	assert_int_equal(count(&l, EVIDENCE_OCSP, EVIDENCE_BUNDLE), 0);
	evidence_release(&l);
	trust_free(t);
	blob_release(&good);
	blob_release(&der);
}

static void
add_number(struct evidence_list *l, size_t n)
{
	evidence_add_bytes(l, EVIDENCE_CRL, EVIDENCE_BUNDLE, &n, sizeof(n));
}

static void
a_verdict_whose_grounds_are_too_many_to_tell_is_no_pass(void **unused)
{
	struct report *r = report_new("a.pdf");
	struct signature_report *s = report_add(r);

	(void)unused;

	signature_begin(s);
	s->integrity = INTEGRITY_INTACT;
	for (size_t i = 0; i < EVIDENCE_MAX; i++) {
		add_number(&r->evidence, i);
		add_number(&r->evidence, i);
	}
	assert_int_equal(r->evidence.count, EVIDENCE_MAX);
	judge_end(r);
	assert_int_equal(r->indication, TOTAL_PASSED);
	add_number(&r->evidence, EVIDENCE_MAX);
	assert_int_equal(r->evidence.count, EVIDENCE_MAX);
	judge_end(r);
	assert_int_equal(r->indication, INDETERMINATE);
	assert_int_equal(r->findings[0].code, FIND_LIMIT);
	report_free(r);
}

static void
a_list_of_evidence_longer_than_its_limit_is_not_read(void **unused)
{
	struct evidence_list l = { 0 }, again = { 0 };
	struct json *j;

	(void)unused;

	for (size_t i = 0; i < EVIDENCE_MAX; i++)
		add_number(&l, i);
	j = evidence_json(&l);
	assert_true(evidence_read(j, &again));
	assert_int_equal(again.count, EVIDENCE_MAX);
	evidence_release(&again);
	json_add(j, json_clone(json_at(j, 0)));
	assert_false(evidence_read(j, &again));
	json_free(j);
	evidence_release(&again);
	evidence_release(&l);
}

static bool
reads(const char *text)
{
	struct evidence_list l = { 0 };
	struct json *j = NULL;
	struct err e = { 0 };
	bool ok;

	assert_true(json_parse(text, strlen(text), &j, &e));
	ok = evidence_read(j, &l);
	evidence_release(&l);
	json_free(j);
	return ok;
}

#define HEX16 "0123456789abcdef"
#define ITEM(kind, place, more)                                                \
	"[{\"kind\":\"" kind "\",\"place\":\"" place                           \
	"\",\"sha256\":\"" HEX16 HEX16 HEX16 HEX16 "\"" more "}]"

static void
evidence_is_of_known_kinds_and_anchors_of_the_bundle(void **unused)
{
	(void)unused;

	assert_true(reads(ITEM("crl", "bundle", "")));
	assert_false(reads(ITEM("CRL", "bundle", "")));
	assert_false(reads(ITEM("crl", "network", "")));
	assert_false(reads("[{\"kind\":\"crl\",\"place\":\"bundle\","
			   "\"sha256\":\"" HEX16 "\"}]"));
	assert_false(reads("{}"));
	assert_false(reads("[1]"));
	assert_true(
	    reads(ITEM("anchor", "bundle", ",\"purposes\":[\"public\"]")));
	assert_false(reads(ITEM("anchor", "bundle", "")));
	assert_false(
	    reads(ITEM("anchor", "bundle", ",\"purposes\":[\"private\"]")));
	assert_false(
	    reads(ITEM("anchor", "document", ",\"purposes\":[\"public\"]")));
	assert_false(
	    reads(ITEM("certificate", "bundle", ",\"purposes\":[\"public\"]")));
}

static void
the_policy_that_the_program_carries_is_the_sample_file(void **unused)
{
	struct blob file = { 0 };
	struct err e = { 0 };
	const struct blob *own = policy_bytes(policy_default());

	(void)unused;

	assert_true(file_read("schemas/policy/policy.json", 65536, &file, &e));
	assert_int_equal(own->len, file.len);
	assert_memory_equal(own->data, file.data, file.len);
	blob_release(&file);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_path_names_its_certificates_and_lists_remembered_or_not),
		cmocka_unit_test(
		    an_answer_counts_as_evidence_when_it_speaks_of_the_certificate),
		cmocka_unit_test(
		    a_verdict_whose_grounds_are_too_many_to_tell_is_no_pass),
		cmocka_unit_test(
		    a_list_of_evidence_longer_than_its_limit_is_not_read),
		cmocka_unit_test(
		    evidence_is_of_known_kinds_and_anchors_of_the_bundle),
		cmocka_unit_test(
		    the_policy_that_the_program_carries_is_the_sample_file),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
