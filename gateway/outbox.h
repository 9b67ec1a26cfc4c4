#ifndef GATEWAY_OUTBOX_H
#define GATEWAY_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What is to be sent: mail to applicants and officers, callbacks to portals.
 * A row names an event and is rendered when it is sent, from the state of that
 * moment; it commits together with the event it tells of.  courier.c sends.
 */
struct db;
struct err;

/* Queues for each event what it causes (outbox.sql decides: an outbox_rule
 * table of event kind -> template, recipient, lane), in the caller's
 * transaction. */
bool outbox_announce(struct db *db, int64_t tenant, const int64_t *event_ids,
    size_t count, struct err *e);

#endif /* GATEWAY_OUTBOX_H */
