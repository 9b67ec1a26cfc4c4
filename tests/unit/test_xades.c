/*
 * XML signatures made by tests/fixtures/make-xml.sh: each bad one has one sin
 * and must be told by its own words; the good ones pass with their chain.
 */
#include "crypto/xades.h"

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/trust.h"

extern char **environ;

static char folder[] = "/tmp/test_xades.XXXXXX";
static struct trust *trust, *no_trust;

static void
run(const char *const argv[])
{
	int status = -1;
	pid_t pid;

	assert_int_equal(posix_spawnp(&pid, argv[0], NULL, NULL,
			     (char *const *)(uintptr_t)argv, environ),
	    0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static struct blob
load(const char *name)
{
	struct blob b = { 0 };
	struct err e = { 0 };
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	assert_true(file_read(path, XADES_FILE_MAX, &b, &e));
	return b;
}

/* Judges under the given trust, with the content beside it or without. */
static struct report *
judge(const char *name, const struct trust *t, const char *content)
{
	struct blob data = load(name), beside = { 0 };
	struct content c = { .name = "detached.txt" };
	struct question q = {
		.at_us = clock_now_us(),
		.trust = t,
		.policy = trust_policy(t),
		.contents = &c,
	};
	struct report *r = report_new(name);

	if (content != NULL) {
		beside = load(content);
		c.data = beside.data;
		c.len = beside.len;
		q.content_count = 1;
	}
	assert_true(xades_is_xml(data.data, data.len));
	xades_judge_file(data.data, data.len, &q, r);
	report_conclude(r);
	blob_release(&data);
	blob_release(&beside);
	return r;
}

struct sin {
	const char *name;
	enum subindication sub;
	enum integrity integrity;
	enum finding_code finding; /* FIND_COUNT: none is asked for */
};

static void
check(const struct sin *sins, size_t count)
{
	char name[128];

	for (size_t i = 0; i < count; i++) {
		const struct sin *x = &sins[i];
		struct report *r;

		snprintf(name, sizeof(name), "bad/%s.xml", x->name);
		r = judge(name, trust, NULL);
		print_message("%s\n", x->name);
		assert_int_equal(r->format, FORMAT_XADES);
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
what_was_changed_is_told_apart(void **unused)
{
	static const struct sin sins[] = {
		{ "content-changed", SUB_HASH_FAILURE, INTEGRITY_BROKEN,
		    FIND_DIGEST },
		{ "claims-changed", SUB_HASH_FAILURE, INTEGRITY_BROKEN,
		    FIND_DIGEST },
		{ "value-changed", SUB_SIG_CRYPTO_FAILURE, INTEGRITY_BROKEN,
		    FIND_COUNT },
		{ "value-not-base64", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "value-empty", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "value-2049-bytes", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "digest-not-base64", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "reference-removed", SUB_SIG_CRYPTO_FAILURE, INTEGRITY_BROKEN,
		    FIND_COUNT },
	};

	(void)unused;

	check(sins, nitems(sins));
}

static void
doctypes_bombs_and_torn_files_are_refused(void **unused)
{
	static const struct sin sins[] = {
		{ "doctype", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "entity-bomb", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "parameter-entity", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "external-entity", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "depth-257", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_LIMIT },
		{ "cut-off", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
	};

	(void)unused;

	check(sins, nitems(sins));
}

static void
without_the_signers_certificate_nobody_signed(void **unused)
{
	static const struct sin sins[] = {
		{ "no-certificate", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_KEY_INFO },
		{ "key-by-name", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_KEY_INFO },
		{ "hmac", SUB_NO_SIGNING_CERTIFICATE_FOUND, INTEGRITY_UNKNOWN,
		    FIND_KEY_INFO },
		{ "hmac-truncated", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_KEY_INFO },
		{ "key-value-only", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_KEY_INFO },
		{ "retrieval-method", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_KEY_INFO },
		{ "certificate-of-garbage", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_KEY_INFO },
		{ "certificate-of-another", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_UNKNOWN, FIND_CERTIFICATE_MISMATCH },
		{ "binds-another-certificate", SUB_NO_SIGNING_CERTIFICATE_FOUND,
		    INTEGRITY_INTACT, FIND_CERTIFICATE_MISMATCH },
	};

	(void)unused;

	check(sins, nitems(sins));
}

static void
what_is_not_on_the_allow_list_is_doubt(void **unused)
{
	static const struct sin sins[] = {
		{ "transform-xslt", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_TRANSFORM },
		{ "transform-xpath", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_TRANSFORM },
		{ "transform-decrypt", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_TRANSFORM },
		{ "transforms-5", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_LIMIT },
		{ "references-101", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_LIMIT },
		{ "unknown-method", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_ALGORITHM_UNKNOWN },
		{ "unknown-digest", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_ALGORITHM_UNKNOWN },
		{ "references-10000", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_LIMIT },
		{ "certificates-65", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_INTACT, FIND_LIMIT },
		{ "unknown-canonicalization", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_ALGORITHM_UNKNOWN },
		{ "external-uri", SUB_SIGNED_DATA_NOT_FOUND, INTEGRITY_UNKNOWN,
		    FIND_SIGNED_DATA },
		{ "file-uri", SUB_SIGNED_DATA_NOT_FOUND, INTEGRITY_UNKNOWN,
		    FIND_SIGNED_DATA },
	};

	(void)unused;

	check(sins, nitems(sins));
}

static void
signed_pieces_put_elsewhere_are_wrapping(void **unused)
{
	static const struct sin sins[] = {
		{ "xsw1-in-signature", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "xsw6-in-signature-in-the-evil-one", SUB_FORMAT_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_FORMAT },
		{ "xsw7-same-id", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_DUPLICATE_ID },
		{ "xsw-enveloped-moved-out", SUB_FORMAT_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_WRAPPING },
		{ "type-says-object", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_WRAPPING },
		{ "claims-moved-out", SUB_FORMAT_FAILURE, INTEGRITY_INTACT,
		    FIND_WRAPPING },
		{ "claims-moved-aside", SUB_FORMAT_FAILURE, INTEGRITY_INTACT,
		    FIND_WRAPPING },
		{ "claims-not-signed", SUB_FORMAT_FAILURE, INTEGRITY_INTACT,
		    FIND_WRAPPING },
		{ "claims-twice", SUB_FORMAT_FAILURE, INTEGRITY_UNKNOWN,
		    FIND_FORMAT },
		{ "claims-of-another-signature", SUB_FORMAT_FAILURE,
		    INTEGRITY_UNKNOWN, FIND_FORMAT },
		{ "signs-only-itself", SUB_SIG_CONSTRAINTS_FAILURE,
		    INTEGRITY_INTACT, FIND_WRAPPING },
	};

	(void)unused;

	check(sins, nitems(sins));
}

/* Such files keep the standard; the report says where the signed element is,
 * and that there is more to be seen. */
static void
a_signed_element_beside_others_is_named_and_not_the_whole(void **unused)
{
	static const struct {
		const char *name, *where;
	} files[] = {
		{ "bad/xsw2-beside.xml", "#d1 is /file/old/declaration" },
		{ "bad/xsw3-behind-the-evil-one.xml",
		    "#d1 is /file/declaration[2]" },
		{ "bad/xsw4-inside-the-evil-one.xml",
		    "#d1 is /file/declaration/declaration" },
		{ "bad/xsw5-signature-in-the-evil-one.xml",
		    "#d1 is /file/declaration[2]" },
		{ "bad/xsw8-in-object.xml",
		    "#d1 is /file/ds:Signature/ds:Object[2]/declaration" },
		{ "bad/stylesheet-before-the-root.xml",
		    "#d1 is /file/declaration" },
		{ "bad/instruction-beside.xml", "#d1 is /file/declaration" },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(files); i++) {
		struct report *r = judge(files[i].name, trust, NULL);
		const struct signature_report *s = &r->signatures[0];

		assert_int_equal(s->covers, COVERS_PART);
		assert_int_equal(s->finding_count, 1);
		assert_int_equal(s->findings[0].code, FIND_SIGNED_ELEMENT);
		assert_string_equal(s->findings[0].detail, files[i].where);
		report_free(r);
	}
}

/* The enveloped signature leaves its own objects out of the digest. */
static void
what_hides_in_the_signature_itself_is_not_covered(void **unused)
{
	static const char *const files[] = {
		"bad/xsw-hidden-in-own-object.xml",
		"bad/hidden-in-key-info-enveloped-b-b.xml",
		"bad/hidden-in-key-info-by-id-b-b.xml",
		"bad/hidden-in-unsigned-enveloped-b-b.xml",
		"bad/hidden-in-unsigned-by-id-b-b.xml",
	};

	(void)unused;

	for (size_t i = 0; i < nitems(files); i++) {
		struct report *r = judge(files[i], trust, NULL);

		print_message("%s\n", files[i]);
		assert_int_equal(r->signatures[0].integrity, INTEGRITY_INTACT);
		assert_int_equal(r->signatures[0].covers, COVERS_PART);
		report_free(r);
	}
}

static void
up_to_its_limits_a_document_passes(void **unused)
{
	static const struct {
		const char *name;
		size_t signatures;
	} files[] = {
		{ "good/transforms-4.xml", 1 },
		{ "good/references-100.xml", 1 },
		{ "good/depth-256.xml", 1 },
		{ "good/certificates-64.xml", 1 },
		{ "good/signatures-100.xml", 100 },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(files); i++) {
		struct report *r = judge(files[i].name, trust, NULL);

		print_message("%s\n", files[i].name);
		assert_int_equal(r->indication, TOTAL_PASSED);
		assert_int_equal(r->signature_count, files[i].signatures);
		report_free(r);
	}
}

static void
behind_the_limit_of_signatures_there_is_doubt(void **unused)
{
	struct report *r = judge("bad/signatures-101.xml", trust, NULL);

	(void)unused;

	assert_int_equal(r->signature_count, REPORT_SIGNATURES_MAX);
	assert_int_equal(r->indication, INDETERMINATE);
	assert_int_equal(r->findings[0].code, FIND_LIMIT);
	report_free(r);
}

static void
a_file_over_fifty_megabytes_is_not_parsed(void **unused)
{
	static const char text[] = "<Signature>";
	size_t len = XADES_FILE_MAX + 1;
	uint8_t *data = blob_calloc(len, 1);
	struct question q = { .trust = trust };
	struct report *r = report_new("a.xml");

	(void)unused;

	memcpy(data, text, sizeof(text) - 1);
	xades_judge_file(data, len, &q, r);
	report_conclude(r);
	assert_int_equal(r->indication, TOTAL_FAILED);
	assert_int_equal(r->findings[0].code, FIND_LIMIT);
	report_free(r);
	free(data);
}

static void
good_ones_pass_with_their_chain(void **unused)
{
	static const struct {
		const char *name;
		enum signature_level level;
		const char *signer, *id;
	} files[] = {
		{ "good/enveloped-xmldsig.xml", LEVEL_XMLDSIG, "Nguyễn Văn An",
		    "001099000123" },
		{ "good/enveloped-b-b.xml", LEVEL_B_B, "Nguyễn Văn An",
		    "001099000123" },
		{ "good/enveloped-ec-b-b.xml", LEVEL_B_B, "Sao Mai",
		    "0312345678" },
		{ "good/enveloping-b-b.xml", LEVEL_B_B, "Nguyễn Văn An",
		    "001099000123" },
		{ "good/by-id-b-b.xml", LEVEL_B_B, "Nguyễn Văn An",
		    "001099000123" },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(files); i++) {
		struct report *r = judge(files[i].name, trust, NULL);
		const struct signature_report *s = &r->signatures[0];

		print_message("%s\n", files[i].name);
		assert_int_equal(r->indication, TOTAL_PASSED);
		assert_int_equal(s->integrity, INTEGRITY_INTACT);
		assert_int_equal(s->covers, COVERS_WHOLE);
		assert_int_equal(s->level, files[i].level);
		assert_string_equal(s->signer.name, files[i].signer);
		assert_int_equal(s->signer.id_count, 1);
		assert_string_equal(s->signer.ids[0].value, files[i].id);
		assert_string_equal(s->digest, "sha256");
		report_free(r);
	}
}

static void
without_anchors_a_sound_one_is_intact_and_unknown(void **unused)
{
	struct report *r = judge("good/enveloped-b-b.xml", no_trust, NULL);

	(void)unused;

	assert_int_equal(r->indication, INDETERMINATE);
	assert_int_equal(r->subindication, SUB_NO_CERTIFICATE_CHAIN_FOUND);
	assert_int_equal(r->signatures[0].integrity, INTEGRITY_INTACT);
	report_free(r);
}

static void
detached_content_is_found_by_its_name_or_missed(void **unused)
{
	const char *name = "good/detached-b-b.xml";
	struct report *r;

	(void)unused;

	r = judge(name, trust, NULL);
	assert_int_equal(r->subindication, SUB_SIGNED_DATA_NOT_FOUND);
	report_free(r);

	r = judge(name, trust, "good/by-hand.xml");
	assert_int_equal(r->subindication, SUB_HASH_FAILURE);
	report_free(r);

	r = judge(name, trust, "good/detached.txt");
	assert_int_equal(r->indication, TOTAL_PASSED);
	assert_int_equal(r->signatures[0].covers, COVERS_WHOLE);
	report_free(r);
}

static void
content_nobody_signed_makes_a_signature_partial(void **unused)
{
	struct report *r =
	    judge("good/enveloped-b-b.xml", trust, "good/detached.txt");

	(void)unused;

	assert_int_equal(r->signatures[0].covers, COVERS_PART);
	assert_true(signature_has(&r->signatures[0], FIND_SIGNED_DATA));
	report_free(r);
}

static void
xml_without_a_signature_has_no_format(void **unused)
{
	static const uint8_t text[] = "<a><b/></a>";
	struct question q = { .trust = no_trust };
	struct report *r = report_new("a.xml");

	(void)unused;

	q.policy = trust_policy(no_trust);
	xades_judge_file(text, sizeof(text) - 1, &q, r);
	report_conclude(r);
	assert_int_equal(r->format, FORMAT_NONE);
	assert_int_equal(r->signature_count, 0);
	report_free(r);
}

static void
a_text_over_ten_megabytes_reaches_a_limit(void **unused)
{
	struct question q = { .trust = trust };
	struct report *r = report_new("a.xml");
	struct buf b = { 0 };

	(void)unused;

	buf_puts(&b, "<Signature>");
	for (int i = 0; i < 5000001; i++)
		buf_put(&b, "ă", 2);
	buf_puts(&b, "</Signature>");
	xades_judge_file((uint8_t *)b.data, b.len, &q, r);
	report_conclude(r);
	assert_int_not_equal(r->indication, TOTAL_PASSED);
	assert_int_equal(r->findings[0].code, FIND_LIMIT);
	report_free(r);
	buf_release(&b);
}

static struct trust *
open_trust(bool anchors)
{
	struct trust_bundle *b = trust_bundle_new();
	uint8_t generation[32];
	struct trust *t = NULL;
	struct err e = { 0 };
	char path[256];
	off_t len;
	void *p;
	int fd;

	snprintf(path, sizeof(path), "%s/pki/root.pem", folder);
	assert_true(
	    !anchors || trust_bundle_add(b, path, TRUST_ANCHOR, TRUST_ANY, &e));
	snprintf(path, sizeof(path), "%s/pki/crls", folder);
	assert_true(
	    !anchors || trust_bundle_add(b, path, TRUST_CRL, TRUST_ANY, &e));
	fd = trust_bundle_seal(b, generation);
	len = lseek(fd, 0, SEEK_END);
	p = len == 0 ? NULL
		     : mmap(NULL, (size_t)len, PROT_READ, MAP_SHARED, fd, 0);
	assert_true(p != MAP_FAILED);
	assert_true(trust_open(p, (size_t)len, &t, &e));
	/* The mapping stays: what was parsed may borrow from it. */
	trust_bundle_free(b);
	return t;
}

static int
set_up(void **unused)
{
	(void)unused;

	assert_non_null(mkdtemp(folder));
	run((const char *[]){
	    "sh", "tests/fixtures/make-xml.sh", folder, NULL });
	trust_init();
	xades_init();
	trust = open_trust(true);
	no_trust = open_trust(false);
	return 0;
}

static int
tear_down(void **unused)
{
	(void)unused;

	trust_free(trust);
	trust_free(no_trust);
	run((const char *[]){ "rm", "-rf", folder, NULL });
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_changed_is_told_apart),
		cmocka_unit_test(doctypes_bombs_and_torn_files_are_refused),
		cmocka_unit_test(without_the_signers_certificate_nobody_signed),
		cmocka_unit_test(what_is_not_on_the_allow_list_is_doubt),
		cmocka_unit_test(signed_pieces_put_elsewhere_are_wrapping),
		cmocka_unit_test(
		    a_signed_element_beside_others_is_named_and_not_the_whole),
		cmocka_unit_test(
		    what_hides_in_the_signature_itself_is_not_covered),
		cmocka_unit_test(behind_the_limit_of_signatures_there_is_doubt),
		cmocka_unit_test(a_file_over_fifty_megabytes_is_not_parsed),
		cmocka_unit_test(a_text_over_ten_megabytes_reaches_a_limit),
		cmocka_unit_test(up_to_its_limits_a_document_passes),
		cmocka_unit_test(good_ones_pass_with_their_chain),
		cmocka_unit_test(
		    without_anchors_a_sound_one_is_intact_and_unknown),
		cmocka_unit_test(
		    detached_content_is_found_by_its_name_or_missed),
		cmocka_unit_test(
		    content_nobody_signed_makes_a_signature_partial),
		cmocka_unit_test(xml_without_a_signature_has_no_format),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
