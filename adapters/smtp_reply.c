#include "adapters/smtp_reply.h"

#include <stdbool.h>
#include <string.h>

void
smtp_reply_keep(char out[SMTP_TEXT_LEN], const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < SMTP_TEXT_LEN; i++) {
		if (text[i] == '\r' || text[i] == '\n')
			break;
		out[n++] = text[i] >= ' ' && text[i] <= '~' ? text[i] : '?';
	}
	out[n] = '\0';
}

static bool
read_code(const char *line, size_t len, int *code)
{
	if (len < 3 || line[0] < '2' || line[0] > '5')
		return false;
	*code = 0;
	for (int i = 0; i < 3; i++) {
		if (line[i] < '0' || line[i] > '9')
			return false;
		*code = 10 * *code + line[i] - '0';
	}
	return len == 3 || line[3] == ' ' || line[3] == '-';
}

static enum smtp_read
take_line(struct smtp_reader *r, struct smtp_answer *out)
{
	size_t len = r->len - 1;
	int code;

	r->len = 0;
	if (len > 0 && r->line[len - 1] == '\r')
		len--;
	if (!read_code(r->line, len, &code) ||
	    (r->lines > 0 && code != r->code) || ++r->lines > SMTP_LINES_MAX)
		return SMTP_READ_GARBAGE;
	r->code = code;
	if (len > 3 && r->line[3] == '-')
		return SMTP_READ_MORE;
	r->lines = 0;
	out->code = code;
	smtp_reply_keep(out->text, r->line, len);
	return SMTP_READ_REPLY;
}

enum smtp_read
smtp_reply_read(struct smtp_reader *r, const char **data, size_t *len,
    struct smtp_answer *out)
{
	enum smtp_read got = SMTP_READ_MORE;

	while (got == SMTP_READ_MORE && *len > 0) {
		const char *end = memchr(*data, '\n', *len);
		size_t n = end != NULL ? (size_t)(end - *data) + 1 : *len;

		if (n > sizeof(r->line) - r->len)
			return SMTP_READ_GARBAGE;
		memcpy(r->line + r->len, *data, n);
		r->len += n;
		*data += n;
		*len -= n;
		if (end != NULL)
			got = take_line(r, out);
	}
	return got;
}
