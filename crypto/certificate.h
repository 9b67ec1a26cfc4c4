#ifndef CRYPTO_CERTIFICATE_H
#define CRYPTO_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who a certificate names (RFC 5280; names as RFC 4514 writes them) and what
 * its key is.  Names are read RDN by RDN, never out of a printed string.
 *
 * Identity numbers are the UID RDNs (0.9.2342.19200300.100.1.1) of Vietnamese
 * certificates, "CCCD:001099000123"; a kind that stands twice with different
 * values names nobody and is left out.
 */
struct signer;

/* RSA, P-256 ...; the name of the key's family as policy.h knows it. */
struct certificate_key {
	char family[16]; /* "rsa", "ecdsa", "dsa", "ed25519", "ed448" */
	int bits;
};

/* False when the DER is no certificate, or more than one; *out and *key are
 * then zeroed.  key may be NULL. */
bool certificate_describe(const uint8_t *der, size_t len, struct signer *out,
    struct certificate_key *key);

/* The issuer (DER Name) and serial number (DER INTEGER's content) of a
 * certificate, borrowed from it: what IssuerSerial and SignerIdentifier
 * name. */
struct certificate_issuer_serial {
	const uint8_t *issuer;
	size_t issuer_len;
	const uint8_t *serial;
	size_t serial_len;
};
bool certificate_issuer_serial(
    const uint8_t *der, size_t len, struct certificate_issuer_serial *out);

/* For the judges in this folder: OpenSSL's X509.  The parsed certificate is
 * the caller's to free; NULL when the bytes are not exactly one. */
struct x509_st;
struct x509_st *certificate_parse(const uint8_t *der, size_t len);

/* Which limit it is that keeps certificate_parse() from this certificate, in
 * words; NULL: none, it is no certificate. */
const char *certificate_excess(const uint8_t *der, size_t len);

void certificate_signer(const struct x509_st *x, struct signer *out);
void certificate_key(const struct x509_st *x, struct certificate_key *out);

/* The subject, short enough for a finding. */
#define CERTIFICATE_SUBJECT_LEN 96
void certificate_subject(
    const struct x509_st *x, char out[CERTIFICATE_SUBJECT_LEN]);

#endif /* CRYPTO_CERTIFICATE_H */
