#ifndef GATEWAY_DOSSIER_PART_H
#define GATEWAY_DOSSIER_PART_H

#include <stdbool.h>

#include "gateway/db.h"

/*
 * One row of what belongs to a dossier, for whoever may read the dossier.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such dossier, or no such row of it
 *	those of auth_dossier()
 *	ERR_STORAGE	from db.c
 */
struct err;
struct request;

/* Of the dossier that the path names.  The statement's $1 is its tenant, $2
 * its id and $3 the key.  The caller frees. */
bool dossier_part(struct request *req, enum db_stmt stmt, struct db_arg key,
    struct db_rows **rows, struct err *e);

#endif /* GATEWAY_DOSSIER_PART_H */
