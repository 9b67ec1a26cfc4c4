#ifndef GATEWAY_COURIER_SEND_H
#define GATEWAY_COURIER_SEND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * What the courier's files share: the courier, the letters under way and what
 * became of them.  courier_batch.c alone talks to the database; courier_mail.c
 * and courier_webhook.c send, and always answer with an outcome.
 */
struct config;
struct courier_tray;
struct db_rows;
struct err;
struct http_client;
struct secrets;
struct signer_key;
struct smtp;

/* A row of courier_letters. */
struct courier_letter {
	struct db_rows *rows;
	int row;
	int64_t tenant, id, event;
	int failures;
};

enum courier_end {
	COURIER_SENT,     /* the other side has accepted it */
	COURIER_DEFERRED, /* again later */
	COURIER_DEAD,     /* never */
	COURIER_MOOT,     /* no longer true */
};

struct courier_outcome {
	enum courier_end end;
	bool dest_failed; /* the destination's fault, not the message's */
	bool disable;     /* it wants no more (410) */
	bool tls;
	int code;               /* SMTP reply or HTTP status; 0: none */
	int64_t retry_after_ms; /* 0: none given */
	int64_t hold_ms;        /* not tried: its time comes later */
	char reply[301];
	char message_id[301];
	char peer[301];
};

/* A letter on its way; mail is what an SMTP session reads from. */
struct courier_flight {
	bool busy;
	struct courier_letter letter;
	struct courier_outcome outcome;
	struct buf mail;
	int64_t took_us; /* to send it, once its turn had come */
};

#define COURIER_FLIGHTS 2 /* for each SMTP session */

struct courier {
	const struct config *config;
	const struct secrets *secrets;
	struct http_client *http;
	struct smtp *smtp;              /* NULL: no mail server is configured */
	struct courier_flight *flights; /* two for each SMTP session */
	size_t flight_count;
	size_t flight_open;        /* that may be under way in this batch */
	struct signer_key *signer; /* of mails; NULL: they are not signed */
	int64_t owner;             /* this courier's name in leases, random */
	struct courier_tray *tray;
	atomic_bool stopping;
};

/* False: the outcome is there already, and nothing is under way. */
bool courier_mail(struct courier *c, struct courier_flight *f);

/* Waits for a mail that is under way and fills in its outcome; NULL: none. */
struct courier_flight *courier_mail_next(struct courier *c);

void courier_webhook(struct courier *c, struct courier_flight *f);

/* What goes into the log of deliveries is UTF-8 to the last byte. */
void courier_keep(char *out, size_t cap, const char *s);

/* Ends a letter without sending it. */
void courier_say(
    struct courier_outcome *out, enum courier_end end, const char *why);

/* The n-th line (from 0) of a file that holds a secret. */
bool courier_secret(
    const char *path, int n, char *out, size_t cap, struct err *e);

#endif /* GATEWAY_COURIER_SEND_H */
