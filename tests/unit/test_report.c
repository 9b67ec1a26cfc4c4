/*
 * A report gets worse and never better, goes to bytes and comes back whole,
 * and is not believed when it contradicts itself.
 */
#include "crypto/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/trust.h"

static struct signature_report *
add_passed(struct report *r)
{
	struct signature_report *s = report_add(r);

	signature_begin(s);
	s->integrity = INTEGRITY_INTACT;
	return s;
}

static struct buf
bytes_of(const struct report *r)
{
	struct buf b = { 0 };

	report_write(r, &b);
	return b;
}

static bool
is_read(const struct buf *b, struct report **out)
{
	struct err e = { 0 };
	bool ok = report_read((const uint8_t *)b->data, b->len, out, &e);

	assert_true(ok || e.code == ERR_UNREADABLE);
	return ok;
}

static void
what_nobody_judged_is_no_pass(void **unused)
{
	struct report *r = report_new("a.pdf");

	(void)unused;

	assert_int_equal(r->indication, INDETERMINATE);
	assert_int_equal(r->format, FORMAT_NONE);
	report_conclude(r);
	assert_int_equal(r->indication, INDETERMINATE);
	report_add(r);
	report_conclude(r);
	assert_int_equal(r->indication, INDETERMINATE);
	report_free(r);
}

static void
a_verdict_only_gets_worse(void **unused)
{
	struct report *r = report_new("a.pdf");
	struct signature_report *s = add_passed(r);

	(void)unused;

	signature_sink(s, SUB_TRY_LATER);
	assert_int_equal(s->indication, INDETERMINATE);
	signature_sink(s, SUB_NO_POE);
	assert_int_equal(s->subindication, SUB_TRY_LATER);
	signature_sink(s, SUB_HASH_FAILURE);
	assert_int_equal(s->indication, TOTAL_FAILED);
	signature_sink(s, SUB_TRY_LATER);
	assert_int_equal(s->subindication, SUB_HASH_FAILURE);
	report_free(r);
}

static void
the_files_verdict_is_the_worst_of_its_signatures(void **unused)
{
	struct report *r = report_new("a.pdf");

	(void)unused;

	add_passed(r);
	report_conclude(r);
	assert_int_equal(r->indication, TOTAL_PASSED);
	signature_sink(add_passed(r), SUB_TRY_LATER);
	add_passed(r);
	report_conclude(r);
	assert_int_equal(r->subindication, SUB_TRY_LATER);
	signature_sink(add_passed(r), SUB_SIG_CRYPTO_FAILURE);
	report_conclude(r);
	assert_int_equal(r->subindication, SUB_SIG_CRYPTO_FAILURE);
	report_free(r);
}

static void
a_document_that_was_changed_or_cut_short_never_passes(void **unused)
{
	struct report *r = report_new("a.pdf");

	(void)unused;

	add_passed(r);
	r->document_modified = true;
	report_conclude(r);
	assert_int_equal(r->indication, INDETERMINATE);
	report_free(r);

	r = report_new("a.pdf");
	for (int i = 0; i < REPORT_SIGNATURES_MAX; i++)
		add_passed(r);
	assert_null(report_add(r));
	report_conclude(r);
	assert_int_equal(r->indication, INDETERMINATE);
	report_free(r);
}

static void
findings_are_told_once_and_up_to_a_limit(void **unused)
{
	struct report *r = report_new("a.pdf");
	struct signature_report *s = add_passed(r);

	(void)unused;

	signature_find(s, FIND_FORMAT, "%s", "twice");
	signature_find(s, FIND_FORMAT, "%s", "twice");
	assert_int_equal(s->finding_count, 1);
	assert_true(signature_has(s, FIND_FORMAT));
	assert_false(signature_has(s, FIND_LIMIT));
	for (int i = 0; i < 2 * REPORT_FINDINGS_MAX; i++)
		signature_find(s, FIND_CHAIN, "%d", i);
	assert_int_equal(s->finding_count, REPORT_FINDINGS_MAX);
	report_free(r);
}

static void
a_strangers_text_is_made_fit_to_be_shown(void **unused)
{
	static const char odd[] = "a\x01\xff"
				  "b\0c\x7fĐ";
	struct report *r = report_new("\xc3(.pdf");
	char out[16], small[4];

	(void)unused;

	report_text(out, sizeof(out), odd, sizeof(odd) - 1);
	assert_string_equal(out, "a??b?c?Đ");
	report_text(small, sizeof(small), "ađđ", strlen("ađđ"));
	assert_string_equal(small, "ađ"); /* not cut within a character */
	assert_string_equal(r->file, "?(.pdf");
	report_free(r);
}

static void
every_word_has_its_names(void **unused)
{
	(void)unused;

	assert_null(subindication_name(SUB_NONE));
	for (unsigned i = 1; i <= SUB_SIGNED_DATA_NOT_FOUND; i++) {
		assert_non_null(subindication_name(i));
		assert_int_not_equal(subindication_indication(i), TOTAL_PASSED);
	}
	for (unsigned i = 0; i < FIND_COUNT; i++) {
		assert_int_not_equal(strlen(finding_text(i, false)), 0);
		assert_true(text_is_utf8(
		    finding_text(i, true), strlen(finding_text(i, true))));
		for (unsigned k = 0; k < i; k++)
			assert_string_not_equal(
			    finding_name(i), finding_name(k));
	}
	assert_string_equal(indication_text_vi(TOTAL_PASSED), "Hợp lệ");
	assert_string_equal(indication_name(TOTAL_FAILED), "TOTAL-FAILED");
}

/* One of everything, each text as long as its place allows. */
static struct report *
full(void)
{
	struct report *r = report_new("Đơn.pdf");
	struct signature_report *s = add_passed(r);

	r->format = FORMAT_PADES;
	snprintf(r->policy, sizeof(r->policy), "p");
	memset(s->signer.subject, 'x', sizeof(s->signer.subject) - 1);
	memset(s->signer.email, 'y', sizeof(s->signer.email) - 1);
	s->signer.id_count = 2;
	s->signer.ids[0] = (struct signer_id){ "MST", "0100109106" };
	s->signer.ids[1] = (struct signer_id){ "CCCD", "001099000123" };
	s->kind = KIND_DOCUMENT_TIMESTAMP;
	s->level = LEVEL_B_LTA;
	s->covers = COVERS_REVISION;
	s->changes_after = CHANGES_PERMITTED;
	s->key_bits = 2048;
	s->anchor = TRUST_PUBLIC | TRUST_TIMESTAMP;
	s->claimed_us = INT64_C(1764061200000001);
	s->timestamp_count = 1;
	s->timestamps[0] =
	    (struct timestamp_report){ TIMESTAMP_ARCHIVE, INTEGRITY_INTACT,
		    INDETERMINATE, SUB_NO_POE, INT64_C(1764061200000000) };
	signature_find(s, FIND_CHAIN, "%s", "\"quoted\"");
	signature_sink(s, SUB_TRY_LATER);
	report_find(r, FIND_FORMAT, "%s", "of the file");
	r->path = blob_calloc(1, sizeof(*r->path));
	r->path->count = 2;
	memcpy(r->path->subjects[1], "CN=Đ", sizeof("CN=Đ"));
	snprintf(r->policy_version, sizeof(r->policy_version), "7");
	snprintf(r->revocation, sizeof(r->revocation), "require");
	r->at_us = INT64_C(1764061200000002);
	evidence_add_bytes(
	    &r->evidence, EVIDENCE_CRL, EVIDENCE_BUNDLE, "crl", 3);
	evidence_add(&r->evidence, &(struct evidence){ .kind = EVIDENCE_ANCHOR,
				       .place = EVIDENCE_BUNDLE,
				       .purpose = TRUST_GOVERNMENT });
	want_add(&r->wants, &(struct want){ .kind = WANT_OCSP,
				.url = "http://ocsp.example.vn/",
				.subject = { 7 },
				.request = { 0x30, 0 },
				.request_len = 2 });
	report_conclude(r);
	return r;
}

static void
a_report_comes_back_as_it_went(void **unused)
{
	struct report *r = full(), *again = NULL;
	struct buf there = bytes_of(r), back;

	(void)unused;

	assert_true(is_read(&there, &again));
	back = bytes_of(again);
	assert_int_equal(there.len, back.len);
	assert_memory_equal(there.data, back.data, there.len);
	assert_memory_equal(
	    &again->signatures[0], &r->signatures[0], sizeof(*r->signatures));
	assert_string_equal(again->file, r->file);
	assert_int_equal(again->format, r->format);
	assert_int_equal(again->finding_count, r->finding_count);
	assert_string_equal(again->path->subjects[1], "CN=Đ");
	assert_string_equal(again->policy_version, "7");
	assert_string_equal(again->revocation, "require");
	assert_int_equal(again->at_us, r->at_us);
	assert_int_equal(again->wants.count, 1);
	assert_memory_equal(again->wants.at, r->wants.at, sizeof(*r->wants.at));
	assert_int_equal(again->evidence.count, 2);
	assert_memory_equal(
	    again->evidence.at, r->evidence.at, 2 * sizeof(*r->evidence.at));
	buf_release(&there);
	buf_release(&back);
	report_free(r);
	report_free(again);
}

/* What a child may say that was taken over: one lie each. */
static void
lie_level(struct report *r)
{
	r->signatures[0].level = LEVEL_PKCS7 + 1;
}

static void
lie_kind(struct report *r)
{
	r->signatures[0].kind = KIND_COUNTER_SIGNATURE + 1;
}

static void
lie_integrity(struct report *r)
{
	r->signatures[0].integrity = INTEGRITY_BROKEN + 1;
}

static void
lie_coverage(struct report *r)
{
	r->signatures[0].covers = COVERS_PART + 1;
}

static void
lie_changes(struct report *r)
{
	r->signatures[0].changes_after = CHANGES_FORBIDDEN + 1;
}

static void
lie_anchor(struct report *r)
{
	r->signatures[0].anchor = TRUST_ANY + 1;
}

static void
lie_format(struct report *r)
{
	r->format = FORMAT_XADES + 1;
}

static void
lie_finding(struct report *r)
{
	r->findings[0].code = FIND_COUNT;
}

static void
lie_key_bits(struct report *r)
{
	r->signatures[0].key_bits = -1;
}

static void
lie_time(struct report *r)
{
	r->signatures[0].claimed_us = INT64_MAX;
}

static void
lie_early_time(struct report *r)
{
	r->signatures[0].timestamps[0].time_us = INT64_MIN;
}

static void
lie_counts(struct report *r)
{
	r->signatures[0].signer.id_count = REPORT_IDS_MAX + 1;
}

static void
lie_evidence_kind(struct report *r)
{
	r->evidence.at[0].kind = EVIDENCE_KIND_COUNT;
}

static void
lie_evidence_place(struct report *r)
{
	r->evidence.at[0].place = EVIDENCE_PLACE_COUNT;
}

static void
lie_anchor_of_the_document(struct report *r)
{
	r->evidence.at[1].place = EVIDENCE_DOCUMENT;
}

static void
lie_anchor_for_nothing(struct report *r)
{
	r->evidence.at[1].purpose = 0;
}

static void
lie_want_kind(struct report *r)
{
	r->wants.at[0].kind = WANT_KIND_COUNT;
}

static void
lie_want_scheme(struct report *r)
{
	memcpy(r->wants.at[0].url, "file", 4);
}

static void
lie_want_blank(struct report *r)
{
	r->wants.at[0].url[10] = ' ';
}

static void
lie_want_request(struct report *r)
{
	r->wants.at[0].request_len = WANT_REQUEST_MAX + 1;
}

/* The file better than its signature. */
static void
lie_file_verdict(struct report *r)
{
	r->indication = TOTAL_PASSED;
	r->subindication = SUB_NONE;
}

/* A signature better than its reason, and one without any. */
static void
lie_verdict(struct report *r)
{
	r->signatures[0].indication = TOTAL_PASSED;
}

static void
lie_reason(struct report *r)
{
	r->signatures[0].subindication = SUB_NONE;
}

static void
lie_pass(struct report *r)
{
	r->signatures[0].integrity = INTEGRITY_UNKNOWN;
	r->signatures[0].indication = TOTAL_PASSED;
	r->signatures[0].subindication = SUB_NONE;
	report_conclude(r);
}

static void
a_report_that_lies_is_refused(void **unused)
{
	static void (*const lies[])(struct report *) = {
		lie_level,
		lie_kind,
		lie_integrity,
		lie_coverage,
		lie_changes,
		lie_anchor,
		lie_format,
		lie_finding,
		lie_key_bits,
		lie_time,
		lie_early_time,
		lie_counts,
		lie_evidence_kind,
		lie_evidence_place,
		lie_anchor_of_the_document,
		lie_anchor_for_nothing,
		lie_want_kind,
		lie_want_scheme,
		lie_want_blank,
		lie_want_request,
		lie_file_verdict,
		lie_verdict,
		lie_reason,
		lie_pass,
	};

	(void)unused;

	for (size_t i = 0; i < nitems(lies); i++) {
		struct report *r = full(), *out = NULL;
		struct buf b;

		lies[i](r);
		b = bytes_of(r);
		if (is_read(&b, &out))
			fail_msg("lie %zu was believed", i);
		assert_null(out);
		buf_release(&b);
		report_free(r);
	}
}

/* The report with some of its bytes changed. */
static void
refused_with(const char *old, const char *new)
{
	struct report *r = full(), *out = NULL;
	struct buf b = bytes_of(r);
	char *at = memmem(b.data, b.len, old, strlen(old));

	assert_non_null(at);
	assert_int_equal(strlen(old), strlen(new));
	memcpy(at, new, strlen(new));
	assert_false(is_read(&b, &out));
	assert_null(out);
	buf_release(&b);
	report_free(r);
}

static void
a_text_that_is_not_fit_to_be_shown_is_refused(void **unused)
{
	(void)unused;

	refused_with("0100109106", "01001\n9106");
	refused_with("0100109106", "01001\x7f"
				   "9106");
	refused_with("of the file", "of the \xff\xff\xff\xff");
}

static void
a_report_that_was_cut_or_continued_is_refused(void **unused)
{
	struct report *r = full(), *out = NULL;
	struct buf b = bytes_of(r);
	size_t len = b.len;

	(void)unused;

	for (b.len = 0; b.len < len; b.len++)
		assert_false(is_read(&b, &out));
	buf_put(&b, "", 1);
	assert_false(is_read(&b, &out));
	assert_null(out);
	buf_release(&b);
	report_free(r);
}

static void
a_report_that_is_too_large_is_refused_unread(void **unused)
{
	uint8_t *bytes = calloc(1, REPORT_BYTES_MAX + 1);
	struct report *out = NULL;
	struct err e;

	(void)unused;

	assert_non_null(bytes);
	assert_false(report_read(bytes, REPORT_BYTES_MAX + 1, &out, &e));
	assert_int_equal(e.code, ERR_TOO_LARGE);
	free(bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_judged_is_no_pass),
		cmocka_unit_test(a_verdict_only_gets_worse),
		cmocka_unit_test(
		    the_files_verdict_is_the_worst_of_its_signatures),
		cmocka_unit_test(
		    a_document_that_was_changed_or_cut_short_never_passes),
		cmocka_unit_test(findings_are_told_once_and_up_to_a_limit),
		cmocka_unit_test(a_strangers_text_is_made_fit_to_be_shown),
		cmocka_unit_test(every_word_has_its_names),
		cmocka_unit_test(a_report_that_lies_is_refused),
		cmocka_unit_test(a_text_that_is_not_fit_to_be_shown_is_refused),
		cmocka_unit_test(a_report_that_was_cut_or_continued_is_refused),
		cmocka_unit_test(a_report_that_is_too_large_is_refused_unread),
		cmocka_unit_test(a_report_comes_back_as_it_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
