#include "crypto/mac.h"

#include <assert.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"

/*
 * What a MAC costs beyond its hash is setting its key, two blocks and some, so
 * each thread keeps the keys that it used last, set.  Their bytes are compared
 * in constant time, and wiped when another takes their place.
 */
#define KEYS_MAX 8

struct keyed {
	enum mac_algorithm alg;
	uint8_t *key;
	size_t key_len;
	EVP_MAC_CTX *ctx; /* NULL: none yet */
};

struct keys {
	struct keyed of[KEYS_MAX];
	size_t next; /* the one that gives way */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t mine;
static EVP_MAC *hmac; /* fetched once: its name costs more than a MAC does */

static void
forget(struct keyed *k)
{
	OPENSSL_cleanse(k->key, k->key_len);
	free(k->key);
	EVP_MAC_CTX_free(k->ctx);
	*k = (struct keyed){ .ctx = NULL };
}

static void
forget_all(void *keys)
{
	struct keys *k = keys;

	for (size_t i = 0; i < KEYS_MAX; i++)
		forget(&k->of[i]);
	free(k);
}

static void
begin(void)
{
	hmac = EVP_MAC_fetch(NULL, "HMAC", NULL);
	if (hmac == NULL || pthread_key_create(&mine, forget_all) != 0)
		fatalx("mac: HMAC cannot be had");
}

static void
set(struct keyed *k, enum mac_algorithm alg, const void *key, size_t len)
{
	char *digest = alg == MAC_SHA512 ? "SHA512" : "SHA256";
	const OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(
		    OSSL_MAC_PARAM_DIGEST, digest, 0),
		OSSL_PARAM_END,
	};

	forget(k);
	k->alg = alg;
	k->key = blob_calloc(1, len + 1);
	if (len > 0)
		memcpy(k->key, key, len);
	k->key_len = len;
	k->ctx = EVP_MAC_CTX_new(hmac);
	if (k->ctx == NULL || EVP_MAC_init(k->ctx, k->key, len, params) != 1)
		fatalx("mac: HMAC cannot be had");
}

static EVP_MAC_CTX *
keyed(enum mac_algorithm alg, const void *key, size_t len)
{
	struct keys *keys = pthread_getspecific(mine);
	struct keyed *k;

	if (keys == NULL) {
		keys = blob_calloc(1, sizeof(*keys));
		pthread_setspecific(mine, keys);
	}
	for (size_t i = 0; i < KEYS_MAX; i++) {
		k = &keys->of[i];
		if (k->ctx != NULL && k->alg == alg && k->key_len == len &&
		    CRYPTO_memcmp(k->key, key, len) == 0)
			return k->ctx;
	}
	k = &keys->of[keys->next];
	keys->next = (keys->next + 1) % KEYS_MAX;
	set(k, alg, key, len);
	return k->ctx;
}

void
mac_hmac(enum mac_algorithm alg, const void *key, size_t key_len,
    const void *data, size_t len, /* lint-ok: the contract of mac.h */
    uint8_t out[MAC_LEN_MAX])
{
	EVP_MAC_CTX *ctx;
	size_t got = 0;

	pthread_once(&once, begin);
	ctx = keyed(alg, key, key_len);
	if (EVP_MAC_init(ctx, NULL, 0, NULL) != 1 ||
	    EVP_MAC_update(ctx, data, len) != 1 ||
	    EVP_MAC_final(ctx, out, &got, MAC_LEN_MAX) != 1 || got != alg)
		fatalx("mac: HMAC cannot be had");
}

bool
mac_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}

bool
mac_equal_hex(enum mac_algorithm alg, const uint8_t *mac, const char *hex)
{
	uint8_t given[MAC_LEN_MAX];

	return text_unhex(hex, given, (size_t)alg) &&
	       mac_equal(mac, given, (size_t)alg);
}

void
mac_random(void *out, size_t len)
{
	assert(len <= INT32_MAX);
	if (RAND_bytes(out, (int)len) != 1)
		fatalx("mac: no randomness");
}

/*
 * scrypt (RFC 7914) with 16 MiB: N = 2^14, r = 8, p = 1.  What is stored says
 * its own cost, so that it can be raised later; a stored cost beyond these
 * bounds is refused, as it would take the worker's memory.
 */
#define SCRYPT_N        (1 << 14)
#define SCRYPT_N_MAX    (1 << 17)
#define SCRYPT_R        8
#define SCRYPT_P        1
#define SCRYPT_P_MAX    4
#define SCRYPT_MEMORY   (256 * 1024 * 1024)
#define SCRYPT_SALT_LEN 16
#define SCRYPT_HASH_LEN 32

struct scrypt {
	unsigned n, r, p;
	uint8_t salt[SCRYPT_SALT_LEN];
	uint8_t hash[SCRYPT_HASH_LEN];
};

static void
scrypt(
    const struct scrypt *s, const char *password, uint8_t out[SCRYPT_HASH_LEN])
{
	if (EVP_PBE_scrypt(password, strlen(password), s->salt, sizeof(s->salt),
		s->n, s->r, s->p, SCRYPT_MEMORY, out, SCRYPT_HASH_LEN) != 1)
		fatalx("mac: scrypt cannot be had");
}

void
mac_password(const char *password, char out[MAC_PASSWORD_LEN])
{
	struct scrypt s = { .n = SCRYPT_N, .r = SCRYPT_R, .p = SCRYPT_P };
	struct buf b = { 0 };

	mac_random(s.salt, sizeof(s.salt));
	scrypt(&s, password, s.hash);
	buf_printf(&b, "scrypt$%u$%u$%u$", s.n, s.r, s.p);
	buf_base64(&b, s.salt, sizeof(s.salt));
	buf_puts(&b, "$");
	buf_base64(&b, s.hash, sizeof(s.hash));
	assert(b.len < MAC_PASSWORD_LEN);
	memcpy(out, b.data, b.len + 1);
	buf_release(&b);
	OPENSSL_cleanse(s.hash, sizeof(s.hash));
}

static bool
is_power_of_two(unsigned n)
{
	return n >= 2 && (n & (n - 1)) == 0;
}

static bool
read_password(const char *stored, struct scrypt *s)
{
	size_t salt_len = sizeof(s->salt), hash_len = sizeof(s->hash);
	char salt[32], hash[64];
	int end = 0;

	if (sscanf(stored,
		"scrypt$%6u$%2u$%2u$%31[A-Za-z0-9+/=]$"
		"%63[A-Za-z0-9+/=]%n",
		&s->n, &s->r, &s->p, salt, hash, &end) != 5 ||
	    stored[end] != '\0')
		return false;
	return is_power_of_two(s->n) && s->n <= SCRYPT_N_MAX &&
	       s->r == SCRYPT_R && s->p >= 1 && s->p <= SCRYPT_P_MAX &&
	       text_unbase64(salt, s->salt, &salt_len) &&
	       salt_len == sizeof(s->salt) &&
	       text_unbase64(hash, s->hash, &hash_len) &&
	       hash_len == sizeof(s->hash);
}

bool
mac_password_check(const char *password, const char *stored)
{
	uint8_t hash[SCRYPT_HASH_LEN];
	struct scrypt s;

	if (!read_password(stored, &s))
		return false;
	scrypt(&s, password, hash);
	return mac_equal(hash, s.hash, sizeof(hash));
}
