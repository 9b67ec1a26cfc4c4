/*
 * CMS signatures made by tests/fixtures/make-cms.sh.  Each bad one has one
 * sin and must be told by its own words; a file here that is in no table
 * below would prove nothing.
 */
#include "crypto/cms.h"

#include "base/base.h"
#include "base/clock.h"
#include "base/json.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/judge.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "tests/unit/fixture.h"

static struct trust *trust, *no_trust;
static int64_t now_us;

static struct trust *
open_trust(void)
{
	struct trust_bundle *b = trust_bundle_new();

	fixture_add(b, "pki/root/cert.pem", TRUST_ANCHOR, TRUST_ANY);
	fixture_add(b, "pki/root.crl", TRUST_CRL, 0);
	fixture_add(b, "pki/ca.crl", TRUST_CRL, 0);
	fixture_add(b, "pki/ca-2020.crl", TRUST_CRL, 0);
	return fixture_open(b);
}

static int
make(void **unused)
{
	(void)unused;

	trust_init();
	fixture_make("tests/fixtures/make-cms.sh");
	now_us = clock_now_us();
	trust = open_trust();
	no_trust = fixture_open(trust_bundle_new());
	return 0;
}

static int
unmake(void **unused)
{
	(void)unused;

	trust_free(trust);
	trust_free(no_trust);
	fixture_remove();
	return 0;
}

/* With the named content handed over, or none. */
static struct report *
judge(const char *name, const struct trust *t, const char *content)
{
	struct blob data = fixture_load(name), beside = { 0 };
	struct content c = { .name = content };
	struct question q = { .at_us = now_us,
		.trust = t,
		.policy = trust_policy(t),
		.contents = &c };
	struct report *r;

	if (content != NULL) {
		beside = fixture_load(content);
		c.data = beside.data;
		c.len = beside.len;
		q.content_count = 1;
	}
	r = judge_file(name, data.data, data.len, &q);
	blob_release(&data);
	blob_release(&beside);
	return r;
}

static void
everything_sound_passes_under_its_root(void **unused)
{
	static const struct {
		const char *name, *content;
		enum signature_level level;
		const char *algorithm;
	} good[] = {
		{ "good/attached.p7m", NULL, LEVEL_B_B, "rsa-pkcs1" },
		{ "good/detached.p7s", "content", LEVEL_B_B, "rsa-pkcs1" },
		{ "good/pem.p7s", "content", LEVEL_B_B, "rsa-pkcs1" },
		{ "good/ber.p7m", NULL, LEVEL_B_B, "rsa-pkcs1" },
		{ "good/ecdsa.p7s", "content", LEVEL_B_B, "ecdsa" },
		{ "good/pss.p7s", "content", LEVEL_B_B, "rsa-pss" },
		{ "good/ed25519.p7s", "content", LEVEL_B_B, "ed25519" },
		{ "good/by-key-id.p7s", "content", LEVEL_B_B, "rsa-pkcs1" },
		{ "good/built.p7s", "content", LEVEL_B_B, "rsa-pkcs1" },
		{ "good/attributes-out-of-order.p7s", "content", LEVEL_B_B,
		    "rsa-pkcs1" },
		{ "good/bound-by-v1.p7s", "content", LEVEL_B_B, "rsa-pkcs1" },
		{ "good/bound-by-sha512.p7s", "content", LEVEL_B_B,
		    "rsa-pkcs1" },
		{ "good/protected.p7s", "content", LEVEL_B_B, "rsa-pkcs1" },
		{ "good/attributes-in-ber.p7s", "content", LEVEL_B_B,
		    "rsa-pkcs1" },
		{ "good/not-cades.p7s", "content", LEVEL_CMS, "rsa-pkcs1" },
		{ "good/no-signed-attributes.p7s", "content", LEVEL_PKCS7,
		    "rsa-pkcs1" },
		{ "good/stamped.p7s", "content", LEVEL_B_T, "rsa-pkcs1" },
		{ "good/stamped-in-octets.p7s", "content", LEVEL_B_T,
		    "rsa-pkcs1" },
		{ "good/stamped-by-openssl.p7s", "content", LEVEL_B_T,
		    "rsa-pkcs1" },
		{ "good/expired-after-stamp.p7s", "content", LEVEL_B_T,
		    "ecdsa" },
		{ "good/revoked-after-stamp.p7s", "content", LEVEL_B_T,
		    "ecdsa" },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(good); i++) {
		struct report *r = judge(good[i].name, trust, good[i].content);

		print_message("%s\n", good[i].name);
		assert_int_equal(r->format, FORMAT_CADES);
		assert_int_equal(r->indication, TOTAL_PASSED);
		assert_int_equal(r->signature_count, 1);
		assert_int_equal(r->signatures[0].integrity, INTEGRITY_INTACT);
		assert_int_equal(r->signatures[0].level, good[i].level);
		assert_string_equal(
		    r->signatures[0].algorithm, good[i].algorithm);
		assert_int_equal(r->signatures[0].proven_us != 0,
		    good[i].level == LEVEL_B_T);
		report_free(r);
	}
}

static void
without_anchors_integrity_is_said_and_the_chain_is_unknown(void **unused)
{
	static const struct {
		const char *name, *content;
	} all[] = {
		{ "good/attached.p7m", NULL },
		{ "good/stamped.p7s", "content" },
		{ "bad/sha1.p7s", "content" },
		{ "bad/rsa-1024.p7s", "content" },
		{ "bad/revoked.p7s", "content" },
		{ "bad/expired.p7s", "content" },
		{ "bad/impostor-chain.p7s", "content" },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(all); i++) {
		struct report *r = judge(all[i].name, no_trust, all[i].content);

		assert_int_equal(
		    r->subindication, SUB_NO_CERTIFICATE_CHAIN_FOUND);
		assert_int_equal(r->signatures[0].integrity, INTEGRITY_INTACT);
		assert_int_equal(r->signatures[0].anchor, 0);
		assert_int_equal(r->signatures[0].proven_us, 0);
		report_free(r);
	}
}

struct sin {
	const char *name;
	enum subindication sub;
	enum integrity integrity;
	enum finding_code finding; /* FIND_COUNT: none is asked for */
};

static void
check(const struct sin *sins, size_t count, const char *content)
{
	char name[128];

	for (size_t i = 0; i < count; i++) {
		const struct sin *x = &sins[i];
		struct report *r;

		print_message("%s\n", x->name);
		snprintf(name, sizeof(name), "bad/%s.p7s", x->name);
		r = judge(name, trust, content);
		assert_int_equal(r->format, FORMAT_CADES);
		assert_int_equal(r->signature_count, 1);
		assert_int_equal(r->signatures[0].subindication, x->sub);
		assert_int_equal(
		    r->indication, subindication_indication(x->sub));
		assert_int_equal(r->signatures[0].integrity, x->integrity);
		if (x->finding != FIND_COUNT)
			assert_true(
			    signature_has(&r->signatures[0], x->finding));
		report_free(r);
	}
}

static void
signed_attributes_must_be_there_once_with_one_value(void **unused)
{
	static const struct sin sins[] = {
		{ "content-type-differs", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_ATTRIBUTE },
		{ "content-type-missing", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_ATTRIBUTE },
		{ "content-type-twice", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_ATTRIBUTE },
		{ "message-digest-missing", SUB_FORMAT_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_ATTRIBUTE },
		{ "message-digest-twice", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_ATTRIBUTE },
		{ "message-digest-two-values", SUB_FORMAT_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_ATTRIBUTE },
		{ "bound-by-both-to-two", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_INTACT, FIND_CERTIFICATE_MISMATCH },
		{ "binding-twice", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_ATTRIBUTE },
	};

	(void)unused;

	check(sins, nitems(sins), "content");
}

static void
another_document_and_another_key_are_told_apart(void **unused)
{
	static const struct sin sins[] = {
		{ "digest-of-other-content", SUB_HASH_FAILURE, INTEGRITY_BROKEN,
		    FIND_COUNT },
		{ "digest-mismatch", SUB_HASH_FAILURE, INTEGRITY_BROKEN,
		    FIND_COUNT },
		{ "value-changed", SUB_SIG_CRYPTO_FAILURE, INTEGRITY_BROKEN,
		    FIND_COUNT },
		{ "signed-by-another-key", SUB_SIG_CRYPTO_FAILURE,
		    INTEGRITY_BROKEN, FIND_COUNT },
		{ "key-of-another-kind", SUB_SIG_CRYPTO_FAILURE,
		    INTEGRITY_BROKEN, FIND_COUNT },
	};
	struct report *r;

	(void)unused;

	check(sins, nitems(sins), "content");
	r = judge("good/detached.p7s", trust, "other");
	assert_int_equal(r->subindication, SUB_HASH_FAILURE);
	assert_int_equal(r->signatures[0].integrity, INTEGRITY_BROKEN);
	report_free(r);
}

static void
attributes_are_no_content_and_content_is_no_attributes(void **unused)
{
	static const struct sin shown[] = {
		{ "attributes-as-content", SUB_FORMAT_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_CONTENT_IS_ATTRIBUTES },
	};
	static const struct sin inside[] = {
		{ "attributes-as-content-inside", SUB_FORMAT_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_CONTENT_IS_ATTRIBUTES },
		{ "type-without-attributes", SUB_FORMAT_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_NO_SIGNED_ATTRIBUTES },
	};
	static const struct sin twice[] = {
		{ "attached-and-handed-over", SUB_FORMAT_FAILURE,
		    INTEGRITY_INTACT, FIND_CONTENT_TWICE },
	};

	(void)unused;

	check(shown, nitems(shown), "attributes");
	check(inside, nitems(inside), NULL);
	check(twice, nitems(twice), "content");
}

static void
what_cannot_be_read_to_its_end_is_a_format_failure(void **unused)
{
	static const struct sin sins[] = {
		{ "trailing-byte", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "second-cms-behind", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "depth-33", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "cut-short", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "no-signer", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "sixty-five-signers", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_LIMIT },
		{ "too-deep", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "endless-ber", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
	};

	(void)unused;

	check(sins, nitems(sins), "content");
}

static void
algorithms_must_agree_be_known_and_be_strong(void **unused)
{
	static const struct sin sins[] = {
		{ "algorithm-mismatch", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_INTACT, FIND_ALGORITHM_MISMATCH },
		{ "digest-unknown", SUB_CRYPTO_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_ALGORITHM_UNKNOWN },
		{ "signature-algorithm-unknown", SUB_CRYPTO_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_ALGORITHM_UNKNOWN },
		{ "pss-without-parameters", SUB_CRYPTO_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_ALGORITHM_UNKNOWN },
		{ "protected-otherwise", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_INTACT, FIND_ALGORITHM_MISMATCH },
		{ "md5", SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
		    INTEGRITY_INTACT, FIND_ALGORITHM_WEAK },
		{ "sha1", SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
		    INTEGRITY_INTACT, FIND_ALGORITHM_WEAK },
		{ "rsa-1024", SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
		    INTEGRITY_INTACT, FIND_ALGORITHM_WEAK },
	};

	(void)unused;

	check(sins, nitems(sins), "content");
}

static void
the_certificate_must_be_there_be_named_and_be_believed(void **unused)
{
	static const struct sin sins[] = {
		{ "certificate-not-inside", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_COUNT },
		{ "binding-of-another-certificate",
		    SUB_NO_SIGNING_CERTIFICATE_FOUND, INTEGRITY_INTACT,
		    FIND_CERTIFICATE_MISMATCH },
		{ "impostor-chain", SUB_NO_CERTIFICATE_CHAIN_FOUND,
		    INTEGRITY_INTACT, FIND_CHAIN },
		{ "key-encipherment-only", SUB_CHAIN_CONSTRAINTS_FAILURE,
		    INTEGRITY_INTACT, FIND_KEY_USAGE },
		{ "revoked", SUB_REVOKED_NO_POE, INTEGRITY_INTACT,
		    FIND_REVOCATION },
		{ "expired", SUB_OUT_OF_BOUNDS_NO_POE, INTEGRITY_INTACT,
		    FIND_VALIDITY },
		{ "expired-before-stamp", SUB_OUT_OF_BOUNDS_NO_POE,
		    INTEGRITY_INTACT, FIND_VALIDITY },
	};

	(void)unused;

	check(sins, nitems(sins), "content");
}

static void
a_bad_timestamp_proves_nothing_and_breaks_nothing(void **unused)
{
	static const struct {
		const char *name;
		enum integrity integrity;
		enum indication indication;
	} stamps[] = {
		{ "bad/stamp-of-something-else.p7s", INTEGRITY_BROKEN,
		    TOTAL_FAILED },
		{ "bad/stamp-changed.p7s", INTEGRITY_BROKEN, TOTAL_FAILED },
		{ "bad/stamp-of-garbage.p7s", INTEGRITY_UNKNOWN, TOTAL_FAILED },
		{ "bad/stamp-by-a-clerk.p7s", INTEGRITY_INTACT, INDETERMINATE },
		{ "bad/stamp-by-tsa-loose.p7s", INTEGRITY_INTACT,
		    INDETERMINATE },
		{ "bad/stamp-by-tsa-and-mail.p7s", INTEGRITY_INTACT,
		    INDETERMINATE },
		{ "bad/stamp-from-the-future.p7s", INTEGRITY_INTACT,
		    INDETERMINATE },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(stamps); i++) {
		struct report *r = judge(stamps[i].name, trust, "content");
		const struct signature_report *s = &r->signatures[0];

		print_message("%s\n", stamps[i].name);
		assert_int_equal(s->indication, TOTAL_PASSED);
		assert_int_equal(s->timestamp_count, 1);
		assert_int_equal(
		    s->timestamps[0].integrity, stamps[i].integrity);
		assert_int_equal(
		    s->timestamps[0].indication, stamps[i].indication);
		assert_int_equal(s->proven_us, 0);
		assert_true(signature_has(s, FIND_TIMESTAMP));
		report_free(r);
	}
}

static void
each_signer_gets_a_verdict_of_his_own(void **unused)
{
	struct report *r = judge("good/two-signers.p7s", trust, "content");

	(void)unused;

	assert_int_equal(r->signature_count, 2);
	assert_int_equal(r->indication, TOTAL_PASSED);
	report_free(r);

	r = judge("bad/one-of-two-broken.p7s", trust, "content");
	assert_int_equal(r->signature_count, 2);
	assert_int_equal(r->signatures[0].indication, TOTAL_PASSED);
	assert_int_equal(
	    r->signatures[1].subindication, SUB_SIG_CRYPTO_FAILURE);
	assert_int_equal(r->indication, TOTAL_FAILED);
	report_free(r);
}

static void
a_counter_signature_is_judged_over_the_value_it_confirms(void **unused)
{
	struct report *r = judge("good/counter-signed.p7s", trust, "content");

	(void)unused;

	assert_int_equal(r->signature_count, 2);
	assert_int_equal(r->signatures[1].kind, KIND_COUNTER_SIGNATURE);
	assert_int_equal(r->indication, TOTAL_PASSED);
	report_free(r);

	r = judge(
	    "bad/counter-signature-of-something-else.p7s", trust, "content");
	assert_int_equal(r->signatures[0].indication, TOTAL_PASSED);
	assert_int_equal(r->signatures[1].subindication, SUB_HASH_FAILURE);
	report_free(r);
}

static void
a_detached_signature_without_its_content_is_undecided(void **unused)
{
	struct report *r = judge("good/detached.p7s", trust, NULL);

	(void)unused;

	assert_int_equal(r->subindication, SUB_SIGNED_DATA_NOT_FOUND);
	assert_int_equal(r->signatures[0].integrity, INTEGRITY_UNKNOWN);
	report_free(r);

	/* A changed value needs no content to be seen. */
	r = judge("bad/value-changed.p7s", trust, NULL);
	assert_int_equal(r->subindication, SUB_SIG_CRYPTO_FAILURE);
	report_free(r);
}

static void
behind_each_limit_there_is_doubt_with_its_name(void **unused)
{
	static const struct sin detached[] = {
		{ "certificates-65", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_INTACT, FIND_LIMIT },
		{ "rsa-8193", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_LIMIT },
		{ "exponent-65", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_LIMIT },
	};
	static const struct sin inside[] = {
		{ "over-four-megabytes", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_LIMIT },
	};

	(void)unused;

	check(detached, nitems(detached), "content");
	check(inside, nitems(inside), NULL);
}

static void
up_to_each_limit_a_signature_passes(void **unused)
{
	static const struct {
		const char *name, *content;
		size_t signatures;
	} good[] = {
		{ "good/certificates-64.p7s", "content", 1 },
		{ "good/depth-32.p7s", "content", 1 },
		{ "good/four-megabytes.p7s", NULL, 1 },
		{ "good/rsa-8192.p7s", "content", 1 },
		{ "good/exponent-64.p7s", "content", 1 },
		{ "good/sixty-four-signers.p7s", "content", 64 },
		{ "good/timestamps-16.p7s", "content", 1 },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(good); i++) {
		struct report *r = judge(good[i].name, trust, good[i].content);

		print_message("%s\n", good[i].name);
		assert_int_equal(r->indication, TOTAL_PASSED);
		assert_int_equal(r->signature_count, good[i].signatures);
		assert_false(signature_has(&r->signatures[0], FIND_LIMIT));
		report_free(r);
	}
}

static void
the_seventeenth_timestamp_is_told_and_not_judged(void **unused)
{
	struct report *r = judge("bad/timestamps-17.p7s", trust, "content");

	(void)unused;

	assert_int_equal(
	    r->signatures[0].timestamp_count, REPORT_TIMESTAMPS_MAX);
	assert_true(signature_has(&r->signatures[0], FIND_LIMIT));
	report_free(r);
}

static void
no_signature_was_made_in_vain(void **unused)
{
	(void)unused;

	assert_true(fixture_all_loaded("good"));
	assert_true(fixture_all_loaded("bad"));
}

/* Whatever byte is changed, nothing passes that is not the very signature:
 * unsigned parts (certificates, timestamps, order of sets) may change. */
static void
no_changed_byte_of_the_signer_passes(void **unused)
{
	struct blob data = fixture_load("good/attached.p7m");
	struct question q = {
		.at_us = now_us, .trust = trust, .policy = trust_policy(trust)
	};
	uint8_t *at = memmem(data.data, data.len, "Đơn", strlen("Đơn"));

	(void)unused;

	assert_non_null(at);
	for (size_t i = 0; i < strlen("Đơn xin"); i++) {
		struct report *r;

		at[i] ^= 1;
		r = judge_file("changed", data.data, data.len, &q);
		assert_int_equal(r->subindication, SUB_HASH_FAILURE);
		report_free(r);
		at[i] ^= 1;
	}
	blob_release(&data);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    signed_attributes_must_be_there_once_with_one_value),
		cmocka_unit_test(
		    another_document_and_another_key_are_told_apart),
		cmocka_unit_test(
		    attributes_are_no_content_and_content_is_no_attributes),
		cmocka_unit_test(
		    what_cannot_be_read_to_its_end_is_a_format_failure),
		cmocka_unit_test(algorithms_must_agree_be_known_and_be_strong),
		cmocka_unit_test(
		    the_certificate_must_be_there_be_named_and_be_believed),
		cmocka_unit_test(
		    a_detached_signature_without_its_content_is_undecided),
		cmocka_unit_test(no_changed_byte_of_the_signer_passes),
		cmocka_unit_test(everything_sound_passes_under_its_root),
		cmocka_unit_test(
		    without_anchors_integrity_is_said_and_the_chain_is_unknown),
		cmocka_unit_test(
		    a_bad_timestamp_proves_nothing_and_breaks_nothing),
		cmocka_unit_test(each_signer_gets_a_verdict_of_his_own),
		cmocka_unit_test(
		    a_counter_signature_is_judged_over_the_value_it_confirms),
		cmocka_unit_test(
		    behind_each_limit_there_is_doubt_with_its_name),
		cmocka_unit_test(up_to_each_limit_a_signature_passes),
		cmocka_unit_test(
		    the_seventeenth_timestamp_is_told_and_not_judged),
		cmocka_unit_test(no_signature_was_made_in_vain),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
