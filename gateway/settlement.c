#include "gateway/settlement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/payout.h"
#include "gateway/sheet.h"

enum { COL_REF, COL_TXN, COL_AMOUNT, COL_FEE, COL_STATUS, COL_TYPE };

static const struct json_field columns[] = {
	[COL_REF] = { "reference", JSON_KIND_TEXT, true, 1, 100, false, NULL },
	[COL_TXN] = { "transaction", JSON_KIND_TEXT, true, 1, 100, false,
	    NULL },
	[COL_AMOUNT] = { "amount", JSON_KIND_TEXT, true, 1, 100, false, NULL },
	[COL_FEE] = { "fee", JSON_KIND_TEXT, false, 1, 100, false, NULL },
	[COL_STATUS] = { "status", JSON_KIND_TEXT, true, 1, 100, false, NULL },
	[COL_TYPE] = { "type", JSON_KIND_TEXT, false, 1, 100, false, NULL },
};

static const struct json_field fields[] = {
	{ "paid", JSON_KIND_LIST, true, 1, 50, false, NULL },
	{ "types", JSON_KIND_OBJECT, false, 0, 0, false, NULL },
	{ "reference_after", JSON_KIND_TEXT, false, 1, 40, false, NULL },
	{ "payout", JSON_KIND_OBJECT, false, 0, 0, false, NULL },
	{ "fee_points", JSON_KIND_INT, false, 0, 10000, false, NULL },
	{ "fee_dong", JSON_KIND_INT, false, 0, 1000000, false, NULL },
};

static const struct json_field types[] = {
	{ "payment", JSON_KIND_LIST, true, 1, 50, false, NULL },
	{ "refund", JSON_KIND_LIST, true, 1, 50, false, NULL },
};

/* The words without the column would make every row a payment, unseen. */
static bool
check_types(const struct json *format, struct err *e)
{
	const struct json *words = json_find(format, "types");
	bool column = json_find(json_find(format, "columns"), "type") != NULL;

	if (words == NULL && !column)
		return true;
	if (words == NULL)
		return err_field(e, ERR_MISSING_FIELD, "/types", "missing");
	if (!column)
		return err_field(
		    e, ERR_MISSING_FIELD, "/columns/type", "missing");
	return json_check(words, "/types", types, nitems(types), e);
}

static bool
is_among(const struct json *words, const char *said)
{
	for (size_t i = 0; i < json_count(words); i++) {
		const struct json *word = json_at(words, i);

		if (json_kind(word) == JSON_KIND_TEXT &&
		    strcmp(json_text_value(word), said) == 0)
			return true;
	}
	return false;
}

static bool
read_type(const struct sheet *s, const struct json *format, bool *refund,
    struct err *e)
{
	const struct json *words = json_find(format, "types");
	const char *said = sheet_cell(s, COL_TYPE);

	*refund = is_among(json_find(words, "refund"), said);
	if (words == NULL || *refund ||
	    is_among(json_find(words, "payment"), said))
		return true;
	return err_set(e, ERR_UNREADABLE, "line %lld: a type %s",
	    (long long)sheet_line(s), said);
}

/* Some put a day or their own number before what we called the order. */
static const char *
our_part(const struct json *format, const char *ref)
{
	const char *before = json_text(format, "reference_after", NULL);
	const char *at = before == NULL ? NULL : strstr(ref, before);

	for (; at != NULL; at = strstr(ref, before))
		ref = at + strlen(before);
	return ref;
}

static bool
fits(char *out, size_t cap, const char *s)
{
	return snprintf(out, cap, "%s", s) < (int)cap;
}

static bool
read_row(const struct sheet *s, const struct json *format,
    struct settlement_row *out, struct err *e)
{
	const char *txn = sheet_cell(s, COL_TXN);
	const char *ref = our_part(format, sheet_cell(s, COL_REF));

	out->line = sheet_line(s);
	out->paid =
	    is_among(json_find(format, "paid"), sheet_cell(s, COL_STATUS));
	if (!read_type(s, format, &out->refund, e))
		return false;
	if (!sheet_amount(s, COL_AMOUNT, &out->amount) || out->amount == 0 ||
	    !sheet_amount(s, COL_FEE, &out->fee) || txn[0] == '\0' ||
	    !fits(out->txn, sizeof(out->txn), txn) ||
	    !fits(out->ref, sizeof(out->ref), ref))
		return err_set(e, ERR_UNREADABLE, "line %lld: a value",
		    (long long)out->line);
	return true;
}

static bool
read_rows(struct sheet *s, const struct json *format, struct settlement *out,
    struct err *e)
{
	size_t cap = 0;

	while (sheet_next(s, e)) {
		if (out->count == SETTLEMENT_ROWS_MAX)
			return err_set(e, ERR_UNREADABLE, "too many rows");
		if (out->count == cap) {
			cap = cap == 0 ? 64 : 2 * cap;
			out->rows =
			    blob_grow(out->rows, cap, sizeof(*out->rows));
		}
		if (!read_row(s, format, &out->rows[out->count], e))
			return false;
		out->count++;
	}
	return e->code == ERR_NONE;
}

bool
settlement_read(const struct json *format, const char *bytes, size_t len,
    struct settlement *out, struct err *e)
{
	const struct sheet_form form = { format, columns, nitems(columns),
		COL_AMOUNT };
	struct sheet *s = NULL;
	bool ok;

	*out = (struct settlement){
		.fee_points = json_int(format, "fee_points", -1),
		.fee_dong = json_int(format, "fee_dong", 0),
		.refunds = json_find(format, "types") != NULL,
	};
	ok = sheet_check(&form, fields, nitems(fields), e) &&
	     check_types(format, e) &&
	     payout_check(json_find(format, "payout"), e) &&
	     sheet_open(&form, bytes, len, &s, e) &&
	     read_rows(s, format, out, e);
	sheet_free(s);
	if (!ok)
		settlement_release(out);
	return ok;
}

void
settlement_release(struct settlement *s)
{
	free(s->rows);
	s->rows = NULL;
	s->count = 0;
}
