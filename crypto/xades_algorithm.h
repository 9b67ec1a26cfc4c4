#ifndef CRYPTO_XADES_ALGORITHM_H
#define CRYPTO_XADES_ALGORITHM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The names of xades_algorithm.def, and what it takes to check a value. */
struct blob;
struct buf;

/* The report's name for a DigestMethod; NULL for what is not ours. */
const char *xades_digest_name(const char *uri);

struct xades_method {
	const char *uri;
	const char *family; /* as policy.h has it */
	const char *digest;
};

/* A SignatureMethod; NULL for what is not ours. */
const struct xades_method *xades_method(const char *uri);

/* Whether value is the signature over data under the key of the certificate
 * (DER).  A key of another family signs nothing. */
bool xades_verify(const struct xades_method *m, const struct blob *certificate,
    const struct buf *data, const struct blob *value);

#endif /* CRYPTO_XADES_ALGORITHM_H */
