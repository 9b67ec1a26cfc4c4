#ifndef CRYPTO_SIGNATURE_POLICY_H
#define CRYPTO_SIGNATURE_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/digest.h"

/*
 * The signature policy that a signature names (EN 319 122-1, 5.2.9;
 * EN 319 132-1, 5.2.9): recorded in the report, under which document the
 * signer wanted to be judged.  No such document is ever fetched or applied.
 * Where the policy file lists signature policies, one that is not among them
 * is SIGNATURE_POLICY_NOT_AVAILABLE, and one that is there with another
 * digest POLICY_PROCESSING_ERROR.
 */
struct question;
struct signature_report;

struct signature_policy {
	bool implied;    /* no name: by the content or by custom */
	char id[128];    /* dotted, or a URI; "" when implied */
	bool has_digest; /* an empty one or zeros say: none */
	char digest[16]; /* the report's name; "": unknown */
	uint8_t hash[DIGEST_LEN_MAX];
	size_t hash_len;
};

/* The value; false: it is more than any digest. */
bool signature_policy_hash(
    struct signature_policy *p, const void *hash, size_t len);

void signature_policy_judge(const struct signature_policy *p,
    const struct question *q, struct signature_report *s);

#endif /* CRYPTO_SIGNATURE_POLICY_H */
