#ifndef CRYPTO_VERIFIER_WIRE_H
#define CRYPTO_VERIFIER_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/report.h"
#include "crypto/verifier.h"

/*
 * What the gateway and a verifier child say to each other, both made by one
 * build.  The question: struct verifier_question, with descriptors beside it:
 * document, contents, and the trust bundle if the child has not got it yet.
 * Only more_len bytes of its last member are sent, so that what is asked most
 * is short.  The answer: four bytes of length in host order, at most
 * REPORT_BYTES_MAX, and that many bytes of report_write().  Where a revision
 * was asked for: the uint64_t length of it, or nothing.  Where a piece of
 * evidence was: its bytes, or nothing.  Where a description was: struct
 * trust_term, or nothing.
 */
#define VERIFIER_NAME_LEN 256
#define VERIFIER_FDS_MAX  (2 + VERIFIER_CONTENTS_MAX)

/* A certificate's path is asked for instead of a document's signatures. */
struct verifier_chain {
	uint32_t asked;
	uint32_t explicit_policy, inhibit_map, inhibit_any;
	uint32_t oid_count;
	char oids[VERIFIER_OIDS_MAX][VERIFIER_OID_LEN];
};

/* As much of it as is used: nothing, the names, or all. */
struct verifier_more {
	char content_name[VERIFIER_CONTENTS_MAX][VERIFIER_NAME_LEN];
	struct verifier_chain chain;
};

enum verifier_task {
	VERIFIER_JUDGE,    /* or a revision, where one is named */
	VERIFIER_EVIDENCE, /* the trust's piece with this hash */
	VERIFIER_DESCRIBE, /* whether the document is of that kind */
};

struct verifier_question {
	int64_t at_us;
	uint32_t revocation;
	uint32_t content_count;
	uint32_t cpu_ms;
	uint32_t revision;  /* 0: judge; else the number of a signature */
	uint32_t has_trust; /* the last descriptor is the bundle */
	uint32_t more_len;
	uint32_t task;      /* enum verifier_task */
	uint32_t kind;      /* enum trust_kind, to be described */
	uint8_t sha256[32]; /* of the piece of evidence */
	uint8_t generation[32];
	char name[VERIFIER_NAME_LEN];
	struct verifier_more more;
};

#define VERIFIER_QUESTION_LEN offsetof(struct verifier_question, more)

/* The child's life; it returns when the gateway is gone. */
void verifier_serve(int sock);

/* Before the sandbox: libraries initialise themselves. */
void verifier_prepare(void);

#endif /* CRYPTO_VERIFIER_WIRE_H */
