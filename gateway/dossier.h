#ifndef GATEWAY_DOSSIER_H
#define GATEWAY_DOSSIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"
#include "gateway/dossier_state.h"
#include "gateway/sla_plan.h"

/*
 * A dossier, and the one door through which its state changes.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such dossier for this tenant
 *	ERR_WRONG_STATE	the event is no edge of dossier_state.def
 *	ERR_CONFLICT	someone else was first
 *	ERR_STALE	not the version of If-Match
 *	ERR_STORAGE	from db.c
 */
struct calendar;
struct db;
struct db_rows;
struct err;
struct json;
struct step;

/* The step that it lies at; seq 0: at none. */
struct dossier_at_step {
	int seq;
	char code[41];
	char role[41];
	int64_t began_us;
	int64_t due_us;    /* 0 while paused */
	int64_t paused_us; /* 0: not paused */
	int64_t left_us;   /* of working time, while paused */
	int64_t paused_sec;
};

struct dossier {
	struct tenant_id tenant;
	struct dossier_id id;
	struct unit_id unit;
	int64_t procedure; /* procedure.id: the version it was received under */
	int64_t calendar;  /* its unit's */
	struct dossier_place at;
	int version;
	int64_t client;  /* the portal that submitted it, or 0 */
	int64_t officer; /* who handles it, or 0 */
	int supplements;
	int64_t received_us, accepted_us, moved_us;
	int64_t due_us;          /* 0: no clock runs */
	int64_t original_due_us; /* 0 before acceptance */
	int64_t intake_due_us;
	int64_t ended_us;
	int64_t paused_us;      /* working time of the pauses that ended */
	int64_t pause_began_us; /* 0: not paused */
	int64_t pause_left_us;  /* working time left when it began */
	int pauses;             /* how many there were, the open one included */
	struct dossier_at_step step;
	int cutoff_sec; /* of the procedure, as is all below; 0: none */
	int intake_amount;
	char intake_unit[16];
	bool intake_restarts; /* when the fee is paid */
	int limit_amount;
	char limit_unit[16];
	int near_due_hours; /* 0: a fifth of the limit, a working day at most */
	int apology_hours, fee_remind_days;      /* 0: none */
	int escalate_hours[SLA_ESCALATIONS_MAX]; /* after due; 0: no more */
	char code[64];
};

struct dossier_keys {
	const int64_t *ids;
	size_t count;
};

/* To which limit, counted from acceptance, a decision extends. */
struct dossier_extension {
	char code[41];
	int limit_amount;
	char limit_unit[16];
};

#define DOSSIER_NOBODY INT64_C(-1) /* as an officer: taken from all hands */

/* What is to happen to one dossier. */
struct dossier_move {
	const struct dossier *d;
	enum dossier_event event;
	struct actor_id by;
	int64_t at_us;      /* the database's clock */
	const char *ground; /* the legal ground of a pause or an end; or "" */
	int64_t officer;    /* to whom it is assigned; 0: unchanged */
	const struct step *step; /* that ACCEPT or HAND_OVER begins; or NULL */
	const struct json *data; /* more for the event's record; or NULL */
	const struct dossier_extension *extension; /* EXTEND needs it */
	const char
	    *hold; /* code of what SUSPEND and CONSULT rest on; or NULL */

	/* Filled in by dossier_advance(). */
	const struct calendar *calendar; /* its unit's, while that runs */
	enum dossier_state to;
	int64_t due_us; /* after the move; 0: no clock runs */
	int64_t event_id;
};

/* On success the caller owns *out. */
bool dossier_load(struct db *db, struct tenant_id tenant, const char *code,
    struct dossier **out, struct err *e);

/* By their keys, for a batch, locked until the transaction ends, in the order
 * of the keys; list->count says how many of them were found.  The caller
 * free()s list->item. */
struct dossier_list {
	struct dossier *item;
	size_t count;
};
bool dossier_load_many(struct db *db, struct tenant_id tenant,
    const struct dossier_keys *keys, struct dossier_list *out, struct err *e);

void dossier_free(struct dossier *d);

/* Is it still the version that the caller saw?  0 means: never mind. */
bool dossier_match(const struct dossier *d, int version, struct err *e);

/*
 * Moves dossiers of one tenant, each once.  Writes state, event, pause,
 * timers and outbox rows, set by set, in the caller's transaction, which it
 * must have opened.  One that cannot move refuses them all, so a batch asks
 * dossier_next() first and has locked its rows.
 *
 * A transaction may run twice, so the dossiers stay as they were; each move
 * says where its dossier will be once the caller's commit has succeeded.
 */
bool dossier_advance(
    struct db *db, struct dossier_move *moves, size_t count, struct err *e);

/* What anyone who may see it sees: the body of GET /v1/dossiers/{code}. */
bool dossier_json(
    struct db *db, const struct dossier *d, struct json **out, struct err *e);

#endif /* GATEWAY_DOSSIER_H */
