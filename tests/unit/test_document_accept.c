/*
 * What signatures mean for a dossier.  Reports are made by hand, since only
 * the verdict counts here; the verifier has its own tests.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/base.h"
#include "base/err.h"
#include "crypto/report.h"
#include "gateway/document.h"

static const struct document_signer an = { "CCCD", "012345678901", "dung@x.vn",
	"" };

static struct procedure_document
rule(enum procedure_signer signer)
{
	struct procedure_document r = { .required = true, .signer = signer };

	snprintf(r.name, sizeof(r.name), "application");
	snprintf(r.formats, sizeof(r.formats), "pades xades");
	return r;
}

/* A PDF that An signed, proved. */
static struct report *
signed_by_an(void)
{
	struct report *r = report_new("a.pdf");
	struct signature_report *s = report_add(r);

	r->format = FORMAT_PADES;
	r->indication = s->indication = TOTAL_PASSED;
	r->subindication = s->subindication = SUB_NONE;
	s->kind = KIND_SIGNATURE;
	s->signer.id_count = 2;
	snprintf(s->signer.ids[0].kind, sizeof(s->signer.ids[0].kind), "MST");
	snprintf(s->signer.ids[0].value, sizeof(s->signer.ids[0].value),
	    "0312345678");
	snprintf(s->signer.ids[1].kind, sizeof(s->signer.ids[1].kind), "CCCD");
	snprintf(s->signer.ids[1].value, sizeof(s->signer.ids[1].value),
	    "012345678901");
	snprintf(s->signer.email, sizeof(s->signer.email), "Dung@x.vn");
	snprintf(s->signer.certificate_sha256,
	    sizeof(s->signer.certificate_sha256), "aa11");
	return r;
}

/* As it is while the CRL of her CA is not at hand. */
static struct report *
waiting_for_evidence(void)
{
	struct report *r = signed_by_an();

	r->indication = r->signatures[0].indication = INDETERMINATE;
	r->subindication = r->signatures[0].subindication = SUB_TRY_LATER;
	r->signatures[0].integrity = INTEGRITY_INTACT;
	return r;
}

/* Judges one document and frees its report; waits may be NULL. */
static enum err_code
verdict_if(enum procedure_signer signer, struct report *report,
    const struct document_signer *who, bool *waits)
{
	struct procedure_document r = rule(signer);
	struct document doc = { .rule = &r, .report = report };
	struct document_set set = { .item = &doc, .count = 1 };
	struct err e = { 0 };

	if (!document_accept(&set, who, waits, &e))
		assert_string_equal(e.pointer, "/documents/0");
	report_free(report);
	return e.code;
}

static enum err_code
verdict(enum procedure_signer signer, struct report *report,
    const struct document_signer *who)
{
	return verdict_if(signer, report, who, NULL);
}

static void
a_document_without_a_signature_is_unsigned(void **unused)
{
	struct report *r = report_new("a.pdf");

	(void)unused;

	r->format = FORMAT_NONE;
	assert_int_equal(verdict(SIGNER_ANYONE, r, &an), ERR_UNSIGNED);
}

static void
doubt_is_never_taken_for_a_pass(void **unused)
{
	struct report *r = signed_by_an();

	(void)unused;

	r->indication = INDETERMINATE;
	r->subindication = SUB_NO_CERTIFICATE_CHAIN_FOUND;
	assert_int_equal(verdict(SIGNER_ANYONE, r, &an), ERR_BAD_SIGNATURE);
}

static void
missing_evidence_asks_to_try_again(void **unused)
{
	struct report *r = signed_by_an();

	(void)unused;

	r->indication = INDETERMINATE;
	r->subindication = SUB_TRY_LATER;
	assert_int_equal(verdict(SIGNER_ANYONE, r, &an), ERR_TRY_LATER);
}

static void
what_may_wait_waits_for_evidence_and_for_nothing_else(void **unused)
{
	struct document_signer binh = an;
	struct report *r = waiting_for_evidence();
	bool waits = false;

	(void)unused;

	r->document_modified = true;
	assert_int_equal(
	    verdict_if(SIGNER_APPLICANT, r, &an, &waits), ERR_TRY_LATER);
	r = waiting_for_evidence();
	r->signatures[0].integrity = INTEGRITY_UNKNOWN;
	assert_int_equal(
	    verdict_if(SIGNER_APPLICANT, r, &an, &waits), ERR_BAD_SIGNATURE);
	binh.id = "012345678902";
	assert_int_equal(
	    verdict_if(SIGNER_APPLICANT, waiting_for_evidence(), &binh, &waits),
	    ERR_WRONG_SIGNER);
	assert_false(waits);

	assert_int_equal(
	    verdict_if(SIGNER_APPLICANT, signed_by_an(), &an, &waits),
	    ERR_NONE);
	assert_false(waits);
	assert_int_equal(
	    verdict_if(SIGNER_APPLICANT, waiting_for_evidence(), &an, &waits),
	    ERR_NONE);
	assert_true(waits);
}

static void
a_format_that_was_not_asked_for_is_refused(void **unused)
{
	struct report *r = signed_by_an();

	(void)unused;

	r->format = FORMAT_CADES;
	assert_int_equal(verdict(SIGNER_ANYONE, r, &an), ERR_BAD_SIGNATURE);
}

static void
anothers_signature_is_not_the_applicants(void **unused)
{
	struct document_signer binh = an;

	(void)unused;

	binh.id = "012345678902";
	assert_int_equal(
	    verdict(SIGNER_APPLICANT, signed_by_an(), &binh), ERR_WRONG_SIGNER);
	binh = an;
	binh.id_kind = "CMND";
	assert_int_equal(
	    verdict(SIGNER_APPLICANT, signed_by_an(), &binh), ERR_WRONG_SIGNER);
}

static void
either_uid_of_the_certificate_binds_the_applicant(void **unused)
{
	struct document_signer company = { "MST", "0312345678", "", "" };

	(void)unused;

	assert_int_equal(
	    verdict(SIGNER_APPLICANT, signed_by_an(), &an), ERR_NONE);
	assert_int_equal(
	    verdict(SIGNER_APPLICANT, signed_by_an(), &company), ERR_NONE);
}

static void
a_timestamp_is_nobodys_signature(void **unused)
{
	struct report *r = signed_by_an();

	(void)unused;

	r->signatures[0].kind = KIND_DOCUMENT_TIMESTAMP;
	assert_int_equal(verdict(SIGNER_APPLICANT, r, &an), ERR_BAD_SIGNATURE);
}

static void
a_signed_part_proves_no_document(void **unused)
{
	struct report *r = signed_by_an();

	(void)unused;

	r->format = FORMAT_XADES;
	r->signatures[0].covers = COVERS_PART;
	assert_int_equal(verdict(SIGNER_ANYONE, r, &an), ERR_BAD_SIGNATURE);
}

static void
a_registered_certificate_decides_over_the_address(void **unused)
{
	struct document_signer dung = an;

	(void)unused;

	assert_int_equal(
	    verdict(SIGNER_OFFICER, signed_by_an(), &dung), ERR_NONE);
	dung.certificates = "bb22 cc33";
	assert_int_equal(
	    verdict(SIGNER_OFFICER, signed_by_an(), &dung), ERR_WRONG_SIGNER);
	dung.certificates = "bb22 AA11";
	dung.email = "other@x.vn";
	assert_int_equal(
	    verdict(SIGNER_OFFICER, signed_by_an(), &dung), ERR_NONE);
}

static void
no_signature_is_asked_for_where_none_is_needed(void **unused)
{
	(void)unused;

	assert_int_equal(
	    verdict(SIGNER_NONE, report_new("a.pdf"), &an), ERR_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_document_without_a_signature_is_unsigned),
		cmocka_unit_test(doubt_is_never_taken_for_a_pass),
		cmocka_unit_test(missing_evidence_asks_to_try_again),
		cmocka_unit_test(
		    what_may_wait_waits_for_evidence_and_for_nothing_else),
		cmocka_unit_test(a_format_that_was_not_asked_for_is_refused),
		cmocka_unit_test(anothers_signature_is_not_the_applicants),
		cmocka_unit_test(
		    either_uid_of_the_certificate_binds_the_applicant),
		cmocka_unit_test(a_timestamp_is_nobodys_signature),
		cmocka_unit_test(a_signed_part_proves_no_document),
		cmocka_unit_test(
		    a_registered_certificate_decides_over_the_address),
		cmocka_unit_test(
		    no_signature_is_asked_for_where_none_is_needed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
