#ifndef CRYPTO_PDF_PACKED_H
#define CRYPTO_PDF_PACKED_H

#include <stdbool.h>

/*
 * The filters (ISO 32000-1, 7.4) of object streams (7.5.7), before qpdf undoes
 * them: a chain of filters multiplies what a few bytes cost.
 *
 * DIAGNOSTICS
 *	ERR_TOO_LARGE	more than PDF_FILTERS_MAX filters in a chain
 */
struct err;
struct pdf;
struct pdf_cursor;

#define PDF_FILTERS_MAX 4

/* Whether the stream's dictionary at the cursor, which does not move, names
 * few enough. */
bool pdf_filters_few(const struct pdf_cursor *dict, struct err *e);

/* The same for every object stream of the file as it is now. */
bool pdf_packed_check(const struct pdf *pdf, struct err *e);

#endif /* CRYPTO_PDF_PACKED_H */
