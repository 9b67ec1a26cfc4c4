/*
 * What we sign, other people's tools find valid: poppler's pdfsig for PDFs,
 * OpenSSL for CMS.  Keys come from tests/fixtures/make-pdf.sh.
 */
#include "crypto/sign.h"

#include "base/base.h"
#include "crypto/pades.h"
#include "tests/unit/fixture.h"

#define AT INT64_C(1795401000000000) /* 2026-11-23T02:30:00Z */

static void
store(const char *name, const struct blob *b)
{
	struct err e = { 0 };

	unlink(name);
	assert_true(file_write_new(name, b->data, b->len, &e));
}

static struct signer_key *
signer(const char *name)
{
	struct signer_key *k = NULL;
	struct err e = { 0 };

	assert_true(sign_open_pkcs12(name, "pki/password", &k, &e));
	return k;
}

/* pdfsig finds this many signatures valid. */
static void
assert_pdfsig(const char *name, int count)
{
	const char *const argv[] = { "pdfsig", "-nocert", name, NULL };
	struct blob out;
	int valid = 0;

	assert_int_equal(fixture_run_to(argv, "out"), 0);
	out = fixture_load("out");
	for (const char *p = (const char *)out.data;
	     (p = strstr(p, "Signature is Valid")) != NULL; p++)
		valid++;
	assert_int_equal(valid, count);
	blob_release(&out);
}

static bool
contains(const struct blob *b, const char *text)
{
	return memmem(b->data, b->len, text, strlen(text)) != NULL;
}

static void
a_key_is_opened_with_its_password_and_certificate_only(void **unused)
{
	struct signer_key *k = NULL;
	struct err e = { 0 };

	(void)unused;

	assert_false(sign_open_pkcs12("pki/signer.p12", NULL, &k, &e));
	assert_int_equal(e.code, ERR_FILE);
	assert_false(
	    sign_open_pkcs12("pki/no-certificate.p12", "pki/password", &k, &e));
	assert_int_equal(e.code, ERR_FILE);
	assert_false(sign_open_pkcs12("pki/absent", NULL, &k, &e));
	assert_false(sign_open_pkcs12("pki/root.crt", NULL, &k, &e));
	assert_null(k);
}

static void
what_cannot_be_signed_is_refused(void **unused)
{
	static const char *const names[] = { "bad/header-late.pdf",
		"bad/text-appended.pdf", "bad/prev-to-itself.pdf",
		"bad/signed-at-1.pdf", "pki/root.crt" };
	struct sign_options o = { .at_us = AT };
	struct signer_key *k = signer("pki/signer.p12");

	(void)unused;

	for (size_t i = 0; i < nitems(names); i++) {
		struct blob in = fixture_load(names[i]), out = { 0 };
		struct err e = { 0 };

		print_message("%s\n", names[i]);
		assert_false(sign_pdf(k, &in, &o, &out, &e));
		assert_int_equal(e.code, ERR_UNREADABLE);
		assert_null(out.data);
		blob_release(&in);
	}
	sign_close(k);
}

static void
a_field_that_is_signed_is_not_signed_again(void **unused)
{
	struct sign_options o = { .at_us = AT, .field = "Sig8" };
	struct signer_key *k = signer("pki/second.p12");
	struct blob in = fixture_load("good/one.pdf"), out = { 0 };
	struct err e = { 0 };

	(void)unused;

	assert_false(sign_pdf(k, &in, &o, &out, &e));
	assert_int_equal(e.code, ERR_UNREADABLE);
	blob_release(&in);
	sign_close(k);
}

/* Tables and streams of cross-references, signed before or not. */
static void
a_signed_pdf_begins_with_the_original_and_is_valid(void **unused)
{
	static const struct {
		const char *name;
		int count; /* of signatures afterwards */
		bool stream;
	} all[] = {
		{ "good/plain.pdf", 1, false },
		{ "good/packed.pdf", 1, true },
		{ "good/nss-plain.pdf", 2, false },
		{ "good/two.pdf", 3, false },
	};
	struct sign_options o = { .at_us = AT,
		.reason = "Phê duyệt (cấp bản sao)",
		.location = "Huế" };
	struct signer_key *k = signer("pki/second.p12");

	(void)unused;

	for (size_t i = 0; i < nitems(all); i++) {
		struct blob in = fixture_load(all[i].name), out = { 0 };
		struct blob tail;
		struct err e = { 0 };

		print_message("%s\n", all[i].name);
		assert_true(sign_pdf(k, &in, &o, &out, &e));
		assert_true(out.len > in.len);
		assert_memory_equal(out.data, in.data, in.len);
		tail = (struct blob){ out.data + in.len, out.len - in.len };
		assert_int_equal(contains(&tail, "/Type /XRef"), all[i].stream);
		assert_int_equal(contains(&tail, "\nxref\n"), !all[i].stream);
		assert_true(contains(&tail, "/M (D:20261123093000+07'00')"));
		store("signed.pdf", &out);
		assert_pdfsig("signed.pdf", all[i].count);
		blob_release(&in);
		blob_release(&out);
	}
	sign_close(k);
}

static void
an_empty_field_is_used_and_its_page_left_alone(void **unused)
{
	struct sign_options o = { .at_us = AT, .field = "Officer" };
	struct signer_key *k = signer("pki/signer.p12");
	struct blob in = fixture_load("good/empty-field.pdf"), out = { 0 };
	struct blob tail;
	struct err e = { 0 };

	(void)unused;

	assert_true(sign_pdf(k, &in, &o, &out, &e));
	tail = (struct blob){ out.data + in.len, out.len - in.len };
	assert_true(contains(&tail, "\n8 0 obj\n"));
	assert_false(contains(&tail, "/Contents 4 0 R"));
	store("signed.pdf", &out);
	assert_pdfsig("signed.pdf", 1);
	blob_release(&in);
	blob_release(&out);
	sign_close(k);
}

static void
a_detached_cms_is_valid_cades_for_openssl(void **unused)
{
	const char *argv[] = { "openssl", "cms", "-verify", "-cades", "-binary",
		"-inform", "DER", "-purpose", "any", "-CAfile", "pki/root.crt",
		"-content", "good/plain.pdf", "-in", "signed.p7s", "-out",
		"/dev/null", NULL };
	struct sign_options o = { .at_us = AT };
	struct signer_key *k = signer("pki/signer.p12");
	struct blob in = fixture_load("good/plain.pdf"), out = { 0 };
	struct err e = { 0 };

	(void)unused;

	assert_true(sign_cades(k, &in, &o, &out, &e));
	store("signed.p7s", &out);
	assert_int_equal(fixture_run_to(argv, "/dev/null"), 0);
	argv[12] = "good/one.pdf";
	assert_int_not_equal(fixture_run_to(argv, "/dev/null"), 0);
	blob_release(&in);
	blob_release(&out);
	sign_close(k);
}

static void
the_gateways_own_key_is_ed25519_or_p256(void **unused)
{
	static const char *const names[] = { "pki/ed25519.pem",
		"pki/p256.pem" };
	struct own_key *k = NULL;
	struct err e = { 0 };

	(void)unused;

	assert_false(sign_open_own("pki/p384.pem", &k, &e));
	assert_int_equal(e.code, ERR_FILE);
	assert_false(sign_open_own("pki/signer.key", &k, &e));
	assert_false(sign_open_own("pki/absent", &k, &e));
	for (size_t i = 0; i < nitems(names); i++) {
		struct blob out = { 0 };

		assert_true(sign_open_own(names[i], &k, &e));
		sign_own(k, "head", 4, &out);
		assert_true(sign_own_check(k, "head", 4, out.data, out.len));
		assert_false(sign_own_check(k, "heat", 4, out.data, out.len));
		out.data[out.len - 1] ^= 1;
		assert_false(sign_own_check(k, "head", 4, out.data, out.len));
		assert_false(sign_own_check(k, "head", 4, out.data, 3));
		blob_release(&out);
		sign_close_own(k);
	}
}

static int
make_fixtures(void **unused)
{
	(void)unused;

	fixture_make("tests/fixtures/make-pdf.sh");
	/* From here on every path is one in the folder. */
	return chdir(fixture_folder);
}

static int
remove_fixtures(void **unused)
{
	(void)unused;

	fixture_remove();
	return 0;
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_key_is_opened_with_its_password_and_certificate_only),
		cmocka_unit_test(what_cannot_be_signed_is_refused),
		cmocka_unit_test(a_field_that_is_signed_is_not_signed_again),
		cmocka_unit_test(
		    a_signed_pdf_begins_with_the_original_and_is_valid),
		cmocka_unit_test(
		    an_empty_field_is_used_and_its_page_left_alone),
		cmocka_unit_test(a_detached_cms_is_valid_cades_for_openssl),
		cmocka_unit_test(the_gateways_own_key_is_ed25519_or_p256),
	};

	return cmocka_run_group_tests(tests, make_fixtures, remove_fixtures);
}
