#ifndef ADAPTERS_IMAP_H
#define ADAPTERS_IMAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Reads a mailbox by IMAP (RFC 3501) under TLS, certificate verified: imaps,
 * or imap with STARTTLS, or nothing.  It deletes nothing: what was seen gets
 * the keyword "hosogate", and is passed over from then on.
 *
 * One thread a connection, which is kept for the next call.
 *
 * DIAGNOSTICS
 *	ERR_PROVIDER	no connection, no TLS, no log-in, or an answer that is
 *			none
 */
struct buf;
struct err;
struct imap;

struct imap_options {
	const char *url;     /* imaps://host:port or imap://host:port */
	const char *mailbox; /* as INBOX */
	const char *ca_file; /* "" for the system's */
	const char *user;
	const char *password;
};

struct imap *imap_new(const struct imap_options *o);
void imap_free(struct imap *m); /* NULL is fine */

#define IMAP_LIST_MAX 256 /* mails of one look */
#define IMAP_MESSAGE_MAX                                                       \
	(256L * 1024L) /* bytes kept of one, from its start                    \
			*/

/* The mails that were not marked yet, by UID. */
struct imap_list {
	uint32_t uid[IMAP_LIST_MAX];
	size_t count;
};
bool imap_look(struct imap *m, struct imap_list *out, struct err *e);
bool imap_fetch(struct imap *m, uint32_t uid, struct buf *out, struct err *e);
bool imap_mark(struct imap *m, uint32_t uid, struct err *e);

#endif /* ADAPTERS_IMAP_H */
