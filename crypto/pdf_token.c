/*
 * A lexer and no parser: it says where a value begins and ends, and leaves
 * what it means to whoever asked.  Every loop moves the cursor, every nesting
 * is counted, so a hostile file costs time in proportion to its size.
 */
#include "crypto/pdf_token.h"

#include <string.h>

#include "base/text.h"

/* ISO 32000-1, table 1. */
bool
pdf_is_white(int c)
{
	return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' ||
	       c == ' ';
}

/* Table 2; NUL is white space, though strchr() would find it. */
bool
pdf_is_delimiter(int c)
{
	return c != 0 && strchr("()<>[]{}/%", c) != NULL;
}

/* Neither white space nor a delimiter: the token goes on (7.2.2). */
static bool
is_regular(const struct pdf_cursor *in, size_t at)
{
	return at < in->len && !pdf_is_white(in->data[at]) &&
	       !pdf_is_delimiter(in->data[at]);
}

/* The byte n after the cursor, or -1 at the end. */
static int
peek(const struct pdf_cursor *in, size_t n)
{
	return in->len - in->at > n ? in->data[in->at + n] : -1;
}

/* An offset from a stranger is brought inside, never trusted. */
struct pdf_cursor
pdf_at(const struct pdf_cursor *in, size_t at)
{
	return (struct pdf_cursor){ in->data, in->len,
		at < in->len ? at : in->len };
}

void
pdf_skip_white(struct pdf_cursor *in)
{
	while (in->at < in->len && pdf_is_white(in->data[in->at]))
		in->at++;
}

/* A comment ends with its line and counts as a space (7.2.3). */
void
pdf_skip_blank(struct pdf_cursor *in)
{
	for (pdf_skip_white(in); peek(in, 0) == '%'; pdf_skip_white(in))
		while (in->at < in->len && in->data[in->at] != '\n' &&
		       in->data[in->at] != '\r')
			in->at++;
}

/* "endobjx" is not "endobj". */
bool
pdf_word(struct pdf_cursor *in, const char *word)
{
	struct pdf_cursor c = *in;
	size_t n = strlen(word);

	pdf_skip_blank(&c);
	if (c.len - c.at < n || memcmp(c.data + c.at, word, n) != 0 ||
	    is_regular(&c, c.at + n))
		return false;
	c.at += n;
	*in = c;
	return true;
}

/* 18 digits fit, whatever they are; 19 might not. */
bool
pdf_uint(struct pdf_cursor *in, uint64_t *n)
{
	struct pdf_cursor c = *in;
	uint64_t sum = 0;
	size_t start;

	pdf_skip_blank(&c);
	start = c.at;
	while (peek(&c, 0) >= '0' && peek(&c, 0) <= '9') {
		if (c.at - start >= 18)
			return false;
		sum = sum * 10 + (uint64_t)(c.data[c.at++] - '0');
	}
	if (c.at == start || is_regular(&c, c.at))
		return false;
	*n = sum;
	*in = c;
	return true;
}

/* Both "12 0 obj" and "12 0 R" are two integers and a keyword (7.3.10). */
static bool
two_and_word(
    struct pdf_cursor *in, uint64_t *id, uint64_t *gen, const char *word)
{
	struct pdf_cursor c = *in;

	if (!pdf_uint(&c, id) || !pdf_uint(&c, gen) || !pdf_word(&c, word))
		return false;
	*in = c;
	return true;
}

bool
pdf_object_head(struct pdf_cursor *in, uint64_t *id, uint64_t *gen)
{
	return two_and_word(in, id, gen, "obj");
}

bool
pdf_reference(struct pdf_cursor *in, uint64_t *id, uint64_t *gen)
{
	return two_and_word(in, id, gen, "R");
}

/* ISO 32000-1, 7.3.4.2: parentheses nest, a backslash takes the next byte. */
static bool
skip_literal(struct pdf_cursor *in)
{
	int depth = 0;

	for (; in->at < in->len; in->at++) {
		switch (in->data[in->at]) {
		case '\\':
			in->at++;
			break;
		case '(':
			depth++;
			break;
		case ')':
			if (--depth == 0) {
				in->at++;
				return true;
			}
			break;
		default:
			break;
		}
	}
	in->at = in->len;
	return false;
}

static bool
is_hex(int c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') ||
	       (c >= 'A' && c <= 'F');
}

/* 7.3.4.3: to the next bracket.  What else may stand between, whoever reads
 * the string checks. */
static bool
skip_hex(struct pdf_cursor *in)
{
	const uint8_t *end = memchr(in->data + in->at, '>', in->len - in->at);

	if (end == NULL)
		return false;
	in->at = (size_t)(end - in->data) + 1;
	return true;
}

/* 7.3.5; the name "/" alone is a name too. */
static bool
skip_name(struct pdf_cursor *in)
{
	for (in->at++; is_regular(in, in->at);)
		in->at++;
	return true;
}

/* Integers and reals (7.3.3); writers also put exponents, which readers
 * take. */
static bool
skip_number(struct pdf_cursor *in)
{
	size_t start = in->at;

	while (is_regular(in, in->at) &&
	       strchr("+-.0123456789eE", in->data[in->at]) != NULL)
		in->at++;
	return in->at > start && !is_regular(in, in->at);
}

static bool skip_deep(struct pdf_cursor *in, int depth);

static bool
skip_array(struct pdf_cursor *in, int depth)
{
	for (in->at++;;) {
		pdf_skip_blank(in);
		if (peek(in, 0) == ']') {
			in->at++;
			return true;
		}
		if (!skip_deep(in, depth))
			return false;
	}
}

/* One pair of a dictionary (7.3.7), whose keys are names. */
static enum pdf_step
dict_step(struct pdf_cursor *in, struct pdf_span *name, struct pdf_span *value,
    int depth)
{
	pdf_skip_blank(in);
	if (peek(in, 0) == '>' && peek(in, 1) == '>') {
		in->at += 2;
		return PDF_END;
	}
	if (peek(in, 0) != '/')
		return PDF_BAD;
	name->at = in->at;
	skip_name(in);
	name->end = in->at;
	pdf_skip_blank(in);
	value->at = in->at;
	if (!skip_deep(in, depth))
		return PDF_BAD;
	value->end = in->at;
	return PDF_MORE;
}

static bool
skip_dict(struct pdf_cursor *in, int depth)
{
	struct pdf_span name, value;
	enum pdf_step step;

	in->at += 2;
	do
		step = dict_step(in, &name, &value, depth);
	while (step == PDF_MORE);
	return step == PDF_END;
}

/* A reference is tried before a number, since it begins like one. */
static bool
skip_deep(struct pdf_cursor *in, int depth)
{
	uint64_t id, gen;
	int c;

	if (depth >= PDF_DEPTH_MAX)
		return false;
	pdf_skip_blank(in);
	c = peek(in, 0);
	if (c == '<' && peek(in, 1) == '<')
		return skip_dict(in, depth + 1);
	if (c == '<')
		return skip_hex(in);
	if (c == '(')
		return skip_literal(in);
	if (c == '[')
		return skip_array(in, depth + 1);
	if (c == '/')
		return skip_name(in);
	if (pdf_reference(in, &id, &gen))
		return true;
	if (c == 't' || c == 'f' || c == 'n')
		return pdf_word(in, "true") || pdf_word(in, "false") ||
		       pdf_word(in, "null");
	return skip_number(in);
}

bool
pdf_skip_value(struct pdf_cursor *in)
{
	return skip_deep(in, 0);
}

bool
pdf_dict_begin(struct pdf_cursor *in)
{
	struct pdf_cursor c = *in;

	pdf_skip_blank(&c);
	if (peek(&c, 0) != '<' || peek(&c, 1) != '<')
		return false;
	c.at += 2;
	*in = c;
	return true;
}

enum pdf_step
pdf_dict_next(
    struct pdf_cursor *in, struct pdf_span *name, struct pdf_span *value)
{
	return dict_step(in, name, value, 0);
}

/* A key that stands twice is counted: readers differ in which they take. */
int
pdf_dict_find(
    const struct pdf_cursor *in, const char *key, struct pdf_span *value)
{
	struct pdf_cursor c = *in;
	struct pdf_span name, v;
	enum pdf_step step;
	int found = 0;

	if (!pdf_dict_begin(&c))
		return -1;
	while ((step = pdf_dict_next(&c, &name, &v)) == PDF_MORE) {
		if (pdf_name_is(in, name, key)) {
			*value = v;
			found++;
		}
	}
	return step == PDF_END ? found : -1;
}

/* 7.3.5: /Byte#52ange is /ByteRange, and a scan for the text would miss
 * it. */
bool
pdf_name_is(const struct pdf_cursor *in, struct pdf_span name, const char *word)
{
	size_t at = name.at;

	if (at >= name.end || in->data[at++] != '/')
		return false;
	for (; *word != '\0'; word++) {
		int c = at < name.end ? in->data[at++] : -1;

		if (c == '#' && name.end - at >= 2 && is_hex(in->data[at]) &&
		    is_hex(in->data[at + 1])) {
			c = text_hex_digit(in->data[at]) << 4 |
			    text_hex_digit(in->data[at + 1]);
			at += 2;
		}
		if (c != (unsigned char)*word)
			return false;
	}
	return at == name.end;
}

bool
pdf_value_uint(const struct pdf_cursor *in, struct pdf_span value, uint64_t *n)
{
	struct pdf_cursor c = pdf_at(in, value.at);

	return pdf_uint(&c, n) && c.at == value.end;
}
