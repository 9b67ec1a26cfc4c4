#ifndef GATEWAY_BOUNCE_H
#define GATEWAY_BOUNCE_H

#include "gateway/ticker.h"

/*
 * Mails that were accepted and came back.  The mailbox of imap_url is read;
 * a delivery status notification (dsn.h) that says "failed" of a mail that we
 * sent, known by its Message-ID and its recipient together, is a delivery
 * "bounced" in the log.  Once: the same again changes nothing.  Whatever else
 * lies there is passed over, and stays.
 *
 * DIAGNOSTICS
 *	ERR_PROVIDER	the mailbox cannot be read; it is asked again
 *	ERR_STORAGE	from db.c; the notification is read again
 */
struct bounce_reader;
struct config;

/* NULL without imap_url; config is borrowed.  A secret that cannot be read is
 * fatal. */
struct bounce_reader *bounce_reader_new(const struct config *c);
void bounce_reader_free(struct bounce_reader *r); /* NULL is fine */

ticker_fn bounce_read; /* its arg is the reader */

#endif /* GATEWAY_BOUNCE_H */
