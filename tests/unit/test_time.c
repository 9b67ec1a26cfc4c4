/*
 * Signatures over the years, made by tests/fixtures/make-time.js and judged
 * on 1 June 2024: every kind of timestamp of CAdES, XAdES and PAdES, what it
 * proves, and what becomes of a signature whose certificates, authorities and
 * algorithms have ended (EN 319 102-1, 5.5 and 5.6).
 */
#include "base/base.h"
#include "base/clock.h"
#include "crypto/judge.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "tests/unit/fixture.h"

static struct trust *trust;

static struct trust *
open_trust(void)
{
	struct trust_bundle *b = trust_bundle_new();
	static const char *const crls[] = { "pki/root.crl", "pki/ca.crl",
		"pki/root-2020.crl", "pki/ca-2021-autumn.crl" };

	fixture_add(b, "pki/root.der", TRUST_ANCHOR, TRUST_ANY);
	for (size_t i = 0; i < nitems(crls); i++)
		fixture_add(b, crls[i], TRUST_CRL, 0);
	return fixture_open(b);
}

static int
make(void **unused)
{
	(void)unused;

	trust_init();
	fixture_make("tests/fixtures/make-time.js");
	trust = open_trust();
	return 0;
}

static int
unmake(void **unused)
{
	(void)unused;

	trust_free(trust);
	fixture_remove();
	return 0;
}

static int64_t
instant(const char *text)
{
	int64_t us;

	assert_true(clock_parse_rfc3339(text, &us));
	return us;
}

static struct report *
read_and_judge(const char *name)
{
	struct blob data = fixture_load(name);
	const struct question q = { .at_us = instant("2024-06-01T00:00:00Z"),
		.trust = trust,
		.policy = trust_policy(trust) };
	struct report *r = judge_file(name, data.data, data.len, &q);

	print_message("%s\n", name);
	blob_release(&data);
	return r;
}

static struct report *
judge(const char *name)
{
	struct report *r = read_and_judge(name);

	assert_int_equal(r->signature_count, 1);
	return r;
}

#define KINDS_MAX 3

static const struct {
	const char *name;
	enum signature_level level;
	size_t count;
	enum timestamp_kind kinds[KINDS_MAX];
} stamped[] = {
	{ "good/plain.p7m", LEVEL_B_B, 0, { 0 } },
	{ "good/content.p7m", LEVEL_B_B, 1, { TIMESTAMP_CONTENT } },
	{ "good/signature.p7m", LEVEL_B_LT, 1, { TIMESTAMP_SIGNATURE } },
	{ "good/references.p7m", LEVEL_B_LT, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_REFERENCES } },
	{ "good/signature-and-references.p7m", LEVEL_B_LT, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_SIGNATURE_AND_REFERENCES } },
	{ "good/archive-v2.p7m", LEVEL_B_LTA, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE } },
	{ "good/archive-v2-untagged.p7m", LEVEL_B_LTA, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE } },
	{ "good/archive-v2-twice.p7m", LEVEL_B_LTA, 3,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE, TIMESTAMP_ARCHIVE } },
	{ "good/archive-v3.p7m", LEVEL_B_LTA, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE } },
	{ "good/archive-v3-first-index.p7m", LEVEL_B_LTA, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE } },
	{ "good/archive-v3-index-full.p7m", LEVEL_B_LTA, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE } },
	{ "good/archive-v3-twice.p7m", LEVEL_B_LTA, 3,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE, TIMESTAMP_ARCHIVE } },
	{ "good/archive-v3-and-later-values.p7m", LEVEL_B_LTA, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE } },
	{ "good/content-all.xml", LEVEL_B_B, 1, { TIMESTAMP_CONTENT } },
	{ "good/content-individual.xml", LEVEL_B_B, 1, { TIMESTAMP_CONTENT } },
	{ "good/signature.xml", LEVEL_B_LT, 1, { TIMESTAMP_SIGNATURE } },
	{ "good/references.xml", LEVEL_B_LT, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_REFERENCES } },
	{ "good/references-second.xml", LEVEL_B_LT, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_REFERENCES } },
	{ "good/signature-and-references.xml", LEVEL_B_LT, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_SIGNATURE_AND_REFERENCES } },
	{ "good/signature-and-references-second.xml", LEVEL_B_LT, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_SIGNATURE_AND_REFERENCES } },
	{ "good/archive.xml", LEVEL_B_LTA, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE } },
	{ "good/archive-second.xml", LEVEL_B_LTA, 2,
	    { TIMESTAMP_SIGNATURE, TIMESTAMP_ARCHIVE } },
};

static void
every_kind_of_timestamp_holds_over_what_it_is_for(void **unused)
{
	(void)unused;

	for (size_t i = 0; i < nitems(stamped); i++) {
		struct report *r = judge(stamped[i].name);
		const struct signature_report *s = &r->signatures[0];

		assert_int_equal(s->indication, TOTAL_PASSED);
		assert_int_equal(s->level, stamped[i].level);
		assert_int_equal(s->timestamp_count, stamped[i].count);
		for (size_t k = 0; k < stamped[i].count; k++) {
			assert_int_equal(
			    s->timestamps[k].kind, stamped[i].kinds[k]);
			assert_int_equal(
			    s->timestamps[k].indication, TOTAL_PASSED);
		}
		assert_int_equal(
		    s->proven_us, stamped[i].level == LEVEL_B_B
				      ? 0
				      : instant("2021-06-15T00:00:00Z"));
		report_free(r);
	}
}

static void
a_timestamp_over_something_else_proves_nothing_and_breaks_nothing(void **unused)
{
	static const struct {
		const char *name;
		enum signature_level level;
		bool proven; /* by another one */
	} bad[] = {
		{ "bad/content-of-another.p7m", LEVEL_B_B, false },
		{ "bad/signature-over-the-content.p7m", LEVEL_B_B, false },
		{ "bad/references-over-the-value.p7m", LEVEL_B_LT, true },
		{ "bad/esc-over-the-references.p7m", LEVEL_B_LT, true },
		{ "bad/archive-v2-certificate-added.p7m", LEVEL_B_LT, true },
		{ "bad/archive-v2-over-the-value.p7m", LEVEL_B_LT, true },
		{ "bad/archive-v3-without-index.p7m", LEVEL_B_LT, true },
		{ "bad/archive-v3-index-too-long.p7m", LEVEL_B_LT, true },
		{ "bad/archive-v3-certificate-missing.p7m", LEVEL_B_LT, true },
		{ "bad/archive-v3-crl-missing.p7m", LEVEL_B_LT, true },
		{ "bad/archive-v3-attribute-missing.p7m", LEVEL_B_LT, true },
		{ "bad/archive-v3-of-other-content.p7m", LEVEL_B_LT, true },
		{ "bad/content-of-another.xml", LEVEL_B_B, false },
		{ "bad/signature-over-the-data.xml", LEVEL_B_B, false },
		{ "bad/references-over-the-value.xml", LEVEL_B_LT, true },
		{ "bad/references-second-over-the-value.xml", LEVEL_B_LT,
		    true },
		{ "bad/references-of-the-other-edition.xml", LEVEL_B_LT, true },
		{ "bad/signature-and-references-over-the-value.xml", LEVEL_B_LT,
		    true },
		{ "bad/signature-and-references-second-over-the-value.xml",
		    LEVEL_B_LT, true },
		{ "bad/archive-over-the-value.xml", LEVEL_B_LT, true },
		{ "bad/archive-second-over-the-value.xml", LEVEL_B_LT, true },
		{ "bad/archive-of-the-other-edition.xml", LEVEL_B_LT, true },
		{ "bad/archive-over-what-comes-after.xml", LEVEL_B_LT, true },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(bad); i++) {
		struct report *r = judge(bad[i].name);
		const struct signature_report *s = &r->signatures[0];
		const struct timestamp_report *t =
		    &s->timestamps[s->timestamp_count - 1];

		assert_int_equal(s->indication, TOTAL_PASSED);
		assert_int_equal(s->integrity, INTEGRITY_INTACT);
		assert_int_equal(s->level, bad[i].level);
		assert_int_equal(t->integrity, INTEGRITY_BROKEN);
		assert_int_equal(t->indication, TOTAL_FAILED);
		assert_int_equal(t->subindication, SUB_HASH_FAILURE);
		assert_true(signature_has(s, FIND_TIMESTAMP));
		assert_int_equal(s->proven_us,
		    bad[i].proven ? instant("2021-06-15T00:00:00Z") : 0);
		report_free(r);
	}
}

static void
a_token_that_cannot_be_read_raises_no_level(void **unused)
{
	struct report *r = judge("bad/archive-v2-unreadable.p7m");
	const struct signature_report *s = &r->signatures[0];

	(void)unused;

	assert_int_equal(s->indication, TOTAL_PASSED);
	assert_int_equal(s->level, LEVEL_B_LT);
	assert_int_equal(s->timestamps[1].integrity, INTEGRITY_UNKNOWN);
	assert_int_equal(s->timestamps[1].subindication, SUB_FORMAT_FAILURE);
	report_free(r);
}

static void
more_timestamps_than_are_read_are_a_limit_that_is_named(void **unused)
{
	struct report *r = judge("bad/seventeen-timestamps.p7m");

	(void)unused;

	assert_int_equal(
	    r->signatures[0].timestamp_count, REPORT_TIMESTAMPS_MAX);
	assert_true(signature_has(&r->signatures[0], FIND_LIMIT));
	report_free(r);
}

/* The same signature and evidence, and a proof in time: it passes. */
static void
what_was_proved_to_be_there_before_the_end_stays_good(void **unused)
{
	static const char *const good[] = {
		"good/expired-stamped-before.p7m",
		"good/revoked-stamped-before.p7m",
		"good/tsa-expired-archived-before.p7m",
		"good/tsa-expired-archived-by-v2.p7m",
		"good/tsa-expired-under-esc.p7m",
		"good/tsa-revoked-archived-before.p7m",
		"good/ca-expired-archived-before.p7m",
		"good/ca-expired-archived-by-v2.p7m",
		"good/ca-expired-under-references.p7m",
		"good/ca-revoked-archived-before.p7m",
		"good/responder-expired-archived-before.p7m",
		"good/weak-key-stamped-before.p7m",
		"good/expired-stamped-before.xml",
		"good/tsa-expired-archived-before.xml",
		"good/tsa-expired-under-references.xml",
		"good/ca-expired-archived-before.xml",
		"good/ca-expired-under-references.xml",
		"good/issuer-serial.xml",
		"good/serial-number.xml",
	};

	(void)unused;

	for (size_t i = 0; i < nitems(good); i++) {
		struct report *r = judge(good[i]);

		assert_int_equal(r->subindication, SUB_NONE);
		assert_int_equal(r->indication, TOTAL_PASSED);
		report_free(r);
	}
}

/* Each that can apply is there, by the one fault that makes it. */
static const struct {
	enum subindication sub;
	const char *name;
} faults[] = {
	{ SUB_FORMAT_FAILURE, "bad/trailing-byte.p7m" },
	{ SUB_HASH_FAILURE, "bad/digest-of-another.p7m" },
	{ SUB_SIG_CRYPTO_FAILURE, "bad/value-changed.p7m" },
	{ SUB_REVOKED, "bad/revoked-before-content-stamp.p7m" },
	{ SUB_EXPIRED, "bad/expired-before-content-stamp.p7m" },
	{ SUB_NOT_YET_VALID, "bad/stamped-before-it-was-issued.p7m" },
	{ SUB_SIG_CONSTRAINTS_FAILURE, "bad/algorithms-differ.p7m" },
	{ SUB_CHAIN_CONSTRAINTS_FAILURE, "bad/key-for-enciphering.p7m" },
	{ SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE,
	    "bad/critical-extension-unknown.p7m" },
	{ SUB_CRYPTO_CONSTRAINTS_FAILURE, "bad/weak-key-stamped-after.p7m" },
	{ SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
	    "bad/weak-key-not-stamped.p7m" },
	{ SUB_TIMESTAMP_ORDER_FAILURE,
	    "bad/signed-before-its-content-stamp.p7m" },
	{ SUB_TIMESTAMP_ORDER_FAILURE,
	    "bad/archived-before-it-was-stamped.p7m" },
	{ SUB_TIMESTAMP_ORDER_FAILURE, "bad/archived-twice-backwards.p7m" },
	{ SUB_NO_SIGNING_CERTIFICATE_FOUND, "bad/certificate-not-inside.p7m" },
	{ SUB_NO_CERTIFICATE_CHAIN_FOUND, "bad/of-strangers.p7m" },
	{ SUB_REVOKED_NO_POE, "bad/revoked-not-stamped.p7m" },
	{ SUB_REVOKED_NO_POE, "bad/revoked-stamped-after.p7m" },
	{ SUB_REVOKED_CA_NO_POE, "bad/ca-revoked-before-stamp.p7m" },
	{ SUB_OUT_OF_BOUNDS_NOT_REVOKED, "bad/expired-known-not-revoked.p7m" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/expired-not-stamped.p7m" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/expired-stamped-after.p7m" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/references-alone.p7m" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/tsa-expired.p7m" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/tsa-expired-archived-after.p7m" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/tsa-expired-archive-broken.p7m" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/tsa-revoked.p7m" },
	{ SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE, "bad/ca-expired.p7m" },
	{ SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE,
	    "bad/ca-expired-archived-after.p7m" },
	{ SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE,
	    "bad/ca-expired-under-weak-references.p7m" },
	{ SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE,
	    "bad/ca-expired-under-weak-references.xml" },
	{ SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE,
	    "bad/ca-expired-archived-by-weak-index.p7m" },
	{ SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE, "bad/responder-expired.p7m" },
	{ SUB_NO_POE, "bad/ca-revoked.p7m" },
	{ SUB_TRY_LATER, "bad/nobody-answers.p7m" },
	{ SUB_SIGNED_DATA_NOT_FOUND, "bad/content-not-at-hand.p7m" },
	{ SUB_TIMESTAMP_ORDER_FAILURE,
	    "bad/archived-before-it-was-stamped.xml" },
	{ SUB_TIMESTAMP_ORDER_FAILURE,
	    "bad/signed-before-its-content-stamp.xml" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/expired-not-stamped.xml" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/tsa-expired.xml" },
	{ SUB_OUT_OF_BOUNDS_NO_POE, "bad/tsa-expired-archived-after.xml" },
	{ SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE, "bad/ca-expired.xml" },
	{ SUB_NO_SIGNING_CERTIFICATE_FOUND,
	    "bad/issuer-serial-of-another.xml" },
	{ SUB_NO_SIGNING_CERTIFICATE_FOUND,
	    "bad/issuer-serial-unreadable.xml" },
	{ SUB_NO_SIGNING_CERTIFICATE_FOUND,
	    "bad/serial-number-of-another.xml" },
	{ SUB_NO_SIGNING_CERTIFICATE_FOUND, "bad/serial-number-no-number.xml" },
	{ SUB_FORMAT_FAILURE, "bad/policy-unreadable.p7m" },
};

/* Anchors here have no end of their own, apart from their validity; those of
 * signature policies are in test_signature_policy.c. */
static const enum subindication inapplicable[] = {
	SUB_NO_CERTIFICATE_CHAIN_FOUND_NO_POE,
	SUB_SIGNATURE_POLICY_NOT_AVAILABLE,
	SUB_POLICY_PROCESSING_ERROR,
};

static void
each_fault_is_told_by_its_subindication(void **unused)
{
	(void)unused;

	for (size_t i = 0; i < nitems(faults); i++) {
		struct report *r = judge(faults[i].name);
		enum subindication sub = r->signatures[0].subindication;

		if (sub != faults[i].sub)
			fail_msg("%s", subindication_name(sub));
		assert_int_equal(
		    r->indication, subindication_indication(faults[i].sub));
		report_free(r);
	}
}

static bool
is_shown(enum subindication sub)
{
	for (size_t i = 0; i < nitems(faults); i++)
		if (faults[i].sub == sub)
			return true;
	for (size_t i = 0; i < nitems(inapplicable); i++)
		if (inapplicable[i] == sub)
			return true;
	return false;
}

static void
every_other_subindication_is_shown_or_cannot_apply(void **unused)
{
	(void)unused;

	for (unsigned i = SUB_NONE + 1; i <= SUB_SIGNED_DATA_NOT_FOUND; i++)
		if (!is_shown(i))
			fail_msg("%s", subindication_name(i));
}

/* A counter-signature has a verdict of its own, and the archive timestamps of
 * the signature it stands in for a proof. */
static const struct {
	const char *name;
	enum subindication sub;
	const char *proven;
} counters[] = {
	{ "good/counter-signed.xml", SUB_NONE, NULL },
	{ "good/counter-signed-and-archived.xml", SUB_NONE,
	    "2021-09-01T00:00:00Z" },
	{ "bad/counter-signed-over-the-data.xml", SUB_SIG_CONSTRAINTS_FAILURE,
	    NULL },
	{ "bad/counter-signed-another-value.xml", SUB_HASH_FAILURE, NULL },
	{ "bad/counter-signed-by-a-revoked.xml", SUB_REVOKED_NO_POE, NULL },
	{ "bad/counter-signed-by-an-expired.xml", SUB_OUT_OF_BOUNDS_NO_POE,
	    NULL },
	{ "good/counter-signed-by-an-expired.xml", SUB_NONE,
	    "2020-06-15T00:00:00Z" },
	{ "bad/counter-signed-by-an-expired.p7m", SUB_OUT_OF_BOUNDS_NO_POE,
	    NULL },
	{ "good/counter-signed-by-an-expired.p7m", SUB_NONE,
	    "2020-06-15T00:00:00Z" },
	{ "good/counter-signed-by-an-expired-v2.p7m", SUB_NONE,
	    "2020-06-15T00:00:00Z" },
};

static void
a_counter_signature_is_judged_for_itself_and_proved_by_the_archive(
    void **unused)
{
	(void)unused;

	for (size_t i = 0; i < nitems(counters); i++) {
		struct report *r = read_and_judge(counters[i].name);
		const struct signature_report *s = &r->signatures[1];
		const char *proven = counters[i].proven;

		assert_int_equal(r->signature_count, 2);
		assert_int_equal(r->signatures[0].indication, TOTAL_PASSED);
		assert_int_equal(s->kind, KIND_COUNTER_SIGNATURE);
		if (s->subindication != counters[i].sub)
			fail_msg("%s", subindication_name(s->subindication));
		assert_int_equal(
		    s->proven_us, proven == NULL ? 0 : instant(proven));
		report_free(r);
	}
}

/* The signature's own verdict; where it passes, the timestamps' too. */
static const struct {
	const char *name;
	enum subindication sub;
	enum signature_level level;
	const char *proven;
} documents[] = {
	{ "good/b-b.pdf", SUB_NONE, LEVEL_B_B, NULL },
	{ "good/b-t.pdf", SUB_NONE, LEVEL_B_T, "2021-06-15T00:00:00Z" },
	{ "good/b-t-by-document.pdf", SUB_NONE, LEVEL_B_T,
	    "2021-06-15T00:00:00Z" },
	{ "good/b-lt.pdf", SUB_NONE, LEVEL_B_LT, "2021-06-15T00:00:00Z" },
	{ "good/b-lta.pdf", SUB_NONE, LEVEL_B_LTA, "2021-06-15T00:00:00Z" },
	{ "good/b-lta-by-document.pdf", SUB_NONE, LEVEL_B_LTA,
	    "2021-06-15T00:00:00Z" },
	{ "good/tsa-expired-stamped-again.pdf", SUB_NONE, LEVEL_B_LTA,
	    "2020-06-15T00:00:00Z" },
	{ "bad/tsa-expired.pdf", SUB_OUT_OF_BOUNDS_NO_POE, LEVEL_B_LT, NULL },
	{ "good/ca-expired-dss-stamped.pdf", SUB_NONE, LEVEL_B_LTA,
	    "2020-06-15T00:00:00Z" },
	{ "bad/ca-expired.pdf", SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE, LEVEL_B_LT,
	    "2020-06-15T00:00:00Z" },
	{ "bad/ca-expired-dss-after-the-stamp.pdf",
	    SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE, LEVEL_B_LT,
	    "2020-06-15T00:00:00Z" },
	{ "bad/stamp-of-other-bytes.pdf", SUB_NONE, LEVEL_B_B, NULL },
	{ "bad/stamps-backwards.pdf", SUB_NONE, LEVEL_B_T,
	    "2021-09-01T00:00:00Z" },
};

static void
a_document_timestamp_proves_what_its_revision_holds(void **unused)
{
	(void)unused;

	for (size_t i = 0; i < nitems(documents); i++) {
		struct report *r = read_and_judge(documents[i].name);
		const struct signature_report *s = &r->signatures[0];
		const char *proven = documents[i].proven;

		if (s->subindication != documents[i].sub)
			fail_msg("%s", subindication_name(s->subindication));
		assert_int_equal(s->kind, KIND_SIGNATURE);
		assert_int_equal(s->level, documents[i].level);
		assert_int_equal(
		    s->proven_us, proven == NULL ? 0 : instant(proven));
		assert_false(r->document_modified);
		if (strncmp(documents[i].name, "good/", 5) == 0)
			assert_int_equal(r->indication, TOTAL_PASSED);
		report_free(r);
	}
}

static void
a_document_timestamp_that_holds_nothing_or_too_much_is_told(void **unused)
{
	struct report *r = read_and_judge("bad/stamp-of-other-bytes.pdf");

	(void)unused;

	assert_int_equal(r->signatures[1].kind, KIND_DOCUMENT_TIMESTAMP);
	assert_int_equal(r->signatures[1].subindication, SUB_HASH_FAILURE);
	report_free(r);

	r = read_and_judge("bad/stamps-backwards.pdf");
	assert_int_equal(
	    r->signatures[1].subindication, SUB_TIMESTAMP_ORDER_FAILURE);
	assert_int_equal(r->signatures[2].subindication, SUB_NONE);
	report_free(r);
}

/* A token whose imprint is by an algorithm that had ended proves nothing. */
static void
a_timestamp_by_a_weak_digest_proves_nothing(void **unused)
{
	struct report *r = judge("bad/weak-imprint.p7m");
	const struct timestamp_report *t = &r->signatures[0].timestamps[0];

	(void)unused;

	assert_int_equal(
	    t->subindication, SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE);
	assert_int_equal(t->integrity, INTEGRITY_INTACT);
	assert_int_equal(r->signatures[0].proven_us, 0);
	assert_int_equal(r->indication, TOTAL_PASSED);
	report_free(r);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_timestamp_over_something_else_proves_nothing_and_breaks_nothing),
		cmocka_unit_test(a_timestamp_by_a_weak_digest_proves_nothing),
		cmocka_unit_test(a_token_that_cannot_be_read_raises_no_level),
		cmocka_unit_test(
		    more_timestamps_than_are_read_are_a_limit_that_is_named),
		cmocka_unit_test(each_fault_is_told_by_its_subindication),
		cmocka_unit_test(
		    a_counter_signature_is_judged_for_itself_and_proved_by_the_archive),
		cmocka_unit_test(
		    a_document_timestamp_that_holds_nothing_or_too_much_is_told),
		cmocka_unit_test(
		    a_document_timestamp_proves_what_its_revision_holds),
		cmocka_unit_test(
		    every_other_subindication_is_shown_or_cannot_apply),
		cmocka_unit_test(
		    every_kind_of_timestamp_holds_over_what_it_is_for),
		cmocka_unit_test(
		    what_was_proved_to_be_there_before_the_end_stays_good),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
