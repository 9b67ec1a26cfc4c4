/* Digests against FIPS 180-4 and FIPS 202, whole and in pieces. */
#include "crypto/digest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/text.h"

static void
is(const uint8_t *digest, size_t len, const char *hex)
{
	char own[2 * DIGEST_LEN_MAX + 1];

	text_hex(digest, len, own);
	assert_string_equal(own, hex);
}

static void
a_stream_gives_what_the_whole_gives(void **unused)
{
	uint8_t out[DIGEST_LEN], whole[DIGEST_LEN];
	struct digest *d = digest_new();

	(void)unused;

	digest_add(d, "a", 1);
	digest_add(d, "", 0);
	digest_add(d, "bc", 2);
	digest_end(d, out);
	digest_sha256("abc", 3, whole);
	assert_memory_equal(out, whole, sizeof(out));
	is(out, sizeof(out),
	    "ba7816bf8f01cfea414140de5dae2223"
	    "b00361a396177a9cb410ff61f20015ad");
	digest_free(digest_new());
	digest_free(NULL);
}

static void
digests_go_by_the_names_of_reports(void **unused)
{
	static const struct {
		const char *name, *hex;
	} known[] = {
		{ "md5", "900150983cd24fb0d6963f7d28e17f72" },
		{ "sha1", "a9993e364706816aba3e25717850c26c9cd0d89d" },
		{ "sha224", "23097d223405d8228642a477bda255b3"
			    "2aadbce4bda0b3f7e36c9da7" },
		{ "sha384", "cb00753f45a35e8bb5a03d699ac65007"
			    "272c32ab0eded1631a8b605a43ff5bed"
			    "8086072ba1e7cc2358baeca134c825a7" },
		{ "sha3-256", "3a985da74fe225b2045c172d6bd390bd"
			      "855f086e3e9d525b46bfe24511431532" },
	};
	uint8_t out[DIGEST_LEN_MAX];

	(void)unused;

	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		size_t len = digest_named(known[i].name, "abc", 3, out);

		assert_int_equal(len, strlen(known[i].hex) / 2);
		is(out, len, known[i].hex);
	}
}

static void
a_name_that_is_not_ours_is_no_digest(void **unused)
{
	static const char *const others[] = { "", "SHA256", "SHA2-256", "none",
		"whirlpool", "sha256 ", "shake128" };
	uint8_t out[DIGEST_LEN_MAX];

	(void)unused;

	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(digest_named(others[i], "abc", 3, out), 0);
}

static void
pieces_follow_one_another(void **unused)
{
	const struct digest_piece pieces[] = { { "ab", 2 }, { NULL, 0 },
		{ "c", 1 } };
	uint8_t out[DIGEST_LEN_MAX], whole[DIGEST_LEN_MAX];

	(void)unused;

	assert_int_equal(digest_pieces("sha512", pieces, 3, out), 64);
	assert_int_equal(digest_named("sha512", "abc", 3, whole), 64);
	assert_memory_equal(out, whole, 64);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_is_not_ours_is_no_digest),
		cmocka_unit_test(a_stream_gives_what_the_whole_gives),
		cmocka_unit_test(digests_go_by_the_names_of_reports),
		cmocka_unit_test(pieces_follow_one_another),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
