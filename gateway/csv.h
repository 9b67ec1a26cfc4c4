#ifndef GATEWAY_CSV_H
#define GATEWAY_CSV_H

#include <stddef.h>

/*
 * Tables as RFC 4180: UTF-8, CR LF, quoted where they must be.  A cell that a
 * spreadsheet would take for a formula gets an apostrophe before it.
 */
struct buf;

/* Appends one row. */
void csv_row(struct buf *out, const char *const *cells, size_t count);

#endif /* GATEWAY_CSV_H */
