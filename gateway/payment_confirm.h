#ifndef GATEWAY_PAYMENT_CONFIRM_H
#define GATEWAY_PAYMENT_CONFIRM_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/adapter.h"

/*
 * Between a notice that was proved and payment_apply(): which attempt of ours
 * it is about, and, for a provider whose MAC does not cover whether it was
 * paid (asks_first), what the provider says when it is asked.
 *
 * Such a notice credits nothing by itself.  What it repeats is compared with
 * what we sent; then the provider is asked at once, and the answer is applied
 * like the sweep's.  No answer: the provider is told to call again, and the
 * sweep goes on asking.  One at rest (payment_rest.h) is not asked, so that
 * notices cannot keep workers at a provider that is known to be silent; it is
 * the sweep's questions alone that lay it to rest.
 *
 * Never called within a transaction.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c
 */
struct config;
struct db;
struct err;
struct http_client;
struct payment_provider;

/* Finds the references of notices that carry but a mark; those of which no
 * attempt, or more than one, is found stay without. */
bool payment_find(struct db *db, const char *provider,
    struct pay_notice *const *said, size_t count, struct err *e);

enum payment_confirmed {
	PAYMENT_AS_SAID,  /* nothing to ask about: the notice is the news */
	PAYMENT_ASKED,    /* *out is the news */
	PAYMENT_NO_ANSWER /* there is none yet */
};

struct payment_doubt {
	const struct payment_provider *provider;
	const char *name;
	const struct pay_raw *raw;
	struct http_client *client; /* NULL: it did not answer just now */
	struct pay_notice *said;    /* toned down to what it proves */
};

bool payment_confirm(struct db *db, const struct payment_doubt *doubt,
    enum payment_confirmed *how, struct pay_notice *out, struct err *e);

#endif /* GATEWAY_PAYMENT_CONFIRM_H */
