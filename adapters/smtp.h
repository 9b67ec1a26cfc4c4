#ifndef ADAPTERS_SMTP_H
#define ADAPTERS_SMTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Outgoing mail (RFC 5321): one message to one recipient, so that each has a
 * reply of its own.  Several sessions run side by side, and each connection is
 * kept for the next.  There is no thread: they go on while their owner is in
 * smtp_start() or smtp_next(), and none of them waits for another's server.
 *
 * Twice as many messages may be under way as there are sessions, so that each
 * finds its next message there.  That one waits for one other and no more, and
 * its time begins when that has ended.
 *
 * With tls_required nothing is said before STARTTLS (RFC 3207) has succeeded;
 * otherwise TLS is used where the server offers it.  In both the certificate
 * is verified: a server that shows a wrong one gets no mail.
 *
 * What smtp_start() began, smtp_next() ends with an answer, always; so neither
 * takes an err.
 */
struct smtp;

struct smtp_options {
	const char *url; /* smtp://host:port or smtps://host:port */
	bool tls_required;
	const char *ca_file;  /* "" for the system's */
	const char *user;     /* "" for none */
	const char *password; /* "" for none */
	size_t sessions;      /* at once, 1 to SMTP_SESSIONS_MAX */
};

#define SMTP_SESSIONS_MAX 64
#define SMTP_TEXT_LEN     200

struct smtp *smtp_new(const struct smtp_options *o);
void smtp_free(struct smtp *s); /* NULL is fine */

struct smtp_message {
	const char *from; /* envelope addresses: no CR, LF, < or > */
	const char *to;
	const void *data; /* RFC 5322, lines ended by CR LF */
	size_t len;
	int timeout_ms; /* from connecting to the last answer */
};

/*
 * UNREACHABLE says nothing about the message: no connection, no TLS, no
 * log-in, a server that is closing (421).  The others are the server's word
 * on this very message.
 */
enum smtp_verdict {
	SMTP_ACCEPTED,
	SMTP_TEMPORARY,
	SMTP_PERMANENT,
	SMTP_UNREACHABLE,
};

struct smtp_reply {
	enum smtp_verdict verdict;
	int code;        /* the last reply's; 0: none came */
	bool tls;        /* the message went under TLS */
	int64_t took_us; /* since its turn had come */
	/* The last line of the reply, or what went wrong. */
	char text[SMTP_TEXT_LEN];
};

/* There must be room; addresses and data are borrowed until smtp_next() has
 * given the tag back. */
bool smtp_has_room(const struct smtp *s);
void smtp_start(struct smtp *s, const struct smtp_message *m, void *tag);

/* Waits for any of them and gives its tag back; NULL: none is under way. */
void *smtp_next(struct smtp *s, struct smtp_reply *out);

/* None may be under way.  So many sessions from now on, 0 to those of the
 * options; the others are ended. */
void smtp_limit(struct smtp *s, size_t sessions);

/* Ends the connections that are kept, with QUIT; none may be under way. */
void smtp_disconnect(struct smtp *s);

/* The verdict on a reply; about_message: it came after MAIL FROM. */
enum smtp_verdict smtp_judge(int code, bool about_message);

#endif /* ADAPTERS_SMTP_H */
