#include "crypto/der.h"

#include <string.h>

#include "base/buf.h"
#include "base/clock.h"

#define CONSTRUCTED 0x20

struct der
der_of(const uint8_t *data, size_t len)
{
	/* NULL is the start of nothing, and cannot be added to. */
	return (struct der){ data, len == 0 ? data : data + len };
}

struct der
der_into(const struct der_item *i)
{
	return der_of(i->body, i->len);
}

bool
der_at_end(const struct der *d)
{
	return d->at == d->end;
}

unsigned
der_peek(const struct der *d)
{
	return d->at == d->end ? 0 : *d->at;
}

/* The long form of a length (X.690, 8.1.3.5); four octets are plenty. */
static bool
long_length(const uint8_t **p, const uint8_t *end, unsigned n, size_t *len)
{
	if (n == 0 || n > 4 || (size_t)(end - *p) < n)
		return false;
	*len = 0;
	for (unsigned i = 0; i < n; i++)
		*len = *len << 8 | *(*p)++;
	return true;
}

static bool
is_shortest(unsigned n, size_t len)
{
	return len >= 0x80 && (n == 1 || len >> (8 * (n - 1)) != 0);
}

bool
der_next(struct der *d, struct der_item *out)
{
	const uint8_t *p = d->at;
	size_t len;
	unsigned n;

	if (d->end - p < 2 || (*p & 0x1f) == 0x1f || *p == 0)
		return false;
	out->tag = *p++;
	len = *p++;
	if (len >= 0x80) {
		n = len & 0x7f;
		if (!long_length(&p, d->end, n, &len) || !is_shortest(n, len))
			return false;
	}
	if ((size_t)(d->end - p) < len)
		return false;
	out->whole = d->at;
	out->body = p;
	out->len = len;
	d->at = p + len;
	out->whole_len = (size_t)(d->at - out->whole);
	return true;
}

bool
der_take(struct der *d, unsigned tag, struct der_item *out)
{
	return der_peek(d) == tag && der_next(d, out);
}

bool
der_is_whole(const uint8_t *data, size_t len, struct der_item *out)
{
	struct der d = der_of(data, len);

	return der_next(&d, out) && der_at_end(&d);
}

bool
der_equal(const struct der_item *a, const struct der_item *b)
{
	return a->whole_len == b->whole_len &&
	       memcmp(a->whole, b->whole, a->whole_len) == 0;
}

bool
der_is(const struct der_item *i, const void *bytes, size_t len)
{
	return i->len == len && (len == 0 || memcmp(i->body, bytes, len) == 0);
}

bool
der_holds(const struct der_item *i, const uint8_t *at, size_t len)
{
	uintptr_t from = (uintptr_t)i->whole, here = (uintptr_t)at;

	return here >= from && len <= i->whole_len &&
	       here - from <= i->whole_len - len && i->whole_len > 0;
}

/* Decimal, behind a dot unless it is the first.  By hand: printf() was a
 * quarter of the time a verdict takes. */
static bool
put_arc(char *out, size_t *put, uint64_t arc)
{
	char digits[24];
	size_t n = 0;

	do {
		digits[n++] = (char)('0' + arc % 10);
		arc /= 10;
	} while (arc > 0);
	if (*put + n + 2 > DER_OID_LEN)
		return false;
	if (*put > 0)
		out[(*put)++] = '.';
	while (n > 0)
		out[(*put)++] = digits[--n];
	out[*put] = '\0';
	return true;
}

/* Seven bits an octet, as few octets as it takes (X.690, 8.19.2). */
static bool
next_arc(const struct der_item *i, size_t *at, uint64_t *arc)
{
	*arc = 0;
	do {
		if (*at == i->len || *arc >> 56 != 0 ||
		    (*arc == 0 && i->body[*at] == 0x80))
			return false;
		*arc = *arc << 7 | (i->body[*at] & 0x7f);
	} while (i->body[(*at)++] & 0x80);
	return true;
}

bool
der_oid(const struct der_item *i, char out[DER_OID_LEN])
{
	uint64_t arc, top;
	size_t at = 0, put = 0;

	if (i->tag != DER_OID || i->len == 0)
		return false;
	while (at < i->len) {
		if (!next_arc(i, &at, &arc))
			return false;
		if (put == 0) { /* the first two arcs in one */
			top = arc < 80 ? arc / 40 : 2;
			put_arc(out, &put, top);
			arc -= top * 40;
		}
		if (!put_arc(out, &put, arc))
			return false;
	}
	return true;
}

static uint64_t
dotted_arc(const char **s)
{
	uint64_t arc = 0;

	for (; **s >= '0' && **s <= '9'; ++*s)
		arc = arc * 10 + (uint64_t)(**s - '0');
	if (**s == '.')
		++*s;
	return arc;
}

bool
der_oid_is(const struct der_item *i, const char *dotted)
{
	uint64_t arc, wanted = dotted_arc(&dotted) * 40;
	size_t at = 0;

	wanted += dotted_arc(&dotted); /* the first two arcs in one */
	while (i->tag == DER_OID && next_arc(i, &at, &arc) && arc == wanted) {
		if (*dotted == '\0')
			return at == i->len;
		wanted = dotted_arc(&dotted);
	}
	return false;
}

bool
der_small(const struct der_item *i, int *out)
{
	uint32_t n = 0;

	if (i->tag != DER_INTEGER || i->len == 0 || i->len > 4 ||
	    (i->body[0] & 0x80))
		return false;
	for (size_t k = 0; k < i->len; k++)
		n = n << 8 | i->body[k];
	*out = (int)n;
	return true;
}

static bool
digits(const uint8_t *p, size_t n, int *out)
{
	*out = 0;
	for (size_t i = 0; i < n; i++) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*out = *out * 10 + (p[i] - '0');
	}
	return true;
}

/* ".123Z" or "Z": decimals without trailing zeros (X.690, 11.7.3), though
 * zeros are let pass, as TSAs write them. */
static bool
decimals(const uint8_t *p, size_t n, int64_t *us)
{
	int64_t unit = 100000;

	*us = 0;
	if (n == 0 || p[n - 1] != 'Z')
		return false;
	if (n == 1)
		return true;
	if (p[0] != '.' || n < 3 || n > 8)
		return false;
	for (size_t i = 1; i < n - 1; i++, unit /= 10) {
		if (p[i] < '0' || p[i] > '9')
			return false;
		*us += (p[i] - '0') * unit;
	}
	return true;
}

static bool
is_time_of_day(int h, int m, int s)
{
	return h < 24 && m < 60 && s < 60;
}

bool
der_time(const struct der_item *i, int64_t *us)
{
	size_t year_len = i->tag == DER_UTC_TIME ? 2 : 4;
	const uint8_t *p = i->body;
	struct clock_date d;
	int64_t fraction;
	int h, m, s;

	if ((i->tag != DER_UTC_TIME && i->tag != DER_TIME) ||
	    i->len < year_len + 11)
		return false;
	if (!digits(p, year_len, &d.year) ||
	    !digits(p + year_len, 2, &d.month) ||
	    !digits(p + year_len + 2, 2, &d.day) ||
	    !digits(p + year_len + 4, 2, &h) ||
	    !digits(p + year_len + 6, 2, &m) ||
	    !digits(p + year_len + 8, 2, &s) ||
	    !decimals(p + year_len + 10, i->len - year_len - 10, &fraction))
		return false;
	if (i->tag == DER_UTC_TIME)
		d.year += d.year < 50 ? 2000 : 1900;
	if (d.month < 1 || d.month > 12 || d.day < 1 || d.day > 31 ||
	    !is_time_of_day(h, m, s))
		return false;
	*us = (clock_days(d) * CLOCK_DAY_SEC + h * 3600 + m * 60 + s) *
		  CLOCK_SEC_US +
	      fraction;
	return true;
}

static bool
strict(struct der d, int depth)
{
	struct der_item i;

	if (depth > DER_DEPTH_MAX)
		return false;
	while (!der_at_end(&d)) {
		if (!der_next(&d, &i))
			return false;
		if ((i.tag & CONSTRUCTED) && !strict(der_into(&i), depth + 1))
			return false;
	}
	return true;
}

/* In a message of this profile every string is primitive: a constructed one
 * is BER's way of writing it (X.690, 10.2). */
static bool
has_pieces(struct der d)
{
	struct der_item i;

	while (der_next(&d, &i)) {
		if (i.tag == (DER_OCTETS | CONSTRUCTED))
			return true;
		if ((i.tag & CONSTRUCTED) && has_pieces(der_into(&i)))
			return true;
	}
	return false;
}

bool
der_is_strict(const uint8_t *data, size_t len)
{
	struct der_item i;

	return der_is_whole(data, len, &i) && strict(der_of(data, len), 1) &&
	       !has_pieces(der_of(data, len));
}

/*
 * Normalising.  Each level collects its children before its own length can be
 * written, so a byte is copied at most DER_DEPTH_MAX times.
 */
struct header {
	uint8_t tag;
	bool indefinite;
	size_t len;
};

static bool
ber_header(struct der *in, struct header *h)
{
	const uint8_t *p = in->at;

	if (in->end - p < 2 || (*p & 0x1f) == 0x1f || *p == 0)
		return false;
	h->tag = *p++;
	h->len = *p++;
	h->indefinite = h->len == 0x80;
	if (h->indefinite) {
		if (!(h->tag & CONSTRUCTED))
			return false;
		h->len = 0;
	} else if (h->len > 0x80 &&
		   !long_length(&p, in->end, h->len & 0x7f, &h->len)) {
		return false;
	}
	in->at = p;
	return (size_t)(in->end - p) >= h->len;
}

static void
put_header(struct buf *out, uint8_t tag, size_t len)
{
	uint8_t octets[6] = { tag };
	size_t n = 2;

	if (len < 0x80) {
		octets[1] = (uint8_t)len;
	} else {
		size_t bytes = len >> 24 ? 4 : len >> 16 ? 3 : len >> 8 ? 2 : 1;

		octets[1] = (uint8_t)(0x80 | bytes);
		while (bytes-- > 0)
			octets[n++] = (uint8_t)(len >> (8 * bytes));
	}
	buf_put(out, octets, n);
}

static bool normalise(struct der *in, int depth, struct buf *out);

/* A piece of a constructed OCTET STRING adds its contents alone. */
static bool
normalise_piece(struct der *in, int depth, struct buf *out)
{
	struct buf piece = { 0 };
	struct der_item i;
	bool ok;

	ok = normalise(in, depth, &piece) &&
	     der_is_whole((const uint8_t *)piece.data, piece.len, &i) &&
	     i.tag == DER_OCTETS;
	if (ok)
		buf_put(out, i.body, i.len);
	buf_release(&piece);
	return ok;
}

static bool
normalise_children(
    struct der *in, const struct header *h, int depth, struct buf *out)
{
	struct der body = { in->at, h->indefinite ? in->end : in->at + h->len };
	bool pieces = h->tag == (DER_OCTETS | CONSTRUCTED);

	for (;;) {
		if (!h->indefinite && der_at_end(&body))
			break;
		if (h->indefinite && body.end - body.at >= 2 &&
		    body.at[0] == 0 && body.at[1] == 0) {
			body.at += 2;
			break;
		}
		if (!(pieces ? normalise_piece(&body, depth + 1, out)
			     : normalise(&body, depth + 1, out)))
			return false;
	}
	in->at = body.at;
	return true;
}

static bool
normalise(struct der *in, int depth, struct buf *out)
{
	struct buf children = { 0 };
	struct header h;
	bool ok;

	if (depth > DER_DEPTH_MAX || !ber_header(in, &h))
		return false;
	if (!(h.tag & CONSTRUCTED)) {
		put_header(out, h.tag, h.len);
		buf_put(out, in->at, h.len);
		in->at += h.len;
		return true;
	}
	ok = normalise_children(in, &h, depth, &children);
	if (ok) {
		if (h.tag == (DER_OCTETS | CONSTRUCTED))
			h.tag = DER_OCTETS;
		put_header(out, h.tag, children.len);
		buf_put(out, children.data, children.len);
	}
	buf_release(&children);
	return ok;
}

bool
der_normalise(const uint8_t *data, size_t len, struct blob *out)
{
	struct der in = der_of(data, len);
	struct buf b = { 0 };

	if (!normalise(&in, 1, &b) || !der_at_end(&in)) {
		buf_release(&b);
		return false;
	}
	out->len = b.len;
	out->data = (uint8_t *)buf_take(&b);
	return true;
}
