#ifndef GATEWAY_PAYMENT_START_H
#define GATEWAY_PAYMENT_START_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/payment.h"
#include "gateway/payment_order.h"

/*
 * A new attempt to pay what a dossier owes, with all that its provider is
 * told of it; whoever asks for it, the payer or the National Portal.
 *
 * DIAGNOSTICS
 *	ERR_WRONG_STATE		nothing is to be paid
 *	ERR_WRONG_AMOUNT	not what its tariff says
 *	ERR_BAD_FIELD		its unit has no account to be paid to
 *	ERR_STORAGE		from db.c
 */
struct config;
struct db;
struct dossier;
struct err;
struct json;
struct payment_provider;

struct payment_start {
	const struct config *config;
	const struct dossier *d;
	const struct payment_provider *provider;
	const char *name; /* the provider's */
	bool resumes;     /* an attempt that is still open is taken again */
	int64_t now_us;

	/* Filled in, anew by each run of a transaction. */
	struct payment_attempt attempt;
	struct json *lines;
	struct payment_order order;
};

/* In the caller's transaction; the dossier is locked. */
bool payment_start(struct db *db, struct payment_start *s, struct err *e);
void payment_start_release(struct payment_start *s);

/* What the adapter is told; borrows from s. */
struct pay_order payment_start_order(const struct payment_start *s);

#endif /* GATEWAY_PAYMENT_START_H */
