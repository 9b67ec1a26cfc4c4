#include "gateway/outbox.h"

#include <assert.h>

#include "gateway/db.h"

bool
outbox_announce(struct db *db, int64_t tenant, const int64_t *event_ids,
    size_t count, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(tenant),
		DB_INTS(event_ids, count),
		DB_END,
	};

	assert(db_in_tx(db));

	if (count == 0)
		return true;
	return db_exec(db, DB_outbox_announce, args, NULL, e);
}
