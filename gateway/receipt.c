#include "gateway/receipt.h"

#include <assert.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"

bool
receipt_issue(struct db *db, const struct receipt_batch *b, struct err *e)
{
	assert(db_in_tx(db));

	if (b->count == 0)
		return true;
	return db_exec(db, DB_receipt_issue,
	    (const struct db_arg[]){ DB_INT(b->tenant),
		DB_INTS(b->attempts, b->count), DB_TIME(b->at_us), DB_END },
	    NULL, e);
}

struct json *
receipt_row(const struct db_rows *rows, int i)
{
	static const char *const words[] = { "kind", "state", "form", "series",
		"body", "tax_code", "code" };
	struct json *j = json_new_object();

	json_put_int(j, "number", db_int(rows, i, "number"));
	json_put_int(j, "year", db_int(rows, i, "year"));
	for (size_t w = 0; w < nitems(words); w++)
		json_put_text(j, words[w], db_text(rows, i, words[w]));
	json_put_int(j, "amount", db_int(rows, i, "amount"));
	json_put_time(j, "issued_at", db_time(rows, i, "issued_at"));
	json_put_text_or_null(j, "sha256",
	    *db_text(rows, i, "sha256") == '\0' ? NULL
						: db_text(rows, i, "sha256"));
	if (db_is_null(rows, i, "corrects"))
		json_put_null(j, "corrects");
	else
		json_put_int(j, "corrects", db_int(rows, i, "corrects"));
	json_put_text(j, "ground", db_text(rows, i, "ground"));
	return j;
}

bool
receipt_correct(struct db *db, const struct receipt_correction *c,
    int64_t *number, struct err *e)
{
	struct db_rows *rows = NULL;
	bool ok;

	assert(db_in_tx(db));

	ok = db_one(db, DB_receipt_correct,
	    (const struct db_arg[]){ DB_INT(c->tenant.n), DB_INT(c->dossier.n),
		DB_INT(c->receipt), DB_TEXT(c->kind), DB_TEXT(c->ground),
		DB_TEXT(c->payer), DB_TIME(c->at_us), DB_INT(c->by.n), DB_END },
	    &rows, e);
	if (ok)
		*number = db_int(rows, 0, "number");
	db_rows_free(rows);
	return ok;
}
