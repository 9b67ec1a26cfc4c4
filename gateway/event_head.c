/* Signed heads over the record; see event.h. */
#include <inttypes.h>
#include <string.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "crypto/sign.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/merkle.h"

#define PAGE_LEN 5000

void
event_head_hash(
    const struct event_head *h, const uint8_t prev[32], uint8_t out[32])
{
	struct buf b = { 0 };

	buf_put(&b, prev, 32);
	buf_printf(&b, "%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n", h->from_xact,
	    h->to_xact, h->events);
	buf_hex(&b, h->root, sizeof(h->root));
	buf_printf(&b, "\n%" PRId64, h->made_us);
	digest_sha256(b.data, b.len, out);
	buf_release(&b);
}

/* Adds the page after (*xact, *id), which move on; *count says how many. */
static bool
add_page(struct db *db, const struct event_head *h, int64_t at[2],
    struct merkle *tree, struct err *e)
{
	const struct db_arg args[] = { DB_INT(at[0]), DB_INT(at[1]),
		DB_INT(h->to_xact), DB_INT(PAGE_LEN), DB_END };
	struct db_rows *r;
	struct db_bytes hash;

	if (!db_query(db, DB_event_hashes, args, &r, e))
		return false;
	for (int i = 0; i < db_count(r); i++) {
		hash = db_bytes(r, i, "hash");
		if (hash.len != 32)
			fatalx("event: a hash of %zu bytes", hash.len);
		merkle_add(tree, hash.data);
		at[0] = db_int(r, i, "xact");
		at[1] = db_int(r, i, "id");
	}
	db_rows_free(r);
	return true;
}

bool
event_head_root(struct db *db, struct event_head *h, struct err *e)
{
	struct merkle tree = { .count = 0 };
	int64_t at[2] = { h->from_xact, 0 }; /* ids begin with 1 */
	uint64_t before;

	do {
		before = tree.count;
		if (!add_page(db, h, at, &tree, e))
			return false;
	} while (tree.count - before == PAGE_LEN);
	h->events = (int64_t)tree.count;
	if (tree.count > 0)
		merkle_root(&tree, h->root);
	return true;
}

/* Where the last head ended, and its link; zeros before the first. */
static bool
last_head(struct db *db, int64_t *to_xact, uint8_t prev[32], struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	struct db_rows *r;
	struct db_bytes hash;

	*to_xact = 0;
	memset(prev, 0, 32);
	if (!db_query(db, DB_event_head_last, none, &r, e))
		return false;
	if (db_count(r) == 1) {
		*to_xact = db_int(r, 0, "to_xact");
		hash = db_bytes(r, 0, "hash");
		memcpy(prev, hash.data, 32);
	}
	db_rows_free(r);
	return true;
}

/* The signature is made before the row is written, so that a head without
 * one cannot be. */
static bool
store(struct db *db, const struct own_key *key, const struct event_head *h,
    const uint8_t prev[32], struct err *e)
{
	struct blob signature = { 0 };
	uint8_t link[32];
	bool ok;

	event_head_hash(h, prev, link);
	sign_own(key, link, sizeof(link), &signature);
	{
		const struct db_arg args[] = {
			DB_INT(h->from_xact),
			DB_INT(h->to_xact),
			DB_INT(h->events),
			DB_BYTES(h->root, 32),
			DB_BYTES(prev, 32),
			DB_BYTES(link, 32),
			DB_BYTES(signature.data, signature.len),
			DB_TIME(h->made_us),
			DB_END,
		};
		ok = db_exec(db, DB_event_head_add, args, NULL, e);
	}
	blob_release(&signature);
	return ok;
}

struct making {
	const struct own_key *key;
	int64_t now_us;
};

static bool
make(struct db *db, void *arg, struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	const struct making *m = arg;
	struct event_head h = { .made_us = m->now_us };
	uint8_t prev[32];
	struct db_rows *turn;
	bool mine;

	if (!db_one(db, DB_event_head_turn, none, &turn, e))
		return false;
	mine = db_bool(turn, 0, "mine");
	h.to_xact = db_int(turn, 0, "to_xact");
	db_rows_free(turn);
	if (!mine)
		return true;

	/* Only now: whoever had the lock before us has committed. */
	if (!last_head(db, &h.from_xact, prev, e))
		return false;
	if (!event_head_root(db, &h, e))
		return false;
	return h.events == 0 || store(db, m->key, &h, prev, e);
}

bool
event_make_head(
    struct db *db, const struct own_key *key, int64_t now_us, struct err *e)
{
	struct making m = { key, now_us };

	return db_tx(db, make, &m, e);
}
