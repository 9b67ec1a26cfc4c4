#ifndef CRYPTO_EVIDENCE_H
#define CRYPTO_EVIDENCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/digest.h"

/*
 * What a verdict rested on, each piece by its kind and the SHA-256 of its
 * DER (of a policy: of its file), and where it stood.  Whoever has the
 * document and the pieces that stood elsewhere can judge it again.
 *
 * A list that is full says so in cut and takes nothing more: a verdict whose
 * grounds cannot be told in full is no pass (judge.c).
 */
#define EVIDENCE_MAX 1024

enum evidence_kind {
	EVIDENCE_ANCHOR,
	EVIDENCE_CERTIFICATE,
	EVIDENCE_CRL,
	EVIDENCE_OCSP,
	EVIDENCE_TIMESTAMP,
	EVIDENCE_POLICY,
	EVIDENCE_KIND_COUNT
};

enum evidence_place {
	EVIDENCE_DOCUMENT,
	EVIDENCE_BUNDLE,   /* the caller handed it over, see trust.h */
	EVIDENCE_BUILT_IN, /* the policy that this program carries */
	EVIDENCE_PLACE_COUNT
};

struct evidence {
	enum evidence_kind kind;
	enum evidence_place place;
	unsigned purpose; /* of an anchor, trust.h; else 0 */
	uint8_t sha256[DIGEST_LEN];
};

struct evidence_list {
	struct evidence *at; /* owned */
	size_t count;
	bool cut; /* there was more than EVIDENCE_MAX */
};

/* Adds what is not in the list yet.  A NULL list is nobody who asks. */
void evidence_add(struct evidence_list *l, const struct evidence *e);

/* The same for bytes that are to be hashed. */
void evidence_add_bytes(struct evidence_list *l, enum evidence_kind kind,
    enum evidence_place place, const void *data, size_t len);

void evidence_release(struct evidence_list *l);

const char *evidence_kind_name(enum evidence_kind k);
const char *evidence_place_name(enum evidence_place p);

#endif /* CRYPTO_EVIDENCE_H */
