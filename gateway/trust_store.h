#ifndef GATEWAY_TRUST_STORE_H
#define GATEWAY_TRUST_STORE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The trust anchors and CRLs of the configuration, as one sealed bundle.  A
 * worker leases the bundle of the moment; trust_store_refresh() puts a newer
 * one in its place when a file or folder has changed, and the old one goes
 * when its last lease is given back.  Files that cannot be read leave the old
 * bundle in use: a half-written CRL makes nothing valid or invalid.
 *
 * DIAGNOSTICS
 *	ERR_FILE, ERR_TOO_LARGE, ERR_UNREADABLE	as trust.h
 */
struct config;
struct err;
struct trust_store;

/* For verifier_job; good until it is given back. */
struct trust_lease {
	int fd;
	uint8_t generation[32];
};

bool trust_store_open(
    const struct config *c, struct trust_store **out, struct err *e);
void trust_store_free(struct trust_store *s); /* when no lease is out */

/* Reads anew what has changed since; true when nothing had. */
bool trust_store_refresh(struct trust_store *s, struct err *e);

/* Any thread. */
const struct trust_lease *trust_store_lease(struct trust_store *s);
void trust_store_return(struct trust_store *s, const struct trust_lease *lease);

#endif /* GATEWAY_TRUST_STORE_H */
