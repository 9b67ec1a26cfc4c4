#ifndef GATEWAY_DOCUMENT_H
#define GATEWAY_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "gateway/evidence_piece.h"
#include "gateway/procedure.h"
#include "gateway/trust_store.h"

/*
 * Documents on their way in: the parts of a form, each a sealed memfd that
 * was hashed as it arrived, matched to what the procedure asks for, and the
 * report of each once it was judged.
 *
 * DIAGNOSTICS
 *	ERR_MISSING_DOCUMENT	the procedure, or the form's list, wants more
 *	ERR_EXTRA_DOCUMENT	a part that no document names, or the reverse
 *	ERR_EMPTY_DOCUMENT, ERR_TOO_LARGE, ERR_HASH_MISMATCH
 *	ERR_TRY_LATER		a piece of evidence is gone since the verdict
 *	ERR_UNSIGNED, ERR_BAD_SIGNATURE, ERR_WRONG_SIGNER
 *				of document_accept()
 */
struct config;
struct db;
struct dossier;
struct err;
struct fetcher;
struct json;
struct request;
struct report;
struct trust_bundle;
struct upload;
struct upload_part;
struct verifier;

struct document {
	const struct procedure_document *rule;
	const struct upload_part *part;
	const struct upload_part *signature; /* detached; or NULL */
	struct report *report;               /* owned; NULL until judged */
};

struct document_set {
	struct document *item; /* owned */
	size_t count;
	struct evidence_pieces evidence; /* document_gather() */
	struct trust_bundle *bundle;     /* owned; NULL: nothing was fetched */
	struct trust_lease lease;        /* of bundle */
};

enum document_role { DOCUMENT_COMPONENT, DOCUMENT_SUPPLEMENT, DOCUMENT_RESULT };

/*
 * Matches the form's parts to list, the `documents` of its part `dossier`,
 * and both to the procedure.  The set borrows from all three.
 */
struct document_form {
	const struct upload *upload;
	const struct json *list;
	const struct procedure *procedure;
	enum document_role role;
};
bool document_read(
    const struct document_form *form, struct document_set *out, struct err *e);

/* Are all components there that the procedure requires? */
bool document_complete(
    const struct document_set *set, const struct procedure *p, struct err *e);

/* What a set is judged with, by a request or beside all of them; borrowed. */
struct document_means {
	struct db *db;
	int64_t tenant, now_us;
	const struct config *config;
	struct verifier *verifier;
	struct fetcher *fetcher;
	const struct trust_lease *trust;
};
struct document_means document_means(const struct request *req);

/* Waits for the verifier and for what is fetched, so never inside a
 * transaction. */
void document_judge(const struct document_means *m, struct document_set *set);

/* What the verdicts rest on: the trust of the means, or that with what was
 * fetched. */
const struct trust_lease *document_trust(
    const struct document_means *m, const struct document_set *set);

/* Whose signature a document must carry. */
struct document_signer {
	const char *id_kind, *id; /* the applicant's: CCCD, MST ... */
	const char *email;        /* the officer's official address */
	const char *certificates; /* hex SHA-256s with blanks between */
};

/*
 * Is each signature that the procedure demands proved, and by the right
 * person?  The first that is not refuses, with its pointer.  Where waits is
 * given, one that is intact and lacks evidence that may come yet is no
 * refusal, if it says that it is the right person's, but sets *waits.
 */
bool document_accept(const struct document_set *set,
    const struct document_signer *who, bool *waits, struct err *e);

/* The id is an applicant's own: text compared in NFC, branch suffix of an MST
 * kept apart. */
bool document_signed_by_applicant(
    const struct report *r, const char *id_kind, const char *id);
bool document_signed_by_officer(
    const struct report *r, const char *email, const char *certificates);

/* Gets the evidence that the record lacks.  Asks the verifier, so after
 * document_judge() and never inside a transaction. */
bool document_gather(
    const struct document_means *m, struct document_set *set, struct err *e);

/* Stores bytes, rows, reports and their evidence in the caller's transaction.
 */
struct document_owner {
	int64_t tenant, dossier, by, at_us;
	enum document_role role;
};
bool document_store(struct db *db, const struct document_owner *o,
    const struct document_set *set, struct err *e);
/* What the reports rested on, in the same transaction: a part of the above. */
bool document_store_evidence(struct db *db, const struct document_owner *o,
    const struct document_set *set, struct err *e);
/* The bytes alone, before: contents are large and wait for nobody. */
bool document_store_contents(struct db *db, int64_t tenant,
    const struct document_set *set, struct err *e);

/* What an answer says of each: name, sha256, verdict, signatures. */
struct json *document_json(const struct document_set *set);

/* What the record keeps of each, so that the chain covers the bytes:
 * [{"name","sha256"}], a detached signature as an item of its own. */
struct json *document_digests(const struct document_set *set);

/* A zeroed set is fine. */
void document_set_release(struct document_set *set);

#endif /* GATEWAY_DOCUMENT_H */
