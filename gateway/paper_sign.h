#ifndef GATEWAY_PAPER_SIGN_H
#define GATEWAY_PAPER_SIGN_H

#include <stdbool.h>
#include <stdint.h>

#include "base/blob.h"
#include "crypto/digest.h"
#include "gateway/evidence_piece.h"
#include "gateway/key_holder.h"

/*
 * Signs a paper of ours with the key of whoever issues it, and has our own
 * verifier judge it as a citizen's reader will: what we would not take we do
 * not send.  What its verdict rested on is kept with the paper, as it is with
 * a document.  Keys are opened once, at the start; who has none of his own in
 * the folder signs with the gateway's.  A key in the folder is held to him
 * whose name it has (key_holder.h) each time that it signs.
 *
 * DIAGNOSTICS
 *	ERR_FILE, ERR_CONFIG	a key cannot be opened
 *	ERR_CONFIG		there is no key for him who signs, or it is
 *				another's
 *	ERR_UNREADABLE		signed, and our verifier does not pass it
 *	ERR_TRY_LATER		passed, and what that rests on is gone
 *	ERR_STORAGE		from db.c
 *	from crypto/sign.h	it cannot be signed
 */
struct config;
struct db;
struct err;
struct paper_signer;
struct trust_store;
struct verifier;

/* Borrows all. */
struct paper_signer_means {
	const struct config *config;
	struct trust_store *trust;
	struct verifier *verifier;
};

/* The gateway's key, a PKCS#12 file and one with its password, and the folder
 * with those of others (key_folder.h); each may be "". */
struct paper_signer_keys {
	const char *file, *password_file, *folder;
	enum key_holder holders; /* of those in the folder */
};

/* NULL in *out when there is no key at all. */
bool paper_signer_new(const struct paper_signer_means *m,
    const struct paper_signer_keys *k, struct paper_signer **out,
    struct err *e);
void paper_signer_free(struct paper_signer *s); /* NULL is fine */

/* Is there a key for him?  A signer that is NULL has none. */
bool paper_signer_has(const struct paper_signer *s, const char *who);

/* What is signed: PDF bytes, under a name for the report. */
struct paper_signing {
	int64_t tenant;
	const char *who; /* whose key, by its name in the folder */
	const struct blob *pdf;
	const char *name, *reason;
	int64_t at_us;
};

/* The bytes of a paper and, where it is signed, what says that it is. */
struct paper_made {
	struct blob pdf;
	uint8_t sha256[DIGEST_LEN];
	char *report; /* JSON; NULL: not signed */
	struct evidence_pieces evidence;
};
void paper_made_release(struct paper_made *p); /* zeroed is fine */

/* Waits for the verifier, so never inside a transaction.  The caller releases
 * *out, also after a refusal. */
bool paper_sign(const struct paper_signer *s, struct db *db,
    const struct paper_signing *what, struct paper_made *out, struct err *e);

/* Stores bytes, verdict and evidence in the caller's transaction. */
bool paper_keep(struct db *db, int64_t tenant, int64_t at_us,
    const struct paper_made *p, struct err *e);

#endif /* GATEWAY_PAPER_SIGN_H */
