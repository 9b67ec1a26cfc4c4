#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/blob.h"

/*
 * Whole files, and where they lie.
 *
 * DIAGNOSTICS
 *	ERR_FILE	cannot be read or written, or is no regular file
 *	ERR_TOO_LARGE	more than max bytes
 */
struct err;

/* On success the caller releases *out, which has a NUL after its bytes. */
bool file_read(const char *path, size_t max, struct blob *out, struct err *e);

/* Makes a file that is not there yet, and has it on disk. */
bool file_write_new(
    const char *path, const void *data, size_t len, struct err *e);

/* Where a path means that stands in the file `in`: a relative one begins in
 * that file's folder.  The caller frees. */
char *file_beside(const char *in, const char *path);

#endif /* BASE_FILE_H */
