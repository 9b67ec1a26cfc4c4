#include "base/buf.h"

#include <endian.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/log.h"

void
buf_reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;

	if (need <= b->cap)
		return;
	b->cap = need < 128 ? 128 : need + need / 2;
	b->data = blob_grow(b->data, b->cap, 1);
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int len;

	buf_reserve(b, 0);
	va_start(ap, fmt);
	len = vsnprintf(b->data + b->len, b->cap - b->len, fmt, ap);
	va_end(ap);
	if (len < 0)
		fatalx("format: %s", fmt);
	if ((size_t)len >= b->cap - b->len) {
		buf_reserve(b, (size_t)len);
		va_start(ap, fmt);
		vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
		va_end(ap);
	}
	b->len += (size_t)len;
}

void
buf_hex(struct buf *b, const uint8_t *data, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	buf_reserve(b, 2 * len);
	for (size_t i = 0; i < len; i++) {
		b->data[b->len++] = hex[data[i] >> 4];
		b->data[b->len++] = hex[data[i] & 15];
	}
	b->data[b->len] = '\0';
}

/* What twelve bits are in base64: half the look-ups of one for six. */
static char pairs[4096][2];
static pthread_once_t pairs_made = PTHREAD_ONCE_INIT;

static void
make_pairs(void)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < nitems(pairs); i++) {
		pairs[i][0] = abc[i >> 6];
		pairs[i][1] = abc[i & 63];
	}
}

/* Twelve bits of v, above so many others. */
static void
put_pair(char out[2], uint64_t v, int below)
{
	memcpy(out, pairs[v >> below & 4095], 2);
}

static void
put_group(char out[4], uint8_t first, uint8_t second, uint8_t third)
{
	uint32_t v = (uint32_t)first << 16 | (uint32_t)second << 8 | third;

	put_pair(out, v, 12);
	put_pair(out + 2, v, 0);
}

void
buf_base64(struct buf *b, const uint8_t *data, size_t len)
{
	uint64_t v;
	char *out;

	pthread_once(&pairs_made, make_pairs);
	buf_reserve(b, (len + 2) / 3 * 4);
	out = b->data + b->len;
	for (; len >= sizeof(v); len -= 6, data += 6, out += 8) {
		memcpy(&v, data, sizeof(v));
		v = be64toh(v);
		put_pair(out, v, 52);
		put_pair(out + 2, v, 40);
		put_pair(out + 4, v, 28);
		put_pair(out + 6, v, 16);
	}
	for (; len >= 3; len -= 3, data += 3, out += 4)
		put_group(out, data[0], data[1], data[2]);
	if (len > 0) {
		put_group(out, data[0], len == 2 ? data[1] : 0, 0);
		memset(out + 1 + len, '=', 3 - len);
		out += 4;
	}
	*out = '\0';
	b->len = (size_t)(out - b->data);
}

static const char *
entity(char c)
{
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	default:
		return "&#39;";
	}
}

void
buf_html(struct buf *b, const char *s)
{
	for (;;) {
		size_t plain = strcspn(s, "&<>\"'");

		buf_put(b, s, plain);
		s += plain;
		if (*s == '\0')
			return;
		buf_puts(b, entity(*s++));
	}
}

char *
buf_take(struct buf *b)
{
	char *data;

	buf_put(b, "", 0);
	data = b->data;
	*b = (struct buf){ 0 };
	return data;
}

void
buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}
