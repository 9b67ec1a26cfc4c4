#include "gateway/db_bind.h"

#include <arpa/inet.h>
#include <assert.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "gateway/db.h"

#define OID_BYTEA 17

/* An array's literal: items in quotes, with " and \ escaped. */
static void
put_quoted(struct buf *b, const char *s)
{
	buf_puts(b, "\"");
	for (; *s != '\0'; s++) {
		if (*s == '"' || *s == '\\')
			buf_puts(b, "\\");
		buf_put(b, s, 1);
	}
	buf_puts(b, "\"");
}

static void
put_time(struct buf *b, int64_t us)
{
	char stamp[CLOCK_RFC3339_LEN];

	clock_rfc3339(us, stamp);
	put_quoted(b, stamp);
}

static void
put_item(struct buf *b, const struct db_arg *a, size_t i)
{
	const int64_t *ints = a->p;
	const char *const *texts = a->p;

	if (a->kind == DB_KIND_INTS)
		buf_printf(b, "%" PRId64, ints[i]);
	else if (a->kind == DB_KIND_TIMES && ints[i] != 0)
		put_time(b, ints[i]);
	else if (a->kind == DB_KIND_TEXTS && texts[i] != NULL)
		put_quoted(b, texts[i]);
	else
		buf_puts(b, "NULL");
}

static void
put_array(struct buf *b, const struct db_arg *a)
{
	buf_puts(b, "{");
	for (size_t i = 0; i < (size_t)a->n; i++) {
		if (i > 0)
			buf_puts(b, ",");
		put_item(b, a, i);
	}
	buf_puts(b, "}");
}

static void
put_int32(struct buf *b, size_t n)
{
	uint32_t wire = htonl((uint32_t)n);

	if (n > INT32_MAX)
		fatalx("db: an array of %zu bytes or items", n);
	buf_put(b, &wire, sizeof(wire));
}

/* array_recv() of PostgreSQL: dimensions, has nulls, type of the items, then
 * for each dimension length and lower bound, then the items, each after its
 * length; -1 is null. */
static void
put_bytes_array(struct buf *b, const struct db_arg *a)
{
	static const uint8_t null[] = { 0xff, 0xff, 0xff, 0xff };
	const struct db_bytes *items = a->p;
	size_t n = (size_t)a->n;

	put_int32(b, n == 0 ? 0 : 1);
	put_int32(b, 1);
	put_int32(b, OID_BYTEA);
	if (n == 0)
		return;
	put_int32(b, n);
	put_int32(b, 1);
	for (size_t i = 0; i < n; i++) {
		if (items[i].data == NULL) {
			buf_put(b, null, sizeof(null));
			continue;
		}
		put_int32(b, items[i].len);
		buf_put(b, items[i].data, items[i].len);
	}
}

static void
set_binary(struct db_binds *b, int i, const void *data, size_t len)
{
	if (len > INT_MAX)
		fatalx("db: an argument of %zu bytes", len);
	b->value[i] = data;
	b->len[i] = (int)len;
	b->binary[i] = 1;
}

static void
bind_array(struct db_binds *b, int i, const struct db_arg *a)
{
	if (a->kind == DB_KIND_BYTESS) {
		put_bytes_array(&b->array[i], a);
		set_binary(b, i, b->array[i].data, b->array[i].len);
		return;
	}
	put_array(&b->array[i], a);
	b->value[i] = b->array[i].data;
}

static void
bind_one(struct db_binds *b, int i, const struct db_arg *a)
{
	char *scalar = b->scalar[i];

	switch (a->kind) {
	case DB_KIND_END:
	case DB_KIND_NULL:
		break;
	case DB_KIND_INT:
		snprintf(scalar, sizeof(b->scalar[i]), "%" PRId64, a->n);
		b->value[i] = scalar;
		break;
	case DB_KIND_BOOL:
		b->value[i] = a->n != 0 ? "t" : "f";
		break;
	case DB_KIND_TIME:
		if (a->n == 0)
			break;
		clock_rfc3339(a->n, scalar);
		b->value[i] = scalar;
		break;
	case DB_KIND_TEXT:
		b->value[i] = a->p;
		break;
	case DB_KIND_BYTES:
		set_binary(b, i, a->p, (size_t)a->n);
		break;
	case DB_KIND_INTS:
	case DB_KIND_TIMES:
	case DB_KIND_TEXTS:
	case DB_KIND_BYTESS:
		bind_array(b, i, a);
		break;
	}
}

void
db_bind(struct db_binds *b, const struct db_arg *args)
{
	int n = 0;

	_Static_assert(
	    sizeof(b->scalar[0]) >= CLOCK_RFC3339_LEN, "a time fits");
	for (; args[n].kind != DB_KIND_END; n++) {
		assert(n < DB_ARGS_MAX);
		b->value[n] = NULL;
		b->len[n] = 0;
		b->binary[n] = 0;
		b->array[n] = (struct buf){ 0 };
		bind_one(b, n, &args[n]);
	}
	b->count = n;
}

void
db_bind_release(struct db_binds *b)
{
	for (int i = 0; i < b->count; i++)
		buf_release(&b->array[i]);
	b->count = 0;
}
