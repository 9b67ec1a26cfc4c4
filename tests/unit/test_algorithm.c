/*
 * Signature values against Wycheproof's vectors, where those lie beside the
 * tree, and the policy's dates.
 */
#include "crypto/algorithm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <openssl/evp.h>  /* lint-ok: the vectors come with bare keys */
#include <openssl/x509.h> /* lint-ok: the vectors come with bare keys */

#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/der.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"

#define VECTORS "../shared/corpus/wycheproof/"

static struct blob
unhex(const struct json *obj, const char *key)
{
	const char *hex = json_text(obj, key, "");
	struct blob b = { .len = strlen(hex) / 2 };

	b.data = blob_calloc(b.len + 1, 1);
	assert_true(text_unhex(hex, b.data, b.len));
	return b;
}

/* The one "acceptable" case leaves a NULL out of the digest's identifier
 * (RFC 8017, 8.2.2 allows either); it may go both ways. */
static void
check_vector(
    const struct json *t, const struct algorithm *algorithm, EVP_PKEY *key)
{
	struct blob message = unhex(t, "msg"), value = unhex(t, "sig");
	const struct algorithm_check check = { algorithm, "sha256",
		message.data, message.len, value.data, value.len };
	const char *expected = json_text(t, "result", "");
	bool right = algorithm_check(&check, key);

	if (strcmp(expected, "acceptable") != 0 &&
	    right != (strcmp(expected, "valid") == 0))
		fail_msg("vector %lld: %s", (long long)json_int(t, "tcId", 0),
		    json_text(t, "comment", ""));
	blob_release(&message);
	blob_release(&value);
}

static size_t
check_group(const struct json *g, const struct algorithm *algorithm,
    const char *key_name)
{
	struct blob der = unhex(g, key_name);
	const uint8_t *p = der.data;
	EVP_PKEY *key = d2i_PUBKEY(NULL, &p, (long)der.len);
	const struct json *tests = json_find(g, "tests");

	assert_non_null(key);
	for (size_t i = 0; i < json_count(tests); i++)
		check_vector(json_at(tests, i), algorithm, key);
	EVP_PKEY_free(key);
	blob_release(&der);
	return json_count(tests);
}

/* How many there must be: a file cut short would prove less. */
static void
check_file(const char *path, const struct algorithm *algorithm, size_t count)
{
	struct blob file = { 0 };
	struct json *j = NULL;
	const struct json *groups;
	size_t checked = 0;
	struct err e;

	if (!file_read(path, 1 << 26, &file, &e)) {
		print_message("no %s here: Wycheproof is not run\n", path);
		skip();
	}
	assert_true(json_parse((char *)file.data, file.len, &j, &e));
	groups = json_find(j, "testGroups");
	for (size_t i = 0; i < json_count(groups); i++)
		checked +=
		    check_group(json_at(groups, i), algorithm, "publicKeyDer");
	assert_int_equal(checked, count);
	json_free(j);
	blob_release(&file);
}

static void
rsa_values_are_judged_as_wycheproof_does(void **unused)
{
	static const struct algorithm rsa = { .name = "rsa-pkcs1" };

	(void)unused;

	check_file(VECTORS "rsa_signature_2048_sha256_test.json", &rsa, 259);
}

static void
ecdsa_values_are_judged_as_wycheproof_does(void **unused)
{
	static const struct algorithm ecdsa = { .name = "ecdsa" };

	(void)unused;

	check_file(VECTORS "ecdsa_secp256r1_sha256_test.json", &ecdsa, 484);
}

static bool
signature_of(const uint8_t *b, size_t len, struct algorithm *out)
{
	struct der_item i;

	assert_true(der_is_whole(b, len, &i));
	return algorithm_signature(&i, out);
}

static void
pss_without_parameters_is_sha1_and_with_odd_ones_nothing(void **unused)
{
	static const uint8_t defaults[] = { 0x30, 0x0d, 0x06, 0x09, 0x2a, 0x86,
		0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x00 };
	static const uint8_t absent[] = { 0x30, 0x0b, 0x06, 0x09, 0x2a, 0x86,
		0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a };
	static const uint8_t unknown[] = { 0x30, 0x13, 0x06, 0x09, 0x2a, 0x86,
		0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0a, 0x30, 0x06, 0xa0,
		0x04, 0x30, 0x02, 0x05, 0x00 };
	struct algorithm a;

	(void)unused;

	assert_true(signature_of(defaults, sizeof(defaults), &a));
	assert_string_equal(a.name, "rsa-pss");
	assert_string_equal(a.digest, "sha1");
	assert_int_equal(a.salt_len, 20);
	assert_false(signature_of(absent, sizeof(absent), &a));
	assert_false(signature_of(unknown, sizeof(unknown), &a));
}

static struct signature_report
judged_at(const char *at, const char *proven, struct signature_report s)
{
	struct question q = { .policy = policy_default() };

	assert_true(clock_parse_rfc3339(at, &q.at_us));
	if (proven != NULL)
		assert_true(clock_parse_rfc3339(proven, &s.proven_us));
	signature_begin(&s);
	policy_judge(&q, &s);
	return s;
}

static void
an_algorithm_is_good_until_its_day(void **unused)
{
	static const struct signature_report sha1 = {
		.digest = "sha1", .algorithm = "rsa-pkcs1", .key_bits = 2048
	};
	static const struct signature_report rsa = {
		.digest = "sha256", .algorithm = "rsa-pkcs1", .key_bits = 2048
	};
	static const struct signature_report odd = {
		.digest = "sha256", .algorithm = "unheard-of", .key_bits = 2048
	};

	(void)unused;

	assert_int_equal(
	    judged_at("2012-07-31T23:59:59Z", NULL, sha1).indication,
	    TOTAL_PASSED);
	assert_int_equal(
	    judged_at("2012-08-01T00:00:00Z", NULL, sha1).subindication,
	    SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE);
	assert_int_equal(
	    judged_at("2026-01-01T00:00:00Z", "2012-01-01T00:00:00Z", sha1)
		.indication,
	    TOTAL_PASSED);
	assert_int_equal(
	    judged_at("2026-01-01T00:00:00Z", "2013-01-01T00:00:00Z", sha1)
		.subindication,
	    SUB_CRYPTO_CONSTRAINTS_FAILURE);
	assert_int_equal(
	    judged_at("2028-12-31T00:00:00Z", NULL, rsa).indication,
	    TOTAL_PASSED);
	assert_int_equal(
	    judged_at("2029-01-01T00:00:00Z", NULL, rsa).indication,
	    INDETERMINATE);
	assert_int_equal(
	    judged_at("2026-01-01T00:00:00Z", NULL, odd).subindication,
	    SUB_CRYPTO_CONSTRAINTS_FAILURE);
}

static bool
parses(const char *text, struct policy **p)
{
	struct err e;

	return policy_parse(text, strlen(text), p, &e);
}

static void
a_policy_file_replaces_all_of_it(void **unused)
{
	struct policy *p = NULL;

	(void)unused;

	assert_true(parses("{\"name\":\"neac\",\"digests\":{\"sha1\":null,"
			   "\"sha256\":\"2030-01-02\"},\"keys\":[{\"family\":"
			   "\"rsa-pkcs1\",\"bits\":3072,\"until\":null}]}",
	    &p));
	assert_string_equal(policy_name(p), "neac");
	assert_int_equal(policy_digest_end(p, "sha1"), POLICY_NO_END);
	assert_int_equal(policy_digest_end(p, "sha256"),
	    clock_days((struct clock_date){ 2030, 1, 2 }) * CLOCK_DAY_SEC *
		CLOCK_SEC_US);
	assert_int_equal(policy_digest_end(p, "sha512"), 0);
	assert_int_equal(policy_key_end(p, "rsa-pkcs1", 2048), 0);
	assert_int_equal(policy_key_end(p, "rsa-pkcs1", 4096), POLICY_NO_END);
	policy_free(p);
}

#define RULES(more)                                                            \
	"{\"name\":\"x\",\"digests\":{},\"keys\":[{\"family\":\"rsa-pss\","    \
	"\"bits\":1,\"until\":null}]," more "}"

static void
what_a_policy_does_not_say_is_not_narrowed(void **unused)
{
	struct policy *p = NULL;

	(void)unused;

	assert_true(parses(RULES("\"version\":\"7\""), &p));
	assert_string_equal(policy_version(p), "7");
	assert_true(policy_takes_format(p, "pades"));
	assert_true(policy_takes_format(p, "xades"));
	assert_false(policy_takes_format(p, "none"));
	assert_int_equal(policy_key_usage(p),
	    POLICY_DIGITAL_SIGNATURE | POLICY_NON_REPUDIATION);
	assert_true(policy_is_fresh(p, 0, INT64_MAX));
	policy_free(p);

	assert_true(parses(RULES("\"formats\":[\"cades\"],\"key_usage\":["
				 "\"nonRepudiation\"],\"revocation\":{"
				 "\"max_age_hours\":2}"),
	    &p));
	assert_string_equal(policy_version(p), "");
	assert_false(policy_takes_format(p, "pades"));
	assert_true(policy_takes_format(p, "cades"));
	assert_int_equal(policy_key_usage(p), POLICY_NON_REPUDIATION);
	assert_true(policy_is_fresh(p, 0, 7200 * CLOCK_SEC_US));
	assert_false(policy_is_fresh(p, 0, 7200 * CLOCK_SEC_US + 1));
	policy_free(p);
}

static void
what_is_no_policy_is_refused(void **unused)
{
	static const char *const odd[] = { "", "[]", "{}",
		"{\"name\":\"x\",\"digests\":{},\"keys\":[]}",
		"{\"name\":\"x\",\"digests\":{\"sha1\":0},\"keys\":[{"
		"\"family\":\"rsa-pss\",\"bits\":1,\"until\":null}]}",
		"{\"name\":\"x\",\"digests\":{},\"keys\":[{\"family\":"
		"\"rsa-pss\",\"bits\":0,\"until\":null}]}",
		"{\"name\":\"x\",\"digests\":{},\"keys\":[{\"family\":"
		"\"rsa-pss\",\"bits\":1,\"until\":\"2029-02-30\"}]}",
		"{\"name\":\"x\",\"digests\":{},\"keys\":[{\"family\":"
		"\"rsa-pss\",\"bits\":1}]}",
		"{\"name\":\"x\",\"digests\":{},\"keys\":[3]}",
		RULES("\"formats\":[\"docx\"]"), RULES("\"formats\":[]"),
		RULES("\"key_usage\":[\"keyCertSign\"]"),
		RULES("\"revocation\":{}"),
		RULES("\"revocation\":{\"max_age_hours\":0}"),
		RULES("\"revocation\":{\"max_age_hours\":87601}"),
		RULES("\"revocation\":{\"max_age_hours\":true}"),
		RULES("\"revocation\":{\"max_age_hours\":1,\"grace\":2}"),
		RULES("\"signature_policies\":[]"),
		RULES("\"signature_policies\":{\"\":{}}"),
		RULES("\"signature_policies\":{\"1.2\":3}"),
		RULES("\"signature_policies\":{\"1.2\":{\"sha256\":null}}"),
		RULES("\"signature_policies\":{\"1.2\":{\"sha256\":\"00\"}}"),
		RULES("\"signature_policies\":{\"1.2\":{\"crc32\":\"00\"}}"),
		RULES("\"version\":3"), RULES("\"other\":3") };
	struct policy *p = NULL;

	(void)unused;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++)
		assert_false(parses(odd[i], &p));
	assert_null(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rsa_values_are_judged_as_wycheproof_does),
		cmocka_unit_test(ecdsa_values_are_judged_as_wycheproof_does),
		cmocka_unit_test(
		    pss_without_parameters_is_sha1_and_with_odd_ones_nothing),
		cmocka_unit_test(an_algorithm_is_good_until_its_day),
		cmocka_unit_test(what_is_no_policy_is_refused),
		cmocka_unit_test(a_policy_file_replaces_all_of_it),
		cmocka_unit_test(what_a_policy_does_not_say_is_not_narrowed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
