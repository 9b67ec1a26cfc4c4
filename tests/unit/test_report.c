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

#include "base/err.h"
#include "base/json.h"
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

static char *
bytes_of(const struct report *r)
{
	struct json *j = report_json(r);
	char *bytes = json_write(j);

	json_free(j);
	return bytes;
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
	s->timestamps[0] = (struct timestamp_report){ INTEGRITY_INTACT,
		INDETERMINATE, INT64_C(1764061200000000) };
	signature_find(s, FIND_CHAIN, "%s", "\"quoted\"");
	signature_sink(s, SUB_TRY_LATER);
	report_find(r, FIND_FORMAT, "%s", "of the file");
	report_conclude(r);
	return r;
}

static void
a_report_comes_back_as_it_went(void **unused)
{
	struct report *r = full(), *again = NULL;
	char *there = bytes_of(r), *back;
	struct err e;

	(void)unused;

	assert_true(report_read(there, strlen(there), &again, &e));
	back = bytes_of(again);
	assert_string_equal(there, back);
	assert_memory_equal(
	    &again->signatures[0], &r->signatures[0], sizeof(*r->signatures));
	free(there);
	free(back);
	report_free(r);
	report_free(again);
}

/* The report with one text put in another's place. */
static void
refused_with(const char *old, const char *new)
{
	struct report *r = full(), *out = NULL;
	char *bytes = bytes_of(r), *at = strstr(bytes, old);
	char changed[8192];
	struct err e;
	int len;

	assert_non_null(at);
	len = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - bytes),
	    bytes, new, at + strlen(old));
	assert_true(len > 0 && (size_t)len < sizeof(changed));
	assert_false(report_read(changed, (size_t)len, &out, &e));
	assert_null(out);
	free(bytes);
	report_free(r);
}

static void
a_report_that_contradicts_itself_is_refused(void **unused)
{
	(void)unused;

	/* The file better than its signature. */
	refused_with("\"indication\":\"INDETERMINATE\",\"subindication\":"
		     "\"TRY_LATER\",\"document_modified\"",
	    "\"indication\":\"TOTAL-PASSED\",\"subindication\":"
	    "null,\"document_modified\"");
	/* A signature better than its reason. */
	refused_with("{\"indication\":\"INDETERMINATE\"",
	    "{\"indication\":\"TOTAL-PASSED\"");
	refused_with("\"subindication\":\"TRY_LATER\",\"integrity\"",
	    "\"subindication\":null,\"integrity\"");
	refused_with("\"document_modified\":false", "\"document_modified\":0");
}

static void
a_pass_without_integrity_is_refused(void **unused)
{
	struct report *r = report_new("a.pdf"), *out = NULL;
	struct err e;
	char *bytes;

	(void)unused;

	add_passed(r)->integrity = INTEGRITY_UNKNOWN;
	report_conclude(r);
	bytes = bytes_of(r);
	assert_false(report_read(bytes, strlen(bytes), &out, &e));
	assert_int_equal(e.code, ERR_UNREADABLE);
	free(bytes);
	report_free(r);
}

static void
a_report_with_a_foreign_word_is_refused(void **unused)
{
	(void)unused;

	refused_with("\"pades\"", "\"word\"");
	refused_with("\"B-LTA\"", "\"B-LTB\"");
	refused_with("\"intact\"", "\"perfect\"");
	refused_with("\"public\"", "\"private\"");
	refused_with("\"CHAIN\"", "\"CHAINS\"");
	refused_with("\"key_bits\":2048", "\"key_bits\":-1");
	refused_with("\"key_bits\":2048", "\"key_bits\":\"2048\"");
	refused_with("\"email\":\"y", "\"email\":\"yy");
	refused_with("\"MST\":", "\"FARTOOLONG\":");
	refused_with("2025-11-25T", "2025-13-25T");
	refused_with("{", "[");
}

static void
a_report_that_is_too_large_is_refused_unread(void **unused)
{
	char *bytes = calloc(1, REPORT_BYTES_MAX + 1);
	struct report *out = NULL;
	struct err e;

	(void)unused;

	assert_non_null(bytes);
	memset(bytes, ' ', REPORT_BYTES_MAX + 1);
	assert_false(report_read(bytes, REPORT_BYTES_MAX + 1, &out, &e));
	assert_int_equal(e.code, ERR_TOO_LARGE);
	assert_false(report_read("", 0, &out, &e));
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
		cmocka_unit_test(a_report_that_contradicts_itself_is_refused),
		cmocka_unit_test(a_pass_without_integrity_is_refused),
		cmocka_unit_test(a_report_with_a_foreign_word_is_refused),
		cmocka_unit_test(a_report_that_is_too_large_is_refused_unread),
		cmocka_unit_test(a_report_comes_back_as_it_went),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
