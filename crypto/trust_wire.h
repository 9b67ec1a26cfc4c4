#ifndef CRYPTO_TRUST_WIRE_H
#define CRYPTO_TRUST_WIRE_H

#include <stdint.h>

/*
 * A sealed bundle: the magic, then files, each behind a header.  Both ends
 * run on one machine, so numbers are the machine's own.
 */
#define TRUST_MAGIC     "hgtrust1"
#define TRUST_MAGIC_LEN 8

struct trust_wire {
	uint32_t kind;     /* enum trust_kind */
	uint32_t purpose;  /* enum trust_purpose, or-ed */
	uint32_t optional; /* of a folder: may hold nothing */
	uint32_t name_len; /* the path, for messages; follows the header */
	uint64_t len;      /* the file, follows the path */
};

#endif /* CRYPTO_TRUST_WIRE_H */
