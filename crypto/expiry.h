#ifndef CRYPTO_EXPIRY_H
#define CRYPTO_EXPIRY_H

#include <stdbool.h>
#include <stdint.h>

/*
 * When files that must be renewed run out, for the operator; no verdict rests
 * on this.
 *
 * DIAGNOSTICS
 *	ERR_FILE, ERR_TOO_LARGE	the file cannot be read
 *	ERR_UNREADABLE		it holds nothing of its kind
 */
struct err;

/* The first certificate of a PEM file: the server's own, its chain follows. */
bool expiry_certificate(const char *path, int64_t *not_after_us, struct err *e);

/* Of one certificate, PEM or DER; name is for the message. */
struct blob;
bool expiry_anchor(const char *name, const struct blob *bytes,
    int64_t *not_after_us, struct err *e);

/* The nextUpdate of a CRL, PEM or DER (RFC 5280, 5.1.2.5). */
bool expiry_crl(const char *path, int64_t *next_update_us, struct err *e);

#endif /* CRYPTO_EXPIRY_H */
