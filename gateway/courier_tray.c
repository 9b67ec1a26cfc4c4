#include "gateway/courier_tray.h"

#include <assert.h>

#include "base/log.h"
#include "gateway/db.h"

void
courier_tray_put(
    struct courier_tray *t, const struct courier_entry *entry, int64_t mono_us)
{
	size_t i = t->count;

	assert(i < TRAY_MAX);

	if (i == 0)
		t->since_us = mono_us;
	t->ids[i] = entry->letter->id;
	t->outcomes[i] = *entry->outcome;
	t->codes[i] = entry->outcome->code;
	t->tls[i] = entry->outcome->tls;
	t->statuses[i] = entry->status;
	t->waits[i] = entry->wait_ms;
	t->failures[i] = entry->failures;
	t->count++;
}

bool
courier_tray_is_due(
    const struct courier_tray *t, int64_t took_us, int64_t mono_us)
{
	if (t->count == 0)
		return false;
	return t->count == TRAY_MAX || took_us >= TRAY_SLOW_US ||
	       mono_us - t->since_us >= TRAY_AGE_US;
}

bool
courier_tray_flush(struct courier_tray *t, struct db *db, struct err *e)
{
	const char *replies[TRAY_MAX], *ids[TRAY_MAX], *peers[TRAY_MAX];
	size_t n = t->count;
	int held;

	if (n == 0)
		return true;
	t->count = 0;
	for (size_t i = 0; i < n; i++) {
		replies[i] = t->outcomes[i].reply;
		ids[i] = t->outcomes[i].message_id;
		peers[i] = t->outcomes[i].peer;
	}

	const struct db_arg args[] = {
		DB_INT(t->tenant),
		DB_INT(t->owner),
		DB_INTS(t->ids, n),
		DB_TEXTS(t->statuses, n),
		DB_INTS(t->codes, n),
		DB_TEXTS(replies, n),
		DB_TEXTS(ids, n),
		DB_TEXTS(peers, n),
		DB_INTS(t->tls, n),
		DB_INTS(t->waits, n),
		DB_INTS(t->failures, n),
		DB_END,
	};
	if (!db_exec(db, DB_courier_finish, args, &held, e))
		return false;
	if ((size_t)held < n)
		log_info("courier: of %zu messages %zu had another courier "
			 "by then: a lease ran out",
		    n, n - (size_t)held);
	return true;
}
