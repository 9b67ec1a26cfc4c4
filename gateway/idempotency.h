#ifndef GATEWAY_IDEMPOTENCY_H
#define GATEWAY_IDEMPOTENCY_H

#include <stdbool.h>

/*
 * Idempotency-Key (IETF httpapi draft): the same key from the same caller is
 * the same effect and the same answer, byte for byte.
 *
 * worker.c asks idempotency_replay() before a handler runs.  The handler's
 * transaction begins with idempotency_claim() and ends with
 * idempotency_keep(), so that key, answer and effect commit together; a
 * refusal (4xx) is kept by the worker on its own.
 *
 * DIAGNOSTICS
 *	ERR_KEY_REUSED		the key was used for another request
 *	ERR_KEY_IN_FLIGHT	the same request is still running
 */
struct db;
struct err;
struct reply;
struct request;

/* *out is the stored answer with Idempotency-Replayed: true, or NULL. */
bool idempotency_replay(
    const struct request *req, struct reply **out, struct err *e);

/* First in the transaction.  A request without a key passes. */
bool idempotency_claim(struct db *db, const struct request *req, struct err *e);

/* Last in the transaction: stores the answer that will be given. */
bool idempotency_keep(struct db *db, const struct request *req,
    const struct reply *reply, struct err *e);

/* The same, of an answer in the place of *out, which an earlier run of the
 * transaction may have left; takes over fresh. */
bool idempotency_answer(struct db *db, const struct request *req,
    struct reply *fresh, struct reply **out, struct err *e);

#endif /* GATEWAY_IDEMPOTENCY_H */
