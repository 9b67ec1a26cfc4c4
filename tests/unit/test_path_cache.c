/* The caches answer for the very key they were given, and for no neighbour
 * that falls on the same place. */
#include "crypto/path_cache.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <openssl/x509.h> /* lint-ok: a cache of OpenSSL's own things */

#include "crypto/certificate_cache.h"
#include "crypto/path.h"

static const uint8_t mine[DIGEST_LEN] = { 7, 1 };
static const uint8_t neighbour[DIGEST_LEN] = { 7, 2 };

static void
a_path_is_found_by_its_whole_key_within_its_span(void **unused)
{
	const struct path_span span = { 100000000, 200000000 };
	struct path_cache *c = path_cache_new();
	struct path p = { .count = 1 }, out;

	(void)unused;

	p.certificates = sk_X509_new_null();
	sk_X509_push(p.certificates, X509_new());
	assert_false(path_cache_find(c, mine, 150000000, &out));
	path_cache_keep(c, mine, &span, &p);
	assert_true(path_cache_find(c, mine, 150000000, &out));
	path_release(&out);
	assert_false(path_cache_find(c, neighbour, 150000000, &out));
	/* A second at either end belongs to nobody. */
	assert_false(path_cache_find(c, mine, 101000000, &out));
	assert_false(path_cache_find(c, mine, 199000000, &out));
	path_cache_keep(c, neighbour, &span, &p);
	assert_false(path_cache_find(c, mine, 150000000, &out));
	path_cache_free(c);
	path_cache_free(NULL);
	path_release(&p);
}

static void
a_span_shrinks_to_the_moments_around(void **unused)
{
	struct path_span s = { INT64_MIN, INT64_MAX };

	(void)unused;

	path_span_add(&s, 50, 10);
	path_span_add(&s, 50, 40);
	path_span_add(&s, 50, 20);
	path_span_add(&s, 50, 51);
	path_span_add(&s, 50, 90);
	assert_int_equal(s.from_us, 40);
	assert_int_equal(s.until_us, 51);
	path_span_add(&s, 50, 50);
	assert_int_equal(s.from_us, 50);
}

static void
a_certificate_is_found_by_its_whole_hash_if_open(void **unused)
{
	X509 *x = X509_new();

	(void)unused;

	certificate_cache_keep(mine, x);
	assert_null(certificate_cache_find(mine));
	certificate_cache_open();
	certificate_cache_keep(mine, x);
	assert_null(certificate_cache_find(neighbour));
	assert_null(certificate_cache_words(neighbour));
	assert_non_null(certificate_cache_words(mine));
	assert_ptr_equal(certificate_cache_find(mine), x);
	X509_free(x); /* what find() gave */
	certificate_cache_close();
	assert_null(certificate_cache_find(mine));
	X509_free(x);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_path_is_found_by_its_whole_key_within_its_span),
		cmocka_unit_test(a_span_shrinks_to_the_moments_around),
		cmocka_unit_test(
		    a_certificate_is_found_by_its_whole_hash_if_open),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
