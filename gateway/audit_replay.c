#include "gateway/audit_replay.h"

#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"

static bool
event_of(const char *kind, enum dossier_event *out)
{
	for (unsigned i = 0; i < DOSSIER_EVENT_COUNT; i++) {
		if (strcmp(kind, dossier_event_name(i)) == 0) {
			*out = (enum dossier_event)i;
			return true;
		}
	}
	return false;
}

/* The due date is not an edge's business; the event says what it became. */
static void
take_due(struct audit_replay *r, const struct json *j)
{
	const char *text = json_text(j, "due_at", NULL);

	r->told_due = json_find(j, "due_at") != NULL;
	r->due_us = 0;
	if (text != NULL && !clock_parse_rfc3339(text, &r->due_us))
		r->due_us = 0;
}

/* What another calendar moved: the due date, or another that is no column. */
static bool
is_recount(const char *kind)
{
	static const char *const kinds[] = { "due-recounted",
		"answer-recounted", "left-recounted", "step-recounted" };

	for (size_t i = 0; i < nitems(kinds); i++)
		if (strcmp(kinds[i], kind) == 0)
			return true;
	return false;
}

static const char *
take_recount(struct audit_replay *r, const char *kind, const char *data)
{
	struct json *j = NULL;
	struct err unused;

	if (!json_parse(data, strlen(data), &j, &unused))
		return "its data is no JSON";
	r->version++;
	if (strcmp(kind, "due-recounted") == 0)
		take_due(r, j);
	json_free(j);
	return NULL;
}

static void
take_move(struct audit_replay *r, enum dossier_event ev, enum dossier_state to,
    int64_t at_us)
{
	r->at.state = to;
	r->version++;
	r->moved_us = at_us;
	r->at.phase = dossier_phase_after(r->at.phase, ev);
	if (ev == DOSSIER_EV_ACCEPT)
		r->accepted_us = at_us;
	if (ev == DOSSIER_EV_REQUEST_SUPPLEMENT)
		r->supplements++;
	if (dossier_state_clock(to) == DOSSIER_CLOCK_ENDED && r->ended_us == 0)
		r->ended_us = at_us;
}

static void
begin(struct audit_replay *r, int64_t at_us)
{
	*r = (struct audit_replay){
		.at = { DOSSIER_REGISTERED, DOSSIER_INTAKE },
		.version = 1,
		.received_us = at_us,
		.moved_us = at_us,
	};
}

const char *
audit_replay_event(
    struct audit_replay *r, const char *kind, int64_t at_us, const char *data)
{
	enum dossier_event ev;
	enum dossier_state to;
	struct json *j = NULL;
	struct err unused;

	if (strcmp(kind, "registered") == 0) {
		if (r->version != 0)
			return "it is registered a second time";
		begin(r, at_us);
		return NULL;
	}
	if (is_recount(kind))
		return take_recount(r, kind, data);
	if (!event_of(kind, &ev))
		return NULL; /* a timer, a payment: nothing moves */
	if (r->version == 0)
		return "it moves before it is registered";
	if (!dossier_next(r->at, ev, &to))
		return "it is no edge from where the dossier was";
	take_move(r, ev, to, at_us);
	if (!json_parse(data, strlen(data), &j, &unused))
		return "its data is no JSON";
	take_due(r, j);
	if (ev == DOSSIER_EV_ACCEPT)
		r->original_due_us = r->due_us;
	if (json_find(j, "officer") != NULL)
		r->officer = json_int(j, "officer", 0);
	json_free(j);
	return NULL;
}

const char *
audit_replay_column(
    const struct audit_replay *r, const struct db_rows *rows, int row)
{
	const struct {
		const char *column;
		int64_t is, told;
	} columns[] = {
		{ "state", db_int(rows, row, "state"), r->at.state },
		{ "version", db_int(rows, row, "version"), r->version },
		{ "supplements", db_int(rows, row, "supplements"),
		    r->supplements },
		{ "officer_id", db_int(rows, row, "officer_id"), r->officer },
		{ "received_at", db_time(rows, row, "received_at"),
		    r->received_us },
		{ "accepted_at", db_time(rows, row, "accepted_at"),
		    r->accepted_us },
		{ "moved_at", db_time(rows, row, "moved_at"), r->moved_us },
		{ "ended_at", db_time(rows, row, "ended_at"), r->ended_us },
		{ "original_due_at", db_time(rows, row, "original_due_at"),
		    r->original_due_us },
		{ "due_at", db_time(rows, row, "due_at"),
		    r->told_due ? r->due_us : 0 },
	};

	for (size_t i = 0; i < nitems(columns); i++)
		if (columns[i].is != columns[i].told)
			return columns[i].column;
	return NULL;
}
