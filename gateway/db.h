#ifndef GATEWAY_DB_H
#define GATEWAY_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * PostgreSQL.  The only module that knows libpq.
 *
 * Statements have names and live in schemas/queries/.  A connection prepares
 * one when it first needs it; db_prepare_all() tries every one, so that a typo
 * stops the server at its start and not at the first citizen.  Arguments are
 * typed and in order, closed by DB_END; that there are as many as the
 * statement takes is asserted.  Columns are read by name; a column that is not
 * there is a broken invariant.
 *
 * Plans are made anew after 1, 2, 4 … 1024 seconds: tables fill faster than
 * statistics follow.
 *
 * A connection that was lost is opened anew by the next call outside a
 * transaction.  One thread a connection.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	no connection, a time-out, or retries used up
 *	ERR_NOT_FOUND	db_one() without a row
 *	ERR_CONFLICT	a unique constraint was hit (23505)
 *	ERR_INTERNAL	the server refused a value: a check of ours is missing
 *	fatal		a statement that does not prepare: the schema is not
 *			this program's; a column or an argument too few
 */
struct db;
struct db_rows;
struct err;

enum db_stmt {
#define SQL(name, nparams, text) DB_##name,
#include "sql_gen.h"
	DB_STMT_COUNT
};

enum db_kind {
	DB_KIND_END,
	DB_KIND_NULL,
	DB_KIND_INT,
	DB_KIND_BOOL,
	DB_KIND_TIME,
	DB_KIND_TEXT,
	DB_KIND_BYTES,
	DB_KIND_INTS,   /* bigint[] */
	DB_KIND_TIMES,  /* timestamptz[]; 0 is null */
	DB_KIND_TEXTS,  /* text[]; NULL is null */
	DB_KIND_BYTESS, /* bytea[]; an item whose data is NULL is null */
};

struct db_bytes {
	const uint8_t *data;
	size_t len;
};

/* Everything is borrowed until the call returns.  A time of 0, a text and
 * bytes that are NULL are null. */
struct db_arg {
	enum db_kind kind;
	int64_t n; /* the value, or how many items */
	const void *p;
};

#define DB_INT(v)        ((struct db_arg){ DB_KIND_INT, (v), NULL })
#define DB_BOOL(v)       ((struct db_arg){ DB_KIND_BOOL, (v), NULL })
#define DB_TIME(us)      ((struct db_arg){ DB_KIND_TIME, (us), NULL })
#define DB_TEXT(s)       ((struct db_arg){ DB_KIND_TEXT, 0, (s) })
#define DB_BYTES(b, len) ((struct db_arg){ DB_KIND_BYTES, (int64_t)(len), (b) })
#define DB_NULL          ((struct db_arg){ DB_KIND_NULL, 0, NULL })
/* Arrays: int64_t *, int64_t *, const char **, struct db_bytes *. */
#define DB_INTS(a, n)   ((struct db_arg){ DB_KIND_INTS, (int64_t)(n), (a) })
#define DB_TIMES(a, n)  ((struct db_arg){ DB_KIND_TIMES, (int64_t)(n), (a) })
#define DB_TEXTS(a, n)  ((struct db_arg){ DB_KIND_TEXTS, (int64_t)(n), (a) })
#define DB_BYTESS(a, n) ((struct db_arg){ DB_KIND_BYTESS, (int64_t)(n), (a) })
#define DB_END          ((struct db_arg){ DB_KIND_END, 0, NULL })

/* conninfo is libpq's; it holds no password (a service or pass file does). */
bool db_open(
    const char *conninfo, const char *name, struct db **out, struct err *e);

/* Fatal where one does not prepare; false where the storage is down. */
bool db_prepare_all(struct db *db, struct err *e);
void db_close(struct db *db); /* NULL is fine */

/* For who does much and is waited for by nobody: runs a statement that sets
 * the connection up, once for each that is opened, whose plans then are never
 * older than a second. */
bool db_tune(struct db *db, enum db_stmt settings, struct err *e);

/* Runs a statement that returns no rows; *rows says how many it touched and
 * may be NULL. */
bool db_exec(struct db *db, enum db_stmt stmt, const struct db_arg *args,
    int *rows, struct err *e);

/* Runs a statement that returns rows; the caller frees *out. */
bool db_query(struct db *db, enum db_stmt stmt, const struct db_arg *args,
    struct db_rows **out, struct err *e);

/* The same for exactly one row; none is ERR_NOT_FOUND. */
bool db_one(struct db *db, enum db_stmt stmt, const struct db_arg *args,
    struct db_rows **out, struct err *e);

int db_count(const struct db_rows *r);
bool db_is_null(const struct db_rows *r, int row, const char *column);
int64_t db_int(const struct db_rows *r, int row, const char *column);
bool db_bool(const struct db_rows *r, int row, const char *column);
int64_t db_time(const struct db_rows *r, int row, const char *column); /* us,
							    0 for null */
/* Borrowed from r; "" for null. */
const char *db_text(const struct db_rows *r, int row, const char *column);
/* bytea, decoded into memory that r owns. */
struct db_bytes db_bytes(struct db_rows *r, int row, const char *column);
void db_rows_free(struct db_rows *r); /* NULL is fine */

/*
 * Runs fn in a transaction and commits.  On 40001 and 40P01 it rolls back and
 * runs fn again, three times at most; so fn writes to the database and to
 * what arg points at, which it fills anew each time, and to nothing else: no
 * mail, no HTTP, no verifier.
 */
typedef bool db_tx_fn(struct db *db, void *arg, struct err *e);

bool db_tx(struct db *db, db_tx_fn *fn, void *arg, struct err *e);
bool db_in_tx(const struct db *db);

/* Did the last transaction's COMMIT go out and have no answer?  It is then on
 * disk or not; who reads again by a key of his own, which opens another
 * connection, finds out. */
bool db_unknown(const struct db *db);

/* The database's clock (clock_timestamp()), in microseconds. */
bool db_now(struct db *db, int64_t *us, struct err *e);

/* Are its clock and ours within most_us?  ERR_STORAGE if not; the time that the
 * question takes counts for neither. */
bool db_clock_fits(struct db *db, int64_t most_us, struct err *e);

/* Is there a connection that answers?  For /readyz. */
bool db_alive(struct db *db, struct err *e);

/*
 * For `hosogate migrate` and `audit`: a connection on which nothing is prepared
 * and no statement is limited in time; and, for migrate alone, SQL text from
 * schemas/db/, run as it stands.
 */
bool db_open_bare(const char *conninfo, struct db **out, struct err *e);
bool db_script(struct db *db, const char *sql, struct err *e);

#endif /* GATEWAY_DB_H */
