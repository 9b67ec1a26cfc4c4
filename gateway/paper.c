/*
 * Lays the blocks of a template out on pages.  Lengths are whole units of
 * Pango, 1/1024 of a point, and become cairo's points at its door.
 *
 * Margins, sizes and the two columns of the header are those of Decree
 * 30/2020/NĐ-CP, Appendix I, scaled to the page.
 */
#include "gateway/paper.h"

#include <assert.h>
#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/paper_block.h"
#include "gateway/qr.h"

#define FONT     "Liberation Serif"
#define MOTTO    "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
#define WATCH    "Độc lập - Tự do - Hạnh phúc"
#define MM(x)    ((int)((x)*7200L * PANGO_SCALE / 2540))
#define UNITS(x) ((x)*PANGO_SCALE)
#define PT(x)    ((x) / 1024.0)
#define THIN     (PANGO_SCALE / 2)
#define QR_SIDE  MM(28)

/* How a text looks; size is against the sheet's, in points. */
struct look {
	int size;
	bool bold, italic, justify, indent;
	PangoAlignment align;
};

static const struct look looks[] = {
	[PAPER_TITLE] = { .size = 1,
	    .bold = true,
	    .align = PANGO_ALIGN_CENTER },
	[PAPER_SUBTITLE] = { .align = PANGO_ALIGN_CENTER },
	[PAPER_TEXT] = { .justify = true, .indent = true },
	[PAPER_LINE] = { 0 },
	[PAPER_NOTE] = { .size = -2, .italic = true },
	[PAPER_HEAD] = { .size = -1,
	    .bold = true,
	    .align = PANGO_ALIGN_CENTER },
	[PAPER_SIGN] = { .bold = true, .align = PANGO_ALIGN_CENTER },
	[PAPER_HINT] = { .size = -1,
	    .italic = true,
	    .align = PANGO_ALIGN_CENTER },
};

struct press {
	const struct paper_sheet *sheet;
	cairo_surface_t *surface;
	cairo_t *cr;
	PangoContext *pango;
	int left, width, top, bottom; /* of what may be printed */
	int y;                        /* where the next block begins */
	int pages;
	const struct paper_block *head; /* of the table we are in */
};

/* Where a cell goes; and how wide it is. */
struct place {
	int x, width;
};

static cairo_status_t
write_bytes(void *closure, const unsigned char *data, unsigned int len)
{
	buf_put(closure, data, len);
	return CAIRO_STATUS_SUCCESS;
}

static PangoFontDescription *
font_of(const struct press *p, const struct look *k)
{
	PangoFontDescription *d = pango_font_description_from_string(FONT);

	pango_font_description_set_size(d, UNITS(p->sheet->font_pt + k->size));
	if (k->bold)
		pango_font_description_set_weight(d, PANGO_WEIGHT_BOLD);
	if (k->italic)
		pango_font_description_set_style(d, PANGO_STYLE_ITALIC);
	return d;
}

/* A text set within a width; the caller gives it back. */
static PangoLayout *
set_text(
    const struct press *p, const struct look *k, const char *text, int width)
{
	PangoLayout *l = pango_layout_new(p->pango);
	PangoFontDescription *font = font_of(p, k);

	pango_layout_set_font_description(l, font);
	pango_layout_set_text(l, text, -1);
	pango_layout_set_width(l, width);
	pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
	pango_layout_set_alignment(l, k->align);
	pango_layout_set_justify(l, k->justify);
	if (k->indent)
		pango_layout_set_indent(l, MM(10));
	pango_font_description_free(font);
	return l;
}

static int
height_of(PangoLayout *l)
{
	int height;

	pango_layout_get_size(l, NULL, &height);
	return height;
}

static void
rule(const struct press *p, int x, int y, int width)
{
	cairo_set_line_width(p->cr, PT(THIN));
	cairo_move_to(p->cr, PT(x), PT(y));
	cairo_line_to(p->cr, PT(x + width), PT(y));
	cairo_stroke(p->cr);
}

/* Sets a text at a place and says how high it is. */
static int
print_at(const struct press *p, const struct look *k, const char *text,
    struct place at, int y)
{
	PangoLayout *l = set_text(p, k, text, at.width);
	int height = height_of(l);

	cairo_move_to(p->cr, PT(at.x), PT(y));
	pango_cairo_show_layout(p->cr, l);
	g_object_unref(l);
	return height;
}

/* Pages are numbered from the second on, in the middle of the upper margin
 * (Appendix I, part I, 7). */
static bool
turn_page(struct press *p, struct err *e)
{
	static const struct look number = { .align = PANGO_ALIGN_CENTER };
	char text[12];

	if (p->pages == PAPER_PAGES_MAX)
		return err_set(
		    e, ERR_TOO_LARGE, "paper: over %d pages", PAPER_PAGES_MAX);
	cairo_show_page(p->cr);
	p->pages++;
	p->y = p->top;
	snprintf(text, sizeof(text), "%d", p->pages);
	print_at(
	    p, &number, text, (struct place){ p->left, p->width }, p->top / 2);
	return true;
}

static bool
make_room(struct press *p, int height, struct err *e)
{
	if (p->y + height <= p->bottom)
		return true;
	if (height > p->bottom - p->top)
		return err_set(e, ERR_TOO_LARGE, "paper: higher than a page");
	return turn_page(p, e);
}

/* A text that may go on overleaf, line by line. */
static bool
flow(struct press *p, const struct look *k, const char *text, struct err *e)
{
	PangoLayout *l = set_text(p, k, text, p->width);
	PangoLayoutIter *line = pango_layout_get_iter(l);
	bool ok = true;

	do {
		PangoRectangle at;
		int baseline = pango_layout_iter_get_baseline(line);

		pango_layout_iter_get_line_extents(line, NULL, &at);
		ok = make_room(p, at.height, e);
		if (!ok)
			break;
		cairo_move_to(
		    p->cr, PT(p->left + at.x), PT(p->y + baseline - at.y));
		pango_cairo_show_layout_line(
		    p->cr, pango_layout_iter_get_line_readonly(line));
		p->y += at.height;
	} while (pango_layout_iter_next_line(line));
	pango_layout_iter_free(line);
	g_object_unref(l);
	p->y += UNITS(p->sheet->font_pt) / 3;
	return ok;
}

static int
natural_width(const struct press *p, const struct look *k, const char *text)
{
	PangoLayout *l = set_text(p, k, text, -1);
	int width;

	pango_layout_get_size(l, &width, NULL);
	g_object_unref(l);
	return width;
}

/* The agency's column; the line under its name is about a third of it. */
static int
print_agency(
    const struct press *p, const struct paper_block *b, struct place at)
{
	static const struct look plain = { .size = -1,
		.align = PANGO_ALIGN_CENTER };
	static const struct look bold = {
		.size = -1, .bold = true, .align = PANGO_ALIGN_CENTER
	};
	int y = p->y;

	if (b->cells[0][0] != '\0')
		y += print_at(p, &plain, b->cells[0], at, y);
	y += print_at(p, &bold, b->cells[1], at, y) + PANGO_SCALE;
	rule(p, at.x + at.width / 3, y, at.width / 3);
	y += UNITS(4);
	if (b->cells[2][0] != '\0')
		y += print_at(p, &plain, b->cells[2], at, y);
	return y;
}

static int
print_motto(const struct press *p, const struct paper_block *b, struct place at)
{
	static const struct look first = {
		.size = -1, .bold = true, .align = PANGO_ALIGN_CENTER
	};
	static const struct look second = { .bold = true,
		.align = PANGO_ALIGN_CENTER };
	static const struct look date = {
		.size = -1, .italic = true, .align = PANGO_ALIGN_CENTER
	};
	int y = p->y, width = natural_width(p, &second, WATCH);

	y += print_at(p, &first, MOTTO, at, y);
	y += print_at(p, &second, WATCH, at, y) + PANGO_SCALE;
	rule(p, at.x + (at.width - width) / 2, y, width);
	y += UNITS(4);
	if (b->cells[3][0] != '\0')
		y += print_at(p, &date, b->cells[3], at, y);
	return y;
}

static void
print_header(struct press *p, const struct paper_block *b)
{
	static const struct look first = { .size = -1, .bold = true };
	int motto = natural_width(p, &first, MOTTO) + UNITS(2);
	int gap = MM(3), other = p->width - motto - gap, left, right;

	left = print_agency(p, b, (struct place){ p->left, other });
	right =
	    print_motto(p, b, (struct place){ p->left + other + gap, motto });
	p->y = (left > right ? left : right) + UNITS(p->sheet->font_pt);
}

/* The i-th of the table's columns, within the margins. */
static struct place
column(const struct press *p, size_t i)
{
	const struct paper_sheet *s = p->sheet;
	int sum = 0, before = 0, x, end;

	for (size_t c = 0; c < s->column_count; c++) {
		sum += s->columns[c].weight;
		if (c < i)
			before += s->columns[c].weight;
	}
	x = (int)((int64_t)p->width * before / sum);
	end = (int)((int64_t)p->width * (before + s->columns[i].weight) / sum);
	return (struct place){ p->left + x, end - x };
}

static struct look
cell_look(const struct press *p, const struct paper_block *b, size_t i)
{
	static const PangoAlignment aligns[] = {
		[PAPER_LEFT] = PANGO_ALIGN_LEFT,
		[PAPER_CENTER] = PANGO_ALIGN_CENTER,
		[PAPER_RIGHT] = PANGO_ALIGN_RIGHT,
	};

	if (b->kind == PAPER_HEAD)
		return looks[PAPER_HEAD];
	return (struct look){
		.size = -1,
		.align = aligns[p->sheet->columns[i].align],
	};
}

#define PAD UNITS(3) /* around a cell's text */

static int
row_height(const struct press *p, const struct paper_block *b)
{
	int most = 0;

	for (size_t i = 0; i < b->cell_count; i++) {
		struct look k = cell_look(p, b, i);
		PangoLayout *l =
		    set_text(p, &k, b->cells[i], column(p, i).width - 2 * PAD);
		int height = height_of(l);

		most = height > most ? height : most;
		g_object_unref(l);
	}
	return most + 2 * PAD;
}

static void
print_row(struct press *p, const struct paper_block *b, int height)
{
	for (size_t i = 0; i < b->cell_count; i++) {
		struct look k = cell_look(p, b, i);
		struct place at = column(p, i);

		cairo_set_line_width(p->cr, PT(THIN));
		cairo_rectangle(
		    p->cr, PT(at.x), PT(p->y), PT(at.width), PT(height));
		cairo_stroke(p->cr);
		at.x += PAD;
		at.width -= 2 * PAD;
		print_at(p, &k, b->cells[i], at, p->y + PAD);
	}
	p->y += height;
}

static bool
lay_row(struct press *p, const struct paper_block *b, struct err *e)
{
	int height = row_height(p, b), pages = p->pages;
	int again = p->head == NULL ? 0 : row_height(p, p->head);

	if (height + again > p->bottom - p->top)
		return err_set(e, ERR_TOO_LARGE, "paper: a row over one page");
	if (!make_room(p, height, e))
		return false;
	if (p->pages > pages && p->head != NULL)
		print_row(p, p->head, again);
	print_row(p, b, height);
	return true;
}

static bool
is_signing(enum paper_kind kind)
{
	return kind == PAPER_SIGN || kind == PAPER_HINT || kind == PAPER_GAP;
}

static int
signing_height(const struct press *p, const struct paper_block *b)
{
	int most = 0;

	if (b->kind == PAPER_GAP)
		return b->lines * UNITS(p->sheet->font_pt) * 5 / 4;
	for (size_t i = 0; i < b->cell_count; i++) {
		PangoLayout *l =
		    set_text(p, &looks[b->kind], b->cells[i], p->width / 2);
		int height = height_of(l);

		most = height > most ? height : most;
		g_object_unref(l);
	}
	return most;
}

/* The lines to sign on stay together; *i is left on the last of them. */
static bool
lay_signing(struct press *p, size_t *i, struct err *e)
{
	const struct paper_block *b = p->sheet->blocks;
	size_t end = *i;
	int height = 0;

	while (end < p->sheet->count && is_signing(b[end].kind))
		height += signing_height(p, &b[end++]);
	if (!make_room(p, height, e))
		return false;
	for (; *i < end; ++*i) {
		const struct paper_block *at = &b[*i];

		for (size_t c = 0; c < 2 && at->kind != PAPER_GAP; c++)
			print_at(p, &looks[at->kind], at->cells[c],
			    (struct place){
				p->left + (int)c * p->width / 2, p->width / 2 },
			    p->y);
		p->y += signing_height(p, at);
	}
	--*i;
	return true;
}

static void
print_qr(const struct press *p, const struct qr *q)
{
	int width = qr_width(q);

	cairo_save(p->cr);
	cairo_translate(p->cr, PT(p->left), PT(p->y));
	cairo_scale(p->cr, PT(QR_SIDE) / width, PT(QR_SIDE) / width);
	for (int y = 0; y < width; y++)
		for (int x = 0; x < width; x++)
			if (qr_is_dark(q, x, y))
				cairo_rectangle(p->cr, x, y, 1, 1);
	cairo_fill(p->cr);
	cairo_restore(p->cr);
}

/* The code, and beside it what it is for. */
static bool
lay_qr(struct press *p, const struct paper_block *b, struct err *e)
{
	struct place at = { p->left + QR_SIDE, p->width - QR_SIDE };
	struct qr *q = NULL;

	if (!qr_new(b->cells[0], &q, e))
		return false;
	if (!make_room(p, QR_SIDE, e)) {
		qr_free(q);
		return false;
	}
	print_qr(p, q);
	print_at(p, &looks[PAPER_NOTE], b->cells[1], at, p->y + QR_SIDE / 4);
	p->y += QR_SIDE;
	qr_free(q);
	return true;
}

static bool
lay_block(struct press *p, size_t *i, struct err *e)
{
	const struct paper_block *b = &p->sheet->blocks[*i];

	switch (b->kind) {
	case PAPER_HEADER:
		print_header(p, b);
		return true;
	case PAPER_TITLE:
	case PAPER_SUBTITLE:
	case PAPER_TEXT:
	case PAPER_LINE:
	case PAPER_NOTE:
		return flow(p, &looks[b->kind], b->cells[0], e);
	case PAPER_HEAD:
		p->head = b;
		return lay_row(p, b, e);
	case PAPER_ROW:
		return lay_row(p, b, e);
	case PAPER_SIGN:
	case PAPER_HINT:
	case PAPER_GAP:
		return lay_signing(p, i, e);
	case PAPER_QR:
		return lay_qr(p, b, e);
	case PAPER_PAGE: /* of the sheet, not on it */
	case PAPER_NAME:
	case PAPER_TABLE:
	case PAPER_ROWS:
		break;
	}
	fatalx("paper: block of kind %d", (int)b->kind);
}

/* After a table the next text needs some air. */
static bool
lay_blocks(struct press *p, struct err *e)
{
	const struct paper_block *b = p->sheet->blocks;

	for (size_t i = 0; i < p->sheet->count; i++) {
		bool table = b[i].kind == PAPER_ROW || b[i].kind == PAPER_HEAD;

		if (!lay_block(p, &i, e))
			return false;
		if (table && i + 1 < p->sheet->count &&
		    b[i + 1].kind != PAPER_ROW)
			p->y += UNITS(p->sheet->font_pt) / 2;
	}
	return true;
}

/* Another font would have other widths, and maybe no Vietnamese. */
static bool
check_font(const struct press *p, struct err *e)
{
	static const struct look plain = { 0 };
	PangoFontDescription *d = font_of(p, &plain), *got = NULL;
	PangoFont *font = pango_context_load_font(p->pango, d);
	bool ok = false;

	if (font != NULL) {
		got = pango_font_describe(font);
		ok = strcmp(pango_font_description_get_family(got), FONT) == 0;
		pango_font_description_free(got);
		g_object_unref(font);
	}
	pango_font_description_free(d);
	return ok || err_set(e, ERR_CONFIG, "paper: no font " FONT);
}

/* The unhinted outline, 72 units to the inch: the same on every machine. */
static void
press_open(struct press *p, struct buf *out)
{
	const struct paper_sheet *s = p->sheet;
	cairo_font_options_t *options = cairo_font_options_create();
	bool small = s->height_mm < 297 && s->width_mm < 297;

	p->surface = cairo_pdf_surface_create_for_stream(
	    write_bytes, out, PT(MM(s->width_mm)), PT(MM(s->height_mm)));
	p->cr = cairo_create(p->surface);
	p->pango = pango_cairo_create_context(p->cr);
	pango_cairo_context_set_resolution(p->pango, 72);
	cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE);
	cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF);
	pango_cairo_context_set_font_options(p->pango, options);
	pango_context_set_language(p->pango, pango_language_from_string("vi"));
	cairo_font_options_destroy(options);
	p->left = small ? MM(15) : MM(30);
	p->width = MM(s->width_mm) - p->left - (small ? MM(10) : MM(15));
	p->top = p->y = small ? MM(12) : MM(20);
	p->bottom = MM(s->height_mm) - p->top;
	p->pages = 1;
}

static void
describe(const struct press *p, int64_t at_us)
{
	char at[CLOCK_RFC3339_LEN];

	clock_rfc3339(at_us, at);
	snprintf(strchr(at, '.'), 2, "Z"); /* cairo takes no decimals */
	cairo_pdf_surface_set_metadata(
	    p->surface, CAIRO_PDF_METADATA_TITLE, p->sheet->name);
	cairo_pdf_surface_set_metadata(
	    p->surface, CAIRO_PDF_METADATA_CREATOR, "hosogate");
	cairo_pdf_surface_set_metadata(
	    p->surface, CAIRO_PDF_METADATA_CREATE_DATE, at);
	cairo_pdf_surface_set_metadata(
	    p->surface, CAIRO_PDF_METADATA_MOD_DATE, at);
}

static void
press_close(struct press *p)
{
	g_object_unref(p->pango);
	cairo_destroy(p->cr);
	cairo_surface_finish(p->surface);
	if (cairo_surface_status(p->surface) != CAIRO_STATUS_SUCCESS)
		fatalx("paper: %s",
		    cairo_status_to_string(cairo_surface_status(p->surface)));
	cairo_surface_destroy(p->surface);
}

bool
paper_make(const struct paper *p, struct buf *out, struct err *e)
{
	struct paper_sheet sheet = { 0 };
	struct press press = { .sheet = &sheet };
	size_t before = out->len;
	bool ok;

	assert(p->at_us > 0);

	if (!paper_sheet_read(p, &sheet, e))
		return false;
	press_open(&press, out);
	describe(&press, p->at_us);
	ok = check_font(&press, e) && lay_blocks(&press, e);
	press_close(&press);
	if (!ok) {
		out->len = before;
		buf_put(out, "", 0);
	}
	paper_sheet_release(&sheet);
	return ok;
}
