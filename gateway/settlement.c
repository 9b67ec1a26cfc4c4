#include "gateway/settlement.h"

#include <iconv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/money.h"
#include "base/text.h"

#define CELLS_MAX 64

enum { COL_REF, COL_TXN, COL_AMOUNT, COL_FEE, COL_STATUS, COLS };

static const char *const column_keys[COLS] = { "reference", "transaction",
	"amount", "fee", "status" };

/* One file on its way through. */
struct reader {
	const struct json *format;
	char separator, thousands; /* thousands: '\0' for none */
	const char *total; /* the first cell of the last line, or NULL */
	int at[COLS];      /* the column of each; -1: there is none */
	int64_t line, sum;
	char *next; /* of the text, which is cut up */
	char *cell[CELLS_MAX];
	int cells;
	bool totalled;
};

static bool
to_utf8(const char *encoding, const char *bytes, size_t len, struct buf *out,
    struct err *e)
{
	char *from = (char *)(uintptr_t)bytes, *to;
	size_t left = len, room = 4 * len + 1;
	iconv_t cd = iconv_open("UTF-8", encoding);

	if (cd == (iconv_t)-1)
		return err_set(e, ERR_CONFIG, "no encoding %s", encoding);
	out->data = to = blob_calloc(room + 1, 1);
	out->cap = room + 1;
	if (iconv(cd, &from, &left, &to, &room) == (size_t)-1)
		err_set(e, ERR_UNREADABLE, "byte %zu is not %s", len - left,
		    encoding);
	out->len = (size_t)(to - out->data);
	*to = '\0';
	iconv_close(cd);
	if (e->code == ERR_NONE && strlen(out->data) != out->len)
		err_set(e, ERR_UNREADABLE, "a NUL in it");
	return e->code == ERR_NONE;
}

/* Cuts one cell (RFC 4180) off at r->next; what ended it is returned. */
static char
cut_cell(struct reader *r, char **out)
{
	char *s = r->next, *w = s, end;
	bool quoted = *s == '"';

	*out = s;
	s += quoted;
	while (*s != '\0' && (quoted || (*s != r->separator && *s != '\n'))) {
		if (quoted && *s == '"' && *++s != '"') {
			quoted = false;
			continue;
		}
		*w++ = *s++;
	}
	end = quoted ? '"' : *s;
	r->next = *s == '\0' ? s : s + 1;
	if (w > *out && w[-1] == '\r')
		w--;
	*w = '\0';
	return end;
}

/* False at the end; an open quote is an error. */
static bool
next_line(struct reader *r, struct err *e)
{
	char end;

	if (*r->next == '\0')
		return false;
	r->line++;
	r->cells = 0;
	do {
		if (r->cells == CELLS_MAX)
			return err_set(e, ERR_UNREADABLE,
			    "line %lld: too many cells", (long long)r->line);
		end = cut_cell(r, &r->cell[r->cells++]);
	} while (end == r->separator);
	if (end == '"')
		return err_set(e, ERR_UNREADABLE, "line %lld: an open quote",
		    (long long)r->line);
	return true;
}

/* Whole đồng, in groups of three where the format has a separator. */
static bool
read_amount(const struct reader *r, const char *s, int64_t *out)
{
	struct money m;
	char plain[32];
	size_t n = 0, run = 0;
	bool grouped = false;

	for (; *s != '\0'; s++) {
		if (r->thousands != '\0' && *s == r->thousands) {
			if ((grouped && run != 3) || run == 0 || run > 3)
				return false;
			grouped = true;
			run = 0;
			continue;
		}
		if (n + 1 == sizeof(plain))
			return false;
		plain[n++] = *s;
		run++;
	}
	plain[n] = '\0';
	if ((grouped && run != 3) || !money_parse(plain, &m))
		return false;
	*out = m.dong;
	return true;
}

static bool
read_header(struct reader *r, struct err *e)
{
	const struct json *columns = json_find(r->format, "columns");

	if (!next_line(r, e))
		return err_set(e, ERR_UNREADABLE, "empty");
	for (int c = 0; c < COLS; c++) {
		const char *title = json_text(columns, column_keys[c], NULL);

		r->at[c] = -1;
		for (int i = 0; title != NULL && i < r->cells; i++)
			if (strcmp(r->cell[i], title) == 0)
				r->at[c] = i;
		if (r->at[c] < 0 && (title != NULL || c != COL_FEE))
			return err_set(e, ERR_UNREADABLE, "no column %s",
			    title == NULL ? column_keys[c] : title);
	}
	return true;
}

static bool
is_paid(const struct reader *r, const char *status)
{
	const struct json *words = json_find(r->format, "paid");

	for (size_t i = 0; i < json_count(words); i++)
		if (strcmp(json_text_value(json_at(words, i)), status) == 0)
			return true;
	return false;
}

static bool
read_row(struct reader *r, int width, struct settlement_row *out, struct err *e)
{
	const char *fee = r->at[COL_FEE] < 0 ? "0" : r->cell[r->at[COL_FEE]];

	if (r->cells != width)
		return err_set(e, ERR_UNREADABLE, "line %lld: %d cells, not %d",
		    (long long)r->line, r->cells, width);
	out->line = r->line;
	out->paid = is_paid(r, r->cell[r->at[COL_STATUS]]);
	if (!read_amount(r, r->cell[r->at[COL_AMOUNT]], &out->amount) ||
	    out->amount == 0 || !read_amount(r, fee, &out->fee) ||
	    r->cell[r->at[COL_TXN]][0] == '\0' ||
	    snprintf(out->txn, sizeof(out->txn), "%s",
		r->cell[r->at[COL_TXN]]) >= (int)sizeof(out->txn) ||
	    snprintf(out->ref, sizeof(out->ref), "%s",
		r->cell[r->at[COL_REF]]) >= (int)sizeof(out->ref))
		return err_set(e, ERR_UNREADABLE, "line %lld: a value",
		    (long long)r->line);
	r->sum += out->amount;
	return true;
}

/* The last line says what the rows sum up to. */
static bool
read_total(struct reader *r, struct err *e)
{
	int64_t total;

	r->totalled = true;
	if (r->cells <= r->at[COL_AMOUNT] ||
	    !read_amount(r, r->cell[r->at[COL_AMOUNT]], &total) ||
	    total != r->sum)
		return err_set(e, ERR_UNREADABLE,
		    "line %lld: the rows sum up to %lld", (long long)r->line,
		    (long long)r->sum);
	return true;
}

static bool
read_rows(struct reader *r, struct settlement *out, struct err *e)
{
	int width = r->cells;
	size_t cap = 0;

	while (next_line(r, e)) {
		if (r->totalled)
			return err_set(e, ERR_UNREADABLE,
			    "line %lld: after the total", (long long)r->line);
		if (r->total != NULL && strcmp(r->cell[0], r->total) == 0) {
			if (!read_total(r, e))
				return false;
			continue;
		}
		if (out->count == SETTLEMENT_ROWS_MAX)
			return err_set(e, ERR_UNREADABLE, "too many rows");
		if (out->count == cap) {
			cap = cap == 0 ? 64 : 2 * cap;
			out->rows =
			    blob_grow(out->rows, cap, sizeof(*out->rows));
		}
		if (!read_row(r, width, &out->rows[out->count], e))
			return false;
		out->count++;
	}
	if (e->code != ERR_NONE)
		return false;
	if (r->total != NULL && !r->totalled)
		return err_set(
		    e, ERR_UNREADABLE, "no line %s: cut short", r->total);
	return true;
}

bool
settlement_read(const struct json *format, const char *bytes, size_t len,
    struct settlement *out, struct err *e)
{
	struct reader r = { .format = format,
		.separator = json_text(format, "separator", ",")[0],
		.thousands = json_text(format, "thousands", "")[0],
		.total = json_text(format, "total", NULL) };
	struct buf text = { 0 };
	bool ok;

	*out = (struct settlement){
		.fee_points = json_int(format, "fee_points", -1),
		.fee_dong = json_int(format, "fee_dong", 0),
	};
	ok = to_utf8(
	    json_text(format, "encoding", "UTF-8"), bytes, len, &text, e);
	if (ok) {
		r.next = text.data;
		if (strncmp(r.next, "\xef\xbb\xbf", 3) == 0)
			r.next += 3;
		ok = read_header(&r, e) && read_rows(&r, out, e);
	}
	buf_release(&text);
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
