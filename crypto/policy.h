#ifndef CRYPTO_POLICY_H
#define CRYPTO_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Which digests and keys are good until when.  The built-in table follows
 * ETSI TS 119 312; a policy file (JSON) replaces it.  What the table does not
 * name is not good at all.
 *
 *	{"name": "neac-2026", "digests": {"sha256": null, "sha1": "2012-08-01"},
 *	 "keys": [{"family": "rsa", "bits": 2048, "until": "2029-01-01"}]}
 *
 * An end is the first day on which it is no longer good; null is no end.  Of
 * the keys' rows that match the family, the one with the most bits that the
 * key still has counts.  Families: rsa-pkcs1, rsa-pss, ecdsa, dsa, ed25519,
 * ed448.
 *
 * DIAGNOSTICS
 *	ERR_UNREADABLE	no policy file
 */
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

/* Sinks s when they are past their end at the moment at which s is proved to
 * exist: proven_us, else the validation time. */
void policy_check(const struct question *q,
    const struct policy_subject *subject, struct signature_report *s);

/* The same for digest, algorithm and key_bits of the signature itself. */
void policy_judge(const struct question *q, struct signature_report *s);

#endif /* CRYPTO_POLICY_H */
