#include "crypto/mac.h"

#include <assert.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/log.h"
#include "base/text.h"

#define BLOCK_MAX 128 /* of SHA-512 */

/* Fetched once: OpenSSL's HMAC() looks three algorithms up by name for each
 * MAC, which costs more than the MAC does. */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256, *sha512;

static void
fetch(void)
{
	sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	sha512 = EVP_MD_fetch(NULL, "SHA512", NULL);
	if (sha256 == NULL || sha512 == NULL)
		fatalx("mac: SHA-2 cannot be had");
}

struct piece {
	const void *data;
	size_t len;
};

static void
hash(EVP_MD_CTX *ctx, const EVP_MD *md, const struct piece pieces[2],
    uint8_t *out)
{
	if (EVP_DigestInit_ex2(ctx, md, NULL) != 1 ||
	    EVP_DigestUpdate(ctx, pieces[0].data, pieces[0].len) != 1 ||
	    EVP_DigestUpdate(ctx, pieces[1].data, pieces[1].len) != 1 ||
	    EVP_DigestFinal_ex(ctx, out, NULL) != 1)
		fatalx("mac: HMAC cannot be had");
}

/* RFC 2104: H(key ^ opad, H(key ^ ipad, data)), the key filled up with zeros to
 * a block, or hashed where it is longer. */
void
mac_hmac(enum mac_algorithm alg, const void *key, size_t key_len,
    const void *data, size_t len, /* lint-ok: the contract of mac.h */
    uint8_t out[MAC_LEN_MAX])
{
	uint8_t inner[BLOCK_MAX] = { 0 }, outer[BLOCK_MAX];
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	const EVP_MD *md;
	size_t block;

	pthread_once(&fetched, fetch);
	md = alg == MAC_SHA512 ? sha512 : sha256;
	block = (size_t)EVP_MD_get_block_size(md);
	if (key_len > block)
		hash(ctx, md, (struct piece[2]){ { key, key_len } }, inner);
	else if (key_len > 0)
		memcpy(inner, key, key_len);
	for (size_t i = 0; i < block; i++) {
		outer[i] = inner[i] ^ 0x5c;
		inner[i] ^= 0x36;
	}
	hash(
	    ctx, md, (struct piece[2]){ { inner, block }, { data, len } }, out);
	hash(ctx, md, (struct piece[2]){ { outer, block }, { out, alg } }, out);
	EVP_MD_CTX_free(ctx);
	OPENSSL_cleanse(inner, sizeof(inner));
	OPENSSL_cleanse(outer, sizeof(outer));
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
