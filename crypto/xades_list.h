#ifndef CRYPTO_XADES_LIST_H
#define CRYPTO_XADES_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Trusted lists (ETSI TS 119 612, version 5): signed XML in which a state
 * names its certification and timestamping services.
 *
 * A list is believed when its one signature is intact, covers the whole list
 * and was made with a certificate that the operator named for that; the path
 * of that certificate is not asked for, since a list is what paths begin
 * with.  Of its services those count that are granted now, each with every
 * certificate of its digital identity, until the list's NextUpdate (5.3.15).
 * History is not read.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	no trusted list, or nobody to believe signed it
 */
struct err;
struct policy;
struct trust;

struct xades_list_service {
	const uint8_t *certificate; /* DER, borrowed for the call */
	size_t len;
	bool stamps; /* a timestamping authority; else a certification one */
	int64_t until_us; /* the list's NextUpdate; 0: it has none */
};

struct xades_list {
	const uint8_t *data;
	size_t len;
	char (*signers)[65]; /* SHA-256 of their certificates, hex */
	size_t signer_count;
	const struct trust *trust; /* for the judge; never asked for a path */
	const struct policy *policy;
};

/* Calls take() for each certificate that counts; without an error only. */
bool xades_list_read(const struct xades_list *list,
    void (*take)(void *arg, const struct xades_list_service *s), void *arg,
    struct err *e);

#endif /* CRYPTO_XADES_LIST_H */
