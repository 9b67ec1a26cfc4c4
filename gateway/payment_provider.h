#ifndef GATEWAY_PAYMENT_PROVIDER_H
#define GATEWAY_PAYMENT_PROVIDER_H

#include <stdbool.h>
#include <stdint.h>

#include "adapters/adapter.h"

/*
 * A provider as this installation has it: its adapter, and our terms with it
 * from the configuration.
 */
struct config;
struct config_list;
struct secrets;

struct payment_provider {
	const struct pay_adapter *adapter;
	struct pay_terms terms;
	const struct config_list *sources; /* of its notices; empty: any */
	int64_t life_us;                   /* of a pay URL */
	int64_t ask_us; /* so long after an order's end it is asked about it */
	char return_url[256], notice_url[256];
};

/* False: no such provider, or it is not configured here.  *out borrows from
 * the configuration and the secrets, and must not be copied. */
bool payment_provider_find(const struct config *c, const struct secrets *s,
    const char *name, struct payment_provider *out);

/* What people call it. */
const char *payment_provider_title(const char *name);

#endif /* GATEWAY_PAYMENT_PROVIDER_H */
