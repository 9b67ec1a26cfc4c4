#include "gateway/db_rows.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/db.h"

struct db_rows {
	PGresult *res;
	const char *stmt;
	struct blob *decoded; /* what db_bytes() has given out */
	size_t decoded_count;
};

struct db_rows *
db_rows_new(PGresult *res, const char *stmt)
{
	struct db_rows *r = blob_calloc(1, sizeof(*r));

	r->res = res;
	r->stmt = stmt;
	return r;
}

int
db_count(const struct db_rows *r)
{
	return PQntuples(r->res);
}

static int
column_of(const struct db_rows *r, int row, const char *column)
{
	int col = PQfnumber(r->res, column);

	if (col < 0)
		fatalx("%s: no column %s", r->stmt, column);
	assert(row >= 0 && row < PQntuples(r->res));
	return col;
}

bool
db_is_null(const struct db_rows *r, int row, const char *column)
{
	return PQgetisnull(r->res, row, column_of(r, row, column)) != 0;
}

const char *
db_text(const struct db_rows *r, int row, const char *column)
{
	return PQgetvalue(r->res, row, column_of(r, row, column));
}

int64_t
db_int(const struct db_rows *r, int row, const char *column)
{
	const char *s = db_text(r, row, column);
	int64_t n = 0;
	bool minus = *s == '-';

	if (*s == '\0' && db_is_null(r, row, column))
		return 0;
	if (!text_int(s + minus, &n))
		fatalx("%s: %s is no integer: %s", r->stmt, column, s);
	return minus ? -n : n;
}

bool
db_bool(const struct db_rows *r, int row, const char *column)
{
	return *db_text(r, row, column) == 't';
}

/* "2026-11-23 03:04:05.123456+00", since the session's zone is UTC. */
int64_t
db_time(const struct db_rows *r, int row, const char *column)
{
	const char *s = db_text(r, row, column);
	char stamp[CLOCK_RFC3339_LEN + 8];
	int64_t us = 0;

	if (*s == '\0')
		return 0;
	snprintf(stamp, sizeof(stamp), "%s:00", s);
	if (strlen(s) > 10)
		stamp[10] = 'T';
	if (!clock_parse_rfc3339(stamp, &us))
		fatalx("%s: %s is no time: %s", r->stmt, column, s);
	return us;
}

struct db_bytes
db_bytes(struct db_rows *r, int row, const char *column)
{
	const char *s = db_text(r, row, column);
	size_t len = strlen(s);
	struct blob b;

	if (len == 0)
		return (struct db_bytes){ NULL, 0 };
	if (strncmp(s, "\\x", 2) != 0)
		fatalx("%s: %s is no bytea", r->stmt, column);
	b.len = len / 2 - 1;
	b.data = blob_calloc(b.len + 1, 1);
	if (!text_unhex(s + 2, b.data, b.len))
		fatalx("%s: %s is no bytea", r->stmt, column);
	r->decoded =
	    blob_grow(r->decoded, r->decoded_count + 1, sizeof(r->decoded[0]));
	r->decoded[r->decoded_count++] = b;
	return (struct db_bytes){ b.data, b.len };
}

void
db_rows_free(struct db_rows *r)
{
	if (r == NULL)
		return;
	for (size_t i = 0; i < r->decoded_count; i++)
		blob_release(&r->decoded[i]);
	free(r->decoded);
	PQclear(r->res);
	free(r);
}
