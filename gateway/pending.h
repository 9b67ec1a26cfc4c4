#ifndef GATEWAY_PENDING_H
#define GATEWAY_PENDING_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/ticker.h"

/*
 * Dossiers whose signatures could not be judged when they came, for want of
 * evidence that may come yet (EN 319 102-1, TRY_LATER): "chờ xác minh".  They
 * are judged again, one dossier at a time, until every signature is proved,
 * one is not, or pending_hours are over, when an officer decides.  Nobody
 * accepts a dossier meanwhile, and nobody one that failed.
 *
 * DIAGNOSTICS
 *	ERR_UNVERIFIED		it waits, or failed
 *	ERR_MISSING_FIELD	it is undecided, and no reason was given
 *	ERR_STORAGE		from db.c
 */
struct config;
struct db;
struct dossier;
struct err;
struct fetcher;
struct trust_store;
struct verifier;

/* What it is judged with; borrowed. */
struct pending_checker {
	const struct config *config;
	struct verifier *verifier;
	struct fetcher *fetcher;
	struct trust_store *trust;
};

ticker_fn pending_check; /* its arg is the checker */

/* In the transaction that takes the dossier in. */
struct pending_entry {
	int64_t tenant, dossier, at_us;
};
bool pending_add(struct db *db, const struct config *c,
    const struct pending_entry *p, struct err *e);

/* May an officer accept it?  reason: why, or NULL. */
bool pending_may_accept(
    struct db *db, const struct dossier *d, const char *reason, struct err *e);

#endif /* GATEWAY_PENDING_H */
