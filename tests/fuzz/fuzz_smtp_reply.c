/*
 * What a mail server may answer.  The first byte says in what pieces the rest
 * comes; in pieces or at once, the same replies are read, each has a code of
 * three digits and ASCII text, and what is garbage once stays so.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "adapters/smtp_reply.h"

#define KEPT 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct outcome {
	size_t count;
	enum smtp_read end;
	struct smtp_answer answers[KEPT];
};

static void
assert_answer(const struct smtp_answer *a)
{
	assert(a->code >= 200 && a->code <= 599);
	assert(strnlen(a->text, sizeof(a->text)) < sizeof(a->text));
	for (const char *s = a->text; *s != '\0'; s++)
		assert(*s >= ' ' && *s <= '~');
}

/* The first KEPT, with nothing behind the text. */
static void
keep(struct outcome *out, const struct smtp_answer *a)
{
	if (out->count < KEPT) {
		struct smtp_answer *kept = &out->answers[out->count];

		kept->code = a->code;
		smtp_reply_keep(kept->text, a->text, strlen(a->text));
	}
	out->count++;
}

static void
take(struct smtp_reader *r, const char *data, size_t len, struct outcome *out)
{
	struct smtp_answer a = { 0 };

	while (len > 0 && out->end != SMTP_READ_GARBAGE) {
		size_t before = len;

		out->end = smtp_reply_read(r, &data, &len, &a);
		assert(len < before || out->end == SMTP_READ_GARBAGE);
		if (out->end != SMTP_READ_REPLY)
			continue;
		assert_answer(&a);
		keep(out, &a);
	}
}

static void
take_pieces(const char *data, size_t len, size_t piece, struct outcome *out)
{
	struct smtp_reader r = { 0 };

	memset(out, 0, sizeof(*out));
	for (size_t at = 0; at < len; at += piece)
		take(&r, data + at, piece < len - at ? piece : len - at, out);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct outcome whole, pieces;

	if (len < 2)
		return 0;
	take_pieces((const char *)data + 1, len - 1, len - 1, &whole);
	take_pieces((const char *)data + 1, len - 1, data[0] % 32 + 1, &pieces);
	assert(memcmp(&whole, &pieces, sizeof(whole)) == 0);
	return 0;
}
