#include "gateway/recount.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/calendar.h"
#include "gateway/columns.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/event.h"
#include "gateway/outbox.h"
#include "gateway/sla.h"
#include "gateway/sla_plan.h"
#include "gateway/step_plan.h"
#include "gateway/timer.h"

#define BATCH_LEN 200

/* A batch: what the record says of each, and what becomes of it. */
struct batch {
	int64_t tenant, now_us;
	struct dossier_list dossiers;
	struct db_rows *since, *extensions;
	struct dossier_extension *extension; /* theirs, one after another */
	struct calendar_wanted *calendar;
	struct dossier_move *moves; /* of those that move, as all below */
	struct sla_plan *plans;
	struct step_recounted *steps;
	int64_t *from_us; /* since when it is counted */
	size_t moved, beyond;
};

/* ---- what the record says ---- */

static bool
read_since(
    struct db *db, struct batch *b, const int64_t *ids, size_t n, struct err *e)
{
	const struct db_arg args[] = { DB_INT(b->tenant), DB_INTS(ids, n),
		DB_END };

	if (!db_query(db, DB_recount_since, args, &b->since, e) ||
	    !db_query(db, DB_recount_extensions, args, &b->extensions, e))
		return false;
	b->extension = blob_calloc(
	    (size_t)db_count(b->extensions) + 1, sizeof(*b->extension));
	for (int i = 0; i < db_count(b->extensions); i++) {
		b->extension[i].limit_amount =
		    (int)db_int(b->extensions, i, "limit_amount");
		memccpy(b->extension[i].limit_unit,
		    db_text(b->extensions, i, "limit_unit"), '\0',
		    sizeof(b->extension[i].limit_unit));
	}
	return true;
}

static bool
read_calendars(struct db *db, struct batch *b, struct err *e)
{
	size_t n = b->dossiers.count;

	b->calendar = blob_calloc(n + 1, sizeof(*b->calendar));
	for (size_t i = 0; i < n; i++)
		b->calendar[i].id = b->dossiers.item[i].calendar;
	return n == 0 || calendar_load_many(db, b->tenant, b->calendar, n, e);
}

static bool
read_batch(
    struct db *db, struct batch *b, const int64_t *ids, size_t n, struct err *e)
{
	const struct dossier_keys keys = { ids, n };

	return dossier_load_many(db, (struct tenant_id){ b->tenant }, &keys,
		   &b->dossiers, e) &&
	       db_now(db, &b->now_us, e) && read_calendars(db, b, e) &&
	       read_since(db, b, ids, n, e);
}

/* Rows of extensions come in the order of the dossiers. */
static struct sla_since
since_of(const struct batch *b, size_t i, int *ext)
{
	int row = (int)i;
	struct sla_since s = {
		.went_on_us = db_time(b->since, row, "went_on_at"),
		.left_us = db_int(b->since, row, "left_us"),
		.anew = db_bool(b->since, row, "anew"),
		.extension = &b->extension[*ext],
	};

	for (; *ext < db_count(b->extensions) &&
	       db_int(b->extensions, *ext, "dossier_id") ==
		   b->dossiers.item[i].id.n;
	     ++*ext)
		s.extension_count++;
	return s;
}

static struct step_since
step_since_of(const struct batch *b, int row)
{
	return (struct step_since){
		.amount = (int)db_int(b->since, row, "step_amount"),
		.unit = db_text(b->since, row, "step_unit"),
		.went_on_us = db_time(b->since, row, "step_went_on_at"),
		.left_us = db_int(b->since, row, "step_left_us"),
	};
}

/* ---- what becomes of it ---- */

static int64_t
counted_from(const struct dossier *d, const struct sla_since *since)
{
	if (since->went_on_us != 0)
		return since->went_on_us;
	return d->accepted_us != 0 ? d->accepted_us : d->received_us;
}

static void
plan_one(struct batch *b, size_t i, const struct sla_since *since)
{
	const struct dossier *d = &b->dossiers.item[i];
	const struct calendar *c = b->calendar[i].found;
	const struct step_since step = step_since_of(b, (int)i);
	struct sla_plan *p = &b->plans[b->moved];
	struct step_recounted *s = &b->steps[b->moved];

	if (!sla_recount(c, d, since, b->now_us, p) ||
	    !step_recount(c, &d->step, &step, b->now_us, s)) {
		b->beyond++;
		return;
	}
	if (!p->turns && p->left_us == 0 && !s->turns)
		return;
	b->moves[b->moved] =
	    (struct dossier_move){ .d = d, .at_us = b->now_us };
	b->from_us[b->moved++] = counted_from(d, since);
}

static void
plan_batch(struct batch *b)
{
	size_t n = b->dossiers.count;
	int ext = 0;

	b->moves = blob_calloc(n + 1, sizeof(*b->moves));
	b->plans = blob_calloc(n + 1, sizeof(*b->plans));
	b->steps = blob_calloc(n + 1, sizeof(*b->steps));
	b->from_us = blob_calloc(n + 1, sizeof(*b->from_us));
	for (size_t i = 0; i < n; i++) {
		const struct sla_since since = since_of(b, i, &ext);

		plan_one(b, i, &since);
	}
}

/* ---- written down ---- */

static bool
moved_step(const void *batch, size_t i, union cell *out)
{
	const struct batch *b = batch;

	out[0].n = b->moves[i].d->id.n;
	out[1].n = b->steps[i].due_us;
	out[2].n = b->steps[i].left_us;
	return b->steps[i].turns;
}

static bool
turn_step_timers(struct db *db, const struct batch *b, struct err *e)
{
	static const char *kinds[] = { "step-overdue" };
	int64_t *turned = blob_calloc(b->moved, sizeof(*turned));
	struct timer *set = blob_calloc(b->moved, sizeof(*set));
	struct timer_drop drop = { .tenant = b->tenant,
		.dossiers = turned,
		.kinds = kinds,
		.kind_count = 1 };
	bool ok;

	for (size_t i = 0; i < b->moved; i++)
		if (b->steps[i].turns && b->steps[i].due_us != 0) {
			set[drop.dossier_count] =
			    (struct timer){ b->moves[i].d->id.n, kinds[0],
				    b->steps[i].due_us };
			turned[drop.dossier_count++] = b->moves[i].d->id.n;
		}
	ok = timer_drop(db, &drop, e) &&
	     timer_set(db, b->tenant, set, drop.dossier_count, e);
	free(set);
	free(turned);
	return ok;
}

/* Whoever has seen the dossier has seen another date. */
static bool
grown_version(const void *batch, size_t i, union cell *out)
{
	const struct batch *b = batch;

	out[0].n = b->moves[i].d->id.n;
	return true;
}

static const struct columns writes[] = {
	{ DB_recount_step, "iti", moved_step },
	{ DB_recount_version, "i", grown_version },
};

static bool
write_batch(struct db *db, struct batch *b, struct err *e)
{
	const struct columns_set set = { b->tenant, b, b->moved };
	bool ok = sla_recounted(db, b->moves, b->plans, b->moved, e);

	for (size_t i = 0; ok && i < nitems(writes); i++)
		ok = columns_exec(db, &writes[i], &set, e);
	return ok && turn_step_timers(db, b, e);
}

/* ---- told ---- */

/* The dossier's own date before its step's: only that is told outside. */
static const char *
kind_of(const struct sla_plan *p)
{
	if (p->intake_due_us != 0)
		return "answer-recounted";
	if (p->turns)
		return "due-recounted";
	return p->left_us > 0 ? "left-recounted" : "step-recounted";
}

static void
put_dates(struct json *j, const struct dossier *d, const struct sla_plan *p)
{
	if (p->intake_due_us != 0) {
		json_put_time(j, "answer_due_at", p->intake_due_us);
		json_put_time(j, "was_answer_due_at", d->intake_due_us);
	} else if (p->turns) {
		json_put_time(j, "due_at", p->due_us);
		json_put_time(j, "was_due_at", d->due_us);
	} else if (p->left_us > 0) {
		json_put_int(j, "left_us", p->left_us);
		json_put_int(j, "was_left_us", d->pause_left_us);
	}
}

static void
put_step(struct json *j, const struct dossier_at_step *was,
    const struct step_recounted *s)
{
	if (!s->turns)
		return;
	json_put_text(j, "step", was->code);
	if (s->due_us != 0) {
		json_put_time(j, "step_due_at", s->due_us);
		json_put_time(j, "was_step_due_at", was->due_us);
	} else {
		json_put_int(j, "step_left_us", s->left_us);
		json_put_int(j, "was_step_left_us", was->left_us);
	}
}

/* Sorted keys, since it is hashed. */
static char *
record(const struct batch *b, size_t i, const struct db_rows *grounds)
{
	const struct dossier *d = b->moves[i].d;
	struct json *j = json_new_object();
	char *text;

	json_put_text(j, "code", d->code);
	json_put_int(j, "version", d->version + 1);
	json_put_text(j, "calendar", db_text(grounds, (int)i, "calendar"));
	json_put_int(j, "calendar_version", db_int(grounds, (int)i, "version"));
	json_put_text(j, "ground", db_text(grounds, (int)i, "ground"));
	put_dates(j, d, &b->plans[i]);
	put_step(j, &d->step, &b->steps[i]);
	text = json_write_sorted(j);
	json_free(j);
	return text;
}

/* The last instant that the days in between bear upon. */
static int64_t
counted_until(const struct batch *b, size_t i)
{
	const struct dossier *d = b->moves[i].d;
	const int64_t dates[] = { d->due_us, b->plans[i].due_us,
		d->accepted_us == 0 ? d->intake_due_us : 0,
		b->plans[i].intake_due_us, d->step.due_us, b->steps[i].due_us,
		d->pause_began_us };
	int64_t last_us = 0;

	for (size_t k = 0; k < nitems(dates); k++)
		if (dates[k] > last_us)
			last_us = dates[k];
	return last_us;
}

static bool
find_grounds(
    struct db *db, const struct batch *b, struct db_rows **out, struct err *e)
{
	int64_t *ids = blob_calloc(b->moved, sizeof(*ids));
	int64_t *until = blob_calloc(b->moved, sizeof(*until));
	const struct db_arg args[] = { DB_INT(b->tenant),
		DB_INTS(ids, b->moved), DB_TIMES(b->from_us, b->moved),
		DB_TIMES(until, b->moved), DB_END };
	bool ok;

	for (size_t i = 0; i < b->moved; i++) {
		ids[i] = b->moves[i].d->id.n;
		until[i] = counted_until(b, i);
	}
	ok = db_query(db, DB_recount_ground, args, out, e);
	free(until);
	free(ids);
	return ok;
}

static bool
tell(struct db *db, const struct batch *b, struct err *e)
{
	struct event *events = blob_calloc(b->moved, sizeof(*events));
	int64_t *ids = blob_calloc(b->moved, sizeof(*ids));
	struct db_rows *grounds = NULL;
	bool ok = find_grounds(db, b, &grounds, e);

	for (size_t i = 0; ok && i < b->moved; i++)
		events[i] = (struct event){
			.tenant = b->tenant,
			.dossier = b->moves[i].d->id.n,
			.kind = kind_of(&b->plans[i]),
			.at_us = b->now_us,
			.data = record(b, i, grounds),
		};
	ok = ok && event_append(db, events, b->moved, e);
	for (size_t i = 0; i < b->moved; i++) {
		ids[i] = events[i].id;
		free((char *)(uintptr_t)events[i].data);
	}
	ok = ok && outbox_announce(db, b->tenant, ids, b->moved, e);
	db_rows_free(grounds);
	free(ids);
	free(events);
	return ok;
}

/* ---- a batch a transaction ---- */

struct run {
	int64_t tenant, last; /* id of the last one seen */
	int64_t next;         /* the same, once it is committed */
	size_t open, moved, beyond;
};

static void
batch_release(struct batch *b)
{
	free(b->dossiers.item);
	db_rows_free(b->since);
	db_rows_free(b->extensions);
	free(b->extension);
	free(b->calendar);
	free(b->moves);
	free(b->plans);
	free(b->steps);
	free(b->from_us);
}

static bool
recount_ids(
    struct db *db, struct run *run, const int64_t *ids, size_t n, struct err *e)
{
	struct batch b = { .tenant = run->tenant };
	bool ok = read_batch(db, &b, ids, n, e);

	if (ok)
		plan_batch(&b);
	ok =
	    ok && (b.moved == 0 || (write_batch(db, &b, e) && tell(db, &b, e)));
	run->moved = b.moved;
	run->beyond = b.beyond;
	batch_release(&b);
	return ok;
}

static bool
recount_batch(struct db *db, void *arg, struct err *e)
{
	struct run *run = arg;
	const struct db_arg args[] = { DB_INT(run->tenant), DB_INT(run->last),
		DB_INT(BATCH_LEN), DB_END };
	struct db_rows *r = NULL;
	int64_t ids[BATCH_LEN];
	bool ok;

	if (!db_query(db, DB_recount_open, args, &r, e))
		return false;
	run->open = (size_t)db_count(r);
	for (size_t i = 0; i < run->open; i++)
		run->next = ids[i] = db_int(r, (int)i, "id");
	db_rows_free(r);
	ok = run->open == 0 || recount_ids(db, run, ids, run->open, e);
	return ok;
}

bool
recount_dossiers(
    struct db *db, int64_t tenant, struct recount *out, struct err *e)
{
	struct run run = { .tenant = tenant };

	*out = (struct recount){ 0 };
	do {
		run.last = run.next;
		run.open = run.moved = run.beyond = 0;
		if (!db_tx(db, recount_batch, &run, e))
			return false;
		out->open += run.open;
		out->moved += run.moved;
		out->beyond += run.beyond;
	} while (run.open == BATCH_LEN);
	return true;
}
