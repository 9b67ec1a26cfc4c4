#ifndef ADAPTERS_SMTP_SESSION_H
#define ADAPTERS_SMTP_SESSION_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/queue.h>

#include "adapters/smtp.h"

/*
 * One session with a mail server: a message that is being sent, and one that
 * is next.  It never blocks.
 *
 * Where the server offers PIPELINING (RFC 2920), MAIL, RCPT and DATA go in one
 * write, and those of the next message in one write with the end of the
 * message before; elsewhere each command waits for the answer to the one
 * before.
 *
 * A message fails with its connection, but for one case: where an older
 * connection ends before a word was said about it, it begins again on a new
 * one.  Its text was not sent by then, so it cannot arrive twice.
 */
struct smtp_dialer;
struct smtp_session;

struct smtp_job {
	STAILQ_ENTRY(smtp_job) link;
	struct smtp_message message;
	struct smtp_reply reply;
	void *tag;
};

STAILQ_HEAD(smtp_jobs, smtp_job);

/* What has been sent, or could not be, is put at the end of ended. */
struct smtp_session *smtp_session_new(struct smtp_dialer *d,
    const struct smtp_options *o, struct smtp_jobs *ended);
void smtp_session_free(struct smtp_session *s);

/* Where a message is best given to: the last of these. */
enum smtp_room {
	SMTP_ROOM_NONE,
	SMTP_ROOM_BEHIND, /* it waits for one other message */
	SMTP_ROOM_HELD,   /* it goes with the message that is held for it */
	SMTP_ROOM_CLOSED,
	SMTP_ROOM_IDLE,
};

enum smtp_room smtp_session_room(const struct smtp_session *s);
void smtp_session_give(struct smtp_session *s, struct smtp_job *job);

/* Takes back the next one, where the server has not heard of it; or NULL. */
struct smtp_job *smtp_session_take_back(struct smtp_session *s);

/* Nothing came to go with what is held: it goes alone. */
void smtp_session_release(struct smtp_session *s);

/* The dialer has done with it. */
void smtp_session_dialed(struct smtp_session *s);

/* What it waits for on an open connection; false: for nothing. */
bool smtp_session_awaits(const struct smtp_session *s, struct pollfd *out);
void smtp_session_work(struct smtp_session *s);

/* INT64_MAX: it sends nothing. */
int64_t smtp_session_deadline_us(const struct smtp_session *s);
void smtp_session_expire(struct smtp_session *s);

/* Says QUIT where nothing is under way, and closes at once elsewhere. */
void smtp_session_quit(struct smtp_session *s);
void smtp_session_close(struct smtp_session *s);

#endif /* ADAPTERS_SMTP_SESSION_H */
