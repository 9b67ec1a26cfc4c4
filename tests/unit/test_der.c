/* The reader of DER refuses what is not DER, and makes DER out of BER. */
#include "crypto/der.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(...)                                                             \
	(const uint8_t[]){ __VA_ARGS__ },                                      \
	    sizeof((const uint8_t[]){ __VA_ARGS__ })

static bool
reads(const uint8_t *b, size_t len)
{
	struct der d = der_of(b, len);
	struct der_item i;

	return der_next(&d, &i);
}

static void
lengths_are_definite_and_shortest(void **unused)
{
	uint8_t longer[131] = { 0x04, 0x81, 0x80 };

	(void)unused;

	assert_true(reads(BYTES(0x04, 0x01, 0xff)));
	assert_true(reads(longer, sizeof(longer)));
	assert_false(reads(BYTES(0x30, 0x80, 0x00, 0x00)));
	assert_false(reads(BYTES(0x04, 0x81, 0x01, 0xff)));
	assert_false(reads(BYTES(0x04, 0x82, 0x00, 0x80, 0xff)));
	assert_false(reads(BYTES(0x04, 0x85, 0, 0, 0, 0, 1, 0xff)));
	assert_false(reads(BYTES(0x04, 0x84, 0xff, 0xff, 0xff, 0xff)));
	assert_false(reads(BYTES(0x04, 0x02, 0xff)));
	assert_false(reads(BYTES(0x04)));
	assert_false(reads(BYTES(0x1f, 0x01, 0x00)));
	assert_false(reads(BYTES(0x00, 0x00)));
}

static void
a_refusal_leaves_the_place_alone(void **unused)
{
	static const uint8_t b[] = { 0x02, 0x01, 0x05 };
	struct der d = der_of(b, sizeof(b));
	struct der_item i;

	(void)unused;

	assert_false(der_take(&d, DER_OID, &i));
	assert_ptr_equal(d.at, b);
	assert_true(der_take(&d, DER_INTEGER, &i));
	assert_true(der_at_end(&d));
	assert_int_equal(der_peek(&d), 0);
}

static bool
oid(const uint8_t *b, size_t len, char out[DER_OID_LEN])
{
	struct der_item i;

	assert_true(der_is_whole(b, len, &i));
	return der_oid(&i, out);
}

static void
oids_are_written_with_dots(void **unused)
{
	char out[DER_OID_LEN];

	(void)unused;

	assert_true(oid(BYTES(0x06, 0x03, 0x2a, 0x86, 0x48), out));
	assert_string_equal(out, "1.2.840");
	assert_true(oid(BYTES(0x06, 0x03, 0x88, 0x37, 0x03), out));
	assert_string_equal(out, "2.999.3");
	assert_false(oid(BYTES(0x06, 0x00), out));
	assert_false(oid(BYTES(0x06, 0x02, 0x2a, 0x86), out));
	assert_false(oid(BYTES(0x06, 0x03, 0x2a, 0x80, 0x01), out));
}

static bool
is(const uint8_t *b, size_t len, const char *dotted)
{
	struct der_item i;

	assert_true(der_is_whole(b, len, &i));
	return der_oid_is(&i, dotted);
}

static void
an_oid_is_its_text_and_no_other(void **unused)
{
	(void)unused;

	assert_true(is(BYTES(0x06, 0x03, 0x2a, 0x86, 0x48), "1.2.840"));
	assert_true(is(BYTES(0x06, 0x03, 0x88, 0x37, 0x03), "2.999.3"));
	assert_false(is(BYTES(0x06, 0x03, 0x2a, 0x86, 0x48), "1.2.841"));
	assert_false(is(BYTES(0x06, 0x03, 0x2a, 0x86, 0x48), "1.2"));
	assert_false(is(BYTES(0x06, 0x03, 0x2a, 0x86, 0x48), "1.2.840.1"));
	assert_false(is(BYTES(0x06, 0x00), "0.0"));
	assert_false(is(BYTES(0x06, 0x02, 0x2a, 0x86), "1.2"));
	assert_false(is(BYTES(0x06, 0x03, 0x2a, 0x80, 0x01), "1.2.1"));
	assert_false(is(BYTES(0x04, 0x01, 0x2a), "1.2"));
}

static bool
moment(unsigned tag, const char *s, int64_t *us)
{
	const struct der_item i = {
		.tag = tag, .body = (const uint8_t *)s, .len = strlen(s)
	};

	return der_time(&i, us);
}

static void
times_are_utc_and_complete(void **unused)
{
	int64_t a, b;

	(void)unused;

	assert_true(moment(DER_UTC_TIME, "700101000001Z", &a));
	assert_int_equal(a, 1000000);
	assert_true(moment(DER_UTC_TIME, "491231235959Z", &a));
	assert_true(moment(DER_TIME, "20491231235959Z", &b));
	assert_int_equal(a, b);
	assert_true(moment(DER_TIME, "20260102030405.25Z", &a));
	assert_true(moment(DER_TIME, "20260102030405Z", &b));
	assert_int_equal(a - b, 250000);
	assert_false(moment(DER_UTC_TIME, "7001010000Z", &a));
	assert_false(moment(DER_UTC_TIME, "700101000001", &a));
	assert_false(moment(DER_UTC_TIME, "700101000001+0700", &a));
	assert_false(moment(DER_UTC_TIME, "701301000001Z", &a));
	assert_false(moment(DER_UTC_TIME, "700101240001Z", &a));
	assert_false(moment(DER_TIME, "20260102030405.Z", &a));
	assert_false(moment(DER_INTEGER, "700101000001Z", &a));
}

static void
normal(const uint8_t *b, size_t len, const uint8_t *to, size_t to_len)
{
	struct blob out = { 0 };

	assert_true(der_normalise(b, len, &out));
	assert_int_equal(out.len, to_len);
	assert_memory_equal(out.data, to, to_len);
	assert_true(der_is_strict(out.data, out.len));
	blob_release(&out);
}

static void
ber_becomes_der(void **unused)
{
	(void)unused;

	/* indefinite; a long length that could be short; strings in pieces */
	normal(BYTES(0x30, 0x80, 0x02, 0x01, 0x05, 0x00, 0x00),
	    BYTES(0x30, 0x03, 0x02, 0x01, 0x05));
	normal(BYTES(0x30, 0x81, 0x03, 0x02, 0x01, 0x05),
	    BYTES(0x30, 0x03, 0x02, 0x01, 0x05));
	normal(BYTES(0x24, 0x80, 0x04, 0x01, 'a', 0x24, 0x03, 0x04, 0x01, 'b',
		   0x00, 0x00),
	    BYTES(0x04, 0x02, 'a', 'b'));
	normal(BYTES(0x30, 0x80, 0x00, 0x00), BYTES(0x30, 0x00));
}

static bool
normalises(const uint8_t *b, size_t len)
{
	struct blob out = { 0 };
	bool ok = der_normalise(b, len, &out);

	blob_release(&out);
	return ok;
}

static void
what_is_no_ber_either_is_refused(void **unused)
{
	uint8_t deep[4 * DER_DEPTH_MAX];

	(void)unused;

	assert_false(normalises(BYTES(0x30, 0x80, 0x02, 0x01, 0x05)));
	assert_false(normalises(BYTES(0x04, 0x80, 0x00, 0x00)));
	assert_false(normalises(BYTES(0x30, 0x03, 0x02, 0x05, 0x00)));
	assert_false(normalises(BYTES(0x24, 0x03, 0x02, 0x01, 0x05)));
	assert_false(normalises(BYTES(0x05, 0x00, 0x00)));
	assert_false(normalises(BYTES(0x30)));
	for (size_t i = 0; i < sizeof(deep) / 2; i++) {
		deep[2 * i] = 0x30;
		deep[2 * i + 1] = (uint8_t)(sizeof(deep) - 2 * i - 2);
	}
	assert_false(normalises(deep, sizeof(deep)));
	assert_false(der_is_strict(deep, sizeof(deep)));
}

static void
strict_is_one_object_without_a_byte_behind_it(void **unused)
{
	(void)unused;

	assert_true(der_is_strict(BYTES(0x30, 0x03, 0x02, 0x01, 0x05)));
	assert_false(der_is_strict(BYTES(0x30, 0x03, 0x02, 0x01, 0x05, 0)));
	assert_false(der_is_strict(BYTES(0x30, 0x03, 0x02, 0x02, 0x05)));
	assert_false(der_is_strict(BYTES(0x24, 0x03, 0x04, 0x01, 0x05)));
	assert_false(der_is_strict(NULL, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lengths_are_definite_and_shortest),
		cmocka_unit_test(a_refusal_leaves_the_place_alone),
		cmocka_unit_test(what_is_no_ber_either_is_refused),
		cmocka_unit_test(strict_is_one_object_without_a_byte_behind_it),
		cmocka_unit_test(times_are_utc_and_complete),
		cmocka_unit_test(oids_are_written_with_dots),
		cmocka_unit_test(an_oid_is_its_text_and_no_other),
		cmocka_unit_test(ber_becomes_der),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
