#ifndef GATEWAY_PAYMENT_ASKER_H
#define GATEWAY_PAYMENT_ASKER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Who asks providers without being asked himself: what payment_sweep() and
 * refund_sweep() work with, one each, since it keeps a connection alive.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	a provider that is not configured here, or no more
 *	fatal		what payment_sweep_seconds has wrong
 */
struct config;
struct err;
struct http_client;
struct payment_provider;
struct secrets;

#define PAYMENT_PAUSES_MAX 16

struct payment_asker {
	const struct config *config;
	const struct secrets *secrets;
	struct http_client *client;
	int64_t pauses[PAYMENT_PAUSES_MAX]; /* between two questions, seconds */
	size_t pause_count;
};

/* Both are borrowed. */
struct payment_asker *payment_asker_new(
    const struct config *c, const struct secrets *s);
void payment_asker_free(struct payment_asker *a);

/* The pauses of payment_sweep_seconds, or the usual ones. */
size_t payment_asker_pauses(
    const struct config *c, int64_t out[PAYMENT_PAUSES_MAX]);

/* The provider as payment_provider_find() has it, but under the terminal that
 * what is asked about was made with. */
bool payment_asker_find(const struct payment_asker *a, const char *name,
    const char *terminal, struct payment_provider *out, struct err *e);

#endif /* GATEWAY_PAYMENT_ASKER_H */
