#ifndef ADAPTERS_SMTP_WRITER_H
#define ADAPTERS_SMTP_WRITER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * What an SMTP session has to say and could not say yet: commands, and the
 * message between them, with its dots doubled and its end (RFC 5321, 4.5.2).
 * A message passes through in pieces, so that its end goes in one write with
 * the commands that follow it.
 *
 * Bytes that were offered by smtp_writer_rest() stay where they are until
 * smtp_writer_sent(): TLS may want to see them again.
 */
#define SMTP_WRITER_LEN 32768

/* Begins as { 0 }. */
struct smtp_writer {
	const char *data, *end; /* of the message: not yet in buf */
	size_t data_len;
	bool line_start;
	size_t len, sent, end_at;
	char buf[SMTP_WRITER_LEN];
};

size_t smtp_writer_room(const struct smtp_writer *w);

/* There must be room. */
void smtp_writer_say(struct smtp_writer *w, const char *s);

/* Begins a message; data is borrowed until all of it is out. */
void smtp_writer_begin(struct smtp_writer *w, const char *data, size_t len);

/* Goes on with the message; true: what is said now comes after its end. */
bool smtp_writer_fill(struct smtp_writer *w);

const char *smtp_writer_rest(const struct smtp_writer *w, size_t *len);
void smtp_writer_sent(struct smtp_writer *w, size_t len);

/* Is the message out, with its end? */
bool smtp_writer_ended(const struct smtp_writer *w);

/* Forgets all. */
void smtp_writer_reset(struct smtp_writer *w);

#endif /* ADAPTERS_SMTP_WRITER_H */
