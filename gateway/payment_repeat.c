#include "gateway/payment_repeat.h"

#include <stdint.h>
#include <stdlib.h>

#include "base/blob.h"
#include "crypto/digest.h"
#include "gateway/db.h"
#include "gateway/payment.h"

/* Notices of money, and what their rows are found by. */
struct words {
	size_t *from;
	int64_t *tenants;
	const char **providers;
	struct db_bytes *hashes;
	uint8_t (*sha256)[DIGEST_LEN];
	size_t count;
};

static void
words_release(struct words *w)
{
	free(w->sha256);
	free(w->hashes);
	free(w->providers);
	free(w->tenants);
	free(w->from);
}

static void
words_take(struct words *w, const struct payment_notice *in, size_t count)
{
	struct tenant_id tenant;

	w->from = blob_calloc(count, sizeof(*w->from));
	w->tenants = blob_calloc(count, sizeof(*w->tenants));
	w->providers = blob_calloc(count, sizeof(*w->providers));
	w->hashes = blob_calloc(count, sizeof(*w->hashes));
	w->sha256 = blob_calloc(count, sizeof(*w->sha256));
	for (size_t i = 0; i < count; i++) {
		const struct pay_notice *said = in[i].said;
		uint8_t *hash = w->sha256[w->count];

		if (said->outcome != PAY_PAID ||
		    !payment_ref_tenant(said->ref, &tenant))
			continue;
		digest_sha256(said->raw.data, said->raw.len, hash);
		w->hashes[w->count] = (struct db_bytes){ hash, DIGEST_LEN };
		w->tenants[w->count] = tenant.n;
		w->providers[w->count] = in[i].provider;
		w->from[w->count++] = i;
	}
}

bool
payment_repeats(struct db *db, const struct payment_notice *notices,
    size_t count, bool *repeats, struct err *e)
{
	struct db_rows *rows = NULL;
	struct words w = { 0 };
	bool ok;

	if (count == 0)
		return true;
	words_take(&w, notices, count);
	ok = w.count == 0 ||
	     db_query(db, DB_payment_repeats,
		 (const struct db_arg[]){ DB_BYTESS(w.hashes, w.count),
		     DB_TEXTS(w.providers, w.count),
		     DB_INTS(w.tenants, w.count), DB_END },
		 &rows, e);
	for (int i = 0; rows != NULL && i < db_count(rows); i++)
		repeats[w.from[db_int(rows, i, "n") - 1]] = true;
	db_rows_free(rows);
	words_release(&w);
	return ok;
}
