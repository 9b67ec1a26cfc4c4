#ifndef GATEWAY_COURIER_H
#define GATEWAY_COURIER_H

#include <stdbool.h>

/*
 * Sends what the outbox holds, and again.
 *
 * A courier takes one destination (the mail server, or one portal), claims
 * what is due there under a lease, and renders and sends each message (mails
 * in smtp_sessions sessions side by side) outside any transaction, from the
 * event and the state of that moment.  What was sent leaves the queue while the
 * lease stands, so a courier that was thought dead cannot finish another's
 * work.  A message may therefore go twice, always with the same
 * Message-ID or webhook-id, and never not at all.
 *
 * When sending fails, it is tried again after
 *
 *	5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h, 24 h
 *
 * each a fifth more or less.  A callback is given up after the tenth try; a
 * mail goes on every 24 h until it is seven days old.  A mail server that
 * cannot be reached costs a mail none of these tries: it is asked again after
 * 5, 10, 20, 40 and then every 60 s.  A portal that fails three times in a row
 * is left alone for 5 s, then twice as long each time up to 5 min; once it
 * answers, what waited for it goes at once.  Retry-After is honoured up to
 * 24 h.  410 disables the portal's endpoint.
 *
 * Where smtp_sessions_fleet is set, a courier opens no more sessions than it
 * could lease in the database, and closes them before it gives them back: all
 * gateways together never have more.
 *
 * Messages about one dossier reach one recipient in the order of the events;
 * between dossiers there is no order, so that one message that cannot be
 * delivered holds up its own dossier and nothing else.
 *
 * What is given up becomes a dead letter: `hosogate queue` shows it and sends
 * it again.  An officer's mail goes to the official domains of the unit, or
 * becomes a dead letter unsent.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c; what was in hand goes out again after its
 *			lease
 */
struct config;
struct courier;
struct db;
struct err;
struct secrets;

/* One for each thread; config and secrets are borrowed. */
struct courier *courier_new(
    const struct config *config, const struct secrets *secrets);
void courier_free(struct courier *c); /* NULL is fine */

/* Any thread: the batch in hand ends after the message in hand. */
void courier_stop(struct courier *c);

/* A ticker_fn; arg is the courier. */
bool courier_tick(struct db *db, void *arg, bool *more, struct err *e);

#endif /* GATEWAY_COURIER_H */
