#ifndef BASE_BUF_H
#define BASE_BUF_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Bytes that grow.  Start from { 0 }; data is NUL-terminated once anything
 * was put, and stays valid until the next put.  Out of memory is fatal.
 */
struct buf {
	char *data;
	size_t len;
	size_t cap;
};

/* Makes room for so many bytes more, at once where it is known what comes. */
void buf_reserve(struct buf *b, size_t more);

/* These two are inline for literals, which become a store or two. */
static inline void
buf_put(struct buf *b, const void *data, size_t len)
{
	if (b->cap - b->len <= len)
		buf_reserve(b, len);
	if (len > 0)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

static inline void
buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

void buf_hex(struct buf *b, const uint8_t *data, size_t len);    /* lower */
void buf_base64(struct buf *b, const uint8_t *data, size_t len); /* RFC 4648 */

/* Writes with &, <, >, " and ' as entities. */
void buf_html(struct buf *b, const char *s);

/* Hands the bytes over (free() them) and zeroes *b; never NULL. */
char *buf_take(struct buf *b);

/* A zeroed buf is fine. */
void buf_release(struct buf *b);

#endif /* BASE_BUF_H */
