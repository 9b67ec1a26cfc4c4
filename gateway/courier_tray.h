#ifndef GATEWAY_COURIER_TRAY_H
#define GATEWAY_COURIER_TRAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/courier_send.h"

/*
 * Outcomes on their way into the database, written in sets.
 *
 * A commit costs about as much as a quick peer takes to answer, so what was
 * sent quickly waits for company, up to TRAY_MAX or TRAY_AGE_US.  A peer that
 * takes longer than TRAY_SLOW_US pays for a commit of its own, so that a crash
 * repeats as little as may be.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c; what was on the tray goes out again
 */
struct db;
struct err;

#define TRAY_MAX     100
#define TRAY_AGE_US  200000
#define TRAY_SLOW_US 20000

struct courier_tray {
	int64_t tenant, owner;
	size_t count;
	int64_t since_us; /* when the first was put there, monotonic */
	int64_t ids[TRAY_MAX], codes[TRAY_MAX];
	int64_t tls[TRAY_MAX], waits[TRAY_MAX], failures[TRAY_MAX];
	const char *statuses[TRAY_MAX];
	struct courier_outcome outcomes[TRAY_MAX];
};

/* wait_ms and failures count for what is deferred; there must be room. */
struct courier_entry {
	const struct courier_letter *letter;
	const struct courier_outcome *outcome;
	const char *status; /* outbox_delivery.status, a literal */
	int64_t wait_ms;
	int failures;
};

void courier_tray_put(
    struct courier_tray *t, const struct courier_entry *entry, int64_t mono_us);

/* Is it time?  took_us: how long the last one was in sending. */
bool courier_tray_is_due(
    const struct courier_tray *t, int64_t took_us, int64_t mono_us);

/* Writes down what is on the tray and empties it. */
bool courier_tray_flush(struct courier_tray *t, struct db *db, struct err *e);

#endif /* GATEWAY_COURIER_TRAY_H */
