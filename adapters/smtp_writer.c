#include "adapters/smtp_writer.h"

#include <assert.h>
#include <string.h>

static void
put(struct smtp_writer *w, const char *data, size_t len)
{
	assert(len <= smtp_writer_room(w));

	memcpy(w->buf + w->len, data, len);
	w->len += len;
}

size_t
smtp_writer_room(const struct smtp_writer *w)
{
	return sizeof(w->buf) - w->len;
}

void
smtp_writer_say(struct smtp_writer *w, const char *s)
{
	put(w, s, strlen(s));
}

void
smtp_writer_begin(struct smtp_writer *w, const char *data, size_t len)
{
	bool whole =
	    len == 0 || (len >= 2 && memcmp(data + len - 2, "\r\n", 2) == 0);

	w->data = data;
	w->data_len = len;
	w->line_start = true;
	w->end = whole ? ".\r\n" : "\r\n.\r\n";
}

/* The end of the line before a dot: where there are few dots, as in base64,
 * this is faster than memmem() of both. */
static const char *
find_dot_line(const char *data, size_t len)
{
	const char *dot = data;

	while ((dot = memchr(dot, '.', len - (size_t)(dot - data))) != NULL) {
		if (dot > data && dot[-1] == '\n')
			return dot - 1;
		dot++;
	}
	return NULL;
}

/*
 * Up to the next line that begins with a dot.  A line may have ended with LF
 * alone: no such line is for us to send, but a server that took it for one
 * must not find the end of the message there.
 */
static void
put_piece(struct smtp_writer *w)
{
	size_t n = smtp_writer_room(w) - 1;
	const char *dot;

	if (w->line_start && w->data[0] == '.')
		put(w, ".", 1);
	if (n > w->data_len)
		n = w->data_len;
	dot = find_dot_line(w->data, n);
	if (dot != NULL)
		n = (size_t)(dot - w->data) + 1;
	put(w, w->data, n);
	w->line_start = w->data[n - 1] == '\n';
	w->data += n;
	w->data_len -= n;
}

bool
smtp_writer_fill(struct smtp_writer *w)
{
	while (w->data_len > 0 && smtp_writer_room(w) > 1)
		put_piece(w);
	if (w->end == NULL)
		return true;
	if (w->data_len > 0 || smtp_writer_room(w) < strlen(w->end))
		return false;
	smtp_writer_say(w, w->end);
	w->end = NULL;
	w->end_at = w->len;
	return true;
}

const char *
smtp_writer_rest(const struct smtp_writer *w, size_t *len)
{
	*len = w->len - w->sent;
	return w->buf + w->sent;
}

void
smtp_writer_sent(struct smtp_writer *w, size_t len)
{
	assert(len <= w->len - w->sent);

	w->sent += len;
	if (w->sent == w->len)
		w->sent = w->len = w->end_at = 0;
}

bool
smtp_writer_ended(const struct smtp_writer *w)
{
	return w->end == NULL && w->sent >= w->end_at;
}

void
smtp_writer_reset(struct smtp_writer *w)
{
	w->data_len = w->len = w->sent = w->end_at = 0;
	w->end = NULL;
}
