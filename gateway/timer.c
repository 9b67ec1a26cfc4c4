#include "gateway/timer.h"

#include <assert.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/columns.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/feedback_timer.h"
#include "gateway/metrics.h"
#include "gateway/outbox.h"
#include "gateway/timer_record.h"

#define SWEEP_LEN          500
#define FEEDBACK_SWEEP_LEN 50 /* a statement for each of its events */

static bool
timer_row(const void *timers, size_t i, union cell *out)
{
	const struct timer *t = timers;

	out[0].n = t[i].dossier;
	out[1].s = t[i].kind;
	out[2].n = t[i].due_us;
	return true;
}

bool
timer_set(struct db *db, int64_t tenant, const struct timer *timers,
    size_t count, struct err *e)
{
	static const struct columns set = { DB_timer_set, "ist", timer_row };

	return columns_exec(
	    db, &set, &(struct columns_set){ tenant, timers, count }, e);
}

bool
timer_drop(struct db *db, const struct timer_drop *d, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(d->tenant),
		DB_INTS(d->dossiers, d->dossier_count),
		DB_TEXTS(d->kinds, d->kind_count),
		DB_END,
	};

	assert(db_in_tx(db));

	return d->dossier_count == 0 ||
	       db_exec(db, DB_timer_drop, args, NULL, e);
}

/* The rows come tenant by tenant. */
static bool
announce(struct db *db, const struct event *events, size_t n, struct err *e)
{
	int64_t *ids = blob_calloc(n, sizeof(*ids));
	size_t from = 0;
	bool ok = true;

	for (size_t i = 0; ok && i < n; i++) {
		ids[i] = events[i].id;
		if (i + 1 < n && events[i + 1].tenant == events[i].tenant)
			continue;
		ok = outbox_announce(
		    db, events[i].tenant, ids + from, i + 1 - from, e);
		from = i + 1;
	}
	free(ids);
	return ok;
}

static bool
fire(struct db *db, void *arg, struct err *e)
{
	const struct db_arg args[] = { DB_INT(SWEEP_LEN), DB_END };
	struct event *events = NULL;
	struct db_rows *r = NULL;
	size_t *fired = arg;
	size_t n;
	bool ok = false;

	if (!db_query(db, DB_timer_fire, args, &r, e))
		return false;
	n = (size_t)db_count(r);
	*fired = n;
	events = blob_calloc(n + 1, sizeof(*events));
	for (size_t i = 0; i < n; i++)
		events[i] = (struct event){
			.tenant = db_int(r, (int)i, "tenant_id"),
			.dossier = db_int(r, (int)i, "dossier_id"),
			.kind = db_text(r, (int)i, "kind"),
			.at_us = db_time(r, (int)i, "fired_at"),
			.data = timer_record(json_new_object(), r, (int)i),
		};
	ok = n == 0 ||
	     (event_append(db, events, n, e) && announce(db, events, n, e));
	for (size_t i = 0; i < n; i++)
		free((char *)(uintptr_t)events[i].data);
	free(events);
	db_rows_free(r);
	return ok;
}

static bool
fire_feedback(struct db *db, void *arg, struct err *e)
{
	return feedback_timer_fire(db, FEEDBACK_SWEEP_LEN, arg, e);
}

bool
timer_sweep(struct db *db, void *unused, bool *more, struct err *e)
{
	size_t dossiers = 0, feedback = 0, fired;

	(void)unused;
	if (!db_tx(db, fire, &dossiers, e) ||
	    !db_tx(db, fire_feedback, &feedback, e))
		return false;
	fired = dossiers + feedback;
	metrics_add(METRIC_timers_fired_total, (int64_t)fired);
	*more = fired > 0;
	return true;
}
