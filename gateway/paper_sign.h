#ifndef GATEWAY_PAPER_SIGN_H
#define GATEWAY_PAPER_SIGN_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Signs a paper of ours with the agency's key, and has our own verifier judge
 * it as a citizen's reader will: what we would not take we do not send.
 *
 * DIAGNOSTICS
 *	ERR_FILE, ERR_CONFIG	the key cannot be opened
 *	ERR_UNREADABLE		signed, and our verifier does not pass it
 *	from crypto/sign.h	it cannot be signed
 */
struct blob;
struct config;
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

/* A PKCS#12 file, and a file with its password or "". */
struct paper_signer_key {
	const char *file, *password_file;
};

bool paper_signer_new(const struct paper_signer_means *m,
    const struct paper_signer_key *k, struct paper_signer **out, struct err *e);
void paper_signer_free(struct paper_signer *s); /* NULL is fine */

/* What is signed: PDF bytes, under a name for the report. */
struct paper_signing {
	const struct blob *pdf;
	const char *name, *reason;
	int64_t at_us;
};

/* The caller releases *out, also after a refusal. */
bool paper_sign(const struct paper_signer *s, const struct paper_signing *what,
    struct blob *out, struct err *e);

#endif /* GATEWAY_PAPER_SIGN_H */
