#ifndef CRYPTO_VERIFIER_WIRE_H
#define CRYPTO_VERIFIER_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "crypto/desk.h"
#include "crypto/report.h"
#include "crypto/verifier.h"

/*
 * What the gateway and a verifier child say to each other, both made by one
 * build, over a desk (desk.h).  The question: struct verifier_question, with
 * short files beside it.  Only more_len bytes of its last member are written,
 * so that what is asked most is short.  What has no place on the desk comes
 * before it by the socket, as a message of one byte with fd_count descriptors:
 * document, contents, and the trust bundle if the child has not got it yet.
 * The answer: at most REPORT_BYTES_MAX bytes of report_write().  Where a
 * revision was asked for: the uint64_t length of it, or nothing.  Where a
 * piece of evidence was: its bytes, or nothing.  Where a description was:
 * struct trust_term, or nothing.  A long one follows by the socket.
 */
#define VERIFIER_NAME_LEN  256
#define VERIFIER_FILES_MAX (1 + VERIFIER_CONTENTS_MAX)
#define VERIFIER_FDS_MAX   (VERIFIER_FILES_MAX + 1)

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
	uint32_t fd_count;
	uint32_t cpu_ms;
	uint32_t revision;  /* 0: judge; else the number of a signature */
	uint32_t has_trust; /* the last descriptor is the bundle */
	uint32_t more_len;
	uint32_t task;      /* enum verifier_task */
	uint32_t kind;      /* enum trust_kind, to be described */
	uint8_t sha256[32]; /* of the piece of evidence */
	uint8_t generation[32];
	struct desk_place files[VERIFIER_FILES_MAX]; /* document, contents */
	char name[VERIFIER_NAME_LEN];
	struct verifier_more more;
};

#define VERIFIER_QUESTION_LEN offsetof(struct verifier_question, more)

_Static_assert(sizeof(struct verifier_question) <= DESK_HEAD,
    "a question fits on the desk");

/* The child's life; it returns when it cannot answer any more. */
void verifier_serve(int sock);

/* Before the sandbox: libraries initialise themselves. */
void verifier_prepare(void);

#endif /* CRYPTO_VERIFIER_WIRE_H */
