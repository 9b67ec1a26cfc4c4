#ifndef CRYPTO_WANT_H
#define CRYPTO_WANT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/digest.h"

/*
 * What a verdict lacked that somebody could fetch: where a certificate says
 * that its issuer (RFC 5280, 4.2.2.1), its CRL (4.2.1.13) or an OCSP answer
 * (RFC 6960, with a nonce of RFC 8954) may be had.  http and https alone.
 *
 * Hints of a stranger: whoever fetches them decides which hosts may be asked,
 * and what comes back is data and never an anchor.
 */
struct X509_crl_st;
struct x509_st;

#define WANT_MAX         16
#define WANT_URL_LEN     512
#define WANT_REQUEST_MAX 512

enum want_kind { WANT_ISSUER, WANT_CRL, WANT_OCSP, WANT_KIND_COUNT };

struct want {
	enum want_kind kind;
	char url[WANT_URL_LEN];
	uint8_t subject[DIGEST_LEN]; /* OCSP: which certificate; else zero */
	uint8_t request[WANT_REQUEST_MAX]; /* OCSP: what is to be posted */
	size_t request_len;
};

struct want_list {
	struct want *at; /* owned */
	size_t count;    /* what is beyond WANT_MAX is left out */
};

/* A NULL list is nobody who asks. */
void want_issuer(struct want_list *l, const struct x509_st *x);
void want_revocation(
    struct want_list *l, struct x509_st *x, struct x509_st *issuer);
void want_add(struct want_list *l, const struct want *w);
void want_release(struct want_list *l);

/* http or https, of ASCII that can be seen, and short enough. */
bool want_is_url(const char *s, size_t len);

const char *want_kind_name(enum want_kind k);

#endif /* CRYPTO_WANT_H */
