#include "crypto/sign_der.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/clock.h"
#include "crypto/der.h"

/* Lengths in their shortest form (X.690, 10.1). */
void
der_put(struct buf *out, unsigned tag, const void *body, size_t len)
{
	uint8_t head[2 + sizeof(len)];
	size_t n = 0, octets = 0;

	head[n++] = (uint8_t)tag;
	if (len < 0x80) {
		head[n++] = (uint8_t)len;
	} else {
		while (octets < sizeof(len) && len >> (8 * octets) != 0)
			octets++;
		head[n++] = (uint8_t)(0x80 | octets);
		while (octets-- > 0)
			head[n++] = (uint8_t)(len >> (8 * octets));
	}
	buf_put(out, head, n);
	buf_put(out, body, len);
}

void
der_wrap(struct buf *out, unsigned tag, struct buf *body)
{
	der_put(out, tag, body->data, body->len);
	buf_release(body);
}

void
der_put_small(struct buf *out, uint8_t n)
{
	der_put(out, DER_INTEGER, &n, 1);
}

void
der_put_time(struct buf *out, int64_t us)
{
	char s[CLOCK_RFC3339_LEN], digits[16];
	size_t n = 0;
	bool utc;

	/* "2026-11-23T03:04:05.000006Z" without what is no digit. */
	clock_rfc3339(us, s);
	for (const char *p = s; *p != '\0' && n < 14; p++)
		if (*p >= '0' && *p <= '9')
			digits[n++] = *p;
	digits[n++] = 'Z';
	utc = memcmp(digits, "1950", 4) >= 0 && memcmp(digits, "2050", 4) < 0;
	if (utc)
		der_put(out, DER_UTC_TIME, digits + 2, n - 2);
	else
		der_put(out, DER_TIME, digits, n);
}

/* As if the shorter were padded with zeros; no two are prefixes here. */
static int
by_bytes(const void *a, const void *b)
{
	const struct buf *x = a, *y = b;
	int d = memcmp(x->data, y->data, x->len < y->len ? x->len : y->len);

	return d != 0 ? d : (x->len > y->len) - (x->len < y->len);
}

void
der_wrap_set(struct buf *out, unsigned tag, struct buf *parts, size_t n)
{
	struct buf all = { 0 };

	qsort(parts, n, sizeof(*parts), by_bytes);
	for (size_t i = 0; i < n; i++) {
		buf_put(&all, parts[i].data, parts[i].len);
		buf_release(&parts[i]);
	}
	der_wrap(out, tag, &all);
}
