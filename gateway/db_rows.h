#ifndef GATEWAY_DB_ROWS_H
#define GATEWAY_DB_ROWS_H

#include <libpq-fe.h>

/*
 * What a statement has returned, as db.h lets it be read.  For db.c alone.
 *
 * DIAGNOSTICS
 *	fatal	no such column; a value that is not of the type asked for
 */
struct db_rows;

/* Takes res over; stmt is static. */
struct db_rows *db_rows_new(PGresult *res, const char *stmt);

#endif /* GATEWAY_DB_ROWS_H */
