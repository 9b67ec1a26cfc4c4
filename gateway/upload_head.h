#ifndef GATEWAY_UPLOAD_HEAD_H
#define GATEWAY_UPLOAD_HEAD_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The header lines of a form and of its parts (RFC 7578, 4).  Strict: a name
 * is required and stands once, line folding and transfer encodings are
 * refused, unknown fields mean nothing.
 *
 * DIAGNOSTICS
 *	ERR_BAD_MEDIA	the body is no multipart/form-data
 *	ERR_BAD_FORM	malformed
 */
struct err;
struct upload_part;

/* The boundary that a Content-Type names. */
bool upload_head_boundary(
    const char *type, char *boundary, size_t cap, struct err *e);

/* Fills name, file_name and type from lines that each end in CRLF; the text is
 * cut up on the way. */
bool upload_head_read(char *lines, struct upload_part *part, struct err *e);

#endif /* GATEWAY_UPLOAD_HEAD_H */
