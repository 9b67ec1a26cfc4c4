#ifndef GATEWAY_TRUST_STORE_H
#define GATEWAY_TRUST_STORE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Trust anchors, intermediates and CRLs as one sealed bundle: those of the
 * configuration's files and folders, the anchors that were imported and are
 * within their validity, and the CRLs and issuers that were fetched.  A worker
 * leases the bundle of the moment; trust_store_refresh() puts a newer
 * one in its place when a file, a folder or a row has changed, and the old one
 * goes when its last lease is given back.  Files that cannot be read leave the
 * old bundle in use: a half-written CRL makes nothing valid or invalid.  So
 * does a bundle that a verifier child cannot open, for whatever it was asked
 * about it could not judge.
 *
 * DIAGNOSTICS
 *	ERR_FILE, ERR_TOO_LARGE, ERR_UNREADABLE	as trust.h
 *	ERR_STORAGE				the rows cannot be read
 */
struct config;
struct db;
struct err;
struct trust_store;
struct verifier;

/* For verifier_job; good until it is given back. */
struct trust_lease {
	int fd;
	uint8_t generation[32];
};

/* The files alone; the rows come with the first refresh.  Borrows both. */
bool trust_store_open(const struct config *c, struct verifier *v,
    struct trust_store **out, struct err *e);
void trust_store_free(struct trust_store *s); /* when no lease is out */

/* Reads anew what has changed since; true when nothing had. */
bool trust_store_refresh(struct trust_store *s, struct db *db, struct err *e);

/* A ticker_fn whose arg is a struct trust_store: the same. */
bool trust_store_tick(struct db *db, void *arg, bool *more, struct err *e);

/* Any thread. */
const struct trust_lease *trust_store_lease(struct trust_store *s);
void trust_store_return(struct trust_store *s, const struct trust_lease *lease);

#endif /* GATEWAY_TRUST_STORE_H */
