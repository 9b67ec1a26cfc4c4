/*
 * VietQR as a stranger may write it.  A fuzzer does not guess a CRC, so the
 * text is closed with a true one here when the first byte is odd.  A refusal
 * leaves *out alone; what is read can be written, and reads the same again.
 * The rest is looked through as the content of a transfer.
 */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/transfer_code.h"
#include "adapters/vietqr.h"
#include "base/err.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

#define TEXT_MAX 600

static void
close_text(char *text)
{
	unsigned crc = 0xFFFF;
	size_t len = strlen(text);

	snprintf(text + len, 5, "6304");
	for (const char *s = text; *s != '\0'; s++)
		for (int bit = 7; bit >= 0; bit--) {
			unsigned top =
			    crc >> 15 ^ ((unsigned)(uint8_t)*s >> bit & 1);

			crc = (crc << 1 ^ (top & 1) * 0x1021) & 0xFFFF;
		}
	snprintf(text + len + 4, 5, "%04X", crc);
}

static void
reads_the_same_again(const struct vietqr *q)
{
	struct vietqr again = { 0 };
	struct buf text = { 0 };
	struct err e = { 0 };

	assert(vietqr_write(q, &text, &e));
	assert(vietqr_read(text.data, text.len, &again, &e));
	assert(memcmp(q, &again, sizeof(again)) == 0);
	buf_release(&text);
}

static void
read_it(const char *text)
{
	struct vietqr q = { 0 };
	const struct vietqr untouched = { 0 };
	struct err e = { 0 };

	if (vietqr_read(text, strlen(text), &q, &e))
		reads_the_same_again(&q);
	else
		assert(memcmp(&q, &untouched, sizeof(q)) == 0);
}

static void
look_for_codes(const char *text)
{
	char mark[TRANSFER_MARK_LEN] = "";
	int n;

	if (!text_is_utf8(text, strlen(text)))
		return;
	n = transfer_code_find(text, mark);
	assert(n >= 0 && n <= 2);
	assert(n == 0 || strspn(mark, "0123456789abcdef") == 11);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char text[TEXT_MAX + 9] = "";

	if (len == 0 || len > TEXT_MAX)
		return 0;
	memcpy(text, data + 1, len - 1);
	look_for_codes(text);
	if (data[0] & 1)
		close_text(text);
	read_it(text);
	return 0;
}
