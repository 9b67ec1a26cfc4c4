#ifndef GATEWAY_LEDGER_H
#define GATEWAY_LEDGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/adapter.h"
#include "base/money.h"

/*
 * Double entry in whole đồng: every journal sums to zero, which the database
 * itself holds, and nothing is ever changed.  The gateway holds no money: the
 * accounts say what is owed (receivable), what lies at a provider
 * (provider_clearing) and for what (docs/adr/0011).
 *
 * The same transaction of a provider is booked once, by constraint, whatever
 * tenants it is told to.
 *
 * DIAGNOSTICS
 *	ERR_CONFLICT	someone else has just booked the same money
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;
struct json;

enum ledger_kind {
	LEDGER_PAYMENT,       /* of a request */
	LEDGER_SURPLUS,       /* owed back */
	LEDGER_SUSPENSE,      /* another amount than was asked for */
	LEDGER_REVERSAL,      /* of a suspense */
	LEDGER_REFUND_DUE,    /* it was decided to give money back */
	LEDGER_REFUND_UNDONE, /* that came to nothing */
	LEDGER_REFUND,        /* it was given back */
};

/* What has been booked under a provider's transaction. */
struct ledger_booked {
	enum ledger_kind kind;
	int64_t attempt;
	char provider[24];
	char txn[PAY_TXN_LEN];
	int64_t tenant;
};

/* Texts are borrowed. */
struct ledger_posting {
	enum ledger_kind kind; /* a payment, a surplus or a suspense */
	int64_t attempt;
	const char *provider;
	const char *txn;
	struct money amount;
	bool reverses; /* takes back the suspense under this transaction */
};

struct ledger_batch {
	int64_t tenant;
	int64_t at_us;
	struct ledger_posting *postings;
	size_t count;
};

/* What stands under the transactions of these postings, whichever provider's
 * and tenant's, the batch's own first; *out is an array to free(). */
bool ledger_find(struct db *db, const struct ledger_batch *asked,
    struct ledger_booked **out, size_t *count, struct err *e);

/* In the caller's transaction. */
bool ledger_book(struct db *db, const struct ledger_batch *b, struct err *e);

/* From one account to another, under a name of ours; once for each kind and
 * name.  In the caller's transaction; texts are borrowed. */
struct ledger_shift {
	int64_t tenant, attempt;
	enum ledger_kind kind;
	const char *txn;
	struct money amount;
	const char *debit, *credit;
	int64_t at_us;
};

bool ledger_shift(struct db *db, const struct ledger_shift *s, struct err *e);

/* What requests ask for becomes receivable; requests that were given up owe
 * nothing any more.  In the caller's transaction. */
struct ledger_requests {
	int64_t tenant;
	const int64_t *ids;
	size_t count;
	int64_t at_us;
};

bool ledger_demand(
    struct db *db, const struct ledger_requests *r, struct err *e);
bool ledger_release(
    struct db *db, const struct ledger_requests *r, struct err *e);

/*
 * Proves that sums are zero and every paid attempt is booked once.  *out has
 * the figures, the accounts and the faults; *balances is whether there are
 * none.
 */
bool ledger_check(
    struct db *db, struct json **out, bool *balances, struct err *e);

#endif /* GATEWAY_LEDGER_H */
