#ifndef GATEWAY_REFUND_H
#define GATEWAY_REFUND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/adapter.h"
#include "base/id.h"
#include "base/money.h"
#include "gateway/refund_state.h"

/*
 * Money that is given back, and refund_advance(), the one door through which
 * a refund's state changes.
 *
 * Two officers stand behind each, by constraint; money that nobody owed asks
 * for itself, and one officer approves.  What is claimed of a payment is never
 * more than was received: asked under the lock of its request, and held by a
 * constraint.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such refund
 *	ERR_BAD_FIELD	no such attempt, or nothing of it to be given back
 *	ERR_REFUND_TOO_MUCH	more than is left of what was received
 *	ERR_SAME_PERSON	who asks does not decide
 *	ERR_WRONG_STATE	no edge
 *	ERR_CONFLICT	someone else was first
 *	ERR_STORAGE	from db.c
 */
struct db;
struct db_rows;
struct err;
struct json;

#define REFUND_REF_LEN 26

struct refund {
	struct tenant_id tenant;
	int64_t id, dossier, attempt;
	char ref[REFUND_REF_LEN];
	char provider[24];
	char attempt_ref[PAY_REF_LEN];
	char kind[24];         /* of the money: payment, surplus, suspense */
	char txn[PAY_TXN_LEN]; /* under which it was received */
	struct money paid, amount;
	enum refund_state state;
	int64_t sends, requested_by, sent_us;
};

/* What somebody wants to be given back; texts are borrowed. */
struct refund_wish {
	struct tenant_id tenant;
	struct dossier_id dossier;
	const char *attempt; /* reference */
	const char *txn;     /* "": the attempt's only one */
	struct money amount;
	const char *reason;
	int64_t by, at_us;
};

/* In the caller's transaction. */
bool refund_open(struct db *db, const struct refund_wish *w,
    char ref[REFUND_REF_LEN], struct err *e);

/* Surplus that was just booked under these transactions; in the caller's
 * transaction. */
struct refund_surplus {
	struct tenant_id tenant;
	const char **providers, **txns;
	size_t count;
	int64_t at_us;
};

bool refund_open_surplus(
    struct db *db, const struct refund_surplus *s, struct err *e);

/* Locked; in the caller's transaction. */
bool refund_load(
    struct db *db, const struct refund *key, struct refund *out, struct err *e);

/* The columns of refund_load and refund_claim; the tenant is the caller's. */
void refund_fill(const struct db_rows *rows, int i, struct refund *out);

/* Texts are borrowed; NULL leaves what is stored. */
struct refund_move {
	const struct refund *r;
	enum refund_event event;
	int64_t actor, at_us;
	int64_t ask_us; /* when refund_sweep() turns to it; 0: it does not */
	const char *code, *txn, *evidence, *reason;
};

bool refund_advance(struct db *db, const struct refund_move *m, struct err *e);

/* A row of refund_of_dossier, as the API shows it. */
struct json *refund_row(const struct db_rows *rows, int i);

/* One of them. */
bool refund_json(
    struct db *db, const struct refund *key, struct json **out, struct err *e);

#endif /* GATEWAY_REFUND_H */
