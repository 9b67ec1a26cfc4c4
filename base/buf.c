#include "base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/log.h"

static void
reserve(struct buf *b, size_t more)
{
	size_t need = b->len + more + 1;

	if (need <= b->cap)
		return;
	b->cap = need < 128 ? 128 : need + need / 2;
	b->data = blob_grow(b->data, b->cap, 1);
}

void
buf_put(struct buf *b, const void *data, size_t len)
{
	reserve(b, len);
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int len;

	va_start(ap, fmt);
	len = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (len < 0)
		fatalx("format: %s", fmt);
	reserve(b, (size_t)len);
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)len + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)len;
}

void
buf_hex(struct buf *b, const uint8_t *data, size_t len)
{
	static const char hex[] = "0123456789abcdef";

	reserve(b, 2 * len);
	for (size_t i = 0; i < len; i++) {
		b->data[b->len++] = hex[data[i] >> 4];
		b->data[b->len++] = hex[data[i] & 15];
	}
	b->data[b->len] = '\0';
}

void
buf_base64(struct buf *b, const uint8_t *data, size_t len)
{
	static const char abc[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				  "abcdefghijklmnopqrstuvwxyz0123456789+/";

	reserve(b, (len + 2) / 3 * 4);
	for (size_t i = 0; i < len; i += 3) {
		uint32_t v = (uint32_t)data[i] << 16;

		v |= i + 1 < len ? (uint32_t)data[i + 1] << 8 : 0;
		v |= i + 2 < len ? data[i + 2] : 0;
		b->data[b->len++] = abc[v >> 18];
		b->data[b->len++] = abc[v >> 12 & 63];
		b->data[b->len++] = i + 1 < len ? abc[v >> 6 & 63] : '=';
		b->data[b->len++] = i + 2 < len ? abc[v & 63] : '=';
	}
	b->data[b->len] = '\0';
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
