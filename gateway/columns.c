#include "gateway/columns.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"

/* One of the two, by the kind of the column. */
struct column {
	int64_t *ints;
	const char **texts;
};

static size_t
fill(const struct columns *c, const struct columns_set *set, struct column *col)
{
	size_t width = strlen(c->kinds), rows = 0;
	union cell cell[COLUMNS_MAX];

	for (size_t k = 0; k < width; k++)
		if (c->kinds[k] == 's')
			col[k].texts =
			    blob_calloc(set->n + 1, sizeof(*col[k].texts));
		else
			col[k].ints =
			    blob_calloc(set->n + 1, sizeof(*col[k].ints));
	for (size_t i = 0; i < set->n; i++) {
		if (!c->row(set->of, i, cell))
			continue;
		for (size_t k = 0; k < width; k++)
			if (c->kinds[k] == 's')
				col[k].texts[rows] = cell[k].s;
			else
				col[k].ints[rows] = cell[k].n;
		rows++;
	}
	return rows;
}

bool
columns_exec(struct db *db, const struct columns *c,
    const struct columns_set *set, struct err *e)
{
	struct column col[COLUMNS_MAX] = { 0 };
	struct db_arg args[COLUMNS_MAX + 2];
	size_t width = strlen(c->kinds), rows;
	bool ok;

	assert(width <= COLUMNS_MAX);
	assert(db_in_tx(db));

	rows = fill(c, set, col);
	args[0] = DB_INT(set->owner);
	for (size_t k = 0; k < width; k++)
		args[k + 1] = c->kinds[k] == 's' ? DB_TEXTS(col[k].texts, rows)
			      : c->kinds[k] == 't' ? DB_TIMES(col[k].ints, rows)
						   : DB_INTS(col[k].ints, rows);
	args[width + 1] = DB_END;
	ok = rows == 0 || db_exec(db, c->stmt, args, NULL, e);
	for (size_t k = 0; k < width; k++) {
		free(col[k].ints);
		free(col[k].texts);
	}
	return ok;
}
