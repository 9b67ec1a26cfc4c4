#include "gateway/statement.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/sheet.h"

enum { COL_TXN, COL_CREDIT, COL_CONTENT };

static const struct json_field columns[] = {
	[COL_TXN] = { "transaction", JSON_KIND_TEXT, true, 1, 100, false,
	    NULL },
	[COL_CREDIT] = { "credit", JSON_KIND_TEXT, true, 1, 100, false, NULL },
	[COL_CONTENT] = { "content", JSON_KIND_TEXT, true, 1, 100, false,
	    NULL },
};

static const struct json_field fields[] = {
	{ "kind", JSON_KIND_TEXT, true, 1, 40, false, NULL },
};

/* False: the line is no payout, or cannot be read. */
static bool
read_row(const struct sheet *s, const struct json *formats,
    struct statement_row *out, struct err *e)
{
	const char *credit = sheet_cell(s, COL_CREDIT);
	const char *txn = sheet_cell(s, COL_TXN);

	if (credit[0] == '\0' ||
	    !payout_find(formats, sheet_cell(s, COL_CONTENT), &out->payout))
		return false;
	out->line = sheet_line(s);
	if (!sheet_amount(s, COL_CREDIT, &out->amount) || txn[0] == '\0' ||
	    snprintf(out->txn, sizeof(out->txn), "%s", txn) >=
		(int)sizeof(out->txn))
		return err_set(e, ERR_UNREADABLE, "line %lld: a value",
		    (long long)out->line);
	return out->amount > 0;
}

static bool
read_rows(struct sheet *s, const struct json *formats, struct statement *out,
    struct err *e)
{
	size_t cap = 0;

	while (sheet_next(s, e)) {
		if (out->count == cap) {
			cap = cap == 0 ? 64 : 2 * cap;
			out->rows =
			    blob_grow(out->rows, cap, sizeof(*out->rows));
		}
		if (read_row(s, formats, &out->rows[out->count], e))
			out->count++;
		else if (e->code != ERR_NONE)
			return false;
	}
	return e->code == ERR_NONE;
}

static bool
check_payouts(const struct json *formats, struct err *e)
{
	const char *name = NULL;

	while ((name = json_key_next(formats, name)) != NULL)
		if (!payout_check(
			json_find(json_find(formats, name), "payout"), e))
			return false;
	return true;
}

bool
statement_read(const struct statement_form *form, const char *bytes, size_t len,
    struct statement *out, struct err *e)
{
	const struct sheet_form sheet = { form->format, columns,
		nitems(columns), COL_CREDIT };
	struct sheet *s = NULL;
	bool ok;

	*out = (struct statement){ 0 };
	ok = sheet_check(&sheet, fields, nitems(fields), e) &&
	     check_payouts(form->formats, e) &&
	     sheet_open(&sheet, bytes, len, &s, e) &&
	     read_rows(s, form->formats, out, e);
	sheet_free(s);
	if (!ok)
		statement_release(out);
	return ok;
}

void
statement_release(struct statement *s)
{
	free(s->rows);
	s->rows = NULL;
	s->count = 0;
}
