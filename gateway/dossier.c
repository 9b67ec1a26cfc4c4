#include "gateway/dossier.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/calendar.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/outbox.h"
#include "gateway/payment.h"
#include "gateway/sla.h"
#include "gateway/step.h"

static enum dossier_phase
phase_of(const struct dossier *d)
{
	if (d->accepted_us == 0)
		return DOSSIER_INTAKE;
	return d->at.state == DOSSIER_PROCESSING && d->pause_began_us != 0
		   ? DOSSIER_HELD
		   : DOSSIER_WORK;
}

static void
fill_step(const struct db_rows *rows, int i, struct dossier_at_step *s)
{
	s->seq = (int)db_int(rows, i, "step_seq");
	snprintf(s->code, sizeof(s->code), "%s", db_text(rows, i, "step_code"));
	snprintf(s->role, sizeof(s->role), "%s", db_text(rows, i, "step_role"));
	s->began_us = db_time(rows, i, "step_began_at");
	s->due_us = db_time(rows, i, "step_due_at");
	s->paused_us = db_time(rows, i, "step_paused_at");
	s->left_us = db_int(rows, i, "step_left_us");
	s->paused_sec = db_int(rows, i, "step_paused_sec");
}

static void
fill_reminders(const struct db_rows *rows, int i, struct dossier *d)
{
	const char *hours = db_text(rows, i, "escalate_hours");
	char *end;

	d->intake_restarts = db_bool(rows, i, "intake_restarts");
	d->near_due_hours = (int)db_int(rows, i, "near_due_hours");
	d->apology_hours = (int)db_int(rows, i, "apology_hours");
	d->fee_remind_days = (int)db_int(rows, i, "fee_remind_days");
	for (size_t n = 0; n < SLA_ESCALATIONS_MAX && *hours != '\0'; n++) {
		d->escalate_hours[n] = (int)strtol(hours, &end, 10);
		hours = end;
	}
}

static void
fill(const struct db_rows *rows, int i, struct tenant_id tenant,
    struct dossier *d)
{
	d->tenant = tenant;
	d->id.n = db_int(rows, i, "id");
	d->unit.n = db_int(rows, i, "unit_id");
	d->procedure = db_int(rows, i, "procedure_id");
	d->calendar = db_int(rows, i, "calendar_id");
	d->at.state = (enum dossier_state)db_int(rows, i, "state");
	d->version = (int)db_int(rows, i, "version");
	d->client = db_int(rows, i, "client_id");
	d->officer = db_int(rows, i, "officer_id");
	d->supplements = (int)db_int(rows, i, "supplements");
	d->received_us = db_time(rows, i, "received_at");
	d->accepted_us = db_time(rows, i, "accepted_at");
	d->moved_us = db_time(rows, i, "moved_at");
	d->due_us = db_time(rows, i, "due_at");
	d->original_due_us = db_time(rows, i, "original_due_at");
	d->intake_due_us = db_time(rows, i, "intake_due_at");
	d->ended_us = db_time(rows, i, "ended_at");
	d->paused_us = db_int(rows, i, "paused_us");
	d->pause_began_us = db_time(rows, i, "pause_began_at");
	d->at.phase = phase_of(d);
	d->pause_left_us = db_int(rows, i, "pause_left_us");
	d->pauses = (int)db_int(rows, i, "pauses");
	fill_step(rows, i, &d->step);
	fill_reminders(rows, i, d);
	d->cutoff_sec = (int)db_int(rows, i, "cutoff");
	d->intake_amount = (int)db_int(rows, i, "intake_hours");
	snprintf(d->intake_unit, sizeof(d->intake_unit), "%s",
	    db_text(rows, i, "intake_unit"));
	d->limit_amount = (int)db_int(rows, i, "limit_amount");
	snprintf(d->limit_unit, sizeof(d->limit_unit), "%s",
	    db_text(rows, i, "limit_unit"));
	snprintf(d->code, sizeof(d->code), "%s", db_text(rows, i, "code"));
}

bool
dossier_load(struct db *db, struct tenant_id tenant, const char *code,
    struct dossier **out, struct err *e)
{
	const struct db_arg args[] = { DB_INT(tenant.n), DB_TEXT(code),
		DB_END };
	struct db_rows *rows = NULL;

	if (!db_one(db, DB_dossier_by_code, args, &rows, e))
		return false;
	*out = blob_calloc(1, sizeof(**out));
	fill(rows, 0, tenant, *out);
	db_rows_free(rows);
	return true;
}

static bool
lock(struct db *db, const struct db_arg *ids, struct err *e)
{
	struct db_rows *held = NULL;

	if (!db_query(db, DB_dossier_lock, ids, &held, e))
		return false;
	db_rows_free(held);
	return true;
}

bool
dossier_load_many(struct db *db, struct tenant_id tenant,
    const struct dossier_keys *keys, struct dossier_list *out, struct err *e)
{
	const struct db_arg args[] = { DB_INT(tenant.n),
		DB_INTS(keys->ids, keys->count), DB_END };
	struct db_rows *rows = NULL;

	assert(db_in_tx(db));

	if (!lock(db, args, e) ||
	    !db_query(db, DB_dossier_by_ids, args, &rows, e))
		return false;
	out->count = (size_t)db_count(rows);
	out->item = blob_calloc(out->count + 1, sizeof(*out->item));
	for (size_t i = 0; i < out->count; i++)
		fill(rows, (int)i, tenant, &out->item[i]);
	db_rows_free(rows);
	return true;
}

void
dossier_free(struct dossier *d)
{
	free(d);
}

bool
dossier_match(const struct dossier *d, int version, struct err *e)
{
	if (version != 0 && version != d->version)
		return err_set(e, ERR_STALE, "dossier %s: at %d, not %d",
		    d->code, d->version, version);
	return true;
}

static bool
choose(struct dossier_move *m, struct err *e)
{
	if (!dossier_next(m->d->at, m->event, &m->to))
		return err_set(e, ERR_WRONG_STATE, "dossier %s: %s in %s",
		    m->d->code, dossier_event_name(m->event),
		    dossier_state_name(m->d->at.state));
	return true;
}

/* The columns of dossier_move, one array each, in one allocation. */
enum { COL_ID, COL_STATE, COL_VERSION, COL_TO, COL_AT, COL_OFFICER, COLS };

static bool
compare_and_set(
    struct db *db, const struct dossier_move *moves, size_t n, struct err *e)
{
	int64_t *col = blob_calloc(COLS * n, sizeof(*col));
	const struct db_arg args[] = {
		DB_INT(moves[0].d->tenant.n),
		DB_INTS(col + COL_ID * n, n),
		DB_INTS(col + COL_STATE * n, n),
		DB_INTS(col + COL_VERSION * n, n),
		DB_INTS(col + COL_TO * n, n),
		DB_TIMES(col + COL_AT * n, n),
		DB_INTS(col + COL_OFFICER * n, n),
		DB_END,
	};
	int moved = 0;
	bool ok;

	for (size_t i = 0; i < n; i++) {
		col[COL_ID * n + i] = moves[i].d->id.n;
		col[COL_STATE * n + i] = moves[i].d->at.state;
		col[COL_VERSION * n + i] = moves[i].d->version;
		col[COL_TO * n + i] = moves[i].to;
		col[COL_AT * n + i] = moves[i].at_us;
		col[COL_OFFICER * n + i] = moves[i].officer;
	}
	ok = db_exec(db, DB_dossier_move, args, &moved, e);
	free(col);
	if (ok && (size_t)moved != n)
		return err_set(e, ERR_CONFLICT, "dossier %s: not at version %d",
		    moves[0].d->code, moves[0].d->version);
	return ok;
}

/* What the record says of a move; sorted keys, since it is hashed. */
static char *
record(const struct dossier_move *m)
{
	struct json *j =
	    m->data == NULL ? json_new_object() : json_clone(m->data);
	char *text;

	json_put_text(j, "code", m->d->code);
	json_put_int(j, "from", m->d->at.state);
	json_put_int(j, "to", m->to);
	json_put_int(j, "version", m->d->version + 1);
	json_put_time(j, "due_at", m->due_us);
	if (m->ground != NULL && m->ground[0] != '\0')
		json_put_text(j, "ground", m->ground);
	if (m->officer != 0)
		json_put_int(j, "officer",
		    m->officer == DOSSIER_NOBODY ? 0 : m->officer);
	if (m->step != NULL)
		json_put_text(j, "step", m->step->code);
	text = json_write_sorted(j);
	json_free(j);
	return text;
}

static bool
tell(struct db *db, struct dossier_move *moves, size_t n, struct err *e)
{
	struct event *events = blob_calloc(n, sizeof(*events));
	int64_t *ids = blob_calloc(n, sizeof(*ids));
	bool ok;

	for (size_t i = 0; i < n; i++)
		events[i] = (struct event){
			.tenant = moves[i].d->tenant.n,
			.dossier = moves[i].d->id.n,
			.kind = dossier_event_name(moves[i].event),
			.at_us = moves[i].at_us,
			.actor = moves[i].by.n,
			.data = record(&moves[i]),
		};
	ok = event_append(db, events, n, e);
	for (size_t i = 0; i < n; i++) {
		ids[i] = moves[i].event_id = events[i].id;
		free((char *)(uintptr_t)events[i].data);
	}
	ok = ok && outbox_announce(db, moves[0].d->tenant.n, ids, n, e);
	free(ids);
	free(events);
	return ok;
}

/* What has ended owes nothing any more. */
static struct payment_given_up
ended_by(const struct dossier_move *moves, size_t n, int64_t *ids)
{
	struct payment_given_up g = { .tenant = moves[0].d->tenant,
		.dossiers = ids,
		.at_us = moves[0].at_us };

	for (size_t i = 0; i < n; i++)
		if (dossier_state_is_terminal(moves[i].to))
			ids[g.count++] = moves[i].d->id.n;
	return g;
}

/* One question for the whole batch, whatever its units. */
static bool
find_calendars(
    struct db *db, struct dossier_move *moves, size_t n, struct err *e)
{
	struct calendar_wanted *w = blob_calloc(n, sizeof(*w));
	bool ok;

	for (size_t i = 0; i < n; i++)
		w[i].id = moves[i].d->calendar;
	ok = calendar_load_many(db, moves[0].d->tenant.n, w, n, e);
	for (size_t i = 0; ok && i < n; i++)
		moves[i].calendar = w[i].found;
	free(w);
	return ok;
}

/* Requests are locked before dossiers, by everyone, and records after them. */
static bool
carry_out(
    struct db *db, struct dossier_move *moves, size_t count, struct err *e)
{
	int64_t *ids = blob_calloc(count, sizeof(*ids));
	const struct payment_given_up ended = ended_by(moves, count, ids);
	bool any = ended.count > 0;
	bool ok = (!any || payment_give_up(db, &ended, e)) &&
		  compare_and_set(db, moves, count, e) &&
		  find_calendars(db, moves, count, e) &&
		  sla_turn(db, moves, count, e) &&
		  step_turn(db, moves, count, e) && tell(db, moves, count, e) &&
		  (!any || payment_return_parts(db, &ended, e));

	free(ids);
	return ok;
}

bool
dossier_advance(
    struct db *db, struct dossier_move *moves, size_t count, struct err *e)
{
	assert(db_in_tx(db));

	if (count == 0)
		return true;
	for (size_t i = 0; i < count; i++)
		if (!choose(&moves[i], e))
			return false;

	return carry_out(db, moves, count, e);
}
