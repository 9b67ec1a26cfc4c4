#include "gateway/csv.h"

#include <string.h>

#include "base/buf.h"

static void
put_cell(struct buf *out, const char *cell)
{
	const char *formula =
	    *cell != '\0' && strchr("=+-@\t\r", *cell) != NULL ? "'" : "";

	if (strpbrk(cell, ",\"\r\n") == NULL) {
		buf_printf(out, "%s%s", formula, cell);
		return;
	}
	buf_printf(out, "\"%s", formula);
	for (; *cell != '\0'; cell++)
		buf_put(out, *cell == '"' ? "\"\"" : cell, 1 + (*cell == '"'));
	buf_puts(out, "\"");
}

void
csv_row(struct buf *out, const char *const *cells, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		buf_puts(out, i == 0 ? "" : ",");
		put_cell(out, cells[i]);
	}
	buf_puts(out, "\r\n");
}
