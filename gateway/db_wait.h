#ifndef GATEWAY_DB_WAIT_H
#define GATEWAY_DB_WAIT_H

#include <libpq-fe.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * The answer to what was sent to PostgreSQL, within a bound of our own.
 *
 * statement_timeout ends a slow statement and not a server that hangs: over
 * TCP a time-out of the kernel would notice, on a unix socket nothing does,
 * and a worker would wait for ever.  For db.c alone, beside which this file
 * is the only one that knows libpq.
 */

/*
 * The last result, or the first that failed, as PQexec() would return it; the
 * caller clears it.  NULL: no answer within limit_us (0: no bound), and the
 * connection is of no more use.
 */
PGresult *db_wait(PGconn *conn, int64_t limit_us);

/* Has the server ended an idle connection?  Asks nobody. */
bool db_wait_gone(PGconn *conn);

#endif /* GATEWAY_DB_WAIT_H */
