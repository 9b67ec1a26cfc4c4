/*
 * A multipart form as a stranger sends it.  However it is cut into chunks, it
 * is the same form or refused alike; what is accepted ends in its boundary, and
 * no two of its parts have one name.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/err.h"
#include "gateway/upload.h"

#define FORM_MAX (1 << 16)
#define PART_MAX (1 << 15)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static struct upload *
receive(const uint8_t *data, size_t len, size_t chunk)
{
	struct upload *up = NULL;
	struct err e = { 0 };
	bool ok = upload_new(
	    "multipart/form-data; boundary=b", PART_MAX, FORM_MAX, &up, &e);

	assert(ok);
	for (size_t i = 0; ok && i < len; i += chunk)
		ok = upload_feed(
		    up, data + i, len - i < chunk ? len - i : chunk, &e);
	if (ok && upload_end(up, &e))
		return up;
	upload_free(up);
	return NULL;
}

static void
is_same(const struct upload_part *a, const struct upload_part *b)
{
	assert(strcmp(a->name, b->name) == 0);
	assert(strcmp(a->file_name, b->file_name) == 0);
	assert(strcmp(a->type, b->type) == 0);
	assert(a->len == b->len);
	assert(memcmp(a->sha256, b->sha256, sizeof(a->sha256)) == 0);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	size_t chunk = len > 0 ? data[0] % 16 + 1u : 1;
	struct upload *whole, *cut;

	if (len > 0) {
		data++;
		len--;
	}
	whole = receive(data, len, len + 1);
	cut = receive(data, len, chunk);
	assert((whole == NULL) == (cut == NULL));
	if (whole != NULL) {
		assert(len >= 5 && upload_count(whole) > 0);
		assert(upload_count(whole) == upload_count(cut));
		for (size_t i = 0; i < upload_count(whole); i++) {
			const struct upload_part *p = upload_part(whole, i);

			is_same(p, upload_part(cut, i));
			assert(upload_find(whole, p->name) == p);
		}
	}
	upload_free(whole);
	upload_free(cut);
	return 0;
}
