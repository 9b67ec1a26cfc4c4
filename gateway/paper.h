#ifndef GATEWAY_PAPER_H
#define GATEWAY_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Makes a Vietnamese official paper (Decree 30/2020/NĐ-CP, Appendix I) as a
 * PDF in memory, from a template.  The font is Liberation Serif, which has
 * Times New Roman's widths; what is used of it is embedded.  No clock, no
 * network, and no file but the font: the same input gives the same bytes.
 * Any number of threads may call.
 *
 * A template is a text file, gateway/web/paper-*.txt, of lines "word: cells".
 * Cells stand between bars and may name {fields}; values are text, so none
 * can add a cell or a line.  A cell with a field that is empty is empty, and
 * a line is left out when all its cells are:
 *
 *	page: A4 | A5 | A4-landscape | A5-landscape, then the font's size
 *	name: what the PDF's metadata call it
 *	header: parent agency | agency | number | place and date
 *	title: in bold capitals, as they are written here
 *	subtitle: centred
 *	text: a justified paragraph
 *	line: the same from the margin, not justified
 *	note: small, in italics
 *	table: 1 center | 6 left | 3 right      columns: weight, alignment
 *	head: of the columns, again on each page
 *	row: one cell a column
 *	rows: the name of a table that the caller hands over
 *	sign: left | right                      in bold, on one page together
 *	hint: left | right                      with the lines around them
 *	gap: so many blank lines
 *	qr: a text as a QR code | what to do with it
 *
 * An empty line or one that begins with # is a comment.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	a template that is none, or no such font
 *	ERR_BAD_FIELD	from qr.c
 *	ERR_TOO_LARGE	over PAPER_PAGES_MAX pages, or a row over one page
 *	fatal		out of memory
 */
struct buf;
struct err;
struct template_field;

#define PAPER_PAGES_MAX   100
#define PAPER_COLUMNS_MAX 16

/* Rows of a table, row by row. */
struct paper_table {
	const char *name;
	size_t columns, rows;
	const char *const *cells;
};

struct paper {
	const char *template;
	const struct template_field *fields;
	size_t field_count;
	const struct paper_table *tables;
	size_t table_count;
	int64_t at_us; /* its date in the metadata */
};

/* Appends the PDF. */
bool paper_make(const struct paper *p, struct buf *out, struct err *e);

#endif /* GATEWAY_PAPER_H */
