#include "base/text.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <utf8proc.h>

#include "base/log.h"

bool
text_is_utf8(const char *s, size_t len)
{
	const utf8proc_uint8_t *p = (const utf8proc_uint8_t *)s;
	utf8proc_ssize_t left = (utf8proc_ssize_t)len, n;
	utf8proc_int32_t c;

	for (; left > 0; p += n, left -= n) {
		n = *p < 0x80 ? 1 : utf8proc_iterate(p, left, &c);
		if (n < 1)
			return false;
	}
	return true;
}

void
text_cut(char *s)
{
	size_t len = strlen(s), tail = len;

	/* Back to the byte that begins the last character. */
	while (tail > 0 && len - tail < 3 &&
	       ((unsigned char)s[tail - 1] >> 6) == 2)
		tail--;
	if (tail > 0 && (unsigned char)s[tail - 1] >= 0xc0 &&
	    !text_is_utf8(s + tail - 1, len - tail + 1))
		s[tail - 1] = '\0';
}

static char *
map(const char *s, utf8proc_option_t how)
{
	utf8proc_uint8_t *out;

	if (utf8proc_map((const utf8proc_uint8_t *)s, 0, &out,
		UTF8PROC_NULLTERM | UTF8PROC_STABLE | how) < 0)
		fatalx("text: not UTF-8, or out of memory");
	return (char *)out;
}

char *
text_nfc(const char *s)
{
	return map(s, UTF8PROC_COMPOSE);
}

char *
text_unaccent(const char *s)
{
	char *out = map(s, UTF8PROC_DECOMPOSE | UTF8PROC_STRIPMARK);
	char *w = out;

	/* U+0111 and U+0110 are letters of their own, not a d with a mark. */
	for (const char *r = out; *r != '\0'; r++) {
		if ((unsigned char)r[0] == 0xc4 &&
		    ((unsigned char)r[1] | 1) == 0x91) {
			*w++ = (unsigned char)r[1] == 0x91 ? 'd' : 'D';
			r++;
		} else {
			*w++ = *r;
		}
	}
	*w = '\0';
	return out;
}

/* One more than the value; 0: no digit. */
static const uint8_t hex_values[256] = {
	['0'] = 1,
	['1'] = 2,
	['2'] = 3,
	['3'] = 4,
	['4'] = 5,
	['5'] = 6,
	['6'] = 7,
	['7'] = 8,
	['8'] = 9,
	['9'] = 10,
	['a'] = 11,
	['b'] = 12,
	['c'] = 13,
	['d'] = 14,
	['e'] = 15,
	['f'] = 16,
	['A'] = 11,
	['B'] = 12,
	['C'] = 13,
	['D'] = 14,
	['E'] = 15,
	['F'] = 16,
};

int
text_hex_digit(int c)
{
	return c < 0 || c > 255 ? -1 : hex_values[c] - 1;
}

size_t
text_unhex_run(const uint8_t *s, size_t len, uint8_t *out)
{
	size_t n = 0;

	for (; 2 * n + 1 < len; n++) {
		unsigned hi = hex_values[s[2 * n]] - 1U;
		unsigned lo = hex_values[s[2 * n + 1]] - 1U;

		if ((hi | lo) > 15)
			break;
		out[n] = (uint8_t)(hi << 4 | lo);
	}
	return n;
}

bool
text_unhex(const char *s, uint8_t *out, size_t len)
{
	return strlen(s) == 2 * len &&
	       text_unhex_run((const uint8_t *)s, 2 * len, out) == len;
}

void
text_hex(const uint8_t *data, size_t len, char *out)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = 0; i < len; i++) {
		out[2 * i] = hex[data[i] >> 4];
		out[2 * i + 1] = hex[data[i] & 15];
	}
	out[2 * len] = '\0';
}

static int
sextet(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '+')
		return 62;
	return c == '/' ? 63 : -1;
}

bool
text_unbase64(const char *s, uint8_t *out, size_t *len)
{
	size_t n = strlen(s), used = 0, pad = 0;

	if (n % 4 != 0)
		return false;
	while (pad < 2 && pad < n && s[n - 1 - pad] == '=')
		pad++;
	for (size_t i = 0; i < n; i += 4) {
		uint32_t v = 0;
		size_t bytes = i + 4 == n ? 3 - pad : 3;

		for (size_t j = 0; j < 4; j++) {
			bool padding = i + j >= n - pad;
			int c = padding ? 0 : sextet(s[i + j]);

			if (c < 0)
				return false;
			v = v << 6 | (uint32_t)c;
		}
		if (used + bytes > *len ||
		    (bytes < 3 && (v & (0xffffffu >> (8 * bytes))) != 0))
			return false;
		for (size_t j = 0; j < bytes; j++)
			out[used++] = (uint8_t)(v >> (16 - 8 * j));
	}
	*len = used;
	return true;
}

void
text_base64url(const uint8_t *data, size_t len, char *out)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789-_";
	uint32_t v = 0;
	int bits = 0;

	for (size_t i = 0; i < len; i++) {
		v = v << 8 | data[i];
		for (bits += 8; bits >= 6; bits -= 6)
			*out++ = abc[v >> (bits - 6) & 63];
	}
	if (bits > 0)
		*out++ = abc[v << (6 - bits) & 63];
	*out = '\0';
}

bool
text_int(const char *s, int64_t *out)
{
	int64_t n = 0;

	if (*s == '\0' || (*s == '0' && s[1] != '\0'))
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9' || n > (INT64_MAX - 9) / 10)
			return false;
		n = n * 10 + (*s - '0');
	}
	*out = n;
	return true;
}

bool
text_ieq(const char *a, const char *b)
{
	return strcasecmp(a, b) == 0;
}

void
text_mask(const char *s, size_t keep, char *out, size_t cap)
{
	size_t len = strlen(s);
	size_t hide = len > keep ? len - keep : len;
	size_t n = 0;

	for (; n < len && n + 1 < cap; n++)
		out[n] = n < hide ? '*' : s[n];
	out[n] = '\0';
}
