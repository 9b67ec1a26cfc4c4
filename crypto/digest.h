#ifndef CRYPTO_DIGEST_H
#define CRYPTO_DIGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* SHA-256 over streams, and of bytes at once.  Cannot fail. */
#define DIGEST_LEN 32

struct digest;

struct digest *digest_new(void);
void digest_add(struct digest *d, const void *data, size_t len);

/* Ends the stream and frees d. */
void digest_end(struct digest *d, uint8_t out[DIGEST_LEN]);
void digest_free(struct digest *d); /* without a result; NULL is fine */

/* Any digest a signature may name, by the report's name for it: "md5", "sha1",
 * "ripemd160", "sha224" ... "sha512", "sha3-256" ..., "shake256"; 0 when there
 * is none of that name, else the length. */
#define DIGEST_LEN_MAX 64
size_t digest_named(const char *name, const void *data, size_t len,
    uint8_t out[DIGEST_LEN_MAX]);

/* The same over pieces that follow one another. */
struct digest_piece {
	const void *data;
	size_t len;
};
size_t digest_pieces(const char *name, const struct digest_piece *pieces,
    size_t count, uint8_t out[DIGEST_LEN_MAX]);

void digest_sha256(const void *data, size_t len, uint8_t out[DIGEST_LEN]);

#endif /* CRYPTO_DIGEST_H */
