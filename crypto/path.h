#ifndef CRYPTO_PATH_H
#define CRYPTO_PATH_H

#include <stdbool.h>
#include <stdint.h>

#include "crypto/evidence.h"
#include "crypto/revocation.h"

/*
 * A path from a certificate to an anchor, by OpenSSL (RFC 5280, 6), with what
 * the CRLs said of each certificate on it.  Validity and revocation are
 * written down here and judged in chain.c: whether they matter depends on
 * when the signature is proved to have existed.
 */
struct chain_policies;
struct stack_st_X509;
struct stack_st_X509_CRL;
struct X509_crl_st;
struct x509_st;
struct x509_store_ctx_st;
struct x509_store_st;

#define PATH_LEN_MAX  16
#define PATH_USED_MAX 96 /* certificates and CRLs */

/* How often a path is looked for, each time without what led nowhere. */
#define PATH_CANDIDATES_MAX 32

struct path {
	struct stack_st_X509 *certificates; /* owned; end first, anchor last */
	int count;
	struct revocation crl[PATH_LEN_MAX + 2];
	int64_t at_us;
	int error; /* X509_V_OK, or why there is no path */
	int error_depth;
	bool candidates_cut; /* PATH_CANDIDATES_MAX, and more to try */
	int (*ask_crl)(struct x509_store_ctx_st *, struct X509_crl_st *,
	    struct x509_st *); /* OpenSSL's own */

	/* What was looked at on the way, until path_evidence.c has said what
	 * that was: certificates of CRL signers, and CRLs. */
	struct stack_st_X509 *signers;
	struct stack_st_X509_CRL *asked;
	struct evidence used[PATH_USED_MAX];
	size_t used_count;
	bool used_cut;
};

struct path_question {
	struct x509_st *end;
	struct x509_store_st *store; /* anchors */
	struct stack_st_X509 *untrusted;
	/* Not in the store, where OpenSSL looks for CRLs by the name of the
	 * certificate's issuer and so never finds an indirect one. */
	struct stack_st_X509_CRL *crls;
	int64_t at_us;
	bool check_crls;
	const struct chain_policies *policies;
};

/* Once for each store. */
void path_prepare(struct x509_store_st *store);

/* Always answers; path_release() afterwards. */
void path_find(const struct path_question *q, struct path *out);
void path_release(struct path *p);

/* Gives back what was looked at on the way; used stays. */
void path_forget(struct path *p);

/* A certificate's or CRL's time in microseconds; INT64_MIN when unreadable. */
struct asn1_string_st;
int64_t path_time(const struct asn1_string_st *t);

#endif /* CRYPTO_PATH_H */
