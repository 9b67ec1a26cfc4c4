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

#define SLOTS 128
#define TRIES 4

struct db_rows {
	PGresult *res;
	uint16_t *found; /* columns, near the address of the name asked for */
	const char *stmt;
	struct blob *decoded; /* what db_bytes() has given out */
	size_t decoded_count;
};

struct db_rows *
db_rows_new(PGresult *res, const char *stmt)
{
	struct db_rows *r = blob_calloc(1, sizeof(*r));

	r->res = res;
	r->found = blob_calloc(SLOTS + TRIES, sizeof(r->found[0]));
	r->stmt = stmt;
	return r;
}

int
db_count(const struct db_rows *r)
{
	return PQntuples(r->res);
}

/* PQfnumber() compares all names before the one it finds; a literal asks again
 * and again, so its address is a good hint at what was found. */
static int
column_of(const struct db_rows *r, int row, const char *column)
{
	uint16_t *found = &r->found[(uintptr_t)column % SLOTS];
	int col;

	assert(row >= 0 && row < PQntuples(r->res));
	for (int i = 0; i < TRIES; i++)
		if (strcmp(PQfname(r->res, found[i]), column) == 0)
			return found[i];
	col = PQfnumber(r->res, column);
	if (col < 0)
		fatalx("%s: no column %s", r->stmt, column);
	memmove(found + 1, found, (TRIES - 1) * sizeof(*found));
	found[0] = (uint16_t)col;
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
	char stamp[CLOCK_RFC3339_LEN + 8] = "";
	size_t len = strlen(s);
	int64_t us = 0;

	if (len == 0)
		return 0;
	if (len + sizeof(":00") <= sizeof(stamp)) {
		memcpy(stamp, s, len);
		memcpy(stamp + len, ":00", sizeof(":00"));
	}
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
	free(r->found);
	PQclear(r->res);
	free(r);
}
