#ifndef GATEWAY_EVIDENCE_PIECE_H
#define GATEWAY_EVIDENCE_PIECE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "crypto/digest.h"
#include "crypto/evidence.h"

/*
 * What verdicts rested on, into the record: each piece once a tenant, whatever
 * number of reports names it, so that most verdicts bring nothing new.  The
 * bytes are asked of a verifier child, since nobody else has read the bundle
 * they stood in.
 *
 * DIAGNOSTICS
 *	ERR_TRY_LATER	a piece is in the bundle no more
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;
struct report;
struct trust_lease;
struct verifier;

/* The bytes only where the record has not got them yet. */
struct evidence_piece {
	enum evidence_kind kind;
	uint8_t sha256[DIGEST_LEN];
	struct blob bytes; /* owned */
};

struct evidence_pieces {
	struct evidence_piece *at; /* owned */
	size_t count;
};
void evidence_pieces_release(struct evidence_pieces *p); /* zeroed is fine */

/* Notes what the report names outside the document: what stands in that is in
 * the record with it. */
void evidence_pieces_note(struct evidence_pieces *p, const struct report *r);

/* Gets the bytes that the record lacks.  Waits for the verifier, so never
 * inside a transaction. */
struct evidence_source {
	struct db *db;
	int64_t tenant;
	struct verifier *verifier;
	const struct trust_lease *trust; /* what was judged on */
};
bool evidence_pieces_gather(const struct evidence_source *from,
    struct evidence_pieces *p, struct err *e);

/* In the caller's transaction; who rests on them is the caller's to say. */
bool evidence_pieces_store(struct db *db, int64_t tenant, int64_t at_us,
    const struct evidence_pieces *p, struct err *e);

#endif /* GATEWAY_EVIDENCE_PIECE_H */
