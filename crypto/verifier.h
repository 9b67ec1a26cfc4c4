#ifndef CRYPTO_VERIFIER_H
#define CRYPTO_VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/question.h"
#include "crypto/trust_describe.h"

/*
 * Judges documents in children that can do nothing else: no network, no
 * database, no files, no keys (sandbox.c).
 *
 * verifier_new() forks a nursery that forks the children, so it runs before
 * the first thread; the nursery can replace a child later.  A document and
 * the contents of a detached signature go to a child by its desk, or as sealed
 * memfds when they are long; the trust bundle goes as one.  A report of
 * bounded size comes back.  A child that crashes, hangs or grows is killed and
 * replaced, and its document is INDETERMINATE with the finding VERIFIER.
 *
 * What a child says is read as a stranger's words (report_read()), and the
 * name of the file is put in by us.
 *
 * DIAGNOSTICS
 *	fatal	no child can be had at the start, or not in its sandbox
 */
struct blob;
struct chain_policies;
struct report;
struct verifier;

#define VERIFIER_CONTENTS_MAX 16
/* Initial policies of a path (RFC 5280, 6.1.1 (c)), and how long each is. */
#define VERIFIER_OIDS_MAX   16
#define VERIFIER_OID_LEN    64
#define VERIFIER_CPU_MS     2000
#define VERIFIER_WALL_MS    10000
#define VERIFIER_MEMORY_MAX (512L * 1024 * 1024)

/* What a memfd holds, where the caller has mapped it already: a child gets it
 * sooner. */
struct verifier_bytes {
	const void *data; /* NULL: it has not */
	size_t len;
};

/* A document to judge.  All fds are borrowed; each is a memfd sealed against
 * shrinking and writing, or the child refuses it. */
struct verifier_job {
	const char *name; /* for the report, and to match references */
	int document_fd;
	struct verifier_bytes document;
	int trust_fd; /* trust_bundle_seal() */
	uint8_t trust_generation[32];
	int64_t at_us;
	enum revocation_mode revocation;
	struct {
		const char *name;
		int fd;
		struct verifier_bytes bytes;
	} contents[VERIFIER_CONTENTS_MAX];
	size_t content_count;
	size_t cpu_scale; /* 0 and 1: VERIFIER_CPU_MS; tests under valgrind or
			   * sanitizers may ask for more */
	int wall_ms;      /* 0: VERIFIER_WALL_MS */
	const struct chain_policies *chain; /* the document is a certificate;
					     * NULL: it is a signed one */
};

/* What has happened so far, for /metrics. */
struct verifier_counts {
	uint64_t judged, crashed, timed_out;
};

struct verifier *verifier_new(int children);
void verifier_free(struct verifier *v);

/*
 * Waits for a child, then for its verdict: workers only, and never inside a
 * transaction.  Always answers; the caller gives the report back with
 * report_free().  Any thread.
 */
struct report *verifier_judge(
    struct verifier *v, const struct verifier_job *job);

/* The same for what is nobody's document, as to see whether a child can open
 * the job's trust: it is not counted. */
struct report *verifier_try(struct verifier *v, const struct verifier_job *job);

/*
 * How many bytes of a document signature n covers (from 1, in the report's
 * order): a prefix.  False, with *end untouched, when there is no such
 * signature or the child did not say.
 */
bool verifier_revision(
    struct verifier *v, int document_fd, size_t n, size_t *end);

/*
 * The bytes of a piece of evidence that stood in the job's trust bundle; of
 * the job nothing else counts.  False, with *out untouched, when there is none
 * with this hash, whatever the child says.  The caller frees *out.
 */
bool verifier_evidence(struct verifier *v, const struct verifier_job *job,
    const uint8_t sha256[32], struct blob *out);

/* Whether what a sealed memfd holds is of that kind, and how long it is good:
 * trust_describe() of a child.  What it says is for a cache to go by. */
bool verifier_describe(
    struct verifier *v, int fd, enum trust_kind kind, struct trust_term *out);

struct verifier_counts verifier_count(struct verifier *v);

#endif /* CRYPTO_VERIFIER_H */
