/* HMACs against RFC 4231, comparison, and passwords (RFC 7914). */
#include "crypto/mac.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void
hmacs_are_those_of_rfc_4231(void **unused)
{
	static const char jefe[] = "what do ya want for nothing?";
	uint8_t mac[MAC_LEN_MAX], key[131];

	(void)unused;

	mac_hmac(MAC_SHA256, "Jefe", 4, jefe, strlen(jefe), mac);
	assert_true(mac_equal_hex(MAC_SHA256, mac,
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843"));
	mac_hmac(MAC_SHA512, "Jefe", 4, jefe, strlen(jefe), mac);
	assert_true(mac_equal_hex(MAC_SHA512, mac,
	    "164b7a7bfcf819e2e395fbe73b56e0a3"
	    "87bd64222e831fd610270cd7ea250554"
	    "9758bf75c05a994a6d034f65f8f0e6fd"
	    "caeab1a34d4a6b4b636e070a38bce737"));

	/* A key longer than the block is hashed first. */
	memset(key, 0xaa, sizeof(key));
	mac_hmac(MAC_SHA256, key, sizeof(key),
	    "Test Using Larger Than Block-Size Key - Hash Key First", 54, mac);
	assert_true(mac_equal_hex(MAC_SHA256, mac,
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54"));
}

static void
an_empty_key_is_a_key(void **unused)
{
	uint8_t mac[MAC_LEN_MAX];

	(void)unused;

	mac_hmac(MAC_SHA256, NULL, 0, "", 0, mac);
	assert_true(mac_equal_hex(MAC_SHA256, mac,
	    "b613679a0814d9ec772f95d778c35fc5"
	    "ff1697c493715653c6c712144292c5ad"));
}

struct asked {
	enum mac_algorithm alg;
	const uint8_t *key;
	size_t len;
	uint8_t got[MAC_LEN_MAX];
};

static void *
ask(void *arg)
{
	struct asked *a = arg;

	mac_hmac(a->alg, a->key, a->len, "text", 4, a->got);
	return NULL;
}

/* More keys than a thread keeps, some the beginnings of others; a thread that
 * begins keeps none. */
static void
each_of_many_keys_is_told_from_the_others(void **unused)
{
	uint8_t key[12];
	unsigned seed = 31;

	(void)unused;

	memset(key, 'k', sizeof(key));
	for (int i = 0; i < 500; i++) {
		struct asked here = { MAC_SHA256, key,
			(size_t)rand_r(&seed) % sizeof(key), { 0 } };
		struct asked there;
		pthread_t thread;

		key[0] = rand_r(&seed) % 2 == 0 ? 'k' : 'q';
		if (rand_r(&seed) % 2 == 0)
			here.alg = MAC_SHA512;
		there = here;
		ask(&here);
		assert_int_equal(pthread_create(&thread, NULL, ask, &there), 0);
		pthread_join(thread, NULL);
		assert_memory_equal(here.got, there.got, sizeof(here.got));
	}
}

static void
only_the_whole_hex_is_equal(void **unused)
{
	uint8_t mac[MAC_LEN_MAX];
	char hex[] = "B613679A0814D9EC772F95D778C35FC5"
		     "FF1697C493715653C6C712144292C5AD";

	(void)unused;

	mac_hmac(MAC_SHA256, NULL, 0, "", 0, mac);
	assert_true(mac_equal_hex(MAC_SHA256, mac, hex));
	assert_false(mac_equal_hex(MAC_SHA512, mac, hex));
	hex[63] = 'E';
	assert_false(mac_equal_hex(MAC_SHA256, mac, hex));
	hex[63] = '\0';
	assert_false(mac_equal_hex(MAC_SHA256, mac, hex));
	assert_false(mac_equal_hex(MAC_SHA256, mac, ""));
}

static void
a_password_is_known_again_and_no_other(void **unused)
{
	char stored[MAC_PASSWORD_LEN], again[MAC_PASSWORD_LEN];

	(void)unused;

	mac_password("mật khẩu", stored);
	mac_password("mật khẩu", again);
	assert_string_not_equal(stored, again); /* each has its salt */
	assert_true(mac_password_check("mật khẩu", stored));
	assert_false(mac_password_check("mật khẩ", stored));
	assert_false(mac_password_check("", stored));
	memcpy(stored + strlen(stored), "!", 2);
	assert_false(mac_password_check("mật khẩu", stored));
}

static void
what_is_no_stored_password_matches_none(void **unused)
{
	static const char *const odd[] = { "", "x", "scrypt$", "mật khẩu",
		"scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA==$",
		/* would take all memory */
		"scrypt$999999$8$1$AAAAAAAAAAAAAAAAAAAAAA==$"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		/* not a power of two */
		"scrypt$16383$8$1$AAAAAAAAAAAAAAAAAAAAAA==$"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=",
		/* something behind it */
		"scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA==$"
		"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=!" };

	(void)unused;

	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		assert_false(mac_password_check("mật khẩu", odd[i]));
		assert_false(mac_password_check("", odd[i]));
	}
}

static void
randomness_does_not_repeat(void **unused)
{
	uint8_t a[32], b[32];

	(void)unused;

	mac_random(a, sizeof(a));
	mac_random(b, sizeof(b));
	assert_memory_not_equal(a, b, sizeof(a));
	assert_false(mac_equal(a, b, sizeof(a)));
	assert_true(mac_equal(a, a, sizeof(a)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmacs_are_those_of_rfc_4231),
		cmocka_unit_test(an_empty_key_is_a_key),
		cmocka_unit_test(each_of_many_keys_is_told_from_the_others),
		cmocka_unit_test(only_the_whole_hex_is_equal),
		cmocka_unit_test(a_password_is_known_again_and_no_other),
		cmocka_unit_test(what_is_no_stored_password_matches_none),
		cmocka_unit_test(randomness_does_not_repeat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
