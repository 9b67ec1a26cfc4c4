#ifndef GATEWAY_SHEET_H
#define GATEWAY_SHEET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/json.h"

/*
 * Reads a table that somebody else exported: a provider's settlement file, a
 * bank's statement.  How each writes its own is data, a JSON object: encoding,
 * separator, thousands, lines to skip before the header, the titles of the
 * columns, and the first cell of the last line where that sums up the rows.
 *
 * All or nothing: a header without a column that is expected, a line that has
 * not as many cells as the header, a sum that is not that of the rows, a file
 * that ends before its last line, and the reader says so and stops.  Nothing
 * here guesses.
 *
 * DIAGNOSTICS
 *	ERR_CONFIG	the format names an encoding that there is not
 *	ERR_BAD_FIELD, ERR_MISSING_FIELD, ERR_UNKNOWN_FIELD
 *			the format, with the pointer of what is wrong in it
 *	ERR_UNREADABLE	the file is not in its format; the detail says where
 */
struct err;
struct sheet;

struct sheet_form {
	const struct json *format;
	const struct json_field *columns; /* texts: what each is titled */
	size_t count;
	size_t sum; /* the column that the last line sums up */
};

/* Is the format what it may be?  fields are those that it has beside those of
 * every sheet. */
bool sheet_check(const struct sheet_form *form, const struct json_field *fields,
    size_t count, struct err *e);

/* Reads the header.  form outlives the sheet, bytes need not. */
bool sheet_open(const struct sheet_form *form, const char *bytes, size_t len,
    struct sheet **out, struct err *e);

/* The next row; false at the end, and with e set when it is not there. */
bool sheet_next(struct sheet *s, struct err *e);

int64_t sheet_line(const struct sheet *s);

/* "" where the format has no such column. */
const char *sheet_cell(const struct sheet *s, size_t column);

/* Whole đồng, in groups of three where the format has a separator; 0 where it
 * has no such column. */
bool sheet_amount(const struct sheet *s, size_t column, int64_t *out);

void sheet_free(struct sheet *s); /* NULL is fine */

#endif /* GATEWAY_SHEET_H */
