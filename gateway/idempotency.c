#include "gateway/idempotency.h"

#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "gateway/db.h"
#include "gateway/reply.h"
#include "gateway/request.h"

/*
 * The headers of a stored answer are kept as lines "Name: value", the content
 * type first; names that may be replayed are literals, since reply_header()
 * keeps the pointer.
 */
static const char *const kept[] = { "ETag", "Location" };

static void
pack_headers(const struct reply *reply, struct buf *out)
{
	buf_printf(out, "%s\n", reply_type(reply));
	for (size_t i = 0; i < reply_header_count(reply); i++)
		buf_printf(out, "%s: %s\n", reply_header_name(reply, i),
		    reply_header_value(reply, i));
}

static void
unpack_headers(const char *lines, struct reply *reply)
{
	char value[512];

	for (; *lines != '\0'; lines += strcspn(lines, "\n"), lines++) {
		for (size_t i = 0; i < sizeof(kept) / sizeof(kept[0]); i++) {
			size_t n = strlen(kept[i]);

			if (strncmp(lines, kept[i], n) != 0 || lines[n] != ':')
				continue;
			snprintf(value, sizeof(value), "%.*s",
			    (int)strcspn(lines + n + 2, "\n"), lines + n + 2);
			reply_header(reply, kept[i], value);
		}
	}
}

static struct reply *
stored(struct db_rows *rows)
{
	const char *lines = db_text(rows, 0, "headers");
	struct db_bytes body = db_bytes(rows, 0, "body");
	struct reply *reply;
	char type[128];

	snprintf(type, sizeof(type), "%.*s", (int)strcspn(lines, "\n"), lines);
	reply = reply_bytes(
	    (int)db_int(rows, 0, "status"), type, body.data, body.len);
	unpack_headers(lines + strcspn(lines, "\n") + 1, reply);
	reply_header(reply, "Idempotency-Replayed", "true");
	return reply;
}

bool
idempotency_replay(const struct request *req, struct reply **out, struct err *e)
{
	const struct db_arg args[] = { DB_TEXT(req->principal),
		DB_TEXT(req->idempotency_key), DB_END };
	struct db_rows *rows = NULL;
	struct db_bytes print;
	bool ok = true;

	*out = NULL;
	if (!db_query(req->db, DB_idempotency_find, args, &rows, e))
		return false;
	if (db_count(rows) == 1) {
		print = db_bytes(rows, 0, "fingerprint");
		if (memcmp(print.data, req->fingerprint, print.len) != 0)
			ok = err_set(
			    e, ERR_KEY_REUSED, "key %s", req->idempotency_key);
		else if (db_is_null(rows, 0, "status"))
			ok = err_set(e, ERR_KEY_IN_FLIGHT, "key %s",
			    req->idempotency_key);
		else
			*out = stored(rows);
	}
	db_rows_free(rows);
	return ok;
}

bool
idempotency_claim(struct db *db, const struct request *req, struct err *e)
{
	const struct db_arg args[] = { DB_TEXT(req->principal),
		DB_TEXT(req->idempotency_key),
		DB_BYTES(req->fingerprint, sizeof(req->fingerprint)),
		DB_INT(req->key_hours), DB_END };
	int claimed = 0;

	if (req->idempotency_key == NULL)
		return true;
	if (!db_exec(db, DB_idempotency_claim, args, &claimed, e))
		return false;
	if (claimed == 0)
		return err_set(e, ERR_KEY_IN_FLIGHT,
		    "key %s: another was first", req->idempotency_key);
	return true;
}

bool
idempotency_keep(struct db *db, const struct request *req,
    const struct reply *reply, struct err *e)
{
	struct buf headers = { 0 };
	size_t len;
	const void *body = reply_body(reply, &len);
	bool ok;

	if (req->idempotency_key == NULL)
		return true;
	pack_headers(reply, &headers);
	const struct db_arg args[] = { DB_TEXT(req->principal),
		DB_TEXT(req->idempotency_key), DB_INT(reply_status(reply)),
		DB_TEXT(headers.data), DB_BYTES(body, len), DB_END };
	ok = db_exec(db, DB_idempotency_keep, args, NULL, e);
	buf_release(&headers);
	return ok;
}

bool
idempotency_answer(struct db *db, const struct request *req,
    struct reply *fresh, struct reply **out, struct err *e)
{
	reply_free(*out);
	*out = fresh;
	return idempotency_keep(db, req, fresh, e);
}
