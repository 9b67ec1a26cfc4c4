#ifndef CRYPTO_PDF_REVISION_H
#define CRYPTO_PDF_REVISION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/pdf_token.h"

/*
 * The revisions of a PDF (ISO 32000-1, 7.5.4 to 7.5.8): from startxref back
 * through every cross-reference table and stream, with the place of every
 * object.  Bounded in every direction, and strict: what follows the last
 * %%EOF, leads in a circle or lies outside the file is refused, never
 * mended.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	the cross-references cannot be followed
 *	ERR_TOO_LARGE	more than PADES_REVISIONS_MAX, PDF_OBJECTS_MAX or
 *			PDF_STREAM_MAX, than the limits of pdf_packed.h, or
 *			an object in use whose number is over PDF_NUMBER_MAX
 */
struct err;
struct pdf;

#define PDF_OBJECTS_MAX     2000000
#define PDF_STREAM_MAX      (64 * 1024 * 1024) /* out of one filter chain */
#define PDF_SUBSECTIONS_MAX 4096    /* of one cross-reference stream */
#define PDF_NUMBER_MAX      8388607 /* ISO 32000-1, annex C.2 */

enum pdf_entry_kind { PDF_FREE, PDF_PLAIN, PDF_PACKED };

struct pdf_entry {
	uint32_t id, gen;
	enum pdf_entry_kind kind;
	size_t at; /* PDF_PLAIN: its place; PDF_PACKED: its object stream */
};

/* One cross-reference section: a table with its trailer, or a stream. */
struct pdf_section {
	size_t at, end;            /* end: behind the trailer's dictionary */
	bool is_stream;            /* the section is a cross-reference stream */
	bool is_hybrid;            /* reached by a table's XRefStm */
	size_t trailer;            /* where the dictionary stands */
	size_t prev;               /* 0: none */
	size_t xref_stm;           /* 0: none */
	struct pdf_entry *entries; /* sorted by id */
	size_t entry_count;
};

/* The bytes are borrowed.  On success the caller owns *out. */
bool pdf_open(const uint8_t *data, size_t len, struct pdf **out, struct err *e);
void pdf_close(struct pdf *pdf); /* NULL is fine */

struct pdf_cursor pdf_cursor(const struct pdf *pdf, size_t at);

/* Newest first. */
size_t pdf_section_count(const struct pdf *pdf);
const struct pdf_section *pdf_section(const struct pdf *pdf, size_t i);

/* What startxref says; the place of the newest section. */
size_t pdf_startxref(const struct pdf *pdf);

/* Its trailer has Encrypt (7.6.1). */
bool pdf_is_encrypted(const struct pdf *pdf);

/* One more than the highest object number in use. */
uint32_t pdf_size(const struct pdf *pdf);

/* The entry that counts; NULL when the object is free or unknown.  7.5.6: the
 * newest section that knows the object decides, of all or of those from
 * `first` on. */
const struct pdf_entry *pdf_find(const struct pdf *pdf, uint32_t id);
const struct pdf_entry *pdf_find_from(
    const struct pdf *pdf, size_t first, uint32_t id);

/* Moves to the value of the object that an entry places; false if something
 * else stands there. */
bool pdf_enter(const struct pdf *pdf, const struct pdf_entry *entry,
    struct pdf_cursor *out);

/* Whether the sections before `end` are exactly those of the revision whose
 * newest section stands at `startxref`. */
bool pdf_builds_on(const struct pdf *pdf, size_t startxref, size_t end);

/* "startxref N %%EOF"; the cursor stops behind it. */
bool pdf_read_end(struct pdf_cursor *in, size_t *startxref);

#endif /* CRYPTO_PDF_REVISION_H */
