#ifndef CRYPTO_TRUST_H
#define CRYPTO_TRUST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Trust anchors and evidence, and paths between a certificate and an anchor
 * (RFC 5280, 6).  Anchors are data; none is built in.
 *
 * A bundle is what the caller collects, unread: whole files with what they
 * are for, sealed into a memfd.  trust_open() parses it, in a verifier child
 * alone.  Anchors say what they are good for: public certificates
 * (doanh nghiệp, công dân), the government's (chuyên dùng công vụ), or
 * timestamps.
 *
 * DIAGNOSTICS
 *	ERR_FILE	a file or folder cannot be read
 *	ERR_TOO_LARGE	a file over TRUST_FILE_MAX, or too many
 *	ERR_UNREADABLE	a file that holds nothing of its kind
 */
struct err;
struct policy;
struct trust;
struct trust_bundle;

#define TRUST_FILE_MAX  (50 * 1024 * 1024)
#define TRUST_FILES_MAX 10000

enum trust_kind {
	TRUST_ANCHOR,
	TRUST_UNTRUSTED, /* certificates that may stand in a path */
	TRUST_CRL,
	TRUST_OCSP,
	TRUST_POLICY,      /* the policy file, at most one */
	TRUST_LIST_SIGNER, /* whose trusted lists are believed */
	TRUST_OCSP_ASKED,  /* a request and its answer, revocation.h */
};

enum trust_purpose {
	TRUST_PUBLIC = 1,
	TRUST_GOVERNMENT = 2,
	TRUST_TIMESTAMP = 4,
	TRUST_ANY = 7,
};

/* Once a process, before a sandbox closes: fetches the algorithms that this
 * folder uses and keeps OpenSSL from reading configuration later. */
void trust_init(void);

struct trust_bundle *trust_bundle_new(void);
void trust_bundle_free(struct trust_bundle *b);

/* A PEM, DER or p7b file, or a folder of them (not its subfolders).  Among
 * the anchors also trusted lists, XML of ETSI TS 119 612, each signed by a
 * TRUST_LIST_SIGNER: their services are anchors, within the purpose given. */
bool trust_bundle_add(struct trust_bundle *b, const char *path,
    enum trust_kind kind, unsigned purpose, struct err *e);

/* Bytes that are there already, borrowed; name is for messages. */
struct trust_piece {
	const char *name;
	enum trust_kind kind;
	unsigned purpose;
	const uint8_t *data;
	size_t len;
};

/* The same for a piece; one that is not of its kind is passed over. */
bool trust_bundle_add_piece(
    struct trust_bundle *b, const struct trust_piece *p, struct err *e);

/* A new bundle with all that a sealed one holds. */
struct trust_bundle *trust_bundle_from(int fd);

/* Seals; the same content gives the same generation.  The memfd stays the
 * bundle's; it is good until trust_bundle_free(). */
int trust_bundle_seal(struct trust_bundle *b, uint8_t generation[32]);

/* Parses a sealed bundle.  On success the caller owns *out. */
bool trust_open(
    const uint8_t *bytes, size_t len, struct trust **out, struct err *e);
void trust_free(struct trust *t);

/* The bundle's policy file, else the built-in one; good while t is. */
const struct policy *trust_policy(const struct trust *t);

/* Without anchors every path is unknown; true when there is any. */
bool trust_has_anchors(const struct trust *t);

/* For the judges in this folder: OpenSSL's own stores, borrowed. */
struct path_cache;
struct stack_st_X509;
struct stack_st_X509_CRL;
struct x509_st;
struct X509_crl_st;
struct x509_store_st;

/* The anchors of any of these purposes: TRUST_TIMESTAMP, or the signers'
 * (public and government together). */
struct x509_store_st *trust_store(const struct trust *t, unsigned purpose);
struct stack_st_X509 *trust_untrusted(const struct trust *t);
struct stack_st_X509_CRL *trust_crls(const struct trust *t);

/* Of its DER; NULL when it is none of trust_crls(). */
const uint8_t *trust_crl_sha256(
    const struct trust *t, const struct X509_crl_st *crl);

/* What was found under this trust before: no part of what it says, so a
 * const trust has it to write to. */
struct path_cache *trust_paths(const struct trust *t);
/* What it is good for at that moment: 0 when it is none, or its trusted list
 * was to be renewed by then and the policy does not take old lists. */
unsigned trust_anchor_purpose(
    const struct trust *t, const struct x509_st *anchor, int64_t at_us);

/* When one of the anchors stops being any; moments[i] for i below the count. */
size_t trust_ends(const struct trust *t, const int64_t **moments);
size_t trust_ocsp_count(const struct trust *t);
const uint8_t *trust_ocsp(const struct trust *t, size_t i, size_t *len);

#endif /* CRYPTO_TRUST_H */
