#include "crypto/pades_contents.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "crypto/der.h"

/* One character; false for what may not stand in a hex string. */
static bool
put_digit(struct blob *out, size_t *digits, uint8_t c)
{
	int v = text_hex_digit(c);

	if (v < 0)
		return pdf_is_white(c);
	out->data[*digits / 2] |= (uint8_t)(*digits % 2 == 0 ? v << 4 : v);
	(*digits)++;
	return true;
}

/* ISO 32000-1, 7.3.4.3: a last digit alone has a zero behind it.  Digits stand
 * in pairs, as a rule, and mostly they are padding. */
static bool
unhex(const struct pdf_cursor *in, struct pdf_span token, struct blob *out)
{
	size_t digits = 0, run;

	if (token.end - token.at < 2)
		return false;
	*out =
	    (struct blob){ blob_calloc((token.end - token.at) / 2 + 1, 1), 0 };
	for (size_t i = token.at + 1; i < token.end - 1; i++) {
		if (digits % 2 == 0) {
			run = text_unhex_run(in->data + i, token.end - 1 - i,
			    out->data + digits / 2);
			digits += 2 * run;
			i += 2 * run;
		}
		if (i < token.end - 1 &&
		    !put_digit(out, &digits, in->data[i])) {
			blob_release(out);
			return false;
		}
	}
	out->len = (digits + 1) / 2;
	return true;
}

/* Is there nothing but zeros? */
static bool
is_padding(const uint8_t *p, size_t len)
{
	return len == 0 || (p[0] == 0 && memcmp(p, p + 1, len - 1) == 0);
}

/*
 * The length of the first BER object (X.690, 8.1); 0 when there is none.
 * Indefinite lengths are followed to their end-of-contents octets, since what
 * comes after must be told from what belongs to it.
 */
static size_t
object_len(const uint8_t *p, size_t len, int depth)
{
	size_t at = 2, body = 0, n, inner;

	if (len < 2 || depth > DER_DEPTH_MAX || (p[0] & 0x1f) == 0x1f)
		return 0;
	if (p[1] == 0x80) {
		if ((p[0] & 0x20) == 0)
			return 0;
		while (len - at >= 2 && (p[at] != 0 || p[at + 1] != 0)) {
			inner = object_len(p + at, len - at, depth + 1);
			if (inner == 0)
				return 0;
			at += inner;
		}
		return len - at >= 2 ? at + 2 : 0;
	}
	n = p[1] < 0x80 ? 0 : p[1] & 0x7fu;
	if (n == 0)
		body = p[1];
	if (n > 4 || len - at < n)
		return 0;
	for (; n > 0; n--)
		body = body << 8 | p[at++];
	return len - at >= body ? at + body : 0;
}

enum contents_fault
contents_read(
    const struct pdf_cursor *in, struct pdf_span token, struct blob *out)
{
	struct blob all;
	size_t len;

	if (!unhex(in, token, &all))
		return CONTENTS_NO_OBJECT;
	len = object_len(all.data, all.len, 0);
	if (len == 0) {
		blob_release(&all);
		return CONTENTS_NO_OBJECT;
	}
	if (!is_padding(all.data + len, all.len - len)) {
		blob_release(&all);
		return CONTENTS_PADDED_WITH_DATA;
	}
	all.len = len;
	*out = all;
	return CONTENTS_GOOD;
}
