#ifndef GATEWAY_AUDIT_REPLAY_H
#define GATEWAY_AUDIT_REPLAY_H

#include <stdbool.h>
#include <stdint.h>

#include "gateway/dossier_state.h"

/*
 * Where a dossier is, by its events alone: the edges of dossier_state.def
 * walked again.  Compared with the row, it finds what was changed by hand.
 */
struct audit;
struct db_rows;

struct audit_replay {
	struct dossier_place at;
	int64_t version, supplements, officer;
	int64_t received_us, accepted_us, moved_us, ended_us;
	int64_t due_us, original_due_us;
	bool told_due; /* the last move says when the dossier is due */
};

/* Takes one event.  NULL, or what is impossible about it. */
const char *audit_replay_event(
    struct audit_replay *r, const char *kind, int64_t at_us, const char *data);

/* NULL, or the name of the first column of the dossier's row (of the
 * statement audit_chains) that the events contradict. */
const char *audit_replay_column(
    const struct audit_replay *r, const struct db_rows *rows, int row);

#endif /* GATEWAY_AUDIT_REPLAY_H */
