#ifndef CRYPTO_MAC_H
#define CRYPTO_MAC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* HMACs, comparison in constant time, passwords, randomness. */

enum mac_algorithm { MAC_SHA256 = 32, MAC_SHA512 = 64 }; /* length in bytes */
#define MAC_LEN_MAX 64

/* RFC 2104.  Each thread keeps the keys that it used last, set, until it ends
 * or others take their place; so none of them has to be kept by callers. */
void mac_hmac(enum mac_algorithm alg, const void *key, size_t key_len,
    const void *data, size_t len, uint8_t out[MAC_LEN_MAX]);

/* Equal, without telling by its time where they differ. */
bool mac_equal(const void *a, const void *b, size_t len);

/* hex of either case and exactly the algorithm's length, compared as bytes. */
bool mac_equal_hex(enum mac_algorithm alg, const uint8_t *mac, const char *hex);

/* Fills with bytes nobody can guess; failure is fatal. */
void mac_random(void *out, size_t len);

/*
 * A password as "scrypt$N$r$p$salt$hash" (RFC 7914; base64), to be stored.
 * mac_password_check() costs some 50 ms by design: workers only.
 */
#define MAC_PASSWORD_LEN 160
void mac_password(const char *password, char out[MAC_PASSWORD_LEN]);
bool mac_password_check(const char *password, const char *stored);

#endif /* CRYPTO_MAC_H */
