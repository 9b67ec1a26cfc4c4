#ifndef GATEWAY_EVENT_H
#define GATEWAY_EVENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The record: append-only events in a chain of hashes for each dossier
 * (dossier 0: the tenant's own), and signed heads over all of them.
 *
 * hash = SHA-256(prev | canonical), canonical being the lines
 *	tenant, dossier, seq, kind, at in microseconds since 1970, actor, data
 * in decimal and UTF-8, each but the last ended by a line feed.  The first
 * prev of a chain is 32 zero bytes.
 */
struct db;
struct err;
struct own_key;

/* An event to append; texts are borrowed. */
struct event {
	int64_t tenant;
	int64_t dossier; /* 0: the tenant's own chain */
	const char *kind;
	int64_t at_us;
	int64_t actor;
	const char *data; /* JSON with sorted keys */
	int64_t id;       /* filled in */
};

/* Appends links, at most one to each chain, in one statement and in the
 * caller's transaction. */
bool event_append(
    struct db *db, struct event *events, size_t count, struct err *e);

/* The canonical bytes' hash, for verifying. */
struct event_link {
	int64_t tenant, dossier, seq, at_us, actor;
	const char *kind;
	const char *data;
};
void event_hash(
    const struct event_link *l, const uint8_t prev[32], uint8_t out[32]);

/*
 * A head: the root of a Merkle tree (merkle.h) over the hashes of all events
 * with from_xact <= xact < to_xact, in the order of (xact, id); and its own
 * link, SHA-256(prev | canonical), canonical being the lines
 *	from_xact, to_xact, events, root in hex, made at in microseconds
 * The signature is over the link's 32 bytes.
 */
struct event_head {
	int64_t from_xact, to_xact, events, made_us;
	uint8_t root[32];
};
void event_head_hash(
    const struct event_head *h, const uint8_t prev[32], uint8_t out[32]);

/* Root and number of the events between two transactions; h has those. */
bool event_head_root(struct db *db, struct event_head *h, struct err *e);

/* Makes and signs a head over what has been committed since the last one, in
 * a transaction of its own; nothing to do is success. */
bool event_make_head(
    struct db *db, const struct own_key *key, int64_t now_us, struct err *e);

#endif /* GATEWAY_EVENT_H */
