#ifndef GATEWAY_PAYMENT_H
#define GATEWAY_PAYMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/adapter.h"
#include "base/id.h"
#include "base/money.h"
#include "gateway/payment_state.h"

/*
 * What a dossier owes, the attempts to pay it, and payment_apply(), the one
 * door through which an attempt's state changes.
 *
 * The row of a request is the lock of all its attempts: whoever moves one
 * holds it, so that notices, the sweep and two attempts at once stand in line.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such attempt
 *	ERR_WRONG_STATE	nothing is owed
 *	ERR_CONFLICT	someone else was first, three times over
 *	ERR_STORAGE	from db.c
 */
struct db;
struct db_rows;
struct dossier;
struct err;
struct json;

/* How we came to hear it.  SILENCE: the provider has said nothing that ends an
 * attempt for as long as it is asked; what of said is read then is whose. */
enum payment_via { PAYMENT_VIA_NOTICE, PAYMENT_VIA_QUERY, PAYMENT_VIA_SILENCE };

/* What a provider said, its MAC proved by the adapter; all borrowed. */
struct payment_notice {
	const char *provider;
	enum payment_via via;
	const struct pay_notice *said;
};

/*
 * Applies what was said and commits; answers[i] is what the provider of
 * notices[i] is to be told, and is told only after this returned.  Sets, not
 * rows: one transaction for all that concerns one tenant.
 *
 * Exactly once: money is booked once for each transaction of a provider, a
 * request is paid once, and a dossier that waits for it is sent PAID in the
 * same transaction.  Money that nobody owes is booked as surplus.
 *
 * False if anything could not be stored; what could not is answered TROUBLE,
 * and the provider calls again.
 */
bool payment_apply(struct db *db, const struct payment_notice *notices,
    size_t count, enum pay_answer *answers, struct err *e);

/* The same, and one by one if one of them breaks a rule of the database, so
 * that it breaks alone.  Storage that is down is not asked again. */
bool payment_apply_apart(struct db *db, const struct payment_notice *notices,
    size_t count, enum pay_answer *answers, struct err *e);

/*
 * Asks for what the dossier owes by its tariff, less its reliefs, in the
 * caller's transaction, before REQUEST_PAYMENT.  What was asked for before is
 * given up.  *owed of 0: nothing is owed, and nothing was asked for.
 */
bool payment_request_open(struct db *db, const struct dossier *d, int64_t at_us,
    struct money *owed, struct err *e);

/* The open requests of dossiers that have ended, or that are asked anew, are
 * given up; money that still comes is surplus.  In the caller's transaction. */
struct payment_given_up {
	struct tenant_id tenant;
	const int64_t *dossiers;
	size_t count;
	int64_t at_us;
};

bool payment_give_up(
    struct db *db, const struct payment_given_up *g, struct err *e);

/* What was transferred for a fee that was given up, and did not reach it, is
 * owed back: out of suspense, with a refund that asks for itself.  After the
 * dossier, whose record says so.  In the caller's transaction. */
bool payment_return_parts(
    struct db *db, const struct payment_given_up *g, struct err *e);

/* Appends to list what was asked for, with its lines and attempts. */
bool payment_json(struct db *db, struct tenant_id tenant,
    struct dossier_id dossier, struct json *list, struct err *e);

/* The provider's own receipt of the i-th of payment_attempts; NULL: it gives
 * none. */
struct json *payment_voucher(const struct db_rows *attempts, int i);

/* The open request of a dossier. */
struct payment_bill {
	int64_t request;
	struct money amount;
	struct json *lines; /* the caller frees, or hands over */
};

/* ERR_WRONG_STATE: nothing is open.  ERR_WRONG_AMOUNT: its tariff, computed
 * anew, says another amount than was asked for. */
bool payment_bill(struct db *db, struct tenant_id tenant,
    struct dossier_id dossier, struct payment_bill *out, struct err *e);

/* A new attempt on a request; texts are borrowed. */
struct payment_attempt {
	struct tenant_id tenant;
	int64_t request;
	const char *provider;
	const char *terminal;
	struct money amount;
	int64_t created_us, expires_us;
	int64_t ask_us;
	char ref[PAY_REF_LEN]; /* filled in */
};

bool payment_begin(struct db *db, struct payment_attempt *a, struct err *e);

/* By transfers: the open attempt of the same request and account, if there is
 * one, with what of it is still to be paid; a new one otherwise. */
bool payment_resume(struct db *db, struct payment_attempt *a, struct err *e);

/* What the page shows to which a payer comes back. */
struct payment_shown {
	enum payment_state state;
	struct money amount;
	char dossier[64];
};

bool payment_show(
    struct db *db, const char *ref, struct payment_shown *out, struct err *e);

/* Has the provider asked about an attempt without an answer at once, rather
 * than when the sweep would; once for each attempt. */
bool payment_hurry(struct db *db, const char *ref, struct err *e);

/* The tenant that a reference of ours names; false: it is none of ours. */
bool payment_ref_tenant(const char *ref, struct tenant_id *out);

#endif /* GATEWAY_PAYMENT_H */
