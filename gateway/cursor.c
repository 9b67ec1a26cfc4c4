#include "gateway/cursor.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "crypto/mac.h"

/* hex(a) "." hex(b) "." sixteen hex digits of the MAC over what precedes. */
#define MAC_DIGITS 16

static void
stamp(const uint8_t secret[32], const char *text, size_t len,
    char out[MAC_DIGITS + 1])
{
	uint8_t mac[MAC_LEN_MAX];
	char all[128];
	int n;

	n = snprintf(all, sizeof(all), "hosogate cursor|%.*s", (int)len, text);
	mac_hmac(MAC_SHA256, secret, 32, all, (size_t)n, mac);
	text_hex(mac, MAC_DIGITS / 2, out);
}

void
cursor_make(
    const uint8_t secret[32], int64_t a, int64_t b, char out[CURSOR_LEN])
{
	char mac[MAC_DIGITS + 1];
	int n;

	n = snprintf(
	    out, CURSOR_LEN, "%" PRIx64 ".%" PRIx64, (uint64_t)a, (uint64_t)b);
	stamp(secret, out, (size_t)n, mac);
	snprintf(out + n, CURSOR_LEN - (size_t)n, ".%s", mac);
}

bool
cursor_read(const uint8_t secret[32], const char *text, int64_t *a, int64_t *b,
    struct err *e)
{
	uint64_t x, y;
	char mac[MAC_DIGITS + 1];
	const char *dot;

	*a = *b = 0;
	if (text == NULL || *text == '\0')
		return true;
	dot = strrchr(text, '.');
	if (dot == NULL || strlen(text) >= CURSOR_LEN ||
	    strlen(dot + 1) != MAC_DIGITS)
		return err_field(e, ERR_BAD_FIELD, "?after", "no cursor");
	stamp(secret, text, (size_t)(dot - text), mac);
	if (!mac_equal(mac, dot + 1, MAC_DIGITS) ||
	    sscanf(text, "%" SCNx64 ".%" SCNx64, &x, &y) != 2)
		return err_field(e, ERR_BAD_FIELD, "?after", "not our cursor");
	*a = (int64_t)x;
	*b = (int64_t)y;
	return true;
}
