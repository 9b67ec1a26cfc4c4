#ifndef GATEWAY_PAPER_BLOCK_H
#define GATEWAY_PAPER_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/paper.h"

/*
 * A template read into blocks with their values filled in: what paper.c lays
 * out.  It knows neither fonts nor lengths.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	an unknown word or page, cells that do not fit, a
 *			table that the caller has not handed over
 */
enum paper_kind {
	PAPER_PAGE,
	PAPER_NAME,
	PAPER_HEADER,
	PAPER_TITLE,
	PAPER_SUBTITLE,
	PAPER_TEXT,
	PAPER_LINE,
	PAPER_NOTE,
	PAPER_TABLE,
	PAPER_HEAD,
	PAPER_ROW,
	PAPER_ROWS,
	PAPER_SIGN,
	PAPER_HINT,
	PAPER_GAP,
	PAPER_QR,
};

enum paper_align { PAPER_LEFT, PAPER_CENTER, PAPER_RIGHT };

struct paper_column {
	int weight; /* 1 to 100 */
	enum paper_align align;
};

struct paper_block {
	enum paper_kind kind;
	char *cells[PAPER_COLUMNS_MAX];
	size_t cell_count;
	int lines; /* of a gap */
};

struct paper_sheet {
	int width_mm, height_mm, font_pt;
	char *name;
	struct paper_column columns[PAPER_COLUMNS_MAX]; /* of every table */
	size_t column_count;
	struct paper_block *blocks;
	size_t count;
};

bool paper_sheet_read(
    const struct paper *p, struct paper_sheet *out, struct err *e);
void paper_sheet_release(struct paper_sheet *s); /* zero is fine */

#endif /* GATEWAY_PAPER_BLOCK_H */
