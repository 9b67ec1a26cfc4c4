/*
 * A mail as a stranger sends it to where notifications arrive.  It is read
 * without a crash; what comes out is ASCII, names a mail and a recipient, and
 * a refusal leaves everything alone.  Seeds: the notification of
 * tests/unit/test_dsn.c, which smoke.sh takes out of it.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "gateway/dsn.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
assert_ascii(const char *s, size_t cap)
{
	assert(strnlen(s, cap) < cap);
	for (; *s != '\0'; s++)
		assert(*s >= ' ' && *s < 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct dsn d, before;

	memset(&d, 0x55, sizeof(d));
	before = d;
	if (!dsn_read((const char *)data, len, &d)) {
		assert(memcmp(&d, &before, sizeof(d)) == 0);
		return 0;
	}
	assert(d.message_id[0] != '\0' && d.recipient[0] != '\0');
	assert_ascii(d.message_id, sizeof(d.message_id));
	assert_ascii(d.recipient, sizeof(d.recipient));
	assert_ascii(d.status, sizeof(d.status));
	assert_ascii(d.diagnostic, sizeof(d.diagnostic));
	return 0;
}
