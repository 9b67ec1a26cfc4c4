#ifndef CRYPTO_DER_H
#define CRYPTO_DER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"

/*
 * A reader of DER (X.690, 10) that copies nothing: items point into the bytes
 * they were read from.  Only definite lengths in their shortest form and tag
 * numbers below 31 exist here; BER goes through der_normalise() first.
 */
#define DER_DEPTH_MAX 32

enum der_tag {
	DER_BOOLEAN = 0x01,
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTETS = 0x04,
	DER_NULL = 0x05,
	DER_OID = 0x06,
	DER_UTC_TIME = 0x17,
	DER_TIME = 0x18,
	DER_SEQUENCE = 0x30,
	DER_SET = 0x31,
	DER_CONTEXT = 0xa0, /* + number; constructed */
};

/* What is still to be read. */
struct der {
	const uint8_t *at, *end;
};

struct der_item {
	unsigned tag; /* the identifier octet */
	const uint8_t *whole;
	size_t whole_len;
	const uint8_t *body;
	size_t len;
};

struct der der_of(const uint8_t *data, size_t len);
struct der der_into(const struct der_item *i);
bool der_at_end(const struct der *d);

/* The next identifier octet; 0 at the end. */
unsigned der_peek(const struct der *d);

/* Reads one item; false, and d as it was, when there is none. */
bool der_next(struct der *d, struct der_item *out);
bool der_take(struct der *d, unsigned tag, struct der_item *out);

/* Nothing is left over in either. */
bool der_is_whole(const uint8_t *data, size_t len, struct der_item *out);

bool der_equal(const struct der_item *a, const struct der_item *b);
bool der_is(const struct der_item *i, const void *bytes, size_t len);

/* Whether the bytes at that very place are part of the item; an item that is
 * all zero holds nothing. */
bool der_holds(const struct der_item *i, const uint8_t *at, size_t len);

/* Dotted; false when malformed or longer than cap. */
#define DER_OID_LEN 64
bool der_oid(const struct der_item *i, char out[DER_OID_LEN]);

/* Whether it is the one of this text, which costs less than to ask for it. */
bool der_oid_is(const struct der_item *i, const char *dotted);

/* A non-negative INTEGER below 2^31. */
bool der_small(const struct der_item *i, int *out);

/* UTCTime or GeneralizedTime, with Z (RFC 5280, 4.1.2.5), the latter with up
 * to six decimals (RFC 3161, 2.4.2). */
bool der_time(const struct der_item *i, int64_t *us);

/* One object of definite, shortest lengths to the end, DER_DEPTH_MAX deep. */
bool der_is_strict(const uint8_t *data, size_t len);

/* BER as DER writes lengths and strings; the order of sets is left.  False
 * when it is no BER, is too deep, or something follows it.  Never longer than
 * the input.  The caller releases *out. */
bool der_normalise(const uint8_t *data, size_t len, struct blob *out);

#endif /* CRYPTO_DER_H */
