#ifndef GATEWAY_FOUR_EYES_H
#define GATEWAY_FOUR_EYES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/id.h"

/*
 * What one officer proposes about money and another confirms: the request and
 * the answer, alike for all that is decided so.  Who may be the other is said
 * by the module whose deed it is, and by the database.
 *
 * DIAGNOSTICS
 *	ERR_FORBIDDEN	no officer asks
 *	ERR_NOT_FOUND	the path names no number
 *	ERR_BAD_FIELD	no such action
 */
struct db;
struct err;
struct json_field;
struct reply;
struct request;

/* Texts are borrowed. */
struct four_eyes_act {
	struct tenant_id tenant;
	int64_t id, by, at_us;
	const char *attempt; /* NULL: none was named */
	const char *note;    /* "" without one */
	const char *state;   /* that it has then; the deed says */
};

/* In transactions of its own. */
typedef bool four_eyes_fn(
    struct db *db, struct four_eyes_act *a, struct err *e);

struct four_eyes_deed {
	const char *name; /* of the action */
	four_eyes_fn *fn;
};

struct four_eyes {
	const struct four_eyes_deed *deeds;
	size_t deed_count;
	const struct json_field *fields; /* of the body */
	size_t field_count;
};

struct reply *four_eyes_answer(struct request *req, const struct four_eyes *f);

#endif /* GATEWAY_FOUR_EYES_H */
