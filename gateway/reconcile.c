#include "gateway/reconcile.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "gateway/db.h"
#include "gateway/settlement.h"

#define AGREED "Các bên đã khớp / all sides agree"

struct take {
	const struct reconcile_file *f;
	const struct settlement *s;
	uint8_t sha256[DIGEST_LEN];
	struct reconciled *out;
};

static bool
write_rows(struct db *db, const struct take *t, int64_t file, struct err *e)
{
	size_t n = t->s->count;
	int64_t *line = blob_calloc(n + 1, sizeof(*line));
	int64_t *amount = blob_calloc(n + 1, sizeof(*amount));
	int64_t *fee = blob_calloc(n + 1, sizeof(*fee));
	int64_t *paid = blob_calloc(n + 1, sizeof(*paid));
	const char **ref = blob_calloc(n + 1, sizeof(*ref));
	const char **txn = blob_calloc(n + 1, sizeof(*txn));
	bool ok;

	for (size_t i = 0; i < n; i++) {
		const struct settlement_row *r = &t->s->rows[i];

		line[i] = r->line;
		amount[i] = r->amount;
		fee[i] = r->fee;
		paid[i] = r->paid;
		ref[i] = r->ref;
		txn[i] = r->txn;
	}
	ok = db_exec(db, DB_settlement_rows,
	    (const struct db_arg[]){ DB_INT(file), DB_TEXT(t->f->provider),
		DB_INTS(line, n), DB_TEXTS(ref, n), DB_TEXTS(txn, n),
		DB_INTS(amount, n), DB_INTS(fee, n), DB_INTS(paid, n), DB_END },
	    NULL, e);
	free(txn);
	free(ref);
	free(paid);
	free(fee);
	free(amount);
	free(line);
	return ok;
}

static bool
match(struct db *db, const struct take *t, int64_t file, struct err *e)
{
	struct db_rows *rows = NULL;

	if (!db_one(db, DB_settlement_match,
		(const struct db_arg[]){ DB_INT(file), DB_TEXT(t->f->provider),
		    DB_INT(t->s->fee_points), DB_INT(t->s->fee_dong), DB_END },
		&rows, e))
		return false;
	t->out->rows = db_int(rows, 0, "rows");
	t->out->matched = db_int(rows, 0, "matched");
	t->out->different = db_int(rows, 0, "different");
	db_rows_free(rows);
	return true;
}

static bool
take(struct db *db, void *arg, struct err *e)
{
	struct take *t = arg;
	struct db_rows *rows = NULL;
	int64_t file = 0;

	if (!db_query(db, DB_settlement_file,
		(const struct db_arg[]){ DB_TEXT(t->f->provider),
		    DB_BYTES(t->sha256, sizeof(t->sha256)), DB_TEXT(t->f->day),
		    DB_TEXT(t->out->why), DB_END },
		&rows, e))
		return false;
	t->out->known = db_count(rows) == 0;
	if (!t->out->known)
		file = db_int(rows, 0, "id");
	db_rows_free(rows);
	if (t->out->known || t->out->why[0] != '\0')
		return true;
	return write_rows(db, t, file, e) && match(db, t, file, e);
}

/* YYYY-MM-DD; whether there is such a day is the database's to say. */
static bool
is_day(const char *s)
{
	return strlen(s) == 10 && strspn(s, "0123456789") == 4 && s[4] == '-' &&
	       strspn(s + 5, "0123456789") == 2 && s[7] == '-' &&
	       strspn(s + 8, "0123456789") == 2;
}

bool
reconcile_take(struct db *db, const struct reconcile_file *f,
    struct reconciled *out, struct err *e)
{
	struct settlement s = { 0 };
	struct take t = { .f = f, .s = &s, .out = out };
	struct err why = { 0 };
	bool ok;

	if (!is_day(f->day))
		return err_set(e, ERR_BAD_FIELD, "%s: not YYYY-MM-DD", f->day);
	digest_sha256(f->bytes, f->len, t.sha256);
	if (!settlement_read(f->format, f->bytes, f->len, &s, &why)) {
		if (why.code != ERR_UNREADABLE) {
			*e = why;
			return false;
		}
		snprintf(out->why, sizeof(out->why), "%s", why.detail);
		text_cut(out->why);
	}
	ok = db_tx(db, take, &t, e);
	settlement_release(&s);
	return ok;
}

bool
reconcile_open(struct db *db, struct db_rows **out, struct err *e)
{
	const struct db_arg none[] = { DB_END };
	const struct db_arg note[] = { DB_TEXT(AGREED), DB_END };

	return db_exec(db, DB_settlement_agree, note, NULL, e) &&
	       db_query(db, DB_difference_open, none, out, e);
}
