/*
 * QR codes: what cannot be one, the quiet zone, and that picture and path show
 * the modules and nothing else.  That a stranger's reader reads them is in
 * tests/api/payment-vietqr.test.js.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <png.h>

#include "base/blob.h"
#include "base/err.h"
#include "gateway/qr.h"

#define TEXT "https://localhost:8443/h/H29.20-261123-0001"

static struct qr *
qr_of(const char *text)
{
	struct err e = { 0 };
	struct qr *q = NULL;

	assert_true(qr_new(text, &q, &e));
	return q;
}

static void
no_text_and_a_text_over_the_limit_are_refused(void **unused)
{
	char text[QR_TEXT_MAX + 2];
	struct qr *q = NULL;
	struct err e = { 0 };

	(void)unused;
	assert_false(qr_new("", &q, &e));
	assert_int_equal(e.code, ERR_BAD_FIELD);

	memset(text, 'x', sizeof(text));
	text[QR_TEXT_MAX + 1] = '\0';
	assert_false(qr_new(text, &q, &e));
	assert_null(q);

	text[QR_TEXT_MAX] = '\0';
	qr_free(qr_of(text));
}

/* ISO/IEC 18004, 6.3.3 and 9.1. */
static void
finders_stand_in_three_corners_within_a_quiet_zone(void **unused)
{
	struct qr *q = qr_of(TEXT);
	int w = qr_width(q), far = w - QR_QUIET - 1;

	(void)unused;
	assert_int_equal((w - 2 * QR_QUIET - 17) % 4, 0);
	for (int i = 0; i < w; i++)
		for (int k = 0; k < QR_QUIET; k++) {
			assert_false(qr_is_dark(q, i, k));
			assert_false(qr_is_dark(q, k, i));
			assert_false(qr_is_dark(q, i, w - 1 - k));
			assert_false(qr_is_dark(q, w - 1 - k, i));
		}
	for (int i = 0; i < 7; i++) {
		assert_true(qr_is_dark(q, QR_QUIET + i, QR_QUIET));
		assert_true(qr_is_dark(q, far - i, QR_QUIET));
		assert_true(qr_is_dark(q, QR_QUIET, far - i));
	}
	qr_free(q);
}

/* Redraws the path's runs and compares them with the modules. */
static void
the_path_covers_the_dark_modules_and_no_others(void **unused)
{
	struct qr *q = qr_of(TEXT);
	int w = qr_width(q), x, y, run, back;
	uint8_t *seen = blob_calloc((size_t)w, (size_t)w);
	struct buf svg = { 0 };
	const char *s;

	(void)unused;
	qr_svg(q, &svg);
	s = strstr(svg.data, "<path d=\"");
	assert_non_null(s);
	for (s += strlen("<path d=\""); *s == 'M'; s = strchr(s, 'z') + 1) {
		assert_int_equal(
		    sscanf(s, "M%d %dh%dv1h-%dz", &x, &y, &run, &back), 4);
		assert_int_equal(run, back);
		assert_in_range(x + run, 1, w);
		for (int i = 0; i < run; i++)
			seen[y * w + x + i]++;
	}
	assert_string_equal(s, "\"/></svg>");
	for (int i = 0; i < w * w; i++)
		assert_int_equal(seen[i], qr_is_dark(q, i % w, i / w));
	buf_release(&svg);
	free(seen);
	qr_free(q);
}

static void
the_picture_shows_each_module_in_its_scale(void **unused)
{
	enum { SCALE = 3 };
	struct qr *q = qr_of(TEXT);
	size_t side = (size_t)qr_width(q) * SCALE;
	png_image image = { .version = PNG_IMAGE_VERSION };
	uint8_t *gray = blob_calloc(side, side);
	struct buf png = { 0 };

	(void)unused;
	qr_png(q, SCALE, &png);
	assert_true(
	    png_image_begin_read_from_memory(&image, png.data, png.len));
	assert_int_equal(image.width, side);
	assert_int_equal(image.height, side);
	image.format = PNG_FORMAT_GRAY;
	assert_true(png_image_finish_read(&image, NULL, gray, 0, NULL));
	for (size_t y = 0; y < side; y++)
		for (size_t x = 0; x < side; x++)
			assert_int_equal(gray[y * side + x] == 0,
			    qr_is_dark(q, (int)x / SCALE, (int)y / SCALE));
	buf_release(&png);
	free(gray);
	qr_free(q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_text_and_a_text_over_the_limit_are_refused),
		cmocka_unit_test(
		    finders_stand_in_three_corners_within_a_quiet_zone),
		cmocka_unit_test(
		    the_path_covers_the_dark_modules_and_no_others),
		cmocka_unit_test(the_picture_shows_each_module_in_its_scale),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
