#ifndef GATEWAY_PAYMENT_HEAR_H
#define GATEWAY_PAYMENT_HEAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/adapter.h"
#include "base/id.h"
#include "base/money.h"
#include "gateway/ledger.h"
#include "gateway/payment.h"
#include "gateway/payment_state.h"

/*
 * What follows from what providers said: decided in memory, notice by notice,
 * as they came, on rows that payment_apply() has locked and loaded and will
 * write.  No clock, no database; two notices for one attempt in one batch
 * meet each other's effect.
 */
struct dossier;

/* An attempt as it was loaded, and as it will be. */
struct payment_try {
	int64_t id, request, dossier;
	char ref[PAY_REF_LEN];
	char provider[24];
	char terminal[PAY_TXN_LEN];
	struct money amount;
	int64_t expires_us;
	bool owed;                  /* nobody has paid its request yet */
	bool adds_up;               /* paid by transfers: any amount may come */
	struct money received;      /* by them, and in suspense still */
	char rest_txn[PAY_TXN_LEN]; /* payment_rest_name() */
	enum payment_state was, now;
	bool moved, pays;        /* pays: it paid its request just now */
	bool doubted;            /* said to have failed, and is paid */
	bool silent;             /* is asked about no more */
	const struct dossier *d; /* loaded where there is word of money */
	const char *code, *txn;  /* the notice's, or NULL */
};

/* For the record: somebody must look, or give money back.  Borrowed. */
struct payment_news {
	int64_t tenant, dossier;
	const char *ref, *provider; /* the attempt's */
	const char *kind;           /* of the event */
	const char *txn;
	const char *code; /* the provider's own, or NULL */
	struct money amount;
	struct money left; /* to be paid, of what was asked for; or 0 */
	bool told;
};

/* An attempt that shares its transaction with another, maybe another tenant's,
 * and whose record is to say so, once. */
struct payment_clash {
	int64_t tenant, attempt;
	const struct payment_notice *said;
};

/* What one transaction is about; arrays hold as many as count notices need. */
struct payment_batch {
	struct tenant_id tenant;
	const struct payment_notice *const *in;
	enum pay_answer *answers;
	size_t count;
	int64_t at_us;

	struct payment_try *tries; /* in byte order of ref */
	size_t try_count;
	struct ledger_booked *booked;
	size_t booked_count;

	/* What follows. */
	struct ledger_posting *postings;
	size_t posting_count;
	struct ledger_shift *shifts; /* after the postings */
	size_t shift_count;
	struct payment_news *news;
	size_t news_count;
	struct payment_clash *clashes;
	size_t clash_count;
	size_t paid, corrected;
};

/* The attempt that a notice is about; NULL when it is none of ours, or of
 * another provider or terminal. */
struct payment_try *payment_try_of(
    const struct payment_batch *b, const struct payment_notice *n);

/* Our name for what was transferred for an attempt and is not of its fee. */
void payment_rest_name(const char *ref, char out[PAY_TXN_LEN]);

/* Answers all of them. */
void payment_hear(struct payment_batch *b);

#endif /* GATEWAY_PAYMENT_HEAR_H */
