#ifndef GATEWAY_QR_H
#define GATEWAY_QR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/*
 * A QR code (ISO/IEC 18004) of a text, with error correction of level M and
 * the quiet zone of four light modules on each side that clause 9.1 demands:
 * whoever draws it needs to add nothing.
 *
 * The smallest version that holds the text is taken.  The same text always
 * gives the same code.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD	an empty text, or one of over QR_TEXT_MAX bytes
 *	fatal		out of memory
 */
struct err;
struct qr;

#define QR_TEXT_MAX  1024 /* bytes */
#define QR_QUIET     4    /* modules */
#define QR_SCALE_MAX 32   /* pixels of a module */

bool qr_new(const char *text, struct qr **out, struct err *e);
void qr_free(struct qr *q);

/* Modules a side, the quiet zone included. */
int qr_width(const struct qr *q);

/* Within the width; false in the quiet zone. */
bool qr_is_dark(const struct qr *q, int x, int y);

/* Appends a whole SVG document of one path, a unit a module; it is sized by
 * whoever places it. */
void qr_svg(const struct qr *q, struct buf *out);

/* Appends a PNG, black on white, of scale pixels a module. */
void qr_png(const struct qr *q, int scale, struct buf *out);

#endif /* GATEWAY_QR_H */
