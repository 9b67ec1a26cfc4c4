#ifndef CRYPTO_CHAIN_H
#define CRYPTO_CHAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Whether a certificate may be believed: the path to an anchor of the right
 * purpose (RFC 5280, 6), its validity, revocation, key usage, and the dates
 * of algorithms, all against the moment at which the signature is proved to
 * have existed (EN 319 102-1, 5.2.6 and 5.6.2: validation time sliding).
 *
 * chain_judge() reads out->proven_us: with a proven time a later expiry or
 * revocation does no harm, without one it is OUT_OF_BOUNDS_NO_POE or
 * REVOKED_NO_POE.  So timestamps are judged before.
 *
 * Nothing that a document brings along is ever an anchor.
 */
struct poe;
struct question;
struct report_path;
struct signature_report;
struct signer;

#define CHAIN_EXTRAS_MAX 128 /* of each kind; what is beyond is not read */

/* DER of one object, borrowed. */
struct chain_object {
	const uint8_t *data;
	size_t len;
};

enum chain_use {
	CHAIN_SIGNER,    /* digitalSignature or nonRepudiation */
	CHAIN_TIMESTAMP, /* EKU timeStamping: critical, and alone (RFC 3161) */
	CHAIN_PATH,      /* the path alone is asked about: any usage */
};

/* RFC 5280, 6.1.1 (c) to (g); zeroed: any policy, nothing inhibited. */
struct chain_policies {
	const char *const *oids; /* the initial policy set, dotted */
	size_t oid_count;        /* 0: any-policy */
	bool explicit_policy, inhibit_map, inhibit_any;
};

/* What a document says for its own signer: hints, never anchors. */
struct chain_subject {
	struct chain_object certificate;
	enum chain_use use;
	const struct chain_object *extras; /* certificates, in any order */
	size_t extra_count;
	const struct chain_object *crls; /* CertificateList */
	size_t crl_count;
	const struct chain_object
	    *ocsps; /* OCSPResponse or BasicOCSPResponse */
	size_t ocsp_count;
	const struct poe *poe; /* what is proved of these; may be NULL */
	int64_t not_before_us; /* the signature is proved to have been made
				* after this (content timestamp); 0: no proof */
	struct chain_policies policies;
	struct report_path *path; /* gets the path found; NULL: not wanted */
};

/* Sinks subindication and adds findings; never lifts a verdict.  To be called
 * with TOTAL_PASSED (or worse) standing in *out. */
void chain_judge(const struct question *q, const struct chain_subject *subject,
    struct signature_report *out);

#endif /* CRYPTO_CHAIN_H */
