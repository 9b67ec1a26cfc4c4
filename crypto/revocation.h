#ifndef CRYPTO_REVOCATION_H
#define CRYPTO_REVOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What OCSP answers say of a certificate (RFC 6960), and the one rule for
 * what revocation evidence of either kind means for a signature.
 *
 * An answer counts when its responder is the issuer itself or was delegated
 * by it (EKU OCSPSigning, issued by the same key, with id-pkix-ocsp-nocheck),
 * its signature is right, and it is neither from the future nor without a
 * word on this certificate.
 *
 * Evidence whose own signature the policy did not allow on the day it was made
 * proves nothing good; what it says of a revocation still counts.  That day is
 * the evidence's own word: to backdate it takes the authority's key.
 */
struct X509_crl_st;
struct chain_subject;
struct question;
struct signature_report;
struct x509_st;

#define REVOCATION_CRLS_MAX 4 /* for one word; one of more is not proved */

/* What revocation evidence says of one certificate. */
enum revocation_status { REVOCATION_UNKNOWN, REVOCATION_GOOD, REVOCATION_BAD };

struct revocation_crl {
	const struct X509_crl_st *crl; /* borrowed */
	int key_bits;                  /* of who signed it */
};

struct revocation {
	enum revocation_status status;
	int64_t issued_us;  /* thisUpdate of the oldest evidence it rests on */
	bool stale;         /* nextUpdate has passed */
	bool keeps_expired; /* the source lists expired certificates, too */
	int64_t revoked_us;
	int64_t signer_end_us; /* notAfter of who signed the evidence */
	int64_t since_us;      /* proof that the evidence was there; 0: none */
	bool weak; /* signed with what was not good when it was made */
	struct revocation_crl crls[REVOCATION_CRLS_MAX];
	size_t crl_count; /* 0: it rests on an OCSP answer */
};

/* All that was said of it; which word counts depends on the moment. */
#define REVOCATION_WORDS_MAX 16
struct revocation_list {
	struct revocation at[REVOCATION_WORDS_MAX];
	size_t count;
};

void revocation_add(struct revocation_list *l, const struct revocation *r);

/* Was one of its CRLs signed with an algorithm or a key that was past its end
 * on the day that the CRL gives for itself? */
bool revocation_crls_are_weak(
    const struct question *q, const struct revocation *r);

/* INT64_MAX: no word says that it was. */
int64_t revocation_when(const struct revocation_list *l);

/* Adds what the OCSP answers of trust and document say. */
void revocation_ask_ocsp(const struct question *q,
    const struct chain_subject *subject, struct x509_st *certificate,
    struct x509_st *issuer, struct revocation_list *out);

/* A certificate on the path (depth 0: the signer's). */
struct revocation_place {
	int depth;
	const struct x509_st *certificate;
	int64_t not_after_us;
	int64_t signed_after_us; /* proof of being later; 0: none */
	/* When the first of the authorities above it was revoked; INT64_MAX:
	 * none was.  What that one's key signed without proof of having been
	 * there before may be anybody's. */
	int64_t above_revoked_us;
};

/* Whether a word is enough to know that it is not revoked. */
bool revocation_is_good(const struct question *q,
    const struct revocation_list *l, const struct revocation_place *at,
    const struct signature_report *s);

/* An OCSP request, and the answer to it right behind, both DER. */
struct revocation_reply {
	const uint8_t *answer; /* borrowed */
	size_t len;
	int64_t from_us, until_us; /* thisUpdate, nextUpdate; 0: none */
};

/* False when it is no such pair, or the answer has another nonce than the
 * request (RFC 6960, 4.4.1).  None at all is what most responders give, who
 * sign beforehand (RFC 5019, 4). */
bool revocation_reply(
    const uint8_t *both, size_t len, struct revocation_reply *out);

/* Sinks s: revoked by any word is revoked, else one good word is enough that
 * speaks for the moment at which the signature is proved to have existed. */
void revocation_judge(const struct question *q, const struct revocation_list *l,
    const struct revocation_place *at, struct signature_report *s);

#endif /* CRYPTO_REVOCATION_H */
