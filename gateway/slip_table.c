#include "gateway/slip_table.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "gateway/config.h"
#include "gateway/csv.h"
#include "gateway/db.h"
#include "gateway/dossier_state.h"
#include "gateway/mail.h"
#include "gateway/paper.h"
#include "gateway/slip_paper.h"
#include "gateway/template.h"

#define CELL_LEN MAIL_TIME_LEN /* of what is not in the rows as it stands */

/* The cells; texts borrow from the rows, the rest from made. */
struct grid {
	const char **cells;
	char (*made)[CELL_LEN];
};

static const char *
late(const struct db_rows *rows, int i, const char *column)
{
	if (db_is_null(rows, i, column))
		return "";
	return db_bool(rows, i, column) ? "Quá hạn" : "Đúng hạn";
}

static const char *
cell(const struct slip_table *t, int row, const struct slip_column *c,
    char made[CELL_LEN])
{
	switch (c->kind) {
	case SLIP_NUMBER:
		snprintf(made, CELL_LEN, "%d", row + 1);
		return made;
	case SLIP_TEXT:
		return db_text(t->rows, row, c->column);
	case SLIP_TIME:
		mail_time(db_time(t->rows, row, c->column), made);
		return made;
	case SLIP_STATE:
		return dossier_state_name_vi(
		    (enum dossier_state)db_int(t->rows, row, c->column));
	case SLIP_LATE:
		break;
	}
	return late(t->rows, row, c->column);
}

static void
fill(const struct slip_table *t, struct grid *g)
{
	size_t columns = t->column_count;
	int rows = db_count(t->rows);

	assert(columns <= PAPER_COLUMNS_MAX);

	g->cells = blob_calloc((size_t)rows * columns + 1, sizeof(*g->cells));
	g->made = blob_calloc((size_t)rows * columns + 1, sizeof(*g->made));
	for (int r = 0; r < rows; r++)
		for (size_t c = 0; c < columns; c++) {
			size_t at = (size_t)r * columns + c;

			g->cells[at] = cell(t, r, &t->columns[c], g->made[at]);
		}
}

static void
grid_release(struct grid *g)
{
	free(g->cells);
	free(g->made);
}

bool
slip_table_pdf(const struct config *config, const struct slip_table *t,
    struct buf *out, struct err *e)
{
	struct buf template = { 0 };
	struct grid g = { 0 };
	char date[SLIP_DATE_LEN], place[256];
	const struct template_field fields[] = {
		{ "parent", config->form_parent, false },
		{ "agency", t->agency, false },
		{ "place_and_date", place, false },
		{ "about", t->about, true },
		{ "as_of", t->as_of, false },
	};
	bool ok = false;

	fill(t, &g);
	slip_date(t->at_us, date);
	snprintf(place, sizeof(place), "%s%s%s", config->form_place,
	    config->form_place[0] == '\0' ? "" : ", ", date);
	if (!slip_template(config, t->template, &template, e))
		goto out;

	const struct paper_table table = { "rows", t->column_count,
		(size_t)db_count(t->rows), g.cells };
	ok = paper_make(
	    &(struct paper){
		.template = template.data,
		.fields = fields,
		.field_count = nitems(fields),
		.tables = &table,
		.table_count = 1,
		.at_us = t->at_us,
	    },
	    out, e);

out:
	buf_release(&template);
	grid_release(&g);
	return ok;
}

void
slip_table_csv(const struct slip_table *t, struct buf *out)
{
	const char *heads[PAPER_COLUMNS_MAX];
	struct grid g = { 0 };

	fill(t, &g);
	for (size_t c = 0; c < t->column_count; c++)
		heads[c] = t->columns[c].head;
	csv_row(out, heads, t->column_count);
	for (int r = 0; r < db_count(t->rows); r++)
		csv_row(out, g.cells + (size_t)r * t->column_count,
		    t->column_count);
	grid_release(&g);
}
