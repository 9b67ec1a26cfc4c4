#include "gateway/event.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "gateway/db.h"

void
event_hash(const struct event_link *l, const uint8_t prev[32], uint8_t out[32])
{
	struct buf b = { 0 };

	buf_put(&b, prev, 32);
	buf_printf(&b, "%" PRId64 "\n%" PRId64 "\n%" PRId64 "\n%s\n", l->tenant,
	    l->dossier, l->seq, l->kind);
	buf_printf(
	    &b, "%" PRId64 "\n%" PRId64 "\n%s", l->at_us, l->actor, l->data);
	digest_sha256(b.data, b.len, out);
	buf_release(&b);
}

/* The columns of event_append, one array each, in two allocations. */
enum { COL_TENANT, COL_DOSSIER, COL_AT, COL_ACTOR, COLS };

bool
event_append(struct db *db, struct event *events, size_t n, struct err *e)
{
	int64_t *col = blob_calloc(COLS * n, sizeof(*col));
	const char **text = blob_calloc(2 * n, sizeof(*text));
	const struct db_arg args[] = {
		DB_INTS(col + COL_TENANT * n, n),
		DB_INTS(col + COL_DOSSIER * n, n),
		DB_TEXTS(text, n),
		DB_INTS(col + COL_AT * n, n),
		DB_TIMES(col + COL_AT * n, n),
		DB_INTS(col + COL_ACTOR * n, n),
		DB_TEXTS(text + n, n),
		DB_TEXT(log_trace_id()),
		DB_END,
	};
	struct db_rows *r = NULL;
	bool ok;

	assert(db_in_tx(db));

	for (size_t i = 0; i < n; i++) {
		col[COL_TENANT * n + i] = events[i].tenant;
		col[COL_DOSSIER * n + i] = events[i].dossier;
		col[COL_AT * n + i] = events[i].at_us;
		col[COL_ACTOR * n + i] = events[i].actor;
		text[i] = events[i].kind;
		text[n + i] = events[i].data;
	}
	ok = db_query(db, DB_event_append, args, &r, e);
	if (ok && (size_t)db_count(r) != n)
		fatalx("event: %d links of %zu", db_count(r), n);
	for (size_t i = 0; ok && i < n; i++)
		events[i].id = db_int(r, (int)i, "id");
	db_rows_free(r);
	free(text);
	free(col);
	return ok;
}
