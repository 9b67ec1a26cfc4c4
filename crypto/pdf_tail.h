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
struct pdf_entry;

/*
 * Whether every byte from `from` on belongs to one: objects that the file's
 * sections list at that very place, the sections themselves, startxref,
 * %%EOF, blanks; and no object there has another generation than before.  e
 * says what does not.
 *
 * *known is where what is known to be so begins, the file's length at first;
 * it moves to the front when more is.
 */
bool pdf_tail_explained(
    const struct pdf *pdf, size_t from, size_t *known, struct err *e);

/* Where the object that an entry places ends, by the words alone; 0: there is
 * none, or its Length stands elsewhere. */
size_t pdf_object_end(const struct pdf *pdf, const struct pdf_entry *entry);

#endif /* CRYPTO_PDF_TAIL_H */
