#ifndef CRYPTO_SIGN_H
#define CRYPTO_SIGN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"

/*
 * Makes signatures around a key: PAdES-B (an incremental update, earlier
 * bytes untouched) and detached CAdES-B.  A signer is a key with its
 * certificate and chain; here one from a PKCS#12 file.  Also raw signatures
 * for the record's heads.
 *
 * DIAGNOSTICS
 *	ERR_FILE	the key file cannot be read, or the password is wrong
 *	ERR_UNREADABLE	the PDF cannot be signed: malformed or encrypted
 *	ERR_TOO_LARGE	over PADES_FILE_MAX
 */
struct err;
struct signer_key;

/* password_file holds one line; NULL: no password.  Checked: key and
 * certificate belong together. */
bool sign_open_pkcs12(const char *path, const char *password_file,
    struct signer_key **out, struct err *e);
void sign_close(struct signer_key *k);

/* When its certificate runs out. */
int64_t sign_not_after_us(const struct signer_key *k);

struct sign_options {
	int64_t at_us;      /* claimed time */
	const char *reason; /* each may be NULL */
	const char *location;
	const char
	    *field; /* name of the new signature field; NULL: a free one */
};

/* The whole signed PDF; the caller releases *out. */
bool sign_pdf(const struct signer_key *k, const struct blob *pdf,
    const struct sign_options *o, struct blob *out, struct err *e);

/* Detached CAdES-B-B over the bytes, DER. */
bool sign_cades(const struct signer_key *k, const struct blob *data,
    const struct sign_options *o, struct blob *out, struct err *e);

/*
 * The gateway's own key (PEM, Ed25519 or ECDSA P-256), for signing heads.
 * Signatures are over the bytes themselves.
 */
struct own_key;
bool sign_open_own(const char *path, struct own_key **out, struct err *e);
void sign_close_own(struct own_key *k);
void sign_own(
    const struct own_key *k, const void *data, size_t len, struct blob *out);
bool sign_own_check(const struct own_key *k, const void *data, size_t len,
    const uint8_t *signature, size_t signature_len);

#endif /* CRYPTO_SIGN_H */
