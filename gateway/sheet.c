#include "gateway/sheet.h"

#include <assert.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/money.h"

#define CELLS_MAX   64
#define COLUMNS_MAX 16
#define FIELDS_MAX  32

/* What every format may say. */
static const struct json_field common[] = {
	{ "to_be_confirmed", JSON_KIND_TEXT, false, 1, 300, false, NULL },
	{ "encoding", JSON_KIND_TEXT, false, 1, 40, false, NULL },
	{ "separator", JSON_KIND_TEXT, false, 1, 1, true, NULL },
	{ "thousands", JSON_KIND_TEXT, false, 1, 1, false, NULL },
	{ "skip", JSON_KIND_INT, false, 0, 100, false, NULL },
	{ "total", JSON_KIND_TEXT, false, 1, 100, false, NULL },
	{ "columns", JSON_KIND_OBJECT, true, 0, 0, false, NULL },
};

struct sheet {
	const struct sheet_form *form;
	char separator, thousands; /* thousands: '\0' for none */
	const char *total;   /* the first cell of the last line, or NULL */
	int at[COLUMNS_MAX]; /* where each column is; -1: there is none */
	int64_t line;
	struct money sum;
	struct buf text;
	char *next; /* of the text, which is cut up */
	char *cell[CELLS_MAX];
	int cells, width; /* of this line, of the header */
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

/* Cuts one cell (RFC 4180) off at s->next; what ended it is returned. */
static char
cut_cell(struct sheet *s, char **out)
{
	char *p = s->next, *w = p, end;
	bool quoted = *p == '"';

	*out = p;
	p += quoted;
	while (*p != '\0' && (quoted || (*p != s->separator && *p != '\n'))) {
		if (quoted && *p == '"' && *++p != '"') {
			quoted = false;
			continue;
		}
		*w++ = *p++;
	}
	end = quoted ? '"' : *p;
	s->next = *p == '\0' ? p : p + 1;
	if (w > *out && w[-1] == '\r')
		w--;
	*w = '\0';
	return end;
}

/* False at the end; an open quote is an error. */
static bool
cut_line(struct sheet *s, struct err *e)
{
	char end;

	if (*s->next == '\0')
		return false;
	s->line++;
	s->cells = 0;
	do {
		if (s->cells == CELLS_MAX)
			return err_set(e, ERR_UNREADABLE,
			    "line %lld: too many cells", (long long)s->line);
		end = cut_cell(s, &s->cell[s->cells++]);
	} while (end == s->separator);
	if (end == '"')
		return err_set(e, ERR_UNREADABLE, "line %lld: an open quote",
		    (long long)s->line);
	return true;
}

static const char *
title_of(const struct sheet *s, size_t column)
{
	return json_text(json_find(s->form->format, "columns"),
	    s->form->columns[column].name, NULL);
}

/* Who reads this has the file; what he lacks is what we look for. */
static bool
refuse_header(
    const struct sheet *s, const char *what, const char *title, struct err *e)
{
	struct buf want = { 0 };

	for (size_t c = 0; c < s->form->count; c++)
		if (title_of(s, c) != NULL)
			buf_printf(&want, "%s%s", want.len == 0 ? "" : ", ",
			    title_of(s, c));
	err_set(e, ERR_UNREADABLE, "line %lld: %s %s; expected: %s",
	    (long long)s->line, what, title, want.data);
	buf_release(&want);
	return false;
}

static bool
find_column(struct sheet *s, size_t column, struct err *e)
{
	const char *title = title_of(s, column);

	s->at[column] = -1;
	if (title == NULL)
		return true;
	for (int i = 0; i < s->cells; i++) {
		if (strcmp(s->cell[i], title) != 0)
			continue;
		if (s->at[column] >= 0)
			return refuse_header(s, "twice the column", title, e);
		s->at[column] = i;
	}
	return s->at[column] >= 0 || refuse_header(s, "no column", title, e);
}

static bool
read_header(struct sheet *s, struct err *e)
{
	int64_t skip = json_int(s->form->format, "skip", 0);

	while (skip-- > 0 && cut_line(s, e))
		;
	if (e->code != ERR_NONE)
		return false;
	if (!cut_line(s, e))
		return e->code == ERR_NONE ? err_set(e, ERR_UNREADABLE, "empty")
					   : false;
	for (size_t c = 0; c < s->form->count; c++)
		if (!find_column(s, c, e))
			return false;
	s->width = s->cells;
	return true;
}

bool
sheet_check(const struct sheet_form *form, const struct json_field *fields,
    size_t count, struct err *e)
{
	struct json_field all[FIELDS_MAX];

	assert(nitems(common) + count <= FIELDS_MAX);

	memcpy(all, common, sizeof(common));
	for (size_t i = 0; i < count; i++)
		all[nitems(common) + i] = fields[i];
	return json_check(form->format, "", all, nitems(common) + count, e) &&
	       json_check(json_find(form->format, "columns"), "/columns",
		   form->columns, form->count, e);
}

bool
sheet_open(const struct sheet_form *form, const char *bytes, size_t len,
    struct sheet **out, struct err *e)
{
	struct sheet *s = blob_calloc(1, sizeof(*s));

	assert(form->count <= COLUMNS_MAX);

	s->form = form;
	s->separator = json_text(form->format, "separator", ",")[0];
	s->thousands = json_text(form->format, "thousands", "")[0];
	s->total = json_text(form->format, "total", NULL);
	if (!to_utf8(json_text(form->format, "encoding", "UTF-8"), bytes, len,
		&s->text, e))
		goto fail;
	s->next = s->text.data;
	if (strncmp(s->next, "\xef\xbb\xbf", 3) == 0)
		s->next += 3;
	if (!read_header(s, e))
		goto fail;
	*out = s;
	return true;

fail:
	sheet_free(s);
	return false;
}

/* The last line says what the rows sum up to. */
static bool
read_total(struct sheet *s, struct err *e)
{
	int64_t total;

	s->totalled = true;
	if (s->cells <= s->at[s->form->sum] ||
	    !sheet_amount(s, s->form->sum, &total) || total != s->sum.dong)
		return err_set(e, ERR_UNREADABLE,
		    "line %lld: the rows sum up to %lld", (long long)s->line,
		    (long long)s->sum.dong);
	return true;
}

/* True for a row, and false for the last line too. */
static bool
check_row(struct sheet *s, struct err *e)
{
	struct money amount = { 0 };

	if (s->totalled)
		return err_set(e, ERR_UNREADABLE, "line %lld: after the total",
		    (long long)s->line);
	if (s->total != NULL && strcmp(s->cell[0], s->total) == 0)
		return false;
	if (s->cells != s->width)
		return err_set(e, ERR_UNREADABLE, "line %lld: %d cells, not %d",
		    (long long)s->line, s->cells, s->width);
	if (sheet_cell(s, s->form->sum)[0] != '\0' &&
	    (!sheet_amount(s, s->form->sum, &amount.dong) ||
		!money_add(s->sum, amount, &s->sum)))
		return err_set(e, ERR_UNREADABLE, "line %lld: an amount",
		    (long long)s->line);
	return true;
}

bool
sheet_next(struct sheet *s, struct err *e)
{
	while (cut_line(s, e)) {
		if (check_row(s, e))
			return true;
		if (e->code != ERR_NONE || !read_total(s, e))
			return false;
	}
	if (e->code == ERR_NONE && s->total != NULL && !s->totalled)
		err_set(e, ERR_UNREADABLE, "no line %s: cut short", s->total);
	return false;
}

int64_t
sheet_line(const struct sheet *s)
{
	return s->line;
}

const char *
sheet_cell(const struct sheet *s, size_t column)
{
	return s->at[column] < 0 ? "" : s->cell[s->at[column]];
}

/* Leaves the separators away, where they stand before each three digits. */
static bool
ungroup(char separator, const char *s, char *out, size_t cap)
{
	size_t n = 0, run = 0;
	bool grouped = false;

	for (; *s != '\0'; s++) {
		if (separator != '\0' && *s == separator) {
			if ((grouped && run != 3) || run == 0 || run > 3)
				return false;
			grouped = true;
			run = 0;
			continue;
		}
		if (n + 1 == cap)
			return false;
		out[n++] = *s;
		run++;
	}
	out[n] = '\0';
	return !grouped || run == 3;
}

bool
sheet_amount(const struct sheet *s, size_t column, int64_t *out)
{
	struct money m = { 0 };
	char plain[32];

	if (s->at[column] >= 0 &&
	    (!ungroup(
		 s->thousands, s->cell[s->at[column]], plain, sizeof(plain)) ||
		!money_parse(plain, &m)))
		return false;
	*out = m.dong;
	return true;
}

void
sheet_free(struct sheet *s)
{
	if (s == NULL)
		return;
	buf_release(&s->text);
	free(s);
}
