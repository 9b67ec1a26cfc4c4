#ifndef GATEWAY_IMPORT_SCORE_H
#define GATEWAY_IMPORT_SCORE_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The section `score_sets` of an import file: sets of criteria as data.  A
 * version that is there already stays as it is; a change is a new version.
 *
 * DIAGNOSTICS
 *	ERR_MISSING_FIELD, ERR_UNKNOWN_FIELD, ERR_BAD_FIELD
 *			with the pointer, also for an unknown formula
 */
struct db;
struct err;
struct json;

/* In the caller's transaction. */
bool import_score_sets(
    struct db *db, int64_t tenant, const struct json *list, struct err *e);

#endif /* GATEWAY_IMPORT_SCORE_H */
