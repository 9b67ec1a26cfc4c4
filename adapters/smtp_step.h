#ifndef ADAPTERS_SMTP_STEP_H
#define ADAPTERS_SMTP_STEP_H

#include <stdbool.h>

/*
 * The steps of an SMTP session: what is said at each, what answer goes on from
 * it (RFC 5321, 4.3.2), and where to.  From RSET to TEXT they are one message.
 */
struct smtp_message;
struct smtp_writer;

enum smtp_step {
	SMTP_CLOSED,
	SMTP_CONNECTING,
	SMTP_IDLE,
	SMTP_RSET,
	SMTP_MAIL,
	SMTP_RCPT,
	SMTP_DATA,
	SMTP_TEXT, /* the message itself, up to the answer to its end */
	SMTP_QUIT,
};

/* Not for TEXT; size: the server wants to know how long the message is. */
void smtp_step_say(enum smtp_step step, const struct smtp_message *m, bool size,
    struct smtp_writer *w);

/* Of RSET to TEXT. */
bool smtp_step_is_yes(enum smtp_step step, int code);
enum smtp_step smtp_step_next(enum smtp_step step);

#endif /* ADAPTERS_SMTP_STEP_H */
