/*
 * PDFs made by tests/fixtures/make-pdf.sh: each bad one has one sin and must
 * be told by its own words; the good ones pass with their chain.
 */
#include "crypto/pades.h"

#include "base/base.h"
#include "base/clock.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "tests/unit/fixture.h"

static struct trust *trust;

static struct blob
load(const char *kind, const char *name)
{
	char file[128];

	snprintf(file, sizeof(file), "%s/%s.pdf", kind, name);
	return fixture_load(file);
}

static struct report *
judge_bytes(const char *name, const uint8_t *data, size_t len)
{
	struct question q = {
		.at_us = clock_now_us(),
		.trust = trust,
		.policy = trust_policy(trust),
	};
	struct report *r = report_new(name);

	pades_judge_file(data, len, &q, r);
	if (r->format != FORMAT_NONE)
		report_conclude(r);
	return r;
}

static struct report *
judge(const char *kind, const char *name)
{
	struct blob b = load(kind, name);
	struct report *r = judge_bytes(name, b.data, b.len);

	blob_release(&b);
	return r;
}

struct sin {
	const char *name;
	enum finding_code finding;
};

/* FORMAT_FAILURE and nothing said about the digest, or only that it holds. */
static void
a_signature_that_owns_no_clean_hole_is_malformed(void **unused)
{
	static const struct sin sins[] = {
		{ "byterange-missing", FIND_BYTE_RANGE },
		{ "byterange-null", FIND_BYTE_RANGE },
		{ "byterange-name", FIND_BYTE_RANGE },
		{ "byterange-negative", FIND_BYTE_RANGE },
		{ "byterange-huge", FIND_BYTE_RANGE },
		{ "byterange-overflow", FIND_BYTE_RANGE },
		{ "byterange-one-range", FIND_BYTE_RANGE },
		{ "byterange-three-ranges", FIND_BYTE_RANGE },
		{ "byterange-from-one", FIND_BYTE_RANGE },
		{ "byterange-overlap", FIND_BYTE_RANGE },
		{ "byterange-twice", FIND_BYTE_RANGE },
		{ "byterange-indirect", FIND_BYTE_RANGE },
		{ "range-not-to-end", FIND_COVERAGE },
		{ "contents-missing", FIND_HOLE },
		{ "contents-null", FIND_HOLE },
		{ "contents-literal", FIND_HOLE },
		{ "contents-empty", FIND_HOLE },
		{ "contents-twice", FIND_HOLE },
		{ "contents-padding-not-zero", FIND_PADDING },
		{ "contents-second-cms", FIND_PADDING },
		{ "contents-comment", FIND_FORMAT },
		{ "hole-one-larger", FIND_HOLE },
		{ "hole-one-larger-behind", FIND_HOLE },
		{ "hole-is-another", FIND_HOLE },
		{ "subfilter-unknown", FIND_SUBFILTER },
		{ "header-late", FIND_FORMAT },
		{ "startxref-beyond-end", FIND_FORMAT },
		{ "prev-to-itself", FIND_FORMAT },
		{ "revisions-201", FIND_LIMIT },
		{ "text-appended", FIND_FORMAT },
		{ "object-appended", FIND_FORMAT },
		{ "update-without-eof", FIND_FORMAT },
		{ "revision-without-prev", FIND_SIGNATURE_COUNT },
		{ "prev-circle", FIND_FORMAT },
		{ "chain-201", FIND_LIMIT },
		{ "number-8388608-changed", FIND_LIMIT },
		{ "filters-5", FIND_LIMIT },
		{ "inflating-over-64-megabytes", FIND_LIMIT },
		{ "subsections-4097", FIND_FORMAT },
		{ "object-stream-in-itself", FIND_FORMAT },
		{ "number-of-both-kinds", FIND_FORMAT },
		{ "startxref-behind-a-comment", FIND_FORMAT },
		{ "content-inside", FIND_CONTENT_TWICE },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(sins); i++) {
		struct report *r = judge("bad", sins[i].name);

		print_message("%s\n", sins[i].name);
		assert_int_equal(r->format, FORMAT_PADES);
		assert_int_equal(r->indication, TOTAL_FAILED);
		assert_int_equal(r->subindication, SUB_FORMAT_FAILURE);
		assert_int_equal(r->signature_count, 1);
		assert_true(signature_has(&r->signatures[0], sins[i].finding));
		report_free(r);
	}
}

/* The signature holds, the document is not what was signed. */
static void
check_forbidden(const struct sin *sins, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct report *r = judge("bad", sins[i].name);
		const struct signature_report *s = &r->signatures[0];

		print_message("%s\n", sins[i].name);
		assert_int_equal(s->integrity, INTEGRITY_INTACT);
		assert_int_equal(s->covers, COVERS_REVISION);
		assert_int_equal(s->changes_after, CHANGES_FORBIDDEN);
		assert_true(signature_has(s, sins[i].finding));
		assert_true(r->document_modified);
		assert_int_equal(r->indication, INDETERMINATE);
		report_free(r);
	}
}

static void
a_forbidden_change_is_named_and_the_signature_stays_intact(void **unused)
{
	static const struct sin sins[] = {
		{ "object-unlisted", FIND_UNEXPLAINED },
		{ "page-content-changed", FIND_CHANGED },
		{ "page-content-replaced", FIND_CHANGED },
		{ "page-added-after", FIND_CHANGED },
		{ "page-removed-after", FIND_CHANGED },
		{ "font-swapped", FIND_CHANGED },
		{ "overlay-added", FIND_CHANGED },
		{ "action-added", FIND_CHANGED },
		{ "annotation-added", FIND_CHANGED },
		{ "annotation-added-at-2", FIND_CHANGED },
		{ "link-added-at-3", FIND_CHANGED },
		{ "widget-dangling", FIND_CHANGED },
		{ "widget-with-action", FIND_CHANGED },
		{ "text-field-added", FIND_CHANGED },
		{ "field-renamed", FIND_CHANGED },
		{ "field-removed", FIND_CHANGED },
		{ "field-moved", FIND_CHANGED },
		{ "field-name-twice", FIND_CHANGED },
		{ "page-hidden-by-signature", FIND_CHANGED },
		{ "empty-field-with-look", FIND_CHANGED },
		{ "kids-in-a-circle", FIND_CHANGED },
		{ "appearance-changed-only", FIND_CHANGED },
		{ "filled-at-1", FIND_CHANGED },
		{ "filled-when-locked", FIND_CHANGED },
		{ "signed-at-1", FIND_CHANGED },
		{ "certified-later", FIND_CERTIFIED_LATER },
		{ "permission-removed", FIND_CHANGED },
		{ "signature-replaced", FIND_SIGNATURE_REPLACED },
		{ "signature-removed", FIND_NOT_IN_FORM },
		{ "signature-look-changed", FIND_CHANGED },
		{ "two-fields-one-value", FIND_SHARED_VALUE },
	};

	(void)unused;

	check_forbidden(sins, nitems(sins));
}

static void
nothing_hides_in_the_shadow_of_a_signature(void **unused)
{
	static const struct sin sins[] = {
		{ "cover-freed", FIND_CHANGED },
		{ "cover-made-null", FIND_CHANGED },
		{ "cover-made-empty", FIND_CHANGED },
		{ "cover-made-an-unknown-kind", FIND_CHANGED },
		{ "layer-shown", FIND_CHANGED },
		{ "font-not-in-its-stream", FIND_CHANGED },
		{ "stream-made-longer", FIND_CHANGED },
		{ "hidden-field-shown", FIND_CHANGED },
		{ "look-shared-with-page", FIND_CHANGED },
		{ "viewer-told-to-draw-anew", FIND_CHANGED },
		{ "field-drawn-by-the-page", FIND_CHANGED },
		{ "field-drawn-by-a-stamp", FIND_CHANGED },
		{ "field-is-the-contents", FIND_CHANGED },
		{ "font-is-the-dss", FIND_CHANGED },
		{ "root-swapped", FIND_CHANGED },
		{ "catalog-placed-on-the-spare", FIND_CHANGED },
		{ "pages-placed-on-the-spare", FIND_CHANGED },
		{ "object-placed-in-a-stream", FIND_CHANGED },
		{ "changed-by-xref-stream", FIND_CHANGED },
		{ "changed-by-hybrid", FIND_CHANGED },
		{ "generation-raised", FIND_UNEXPLAINED },
		{ "page-freed", FIND_CHANGED },
		{ "page-order-changed", FIND_CHANGED },
		{ "page-shown-twice", FIND_CHANGED },
		{ "page-tree-turned", FIND_CHANGED },
		{ "page-cropped", FIND_CHANGED },
		{ "page-contents-twice", FIND_CHANGED },
		{ "page-contents-in-disguise", FIND_CHANGED },
		{ "highlight-hides-page-at-3", FIND_CHANGED },
		{ "free-text-hides-page-at-3", FIND_CHANGED },
		{ "stamp-at-3", FIND_CHANGED },
		{ "redaction-at-3", FIND_CHANGED },
		{ "waiting-signature-hides-page", FIND_CHANGED },
		{ "many-widgets-hide-page", FIND_CHANGED },
		{ "rectangle-of-five", FIND_CHANGED },
		{ "empty-field-painted", FIND_CHANGED },
		{ "usage-rights-added", FIND_CHANGED },
		{ "filled-when-field-locked", FIND_CHANGED },
		{ "big-field-filled", FIND_CHANGED },
		{ "xref-offset-wrong", FIND_CHANGED },
		{ "xref-offset-behind-end", FIND_CHANGED },
	};

	(void)unused;

	check_forbidden(sins, nitems(sins));
}

static void
a_changed_byte_is_a_hash_failure(void **unused)
{
	struct report *r = judge("bad", "byte-changed");

	(void)unused;

	assert_int_equal(r->subindication, SUB_HASH_FAILURE);
	assert_int_equal(r->signatures[0].integrity, INTEGRITY_BROKEN);
	report_free(r);
}

/* Wherever in the file: covered bytes, the hole, the dictionary. */
static void
no_document_with_a_changed_byte_passes(void **unused)
{
	struct blob b = load("good", "one");

	(void)unused;

	for (size_t i = 0; i < b.len; i += i < 800 ? 7 : 211) {
		struct report *r;

		b.data[i] ^= 1;
		r = judge_bytes("one", b.data, b.len);
		assert_int_not_equal(r->indication, TOTAL_PASSED);
		report_free(r);
		b.data[i] ^= 1;
	}
	blob_release(&b);
}

static void
no_beginning_of_a_document_passes(void **unused)
{
	struct blob b = load("good", "two");
	size_t first = 0;
	struct err e = { 0 };

	(void)unused;

	assert_true(pades_revision(b.data, b.len, 1, &first, &e));
	for (size_t len = 0; len + 1 < b.len; len += len < first ? 97 : 331) {
		struct report *r = judge_bytes("two", b.data, len);

		/* The first signed revision is a document of its own. */
		if (len < first || len > first + 1)
			assert_int_not_equal(r->indication, TOTAL_PASSED);
		report_free(r);
	}
	blob_release(&b);
}

static void
an_outdated_subfilter_is_not_believed(void **unused)
{
	static const char *const names[] = { "subfilter-legacy",
		"legacy-x509" };

	(void)unused;

	for (size_t i = 0; i < nitems(names); i++) {
		struct report *r = judge("bad", names[i]);

		assert_int_equal(r->indication, INDETERMINATE);
		assert_int_equal(r->subindication, SUB_SIG_CONSTRAINTS_FAILURE);
		assert_true(signature_has(&r->signatures[0], FIND_SUBFILTER));
		report_free(r);
	}
}

static void
a_signature_without_signed_attributes_is_intact_and_no_baseline(void **unused)
{
	struct report *r = judge("bad", "no-signed-attributes");

	(void)unused;

	assert_int_equal(r->indication, INDETERMINATE);
	assert_int_equal(r->subindication, SUB_SIG_CONSTRAINTS_FAILURE);
	assert_int_equal(r->signatures[0].integrity, INTEGRITY_INTACT);
	assert_true(
	    signature_has(&r->signatures[0], FIND_NO_SIGNED_ATTRIBUTES));
	report_free(r);
}

static void
an_unsigned_document_has_no_format(void **unused)
{
	static const char *const names[] = { "plain", "packed", "empty-field" };

	(void)unused;

	for (size_t i = 0; i < nitems(names); i++) {
		struct report *r = judge("good", names[i]);

		assert_int_equal(r->format, FORMAT_NONE);
		assert_int_equal(r->signature_count, 0);
		report_free(r);
	}
}

static void
sound_signatures_pass_whoever_made_them(void **unused)
{
	static const struct {
		const char *name;
		enum coverage covers;
		enum changes changes;
		size_t count;
	} all[] = {
		{ "one", COVERS_WHOLE, CHANGES_NONE, 1 },
		{ "nss-plain", COVERS_WHOLE, CHANGES_NONE, 1 },
		{ "nss-packed", COVERS_WHOLE, CHANGES_NONE, 1 },
		{ "other-field-filled", COVERS_WHOLE, CHANGES_NONE, 1 },
		{ "line-end-after", COVERS_REVISION, CHANGES_NONE, 1 },
		{ "two", COVERS_REVISION, CHANGES_PERMITTED, 2 },
		{ "form-filled", COVERS_REVISION, CHANGES_PERMITTED, 1 },
		{ "certified-2-filled", COVERS_REVISION, CHANGES_PERMITTED, 1 },
		{ "certified-3-annotated", COVERS_REVISION, CHANGES_PERMITTED,
		    1 },
		{ "dss-added", COVERS_REVISION, CHANGES_PERMITTED, 1 },
		{ "type-missing", COVERS_WHOLE, CHANGES_NONE, 1 },
		{ "field-and-widget-apart", COVERS_WHOLE, CHANGES_NONE, 1 },
		{ "lock-of-another-field-filled", COVERS_REVISION,
		    CHANGES_PERMITTED, 1 },
		{ "object-freed-that-nothing-used", COVERS_REVISION,
		    CHANGES_PERMITTED, 1 },
		{ "changed-by-xref-stream-not-at-all", COVERS_REVISION,
		    CHANGES_PERMITTED, 1 },
		{ "hybrid-with-nothing-new", COVERS_REVISION, CHANGES_PERMITTED,
		    1 },
		{ "chain-200", COVERS_REVISION, CHANGES_PERMITTED, 1 },
		{ "filters-4", COVERS_WHOLE, CHANGES_NONE, 1 },
		{ "number-8388607", COVERS_WHOLE, CHANGES_NONE, 1 },
		{ "subsections-4096", COVERS_REVISION, CHANGES_PERMITTED, 1 },
		{ "inflating-to-64-megabytes", COVERS_REVISION,
		    CHANGES_PERMITTED, 1 },
		{ "comment-highlighted-at-3", COVERS_REVISION,
		    CHANGES_PERMITTED, 1 },
	};

	(void)unused;

	for (size_t i = 0; i < nitems(all); i++) {
		struct report *r = judge("good", all[i].name);
		const struct signature_report *s = &r->signatures[0];

		print_message("%s\n", all[i].name);
		assert_int_equal(r->indication, TOTAL_PASSED);
		assert_int_equal(r->signature_count, all[i].count);
		assert_false(r->document_modified);
		assert_int_equal(s->integrity, INTEGRITY_INTACT);
		assert_int_equal(s->covers, all[i].covers);
		assert_int_equal(s->changes_after, all[i].changes);
		assert_true(s->claimed_us > 0);
		report_free(r);
	}
}

static void
what_was_filled_in_or_annotated_is_told(void **unused)
{
	struct report *r = judge("good", "form-filled");

	(void)unused;

	assert_true(signature_has(&r->signatures[0], FIND_FORM_FILLED));
	report_free(r);
	r = judge("good", "certified-3-annotated");
	assert_true(signature_has(&r->signatures[0], FIND_ANNOTATED));
	report_free(r);
}

static void
the_signed_revision_is_the_document_as_it_was(void **unused)
{
	struct blob one = load("good", "one"), two = load("good", "two");
	struct err e = { 0 };
	size_t end = 0;

	(void)unused;

	assert_false(pades_revision(two.data, two.len, 3, &end, &e));
	assert_int_equal(e.code, ERR_NOT_FOUND);
	assert_false(pades_revision(two.data, two.len, 0, &end, &e));
	assert_int_equal(end, 0);
	assert_true(pades_revision(two.data, two.len, 2, &end, &e));
	assert_int_equal(end, two.len);
	assert_true(pades_revision(two.data, two.len, 1, &end, &e));
	assert_int_equal(end, one.len);
	assert_memory_equal(one.data, two.data, end);
	blob_release(&one);
	blob_release(&two);
}

static struct report *
judge_made(const char *name)
{
	const char *const argv[] = { "sh", "-c",
		"cd \"$0\" && "
		"exec node \"$OLDPWD/tests/fixtures/pdf-limits.js\" "
		"\"$1\" limit.pdf",
		fixture_folder, name, NULL };
	struct report *r;
	struct blob b;

	fixture_run(argv);
	b = fixture_load("limit.pdf");
	r = judge_bytes(name, b.data, b.len);
	blob_release(&b);
	return r;
}

/* Here and not in a child, whose two seconds of processor time are another
 * limit. */
static void
two_million_objects_are_judged_and_one_more_is_not(void **unused)
{
	struct report *most = judge_made("objects-2000000");
	struct report *over = judge_made("objects-2000001");
	const struct finding *why = over->signatures[0].findings;

	(void)unused;

	assert_int_equal(most->indication, TOTAL_PASSED);
	assert_int_equal(over->indication, TOTAL_FAILED);
	assert_int_equal(why->code, FIND_LIMIT);
	assert_string_equal(why->detail, "pdf: over 2000000 objects");
	report_free(most);
	report_free(over);
}

static void
no_document_was_made_in_vain(void **unused)
{
	(void)unused;

	assert_true(fixture_all_loaded("good"));
	assert_true(fixture_all_loaded("bad"));
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
		    a_signature_that_owns_no_clean_hole_is_malformed),
		cmocka_unit_test(
		    a_forbidden_change_is_named_and_the_signature_stays_intact),
		cmocka_unit_test(nothing_hides_in_the_shadow_of_a_signature),
		cmocka_unit_test(a_changed_byte_is_a_hash_failure),
		cmocka_unit_test(no_document_with_a_changed_byte_passes),
		cmocka_unit_test(no_beginning_of_a_document_passes),
		cmocka_unit_test(an_outdated_subfilter_is_not_believed),
		cmocka_unit_test(
		    a_signature_without_signed_attributes_is_intact_and_no_baseline),
		cmocka_unit_test(an_unsigned_document_has_no_format),
		cmocka_unit_test(sound_signatures_pass_whoever_made_them),
		cmocka_unit_test(what_was_filled_in_or_annotated_is_told),
		cmocka_unit_test(the_signed_revision_is_the_document_as_it_was),
		cmocka_unit_test(
		    two_million_objects_are_judged_and_one_more_is_not),
		cmocka_unit_test(no_document_was_made_in_vain),
	};

	return cmocka_run_group_tests(tests, make_fixtures, remove_fixtures);
}
