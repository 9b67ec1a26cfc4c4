#include "gateway/qr.h"

#include <assert.h>
#include <png.h>
#include <qrencode.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"

#define DARK_BIT 1 /* of a module; the others say what it is for */

struct qr {
	QRcode *code;
};

/* Digits and capitals are told from other bytes, so that a VietQR is of the
 * smallest version that it can be. */
bool
qr_new(const char *text, struct qr **out, struct err *e)
{
	size_t len = strlen(text);
	QRcode *code;

	if (len == 0 || len > QR_TEXT_MAX)
		return err_set(
		    e, ERR_BAD_FIELD, "qr: a text of %zu bytes", len);
	code = QRcode_encodeString(text, 0, QR_ECLEVEL_M, QR_MODE_8, 1);
	if (code == NULL)
		fatal("qr: %zu bytes", len);
	*out = blob_calloc(1, sizeof(**out));
	(*out)->code = code;
	return true;
}

void
qr_free(struct qr *q)
{
	if (q == NULL)
		return;
	QRcode_free(q->code);
	free(q);
}

int
qr_width(const struct qr *q)
{
	return q->code->width + 2 * QR_QUIET;
}

bool
qr_is_dark(const struct qr *q, int x, int y)
{
	int w = q->code->width, cx = x - QR_QUIET, cy = y - QR_QUIET;

	assert(x >= 0 && x < qr_width(q));
	assert(y >= 0 && y < qr_width(q));

	if (cx < 0 || cy < 0 || cx >= w || cy >= w)
		return false;
	return q->code->data[cy * w + cx] & DARK_BIT;
}

/* The dark modules of a row, run by run. */
static void
put_row(const struct qr *q, int y, struct buf *out)
{
	for (int x = 0, end; x < qr_width(q); x = end + 1) {
		for (end = x; end < qr_width(q) && qr_is_dark(q, end, y); end++)
			continue;
		if (end > x)
			buf_printf(
			    out, "M%d %dh%dv1h-%dz", x, y, end - x, end - x);
	}
}

void
qr_svg(const struct qr *q, struct buf *out)
{
	int w = qr_width(q);

	buf_printf(out,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" "
	    "viewBox=\"0 0 %d %d\" shape-rendering=\"crispEdges\">"
	    "<path fill=\"#fff\" d=\"M0 0h%dv%dH0z\"/><path d=\"",
	    w, w, w, w);
	for (int y = 0; y < w; y++)
		put_row(q, y, out);
	buf_puts(out, "\"/></svg>");
}

static uint8_t *
pixels(const struct qr *q, int scale)
{
	size_t side = (size_t)(qr_width(q) * scale);
	uint8_t *p = blob_calloc(side, side);

	for (size_t y = 0; y < side; y++)
		for (size_t x = 0; x < side; x++)
			p[y * side + x] =
			    qr_is_dark(q, (int)x / scale, (int)y / scale)
				? 0
				: UINT8_MAX;
	return p;
}

void
qr_png(const struct qr *q, int scale, struct buf *out)
{
	png_image image = { .version = PNG_IMAGE_VERSION };
	png_alloc_size_t len;
	uint8_t *gray, *png;

	assert(scale >= 1 && scale <= QR_SCALE_MAX);

	gray = pixels(q, scale);
	image.width = image.height = (png_uint_32)(qr_width(q) * scale);
	image.format = PNG_FORMAT_GRAY;
	len = PNG_IMAGE_PNG_SIZE_MAX(image);
	png = blob_calloc(len, 1);
	if (!png_image_write_to_memory(&image, png, &len, 0, gray, 0, NULL))
		fatalx("qr: %s", image.message);
	buf_put(out, png, len);
	free(png);
	free(gray);
}
