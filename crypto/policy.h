#ifndef CRYPTO_POLICY_H
#define CRYPTO_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which digests and keys are good until when, and what else is accepted.
 * The built-in policy is schemas/policy/policy.json: ETSI TS 119 312 as the
 * European Commission's validator reads it, within which the Vietnamese
 * minimum lies (RSA 2048, ECDSA 256: Circular 15/2025); EdDSA stands in
 * neither, RFC 8032 gives it no end.  A policy file (JSON) replaces it.  What
 * the tables do not name is not good at all.
 *
 *	{"name": "neac", "version": "2026-1",
 *	 "digests": {"sha256": null, "sha1": "2012-08-01"},
 *	 "keys": [{"family": "ecdsa", "bits": 256, "until": "2035-01-01"}],
 *	 "formats": ["pades"], "key_usage": ["nonRepudiation"],
 *	 "revocation": {"max_age_hours": 48}, "old_lists": false,
 *	 "signature_policies": {"1.2.3": {"sha256": "…hex…"}, "urn:x": {}}}
 *
 * Only name, digests and keys must be there.  formats are the accepted ones;
 * a signer's certificate has one of key_usage; a CRL or OCSP answer whose
 * thisUpdate is older than max_age_hours is as good as none, unless it was
 * made after the signature is proved to have existed.  signature_policies are
 * those that a signature may name, each with digests of its document.  Where
 * old_lists is true a trusted list counts beyond its NextUpdate.
 *
 * An end is the first day on which it is no longer good; null is no end.  Of
 * the keys' rows that match the family, the one with the most bits that the
 * key still has counts.  Families: rsa-pkcs1, rsa-pss, ecdsa, dsa, ed25519,
 * ed448.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	no policy file
 */
struct blob;
struct err;
struct policy;
struct question;
struct signature_report;

#define POLICY_NO_END INT64_MAX

const struct policy *policy_default(void);
bool policy_parse(
    const char *bytes, size_t len, struct policy **out, struct err *e);
void policy_free(struct policy *p); /* NULL is fine, the default is not */

const char *policy_name(const struct policy *p);
const char *policy_version(const struct policy *p);      /* "": none */
const struct blob *policy_bytes(const struct policy *p); /* the file */

/* RFC 5280, 4.2.1.3: what a signer's key may be for. */
enum policy_usage { POLICY_DIGITAL_SIGNATURE = 1, POLICY_NON_REPUDIATION = 2 };

bool policy_takes_format(const struct policy *p, const char *format);
unsigned policy_key_usage(const struct policy *p);
/* May a trusted list be past its NextUpdate? */
bool policy_takes_old_lists(const struct policy *p);
bool policy_is_fresh(const struct policy *p, int64_t issued_us, int64_t at_us);

/* A signature policy that a signature names: dotted or a URI.  A digest that
 * is not there (len 0) is not compared, and of the document only those that
 * the file has. */
struct policy_signature {
	const char *id, *digest;
	const uint8_t *hash;
	size_t len;
};
enum policy_found {
	POLICY_SIGNATURE_KNOWN, /* or the file does not ask */
	POLICY_SIGNATURE_MISSING,
	POLICY_SIGNATURE_DIFFERS,
};
enum policy_found policy_find_signature(
    const struct policy *p, const struct policy_signature *named);

/* The end of its life; 0: unknown, never good. */
int64_t policy_digest_end(const struct policy *p, const char *digest);
int64_t policy_key_end(const struct policy *p, const char *family, int bits);

/* A digest and a key that something rests on; what names it for the finding. */
struct policy_subject {
	const char *what;
	const char *digest;
	const char *family;
	int bits;
};

/* Whether they are within their life at the moment at which s is proved to
 * exist; says nothing in s. */
bool policy_allows(const struct question *q,
    const struct policy_subject *subject, const struct signature_report *s);

/* Whether they were within their life at that moment. */
bool policy_allows_at(const struct question *q,
    const struct policy_subject *subject, int64_t at_us);

/* Sinks s when they are past their end at the moment at which s is proved to
 * exist: proven_us, else the validation time. */
void policy_check(const struct question *q,
    const struct policy_subject *subject, struct signature_report *s);

/* The same for digest, algorithm and key_bits of the signature itself. */
void policy_judge(const struct question *q, struct signature_report *s);

#endif /* CRYPTO_POLICY_H */
