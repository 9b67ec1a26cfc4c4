#ifndef GATEWAY_COUNTER_H
#define GATEWAY_COUNTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/money.h"

/*
 * Money taken at the counter, as a provider of its own ("counter") whose
 * notices are officers' records: cash counts when the cashier has recorded
 * it, a transfer when another officer has confirmed it.  Either goes through
 * payment_apply() into the ledger, and gets a receipt as all money does.
 *
 * A crash between record and ledger is mended by the same request again: its
 * key finds the record, and the door books it once.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND		no such collection
 *	ERR_WRONG_AMOUNT	not what is owed
 *	ERR_WRONG_STATE		nothing is owed, or it was decided
 *	ERR_SAME_PERSON		who recorded a transfer does not confirm it
 *	ERR_CONFLICT		the reference was used before
 *	ERR_STORAGE		from db.c
 */
struct db;
struct dossier;
struct err;
struct json;
struct request;

#define COUNTER_PROVIDER "counter"

/* What an officer says that he took; texts are borrowed. */
struct counter_taken {
	const char *method; /* "cash", "transfer" */
	const char *reference;
	struct money amount;
};

/* Records, and books cash.  *id names the collection. */
bool counter_collect(struct request *req, const struct dossier *d,
    const struct counter_taken *taken, int64_t *id, struct err *e);

/* A second officer's word on a transfer; books it when it is a yes. */
bool counter_decide(struct request *req, const struct dossier *d, int64_t id,
    bool confirmed, struct err *e);

/* One collection, as it is shown. */
bool counter_json(struct db *db, const struct dossier *d, int64_t id,
    struct json **out, struct err *e);

#endif /* GATEWAY_COUNTER_H */
