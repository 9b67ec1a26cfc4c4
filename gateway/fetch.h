#ifndef GATEWAY_FETCH_H
#define GATEWAY_FETCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/blob.h"
#include "crypto/trust.h"
#include "crypto/want.h"

/*
 * Fetches what a verdict lacked (want.h): the issuer's certificate, a CRL, an
 * OCSP answer.  Only of the hosts in fetch_hosts, at addresses that the SSRF
 * guard lets pass, without redirects, bounded in size and time.  What comes
 * is looked at by a verifier child before it is kept, and is data: it goes
 * into a bundle as evidence, never as an anchor.
 *
 * What is good stays in the table fetched, where all gateways find it; a host
 * that did not answer is left alone from half a minute up to an hour, a URL
 * that gave something else for five minutes.  CRLs are renewed by a ticker
 * after fetch_renew_percent of their life.
 *
 * A failure is no error: what is not had stays unknown.
 */
struct config;
struct db;
struct err;
struct fetcher;
struct verifier;

#define FETCH_SHORT_MAX (64 * 1024) /* a certificate, an OCSP answer */

struct fetcher *fetcher_new(const struct config *c, struct verifier *v);
void fetcher_free(struct fetcher *f); /* NULL is fine */

/* Is anything ever fetched? */
bool fetcher_is_on(const struct fetcher *f);

/* What was had, for trust_bundle_add_bytes(). */
struct fetched {
	enum trust_kind kind;
	struct blob bytes; /* the caller releases */
};

/* Any thread, never inside a transaction; by deadline_us on the monotonic
 * clock.  False when it is not to be had now. */
bool fetcher_get(struct fetcher *f, struct db *db, const struct want *w,
    int64_t deadline_us, struct fetched *out);

/* A ticker_fn whose arg is a struct fetcher: renews one CRL that is due. */
bool fetch_tick(struct db *db, void *arg, bool *more, struct err *e);

#endif /* GATEWAY_FETCH_H */
