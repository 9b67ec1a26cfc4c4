#ifndef GATEWAY_PAYMENT_REST_H
#define GATEWAY_PAYMENT_REST_H

#include <stdbool.h>

/*
 * The circuit breaker of a provider that we ask: one that gives no answer that
 * can be believed is left in peace for a second, then for two, and so on up to
 * five minutes, by every gateway on this database; the others are asked
 * meanwhile.  What claims work reads provider_rest itself.
 */
struct db;
struct err;

bool payment_rest(
    struct db *db, const char *provider, bool answered, struct err *e);

#endif /* GATEWAY_PAYMENT_REST_H */
