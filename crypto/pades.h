#ifndef CRYPTO_PADES_H
#define CRYPTO_PADES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Signatures in a PDF (EN 319 142-1, ISO 32000-1, 12.8): which bytes each one
 * covers, whether the hole is its own /Contents, what the CMS inside proves,
 * and what was changed in later revisions (pades_change.h).
 *
 * Whatever cannot be parsed is FORMAT_FAILURE, never "no signature".  Nothing
 * here repairs a file, follows a link out of it, believes what a signature
 * looks like, or takes an incremental update for harmless that no rule
 * explains.  The bytes are borrowed for the call.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	pades_revision() alone: no PDF whose cross-references
 *			can be followed
 *	ERR_TOO_LARGE	the same: over a limit of pdf_revision.h
 *	ERR_NOT_FOUND	the same: no such signature, or one that covers no
 *			revision
 *	fatal		out of memory
 */
struct err;
struct question;
struct report;

#define PADES_FILE_MAX      (100 * 1024 * 1024) /* bytes */
#define PADES_REVISIONS_MAX 200 /* sections of cross-references in all */

bool pades_is_pdf(const uint8_t *data, size_t len);

/* Adds every signature and document timestamp to r, in the file's order. */
void pades_judge_file(const uint8_t *data, size_t len, const struct question *q,
    struct report *r);

/* The length in bytes of the prefix that signature n (from 1, in the report's
 * order) covers; *end stays as it was when it fails. */
bool pades_revision(
    const uint8_t *data, size_t len, size_t n, size_t *end, struct err *e);

#endif /* CRYPTO_PADES_H */
