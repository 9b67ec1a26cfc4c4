#ifndef CRYPTO_TRUST_DESCRIBE_H
#define CRYPTO_TRUST_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/trust.h"

/*
 * Whether bytes that were fetched are what was asked for, and how long they
 * are good: of a certificate its validity, of a CRL or OCSP answer thisUpdate
 * and nextUpdate.  Says nothing of who signed them.  In a child alone.
 */
struct trust_term {
	int64_t from_us, until_us; /* until 0: it does not say */
};

/* For TRUST_UNTRUSTED, TRUST_CRL and TRUST_OCSP_ASKED. */
bool trust_describe(enum trust_kind kind, const uint8_t *data, size_t len,
    struct trust_term *out);

#endif /* CRYPTO_TRUST_DESCRIBE_H */
