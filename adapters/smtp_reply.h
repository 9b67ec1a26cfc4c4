#ifndef ADAPTERS_SMTP_REPLY_H
#define ADAPTERS_SMTP_REPLY_H

#include <stddef.h>

#include "adapters/smtp.h"

/*
 * A mail server's replies (RFC 5321, 4.2), in whatever pieces they come: a
 * code of three digits, and text in one line or several.  Lines longer than
 * SMTP_LINE_MAX, more than SMTP_LINES_MAX of them, lines of one reply with
 * codes of their own, and anything else that is no reply, are garbage; after
 * it the reader is of no more use.
 *
 * What comes out of here, of a stranger's words, is ASCII.
 */
#define SMTP_LINE_MAX  2048 /* four times what RFC 5321, 4.5.3.1.5 allows */
#define SMTP_LINES_MAX 100

struct smtp_answer {
	int code;                 /* 200 to 599 */
	char text[SMTP_TEXT_LEN]; /* the last line, with the code */
};

/* Begins as { 0 }. */
struct smtp_reader {
	int code; /* of the lines before */
	size_t lines, len;
	char line[SMTP_LINE_MAX];
};

enum smtp_read {
	SMTP_READ_MORE, /* all of it was taken, and there is no reply yet */
	SMTP_READ_REPLY,
	SMTP_READ_GARBAGE,
};

/* Moves *data and *len past what it has taken. */
enum smtp_read smtp_reply_read(struct smtp_reader *r, const char **data,
    size_t *len, struct smtp_answer *out);

/* Keeps the first line of it, as much as there is room for. */
void smtp_reply_keep(char out[SMTP_TEXT_LEN], const char *text, size_t len);

#endif /* ADAPTERS_SMTP_REPLY_H */
