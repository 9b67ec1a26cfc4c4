#include "gateway/db_wait.h"

#include <poll.h>
#include <stddef.h>

#include "base/clock.h"

/* Until the socket can be read, or written while something is unsent. */
static bool
wait_for_socket(PGconn *conn, bool unsent, int64_t until_us)
{
	struct pollfd p = { .fd = PQsocket(conn),
		.events = (short)(unsent ? POLLIN | POLLOUT : POLLIN) };
	int64_t left_us = until_us - clock_mono_us();

	if (until_us == 0)
		return poll(&p, 1, -1) >= 0;
	return left_us > 0 && poll(&p, 1, (int)(left_us / 1000 + 1)) >= 0;
}

/* All of it sent and a result there, or a failure that libpq will report. */
static bool
wait_until_idle(PGconn *conn, int64_t until_us)
{
	int unsent = PQflush(conn);

	while (unsent > 0 || PQisBusy(conn)) {
		if (!wait_for_socket(conn, unsent > 0, until_us))
			return false;
		if (PQconsumeInput(conn) == 0)
			return true;
		if (unsent > 0)
			unsent = PQflush(conn);
	}
	return true;
}

static bool
has_failed(const PGresult *res)
{
	return PQresultStatus(res) == PGRES_FATAL_ERROR ||
	       PQresultStatus(res) == PGRES_BAD_RESPONSE;
}

PGresult *
db_wait(PGconn *conn, int64_t limit_us)
{
	int64_t until_us = limit_us == 0 ? 0 : clock_mono_us() + limit_us;
	PGresult *last = NULL, *next;

	for (;;) {
		if (!wait_until_idle(conn, until_us)) {
			PQclear(last);
			return NULL;
		}
		next = PQgetResult(conn);
		if (next == NULL)
			break;
		if (last != NULL && has_failed(last)) {
			PQclear(next);
			continue;
		}
		PQclear(last);
		last = next;
	}
	/* Nothing could be sent: the reason stands in the connection. */
	return last != NULL ? last
			    : PQmakeEmptyPGresult(conn, PGRES_FATAL_ERROR);
}

/*
 * A server that shut down has said so, or has closed the socket, while we
 * were idle.  Reading it now costs a poll, and spares the next statement of
 * not knowing whether it ran.
 */
bool
db_wait_gone(PGconn *conn)
{
	struct pollfd p = { .fd = PQsocket(conn), .events = POLLIN };

	for (int i = 0; i < 8 && poll(&p, 1, 0) > 0; i++)
		if (PQconsumeInput(conn) == 0)
			return true;
	return PQstatus(conn) != CONNECTION_OK;
}
