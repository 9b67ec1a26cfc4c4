#include "gateway/db.h"

#include <assert.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/db_bind.h"
#include "gateway/db_rows.h"
#include "gateway/db_wait.h"

#define RETRIES_MAX 3

/* Beyond statement_timeout: the server does not even say that it is late. */
#define ANSWER_US (10 * CLOCK_SEC_US)

/* How old a plan may grow: young ones are made again soon, since tables may
 * have been empty; making all of a payment's thirty anew takes as many
 * milliseconds, for which somebody waits.  Once they are grown autovacuum has
 * come by, whose statistics have them made anew as well. */
#define PLAN_YOUNG_US CLOCK_SEC_US
#define PLAN_GROWN_US (8 * CLOCK_SEC_US)
#define PLAN_OLD_US   (1000 * CLOCK_SEC_US)

struct db {
	PGconn *conn; /* NULL: none, to be opened */
	char *conninfo;
	char *name;                   /* NULL: bare, nothing is prepared */
	bool prepared[DB_STMT_COUNT]; /* on this connection */
	bool tuned;                   /* db_tune() */
	int64_t planned_us;           /* when plans were dropped, monotonic */
	int64_t plan_age_us;          /* when they are again */
	bool in_tx;
	bool lost;    /* while in_tx: the transaction cannot go on */
	bool again;   /* the transaction fell to a conflict: run it again */
	bool unknown; /* the last transaction's COMMIT had no answer */
};

static const struct {
	const char *name;
	int nparams;
	const char *text;
} stmts[] = {
#define SQL(name, nparams, text) { #name, nparams, text },
#include "sql_gen.h"
};

/*
 * Times are read as UTC; a statement that hangs, waits for a lock or leaves
 * its transaction open is ended by the server, so that one worker's trouble
 * stays its own.
 *
 * Every hot statement has an index, so the planner is told not to prefer
 * reading a table whole, as it would an empty one that is about to fill.
 */
static const char session_setup[] = "SET TIME ZONE 'UTC';"
				    "SET DateStyle = 'ISO, YMD';"
				    "SET client_min_messages = 'warning';";
static const char session_limits[] =
    "SET statement_timeout = '5s';"
    "SET idle_in_transaction_session_timeout = '10s';"
    "SET lock_timeout = '2s';"
    "SET enable_seqscan = off;"
    "SET jit = off;";

/* Which SQLSTATEs (PostgreSQL, appendix A) say that the storage is down, full
 * or too slow rather than that we are wrong; prefixes. */
static const char *const storage_states[] = {
	"08",    /* connection exceptions */
	"25006", /* read-only: a standby that was the primary */
	"25P03", /* idle in transaction for too long */
	"40",    /* serialization, deadlock: retries are used up */
	"53",    /* out of disk, memory, connections */
	"55P03", /* a lock was not to be had in time */
	"57",    /* cancelled by time-out, shutting down, starting up */
	"58",    /* system error outside PostgreSQL */
};

/* After these the connection is of no more use: gone, or to a server that
 * takes no writes. */
static const char *const lost_states[] = { "08", "25006", "25P03", "57P0" };

static bool
state_among(const char *state, const char *const *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strncmp(state, list[i], strlen(list[i])) == 0)
			return true;
	return false;
}

static void
drop(struct db *db)
{
	if (db->conn != NULL)
		PQfinish(db->conn);
	db->conn = NULL;
	db->lost = db->in_tx;
}

static enum err_code
code_of(const char *state)
{
	if (strcmp(state, "23505") == 0)
		return ERR_CONFLICT;
	if (state_among(state, storage_states, nitems(storage_states)))
		return ERR_STORAGE;
	return ERR_INTERNAL;
}

/* A migration may take its time; whatever has a name may not. */
static PGresult *
answer(struct db *db)
{
	return db_wait(db->conn, db->name == NULL ? 0 : ANSWER_US);
}

/*
 * Says why a statement failed, and gives up a connection that is lost.  The
 * server's primary message and constraint only: its detail quotes values,
 * and those are people's.
 */
static bool
failed(struct db *db, const char *stmt, const PGresult *res, struct err *e)
{
	const char *state = PQresultErrorField(res, PG_DIAG_SQLSTATE);
	const char *text = PQresultErrorField(res, PG_DIAG_MESSAGE_PRIMARY);
	const char *which = PQresultErrorField(res, PG_DIAG_CONSTRAINT_NAME);

	/* libpq's own failures have no SQLSTATE; they are the connection's,
	 * as is no answer at all. */
	if (state == NULL) {
		err_set(e, ERR_STORAGE, "%s: %s", stmt,
		    res == NULL ? "no answer" : PQerrorMessage(db->conn));
		drop(db);
		return false;
	}
	db->again = strcmp(state, "40001") == 0 || strcmp(state, "40P01") == 0;
	err_set(e, code_of(state), "%s: %s %s %s", stmt, state,
	    text == NULL ? "" : text, which == NULL ? "" : which);
	if (PQstatus(db->conn) != CONNECTION_OK ||
	    state_among(state, lost_states, nitems(lost_states)))
		drop(db);
	return false;
}

/* SQL of our own, without arguments; several statements are fine. */
static bool
command(struct db *db, const char *sql, const char *what, struct err *e)
{
	ExecStatusType status;
	PGresult *res;
	bool ok;

	PQsendQuery(db->conn, sql);
	res = answer(db);
	status = PQresultStatus(res);
	ok = status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK ||
	     status == PGRES_EMPTY_QUERY;
	if (!ok)
		failed(db, what, res, e);
	PQclear(res);
	return ok;
}

static void
ignore_notice(void *unused, const PGresult *res)
{
	(void)unused;
	(void)res;
}

/* A statement that cannot be prepared is a programmer's mistake or another
 * version's schema. */
static bool
prepare(struct db *db, enum db_stmt i, struct err *e)
{
	PGresult *res;
	bool ok;

	if (db->prepared[i])
		return true;
	PQsendPrepare(db->conn, stmts[i].name, stmts[i].text, 0, NULL);
	res = answer(db);
	ok = PQresultStatus(res) == PGRES_COMMAND_OK;
	if (!ok)
		failed(db, stmts[i].name, res, e);
	PQclear(res);
	if (!ok && !db->in_tx && e->code != ERR_STORAGE)
		fatalx("db: %s does not prepare (has `hosogate migrate` run?): "
		       "%s",
		    stmts[i].name, e->detail);
	db->prepared[i] = ok;
	return ok;
}

static bool
set_up(struct db *db, struct err *e)
{
	if (!command(db, session_setup, "session", e))
		return false;
	if (db->name == NULL)
		return true;
	return command(db, session_limits, "session", e);
}

/* What stands before dbname is a default that conninfo may override. */
static bool
dial(struct db *db, struct err *e)
{
	static const char *const keys[] = { "connect_timeout",
		"keepalives_idle", "tcp_user_timeout",
		"fallback_application_name", "client_encoding", "dbname",
		NULL };
	const char *const values[] = { "5", "10", "15000",
		db->name == NULL ? "hosogate" : db->name, "UTF8", db->conninfo,
		NULL };

	db->conn = PQconnectdbParams(keys, values, 1);
	if (db->conn == NULL)
		fatalx("out of memory");
	memset(db->prepared, 0, sizeof(db->prepared));
	db->tuned = false;
	db->planned_us = clock_mono_us();
	db->plan_age_us = PLAN_YOUNG_US;
	if (PQstatus(db->conn) != CONNECTION_OK) {
		err_set(e, ERR_STORAGE, "db: %s", PQerrorMessage(db->conn));
		drop(db);
		return false;
	}
	PQsetNoticeReceiver(db->conn, ignore_notice, NULL);
	PQsetnonblocking(db->conn, 1); /* db_wait() sends, within its bound */
	if (!set_up(db, e)) {
		drop(db);
		return false;
	}
	return true;
}

/*
 * Prepared statements, and the checks of foreign keys, keep the plan that was
 * made when they first ran.  A queue or a year's ledger that was empty then
 * holds thousands of rows a minute later, and the index that was as good as
 * any other is now read from end to end, until autovacuum has come by.
 */
static bool
refresh_plans(struct db *db, struct err *e)
{
	int64_t now_us = clock_mono_us();

	if (db->name == NULL || now_us - db->planned_us < db->plan_age_us)
		return true;
	db->planned_us = now_us;
	if (!db->tuned)
		db->plan_age_us = db->plan_age_us < PLAN_GROWN_US
				      ? 2 * db->plan_age_us
				      : PLAN_OLD_US;
	return command(db, "DISCARD PLANS", "plans", e);
}

static bool
ready(struct db *db, struct err *e)
{
	if (db->in_tx) {
		if (db->lost)
			return err_set(
			    e, ERR_STORAGE, "db: lost in a transaction");
		return true;
	}
	if (db->conn != NULL && !db_wait_gone(db->conn))
		return refresh_plans(db, e);
	if (db->conn != NULL)
		log_warnx(
		    "db %s: connection lost", db->name == NULL ? "" : db->name);
	drop(db);
	return dial(db, e);
}

static bool
open_any(const char *conninfo, const char *name, struct db **out, struct err *e)
{
	struct db *db = blob_calloc(1, sizeof(*db));

	db->conninfo = blob_strdup(conninfo);
	db->name = name == NULL ? NULL : blob_strdup(name);
	if (!dial(db, e)) {
		db_close(db);
		return false;
	}
	*out = db;
	return true;
}

bool
db_open(const char *conninfo, const char *name, struct db **out, struct err *e)
{
	assert(name != NULL);
	return open_any(conninfo, name, out, e);
}

bool
db_open_bare(const char *conninfo, struct db **out, struct err *e)
{
	return open_any(conninfo, NULL, out, e);
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	assert(!db->in_tx);
	drop(db);
	free(db->conninfo);
	free(db->name);
	free(db);
}

bool
db_prepare_all(struct db *db, struct err *e)
{
	for (size_t i = 0; i < nitems(stmts); i++)
		if (!prepare(db, (enum db_stmt)i, e))
			return false;
	return true;
}

static bool
ready_for(struct db *db, enum db_stmt stmt, struct err *e)
{
	return ready(db, e) && (db->name == NULL || prepare(db, stmt, e));
}

static PGresult *
run(struct db *db, enum db_stmt stmt, const struct db_arg *args)
{
	struct db_binds b;

	db_bind(&b, args);
	if (b.count != stmts[stmt].nparams)
		fatalx("%s: takes %d arguments, not %d", stmts[stmt].name,
		    stmts[stmt].nparams, b.count);
	if (db->name == NULL)
		PQsendQueryParams(db->conn, stmts[stmt].text, b.count, NULL,
		    b.value, b.len, b.binary, 0);
	else
		PQsendQueryPrepared(db->conn, stmts[stmt].name, b.count,
		    b.value, b.len, b.binary, 0);
	db_bind_release(&b);
	return answer(db);
}

bool
db_exec(struct db *db, enum db_stmt stmt, const struct db_arg *args, int *rows,
    struct err *e)
{
	int64_t touched = 0;
	PGresult *res;
	bool ok = false;

	if (!ready_for(db, stmt, e))
		return false;
	res = run(db, stmt, args);
	if (PQresultStatus(res) == PGRES_TUPLES_OK)
		fatalx("%s: returns rows: db_query()", stmts[stmt].name);
	if (PQresultStatus(res) != PGRES_COMMAND_OK) {
		failed(db, stmts[stmt].name, res, e);
		goto out;
	}
	if (rows != NULL) {
		text_int(PQcmdTuples(res), &touched);
		*rows = (int)touched;
	}
	ok = true;

out:
	PQclear(res);
	return ok;
}

bool
db_query(struct db *db, enum db_stmt stmt, const struct db_arg *args,
    struct db_rows **out, struct err *e)
{
	PGresult *res;

	if (!ready_for(db, stmt, e))
		return false;
	res = run(db, stmt, args);
	if (PQresultStatus(res) == PGRES_COMMAND_OK)
		fatalx("%s: returns no rows: db_exec()", stmts[stmt].name);
	if (PQresultStatus(res) != PGRES_TUPLES_OK) {
		failed(db, stmts[stmt].name, res, e);
		PQclear(res);
		return false;
	}
	*out = db_rows_new(res, stmts[stmt].name);
	return true;
}

bool
db_one(struct db *db, enum db_stmt stmt, const struct db_arg *args,
    struct db_rows **out, struct err *e)
{
	struct db_rows *r;

	if (!db_query(db, stmt, args, &r, e))
		return false;
	if (db_count(r) == 1) {
		*out = r;
		return true;
	}
	if (db_count(r) > 1)
		fatalx("%s: %d rows, one was promised", stmts[stmt].name,
		    db_count(r));
	err_set(e, ERR_NOT_FOUND, "%s: no row", stmts[stmt].name);
	db_rows_free(r);
	return false;
}

bool
db_tune(struct db *db, enum db_stmt settings, struct err *e)
{
	const struct db_arg none[] = { DB_END };
	struct db_rows *rows = NULL;

	if (!ready(db, e))
		return false;
	if (!db->tuned && !db_query(db, settings, none, &rows, e))
		return false;
	db_rows_free(rows);
	db->tuned = true;
	return true;
}

/* What a transaction runs goes by keys, whatever their values, so it is planned
 * once: PostgreSQL would go on planning for each set of arguments, since a
 * short array seems cheaper than arrays are in general.  A list, which is read
 * outside of transactions, is planned for its filters. */
static bool
begin(struct db *db, struct err *e)
{
	static const char sql[] =
	    "BEGIN; SET LOCAL plan_cache_mode = force_generic_plan";

	if (!ready(db, e) || !command(db, sql, "begin", e))
		return false;
	db->in_tx = true;
	db->lost = db->again = false;
	return true;
}

/*
 * A server that answers COMMIT with ROLLBACK had a failed statement that fn
 * passed over.  Without an answer nobody knows; the caller's own key
 * (Idempotency-Key, a unique constraint) finds out.
 */
static bool
commit(struct db *db, struct err *e)
{
	PGresult *res;
	bool ok = false;

	if (db->lost)
		return err_set(e, ERR_STORAGE, "db: lost in a transaction");
	PQsendQuery(db->conn, "COMMIT");
	res = answer(db);
	if (PQresultStatus(res) == PGRES_COMMAND_OK) {
		ok = strcmp(PQcmdStatus(res), "COMMIT") == 0;
		if (!ok)
			err_set(e, ERR_INTERNAL,
			    "commit: a failed statement was passed over");
	} else if (res == NULL || PQstatus(db->conn) != CONNECTION_OK) {
		db->unknown = true;
		err_set(e, ERR_STORAGE, "commit unknown: %s",
		    PQerrorMessage(db->conn));
		drop(db);
	} else {
		failed(db, "commit", res, e);
	}
	PQclear(res);
	return ok;
}

/* again survives a rollback that worked: the connection is good for another
 * try.  One that did not is dropped, and so is the idea. */
static void
roll_back(struct db *db)
{
	struct err ignored;
	bool again = db->again;

	if (db->conn != NULL && PQtransactionStatus(db->conn) != PQTRANS_IDLE &&
	    !command(db, "ROLLBACK", "rollback", &ignored))
		drop(db);
	db->again = again && db->conn != NULL;
}

bool
db_tx(struct db *db, db_tx_fn *fn, void *arg, struct err *e)
{
	bool ok;

	assert(!db->in_tx);
	db->unknown = false;
	for (int tries = 0;; tries++) {
		if (!begin(db, e))
			return false;
		ok = fn(db, arg, e) && commit(db, e);
		if (!ok)
			roll_back(db);
		db->in_tx = false;
		if (ok || !db->again || tries == RETRIES_MAX)
			return ok;
		*e = (struct err){ 0 };
	}
}

bool
db_unknown(const struct db *db)
{
	return db->unknown;
}

bool
db_in_tx(const struct db *db)
{
	return db->in_tx;
}

bool
db_script(struct db *db, const char *sql, struct err *e)
{
	assert(db->name == NULL);
	return ready(db, e) && command(db, sql, "script", e);
}
