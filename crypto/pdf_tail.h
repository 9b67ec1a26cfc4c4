#ifndef CRYPTO_PDF_TAIL_H
#define CRYPTO_PDF_TAIL_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What was appended to a PDF after a signature, byte by byte.  An update that
 * no cross-reference leads to shows nothing in a strict reader and whatever
 * it likes in one that repairs files, so nothing may lie about unexplained.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	a byte that belongs to no well-formed revision
 */
struct err;
struct pdf;

/*
 * Whether every byte from `from` on belongs to one: objects that the file's
 * sections list at that very place, the sections themselves, startxref,
 * %%EOF, blanks; and no object there has another generation than before.  e
 * says what does not.
 */
bool pdf_tail_explained(const struct pdf *pdf, size_t from, struct err *e);

#endif /* CRYPTO_PDF_TAIL_H */
