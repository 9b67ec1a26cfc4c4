#ifndef CRYPTO_SIGN_DER_H
#define CRYPTO_SIGN_DER_H

#include <stddef.h>
#include <stdint.h>

/*
 * Writes DER (X.690, 10): from the inside out, each value into a buf of its
 * own that the next one takes over.
 */
struct buf;

void der_put(struct buf *out, unsigned tag, const void *body, size_t len);

/* Takes body's bytes and releases it. */
void der_wrap(struct buf *out, unsigned tag, struct buf *body);

/* A non-negative integer below 128. */
void der_put_small(struct buf *out, uint8_t n);

/* Times of 1950 to 2049 as UTCTime, others as GeneralizedTime (RFC 5652,
 * 11.3). */
void der_put_time(struct buf *out, int64_t us);

/* SET OF: parts are put in the order that DER wants (X.690, 11.6), and
 * released. */
void der_wrap_set(struct buf *out, unsigned tag, struct buf *parts, size_t n);

#endif /* CRYPTO_SIGN_DER_H */
