/*
 * Paths, revocation and purposes, on the PKI of tests/fixtures/make-cms.sh
 * and, where it lies beside the tree, on NIST's PKITS.
 */
#include "crypto/trust.h"

#include "base/base.h"
#include "base/clock.h"
#include "crypto/certificate.h"
#include "crypto/chain.h"
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

/* A certificate to be judged; each list ends with NULL. */
struct asked {
	const char *certificate;
	const char *crls[5];
	const char *ocsps[4];
	unsigned purpose; /* of the root; 0: no anchor */
	enum chain_use use;
	enum revocation_mode revocation;
	int64_t proven_us, not_before_us, at_us;
};

static struct trust *
trust_for(const struct asked *a)
{
	struct trust_bundle *b = trust_bundle_new();

	if (a->purpose != 0)
		fixture_add(b, "pki/root/cert.pem", TRUST_ANCHOR, a->purpose);
	fixture_add(b, "pki/ca/cert.pem", TRUST_UNTRUSTED, 0);
	for (size_t i = 0; a->crls[i] != NULL; i++)
		fixture_add(b, a->crls[i], TRUST_CRL, 0);
	for (size_t i = 0; a->ocsps[i] != NULL; i++)
		fixture_add(b, a->ocsps[i], TRUST_OCSP, 0);
	return fixture_open(b);
}

static struct signature_report
judge(const struct asked *a)
{
	struct blob der = fixture_load(a->certificate);
	struct trust *t = trust_for(a);
	const struct question q = { .at_us = a->at_us != 0 ? a->at_us
							   : clock_now_us(),
		.revocation = a->revocation,
		.trust = t,
		.policy = trust_policy(t) };
	const struct chain_subject subject = { .certificate = { der.data,
						   der.len },
		.use = a->use,
		.not_before_us = a->not_before_us };
	struct signature_report s = { .proven_us = a->proven_us };

	signature_begin(&s);
	chain_judge(&q, &subject, &s);
	trust_free(t);
	blob_release(&der);
	return s;
}

#define CRLS                                                                   \
	{                                                                      \
		"pki/root.crl", "pki/ca.crl", NULL                             \
	}

static int64_t
instant(const char *s)
{
	int64_t us;

	assert_true(clock_parse_rfc3339(s, &us));
	return us;
}

static void
nothing_fresh_is_try_later_unless_it_is_not_asked(void **unused)
{
	struct asked a = { .certificate = "pki/signer.der",
		.purpose = TRUST_PUBLIC };

	(void)unused;

	assert_int_equal(judge(&a).subindication, SUB_TRY_LATER);
	a.crls[0] = "pki/root.crl";
	assert_int_equal(judge(&a).subindication, SUB_TRY_LATER);
	a.crls[1] = "pki/ca-stale.crl";
	assert_int_equal(judge(&a).subindication, SUB_TRY_LATER);
	a.crls[1] = "pki/ca.crl";
	assert_int_equal(judge(&a).indication, TOTAL_PASSED);

	a.crls[0] = NULL;
	a.revocation = REVOCATION_PREFER;
	struct signature_report s = judge(&a);
	assert_int_equal(s.indication, TOTAL_PASSED);
	assert_true(signature_has(&s, FIND_REVOCATION_UNKNOWN));
	a.revocation = REVOCATION_OFF;
	s = judge(&a);
	assert_int_equal(s.indication, TOTAL_PASSED);
	assert_false(signature_has(&s, FIND_REVOCATION_UNKNOWN));
}

static bool
describes_with_one_more(const struct blob *der)
{
	uint8_t *more = blob_calloc(der->len + 1, 1);
	struct signer s;
	bool is;

	memcpy(more, der->data, der->len);
	is = certificate_describe(more, der->len + 1, &s, NULL);
	free(more);
	return is;
}

static void
two_values_of_one_kind_name_nobody(void **unused)
{
	struct blob der = fixture_load("pki/two-persons.der");
	struct certificate_key key;
	struct signer s;

	(void)unused;

	assert_true(certificate_describe(der.data, der.len, &s, &key));
	assert_int_equal(s.id_count, 1);
	assert_string_equal(s.ids[0].kind, "HC");
	assert_string_equal(key.family, "ecdsa");
	assert_int_equal(key.bits, 256);
	/* One byte less, or more, is no certificate. */
	assert_false(describes_with_one_more(&der));
	assert_false(certificate_describe(der.data, der.len - 1, &s, &key));
	assert_int_equal(s.id_count, 0);
	assert_false(certificate_describe(der.data, 0, &s, NULL));
	blob_release(&der);
}

static void
an_anchor_serves_its_purpose_alone(void **unused)
{
	struct asked signer = { .certificate = "pki/signer.der",
		.crls = CRLS,
		.purpose = TRUST_TIMESTAMP };
	struct asked tsa = { .certificate = "pki/tsa.der",
		.crls = CRLS,
		.purpose = TRUST_PUBLIC,
		.use = CHAIN_TIMESTAMP };

	(void)unused;

	assert_int_equal(
	    judge(&signer).subindication, SUB_NO_CERTIFICATE_CHAIN_FOUND);
	assert_int_equal(
	    judge(&tsa).subindication, SUB_NO_CERTIFICATE_CHAIN_FOUND);
	signer.purpose = TRUST_GOVERNMENT;
	tsa.purpose = TRUST_TIMESTAMP;
	assert_int_equal(judge(&signer).indication, TOTAL_PASSED);
	assert_int_equal(judge(&signer).anchor, TRUST_GOVERNMENT);
	assert_int_equal(judge(&tsa).indication, TOTAL_PASSED);
	signer.purpose = 0;
	assert_int_equal(
	    judge(&signer).subindication, SUB_NO_CERTIFICATE_CHAIN_FOUND);
	assert_int_equal(judge(&signer).anchor, 0);
}

static void
only_a_timestamp_certificate_stamps(void **unused)
{
	const struct asked signer = { .certificate = "pki/signer.der",
		.crls = CRLS,
		.purpose = TRUST_ANY,
		.use = CHAIN_TIMESTAMP };

	(void)unused;

	assert_int_equal(
	    judge(&signer).subindication, SUB_CHAIN_CONSTRAINTS_FAILURE);
}

static void
revocation_counts_from_its_moment(void **unused)
{
	struct asked a = { .certificate = "pki/revoked.der",
		.crls = CRLS,
		.purpose = TRUST_PUBLIC };

	(void)unused;

	assert_int_equal(judge(&a).subindication, SUB_REVOKED_NO_POE);
	a.proven_us = instant("2024-01-01T00:00:00Z");
	assert_int_equal(judge(&a).indication, TOTAL_PASSED);
	a.proven_us = clock_now_us() + 60 * CLOCK_SEC_US;
	assert_int_equal(judge(&a).subindication, SUB_REVOKED_NO_POE);
	a.not_before_us = a.proven_us;
	assert_int_equal(judge(&a).subindication, SUB_REVOKED);
	/* Revocation off asks nobody. */
	a.revocation = REVOCATION_OFF;
	assert_int_equal(judge(&a).indication, TOTAL_PASSED);
}

static void
validity_counts_at_the_proven_moment(void **unused)
{
	struct asked a = { .certificate = "pki/expired.der",
		.crls = { "pki/root.crl", "pki/ca.crl", "pki/ca-2020.crl",
		    NULL },
		.purpose = TRUST_PUBLIC };

	(void)unused;

	assert_int_equal(judge(&a).subindication, SUB_OUT_OF_BOUNDS_NO_POE);
	a.proven_us = instant("2020-06-15T00:00:00Z");
	assert_int_equal(judge(&a).indication, TOTAL_PASSED);
	a.proven_us = instant("2019-06-15T00:00:00Z");
	assert_int_equal(judge(&a).subindication, SUB_NOT_YET_VALID);
	a.proven_us = instant("2024-01-01T00:00:00Z");
	assert_int_equal(judge(&a).subindication, SUB_OUT_OF_BOUNDS_NO_POE);
	a.not_before_us = instant("2023-01-01T00:00:00Z");
	assert_int_equal(judge(&a).subindication, SUB_EXPIRED);
}

/* A list issued after the certificate expired may have dropped it. */
static void
a_crl_from_after_the_expiry_says_nothing(void **unused)
{
	const struct asked a = { .certificate = "pki/expired.der",
		.crls = CRLS,
		.purpose = TRUST_PUBLIC,
		.proven_us = instant("2020-06-15T00:00:00Z") };

	(void)unused;

	assert_int_equal(judge(&a).subindication, SUB_TRY_LATER);
}

static void
an_ocsp_answer_counts_by_who_signed_it(void **unused)
{
	struct asked a = { .certificate = "pki/signer.der",
		.crls = { "pki/root.crl", NULL },
		.ocsps = { "pki/ocsp-by-clerk", NULL },
		.purpose = TRUST_PUBLIC };

	(void)unused;

	assert_int_equal(judge(&a).subindication, SUB_TRY_LATER);
	a.ocsps[0] = "pki/ocsp-by-unasked"; /* another EKU */
	assert_int_equal(judge(&a).subindication, SUB_TRY_LATER);
	a.ocsps[0] = "pki/ocsp-by-checked"; /* may itself be revoked */
	assert_int_equal(judge(&a).subindication, SUB_TRY_LATER);
	a.ocsps[0] = "pki/ocsp-by-impostor"; /* a CA of that name */
	assert_int_equal(judge(&a).subindication, SUB_TRY_LATER);
	a.ocsps[0] = "pki/ocsp-revoked"; /* about somebody else */
	assert_int_equal(judge(&a).subindication, SUB_TRY_LATER);
	a.ocsps[0] = "pki/ocsp-good";
	assert_int_equal(judge(&a).indication, TOTAL_PASSED);
	a.ocsps[0] = "pki/ocsp-delegated";
	assert_int_equal(judge(&a).indication, TOTAL_PASSED);

	/* It is from the future, then too old. */
	a.at_us = instant("2025-01-01T00:00:00Z");
	a.revocation = REVOCATION_PREFER;
	struct signature_report s = judge(&a);
	assert_true(signature_has(&s, FIND_REVOCATION_UNKNOWN));
	a.at_us = clock_now_us() + 400 * CLOCK_DAY_SEC * CLOCK_SEC_US;
	s = judge(&a);
	assert_true(signature_has(&s, FIND_REVOCATION_UNKNOWN));
}

/* One trust, asked over and over: what was found before is not told of
 * another moment, another use, or another certificate. */
static void
a_remembered_path_is_told_of_its_own_time_alone(void **unused)
{
	const int64_t now = clock_now_us();
	const int64_t year = 365 * CLOCK_DAY_SEC * CLOCK_SEC_US;
	const struct {
		const char *certificate;
		enum chain_use use;
		int64_t at_us;
		enum subindication sub;
	} asked[] = {
		{ "pki/signer.der", CHAIN_SIGNER, now, SUB_NONE },
		{ "pki/signer.der", CHAIN_SIGNER, now + 60 * CLOCK_SEC_US,
		    SUB_NONE },
		{ "pki/signer.der", CHAIN_SIGNER, now - year, SUB_TRY_LATER },
		{ "pki/signer.der", CHAIN_SIGNER, now, SUB_NONE },
		{ "pki/signer.der", CHAIN_SIGNER,
		    instant("2020-07-15T00:00:00Z"), SUB_NONE },
		{ "pki/signer.der", CHAIN_SIGNER, now + 9 * year,
		    SUB_OUT_OF_BOUNDS_NOT_REVOKED },
		{ "pki/signer.der", CHAIN_SIGNER, now - 20 * year,
		    SUB_OUT_OF_BOUNDS_NO_POE },
		{ "pki/tsa.der", CHAIN_SIGNER, now, SUB_NONE },
		{ "pki/tsa.der", CHAIN_TIMESTAMP, now,
		    SUB_NO_CERTIFICATE_CHAIN_FOUND },
		{ "pki/revoked.der", CHAIN_SIGNER, now, SUB_REVOKED_NO_POE },
		{ "pki/impostor.der", CHAIN_SIGNER, now,
		    SUB_NO_CERTIFICATE_CHAIN_FOUND },
		{ "pki/signer.der", CHAIN_SIGNER, now, SUB_NONE },
	};
	const struct asked a = { .crls = { "pki/root.crl", "pki/ca.crl",
				     "pki/root-2020.crl", "pki/ca-2020.crl",
				     NULL },
		.purpose = TRUST_PUBLIC };
	struct trust *t = trust_for(&a);

	(void)unused;

	for (size_t i = 0; i < 2 * nitems(asked); i++) {
		size_t n = i % nitems(asked);
		struct blob der = fixture_load(asked[n].certificate);
		const struct question q = { .at_us = asked[n].at_us,
			.trust = t,
			.policy = trust_policy(t) };
		const struct chain_subject subject = {
			.certificate = { der.data, der.len },
			.use = asked[n].use
		};
		struct signature_report s = { 0 };

		signature_begin(&s);
		chain_judge(&q, &subject, &s);
		if (s.subindication != asked[n].sub)
			fail_msg("%zu: %d", i, s.subindication);
		blob_release(&der);
	}
	trust_free(t);
}

static void
revoked_by_ocsp_is_revoked_whatever_the_crl_says(void **unused)
{
	const struct asked a = { .certificate = "pki/revoked.der",
		.crls = { "pki/root.crl", "pki/ca-stale.crl", NULL },
		.ocsps = { "pki/ocsp-revoked", NULL },
		.purpose = TRUST_PUBLIC };

	(void)unused;

	assert_int_equal(judge(&a).subindication, SUB_REVOKED_NO_POE);
}

static void
a_bundle_is_sealed_and_named_by_its_content(void **unused)
{
	struct trust_bundle *a = trust_bundle_new(), *b = trust_bundle_new();
	uint8_t first[32], second[32];
	int fd;

	(void)unused;

	fixture_add(a, "pki/root/cert.pem", TRUST_ANCHOR, TRUST_PUBLIC);
	fixture_add(b, "pki/root/cert.pem", TRUST_ANCHOR, TRUST_PUBLIC);
	fd = trust_bundle_seal(a, first);
	trust_bundle_seal(b, second);
	assert_memory_equal(first, second, sizeof(first));
	assert_int_equal(write(fd, "x", 1), -1);
	trust_bundle_free(b);

	b = trust_bundle_new();
	fixture_add(b, "pki/root/cert.pem", TRUST_ANCHOR, TRUST_GOVERNMENT);
	trust_bundle_seal(b, second);
	assert_memory_not_equal(first, second, sizeof(first));
	trust_bundle_free(a);
	trust_bundle_free(b);
}

static void
a_file_that_holds_nothing_of_its_kind_is_refused(void **unused)
{
	struct trust_bundle *b = trust_bundle_new();
	struct trust *t = NULL;
	uint8_t generation[32];
	struct err e = { 0 };
	char bytes[65536];
	ssize_t len;

	(void)unused;

	fixture_add(b, "content", TRUST_ANCHOR, TRUST_PUBLIC);
	len = pread(trust_bundle_seal(b, generation), bytes, sizeof(bytes), 0);
	assert_true(len > 0);
	assert_false(trust_open((uint8_t *)bytes, (size_t)len, &t, &e));
	assert_int_equal(e.code, ERR_UNREADABLE);
	/* Cut anywhere it is refused, and *out left alone. */
	for (ssize_t n = 0; n < len; n++)
		if (n != 8)
			assert_false(
			    trust_open((uint8_t *)bytes, (size_t)n, &t, &e));
	assert_null(t);
	trust_bundle_free(b);

	b = trust_bundle_new();
	assert_false(trust_bundle_add(b, "/nonexistent", TRUST_CRL, 0, &e));
	assert_int_equal(e.code, ERR_FILE);
	trust_bundle_free(b);
}

/* The folder of the PKI holds keys and requests, too. */
static void
a_folder_gives_what_it_has(void **unused)
{
	struct trust_bundle *b = trust_bundle_new();
	struct trust *t;

	(void)unused;

	fixture_add(b, "pki", TRUST_ANCHOR, TRUST_PUBLIC);
	t = fixture_open(b);
	assert_true(trust_has_anchors(t));
	trust_free(t);
}

#define CORPUS "../shared/corpus/pkits"

/* One row of PKITS, cut at its commas; the columns used hold no quotes. */
struct row {
	char *column[20];
};

static bool
read_row(FILE *f, char *line, int cap, struct row *r)
{
	if (fgets(line, cap, f) == NULL)
		return false;
	memset(r, 0, sizeof(*r));
	for (size_t i = 0; i < nitems(r->column) && line != NULL; i++)
		r->column[i] = strsep(&line, ",");
	return true;
}

static void
add_list(struct trust_bundle *b, const char *list, enum trust_kind kind)
{
	char copy[1024], path[1200], *rest = copy, *name;
	struct err e = { 0 };

	snprintf(copy, sizeof(copy), "%s", list);
	while ((name = strsep(&rest, ";")) != NULL) {
		if (name[0] == '\0')
			continue;
		snprintf(path, sizeof(path), CORPUS "/%s", name);
		assert_true(trust_bundle_add(b, path, kind, TRUST_ANY, &e));
	}
}

static bool
judge_row(const struct row *r)
{
	struct trust_bundle *b = trust_bundle_new();
	char path[1200], copy[256], *rest = copy;
	const char *oids[8];
	struct blob der = { 0 };
	struct err e = { 0 };
	struct signature_report s = { 0 };
	struct trust *t;

	add_list(b, r->column[11], TRUST_ANCHOR);
	add_list(b, r->column[3], TRUST_UNTRUSTED);
	add_list(b, r->column[4], TRUST_CRL);
	t = fixture_open(b);
	snprintf(path, sizeof(path), CORPUS "/%s", r->column[2]);
	assert_true(file_read(path, 1 << 20, &der, &e));

	struct question q = { .at_us = instant(r->column[10]),
		.trust = t,
		.policy = trust_policy(t) };
	struct chain_subject subject = {
		.certificate = { der.data, der.len },
		.policies = { .oids = oids,
		    .explicit_policy = strcmp(r->column[6], "True") == 0,
		    .inhibit_map = strcmp(r->column[7], "True") == 0,
		    .inhibit_any = strcmp(r->column[8], "True") == 0 },
	};

	snprintf(copy, sizeof(copy), "%s", r->column[5]);
	while (rest != NULL && rest[0] != '\0')
		oids[subject.policies.oid_count++] = strsep(&rest, ";");
	signature_begin(&s);
	chain_judge(&q, &subject, &s);
	trust_free(t);
	blob_release(&der);
	return s.indication == TOTAL_PASSED;
}

/* 4.1.4 has DSA of 1024 bits with SHA-1, which the policy refuses; 4.1.5
 * inherits DSA parameters, which OpenSSL does not. */
static bool
is_known_miss(const char *id)
{
	return strcmp(id, "40104") == 0 || strcmp(id, "40105") == 0;
}

static void
paths_are_judged_as_nist_does(void **unused)
{
	FILE *f = fopen(CORPUS "/index.csv", "r");
	char line[8192];
	struct row r;
	int judged = 0;

	(void)unused;

	if (f == NULL) {
		print_message("no " CORPUS " here: PKITS is not run\n");
		skip();
	}
	assert_true(read_row(f, line, sizeof(line), &r));
	while (read_row(f, line, sizeof(line), &r)) {
		bool valid = strcmp(r.column[12], "valid") == 0;
		bool passed = judge_row(&r);

		if (passed != valid && !is_known_miss(r.column[0]))
			fail_msg("PKITS %s: %s", r.column[0], r.column[1]);
		assert_false(passed && !valid);
		judged++;
	}
	fclose(f);
	assert_true(judged > 90);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    nothing_fresh_is_try_later_unless_it_is_not_asked),
		cmocka_unit_test(two_values_of_one_kind_name_nobody),
		cmocka_unit_test(an_anchor_serves_its_purpose_alone),
		cmocka_unit_test(only_a_timestamp_certificate_stamps),
		cmocka_unit_test(revocation_counts_from_its_moment),
		cmocka_unit_test(validity_counts_at_the_proven_moment),
		cmocka_unit_test(a_crl_from_after_the_expiry_says_nothing),
		cmocka_unit_test(
		    a_remembered_path_is_told_of_its_own_time_alone),
		cmocka_unit_test(an_ocsp_answer_counts_by_who_signed_it),
		cmocka_unit_test(
		    revoked_by_ocsp_is_revoked_whatever_the_crl_says),
		cmocka_unit_test(a_bundle_is_sealed_and_named_by_its_content),
		cmocka_unit_test(
		    a_file_that_holds_nothing_of_its_kind_is_refused),
		cmocka_unit_test(a_folder_gives_what_it_has),
		cmocka_unit_test(paths_are_judged_as_nist_does),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
