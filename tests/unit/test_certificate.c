/*
 * Who a certificate names, on those that tests/fixtures/make-cms.sh makes.
 */
#include "crypto/certificate.h"

#include "crypto/report.h"
#include "tests/unit/fixture.h"

static struct signer
read_signer(const char *name, struct certificate_key *key)
{
	struct blob der = fixture_load(name);
	struct signer s;

	assert_true(certificate_describe(der.data, der.len, &s, key));
	blob_release(&der);
	return s;
}

static void
the_signer_is_read_rdn_by_rdn(void **unused)
{
	struct certificate_key key;
	struct signer s = read_signer("pki/signer.der", &key);

	(void)unused;

	assert_string_equal(s.name, "Nguyễn Văn A");
	assert_string_equal(s.organisation, "Công ty, \"A\"");
	assert_string_equal(s.unit, "Phòng 1, Tổ 2");
	assert_string_equal(s.subject,
	    "CN=Nguyễn Văn A,UID=CCCD:001099000123,UID=MST:0100109106,"
	    "OU=Tổ 2,OU=Phòng 1,O=Công ty\\, \\\"A\\\",C=VN");
	assert_string_equal(
	    s.issuer, "CN=CA thử nghiệm,O=Ban Cơ yếu thử nghiệm,C=VN");
	assert_int_equal(s.id_count, 2);
	assert_string_equal(s.ids[0].kind, "MST");
	assert_string_equal(s.ids[0].value, "0100109106");
	assert_string_equal(s.ids[1].kind, "CCCD");
	assert_string_equal(s.ids[1].value, "001099000123");
	assert_int_equal(strlen(s.certificate_sha256), 64);
	assert_string_equal(key.family, "rsa");
	assert_int_equal(key.bits, 2048);
}

static void
an_address_is_taken_from_the_subject(void **unused)
{
	struct signer s = read_signer("pki/ec.der", NULL);

	(void)unused;

	assert_string_equal(s.email, "b@example.gov.vn");
}

static void
two_numbers_of_one_kind_name_nobody(void **unused)
{
	struct signer s = read_signer("pki/two-persons.der", NULL);

	(void)unused;

	assert_int_equal(s.id_count, 1);
	assert_string_equal(s.ids[0].kind, "HC");
}

static void
what_is_not_one_certificate_names_nobody_and_no_limit(void **unused)
{
	struct blob der = fixture_load("pki/signer.der");
	struct certificate_key key;
	struct signer s;

	(void)unused;

	for (size_t len = 0; len < der.len; len += 7) {
		assert_false(certificate_describe(der.data, len, &s, &key));
		assert_string_equal(s.subject, "");
		assert_int_equal(key.bits, 0);
		assert_null(certificate_excess(der.data, len));
	}
	assert_null(certificate_excess(der.data, der.len));
	blob_release(&der);
}

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

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_not_one_certificate_names_nobody_and_no_limit),
		cmocka_unit_test(two_numbers_of_one_kind_name_nobody),
		cmocka_unit_test(the_signer_is_read_rdn_by_rdn),
		cmocka_unit_test(an_address_is_taken_from_the_subject),
	};

	return cmocka_run_group_tests(tests, make, unmake);
}
