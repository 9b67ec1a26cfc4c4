#include "gateway/paper_block.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/text.h"
#include "gateway/template.h"

#define LINES_MAX 4096

static const struct {
	const char *word;
	size_t least, most; /* cells */
} kinds[] = {
	[PAPER_PAGE] = { "page", 1, 2 },
	[PAPER_NAME] = { "name", 1, 1 },
	[PAPER_HEADER] = { "header", 4, 4 },
	[PAPER_TITLE] = { "title", 1, 1 },
	[PAPER_SUBTITLE] = { "subtitle", 1, 1 },
	[PAPER_TEXT] = { "text", 1, 1 },
	[PAPER_LINE] = { "line", 1, 1 },
	[PAPER_NOTE] = { "note", 1, 1 },
	[PAPER_TABLE] = { "table", 1, PAPER_COLUMNS_MAX },
	[PAPER_HEAD] = { "head", 1, PAPER_COLUMNS_MAX },
	[PAPER_ROW] = { "row", 1, PAPER_COLUMNS_MAX },
	[PAPER_ROWS] = { "rows", 1, 1 },
	[PAPER_SIGN] = { "sign", 2, 2 },
	[PAPER_HINT] = { "hint", 2, 2 },
	[PAPER_GAP] = { "gap", 1, 1 },
	[PAPER_QR] = { "qr", 2, 2 },
};

static const struct {
	const char *name;
	int width_mm, height_mm, font_pt;
} pages[] = {
	{ "A4", 210, 297, 13 },
	{ "A5", 148, 210, 10 },
	{ "A4-landscape", 297, 210, 12 },
	{ "A5-landscape", 210, 148, 11 },
};

static const char *const aligns[] = {
	[PAPER_LEFT] = "left",
	[PAPER_CENTER] = "center",
	[PAPER_RIGHT] = "right",
};

static bool
find_kind(const char *word, size_t len, enum paper_kind *out)
{
	for (unsigned i = 0; i < nitems(kinds); i++)
		if (strlen(kinds[i].word) == len &&
		    memcmp(kinds[i].word, word, len) == 0) {
			*out = (enum paper_kind)i;
			return true;
		}
	return false;
}

static struct paper_block *
add_block(struct paper_sheet *s, enum paper_kind kind)
{
	struct paper_block *b;

	s->blocks = blob_grow(s->blocks, s->count + 1, sizeof(*s->blocks));
	b = &s->blocks[s->count++];
	*b = (struct paper_block){ .kind = kind };
	return b;
}

/* Blanks around a cell are for the template's reader. */
static struct template_span
trim(const char *p, const char *end)
{
	while (p < end && *p == ' ')
		p++;
	while (end > p && end[-1] == ' ')
		end--;
	return (struct template_span){ p, (size_t)(end - p) };
}

/* The template's bars part the cells, before any value is in its place. */
static bool
fill_cells(const struct paper *p, struct paper_block *b,
    struct template_span rest, struct err *e)
{
	const struct template_fields fields = {
		.field = p->fields,
		.count = p->field_count,
		.exact = true,
	};
	const char *at = rest.text, *end = rest.text + rest.len;

	for (;;) {
		const char *bar = memchr(at, '|', (size_t)(end - at));
		struct buf cell = { 0 };
		bool empty = false;

		if (b->cell_count == kinds[b->kind].most)
			return err_set(e, ERR_CONFIG, "paper: %s: over %zu",
			    kinds[b->kind].word, kinds[b->kind].most);
		if (!template_fill(&fields, trim(at, bar != NULL ? bar : end),
			&cell, &empty, e)) {
			buf_release(&cell);
			return false;
		}
		if (empty)
			cell.len = 0;
		buf_put(&cell, "", 0);
		b->cells[b->cell_count++] = buf_take(&cell);
		if (bar == NULL)
			break;
		at = bar + 1;
	}
	if (b->cell_count < kinds[b->kind].least)
		return err_set(e, ERR_CONFIG, "paper: %s: under %zu cells",
		    kinds[b->kind].word, kinds[b->kind].least);
	return true;
}

static void
drop_last(struct paper_sheet *s)
{
	struct paper_block *b = &s->blocks[--s->count];

	for (size_t i = 0; i < b->cell_count; i++)
		free(b->cells[i]);
}

static bool
says_nothing(const struct paper_block *b)
{
	for (size_t i = 0; i < b->cell_count; i++)
		if (b->cells[i][0] != '\0')
			return false;
	return true;
}

static bool
read_number(const char *s, int least, int most, int *out)
{
	int64_t n;

	if (!text_int(s, &n) || n < least || n > most)
		return false;
	*out = (int)n;
	return true;
}

static bool
read_page(struct paper_sheet *s, const struct paper_block *b, struct err *e)
{
	s->width_mm = 0;
	for (size_t i = 0; i < nitems(pages); i++)
		if (strcmp(pages[i].name, b->cells[0]) == 0) {
			s->width_mm = pages[i].width_mm;
			s->height_mm = pages[i].height_mm;
			s->font_pt = pages[i].font_pt;
		}
	if (s->width_mm == 0 || (b->cell_count == 2 && !read_number(b->cells[1],
							   6, 24, &s->font_pt)))
		return err_set(e, ERR_CONFIG, "paper: page %s", b->cells[0]);
	return true;
}

/* "3 right" */
static bool
read_column(char *cell, struct paper_column *out)
{
	char *blank = strchr(cell, ' ');

	if (blank == NULL)
		return false;
	*blank = '\0';
	if (!read_number(cell, 1, 100, &out->weight))
		return false;
	for (unsigned i = 0; i < nitems(aligns); i++)
		if (strcmp(aligns[i], blank + 1) == 0) {
			out->align = (enum paper_align)i;
			return true;
		}
	return false;
}

static bool
read_table(struct paper_sheet *s, const struct paper_block *b, struct err *e)
{
	if (s->column_count != 0)
		return err_set(e, ERR_CONFIG, "paper: a second table");
	for (size_t i = 0; i < b->cell_count; i++)
		if (!read_column(b->cells[i], &s->columns[i]))
			return err_set(e, ERR_CONFIG,
			    "paper: column %zu is not \"weight align\"", i + 1);
	s->column_count = b->cell_count;
	return true;
}

static const struct paper_table *
find_table(const struct paper *p, const char *name)
{
	for (size_t i = 0; i < p->table_count; i++)
		if (strcmp(p->tables[i].name, name) == 0)
			return &p->tables[i];
	return NULL;
}

/* In place of the line that names them. */
static bool
add_rows(struct paper_sheet *s, const struct paper *p, const char *name,
    struct err *e)
{
	const struct paper_table *t = find_table(p, name);

	if (t == NULL || t->columns != s->column_count)
		return err_set(e, ERR_CONFIG, "paper: rows %s: %s", name,
		    t == NULL ? "not handed over" : "other columns");
	for (size_t r = 0; r < t->rows; r++) {
		struct paper_block *b = add_block(s, PAPER_ROW);

		for (size_t c = 0; c < t->columns; c++)
			b->cells[b->cell_count++] =
			    blob_strdup(t->cells[r * t->columns + c]);
	}
	return true;
}

/* The last block, for those that say something about the sheet. */
static bool
take_in(struct paper_sheet *s, const struct paper *p, struct err *e)
{
	struct paper_block *b = &s->blocks[s->count - 1];
	enum paper_kind kind = b->kind;
	char *name;
	bool ok = true;

	if (kind == PAPER_GAP && !read_number(b->cells[0], 1, 20, &b->lines))
		return err_set(e, ERR_CONFIG, "paper: gap %s", b->cells[0]);
	if ((kind == PAPER_HEAD || kind == PAPER_ROW) &&
	    b->cell_count != s->column_count)
		return err_set(e, ERR_CONFIG, "paper: %zu cells, %zu columns",
		    b->cell_count, s->column_count);
	if (kind != PAPER_PAGE && kind != PAPER_NAME && kind != PAPER_TABLE &&
	    kind != PAPER_ROWS)
		return true;

	if (kind == PAPER_PAGE)
		ok = read_page(s, b, e);
	if (kind == PAPER_TABLE)
		ok = read_table(s, b, e);
	name = blob_strdup(b->cells[0]);
	drop_last(s);
	if (kind == PAPER_ROWS)
		ok = add_rows(s, p, name, e);
	if (kind == PAPER_NAME) {
		free(s->name);
		s->name = name;
		name = NULL;
	}
	free(name);
	return ok;
}

static bool
read_line(struct paper_sheet *s, const struct paper *p,
    struct template_span line, struct err *e)
{
	const char *colon = memchr(line.text, ':', line.len);
	enum paper_kind kind;

	if (line.len == 0 || line.text[0] == '#')
		return true;
	if (colon == NULL ||
	    !find_kind(line.text, (size_t)(colon - line.text), &kind))
		return err_set(e, ERR_CONFIG, "paper: at \"%.*s\"",
		    (int)line.len, line.text);
	if (!fill_cells(p, add_block(s, kind),
		trim(colon + 1, line.text + line.len), e))
		return false;
	if (says_nothing(&s->blocks[s->count - 1])) {
		drop_last(s);
		return true;
	}
	return take_in(s, p, e);
}

bool
paper_sheet_read(const struct paper *p, struct paper_sheet *out, struct err *e)
{
	struct paper_sheet s = { .name = blob_strdup("") };
	const char *text = p->template;
	bool ok = true;

	for (int n = 0; ok && *text != '\0'; n++) {
		struct template_span line = { text, strcspn(text, "\n") };

		ok = n < LINES_MAX ||
		     err_set(e, ERR_CONFIG, "paper: over %d lines", LINES_MAX);
		ok = ok && read_line(&s, p, line, e);
		text += line.len + (text[line.len] == '\n');
	}
	if (ok && s.width_mm == 0)
		ok = err_set(e, ERR_CONFIG, "paper: no page");
	if (!ok) {
		paper_sheet_release(&s);
		return false;
	}
	*out = s;
	return true;
}

void
paper_sheet_release(struct paper_sheet *s)
{
	while (s->count > 0)
		drop_last(s);
	free(s->blocks);
	free(s->name);
	*s = (struct paper_sheet){ 0 };
}
