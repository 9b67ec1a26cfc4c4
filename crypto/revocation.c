#include "crypto/revocation.h"

#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "crypto/algorithm.h"
#include "crypto/certificate.h"
#include "crypto/chain.h"
#include "crypto/evidence.h"
#include "crypto/path.h"
#include "crypto/poe.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/trust.h"

/* An answer without nextUpdate says that newer ones are always there
 * (RFC 6960, 2.4), so it is fresh for a day only. */
#define FRESH_DAY_US (CLOCK_DAY_SEC * CLOCK_SEC_US)
#define OCSP_LEN_MAX (1024 * 1024)

/* The bytes as OCSPResponse, or as the BasicOCSPResponse within, which is
 * what revocation values of CAdES hold (EN 319 122-1, 5.4.2.2). */
static OCSP_BASICRESP *
read_answer(const uint8_t *data, size_t len)
{
	const uint8_t *p = data;
	OCSP_RESPONSE *response;
	OCSP_BASICRESP *basic = NULL;

	if (len == 0 || len > OCSP_LEN_MAX)
		return NULL;
	response = d2i_OCSP_RESPONSE(NULL, &p, (long)len);
	if (response != NULL && p == data + len &&
	    OCSP_response_status(response) == OCSP_RESPONSE_STATUS_SUCCESSFUL)
		basic = OCSP_response_get1_basic(response);
	if (response == NULL) {
		p = data;
		basic = d2i_OCSP_BASICRESP(NULL, &p, (long)len);
		if (basic != NULL && p != data + len) {
			OCSP_BASICRESP_free(basic);
			basic = NULL;
		}
	}
	OCSP_RESPONSE_free(response);
	ERR_clear_error();
	return basic;
}

static bool
is_weak(const struct question *q, const X509_ALGOR *identifier, int key_bits,
    int64_t made_us)
{
	struct policy_subject subject = { .bits = key_bits };
	struct algorithm a;

	if (!algorithm_x509(identifier, &a))
		return true;
	/* EdDSA names no digest; its own is as good as its key. */
	subject.digest = a.digest[0] == '\0' ? "sha512" : a.digest;
	subject.family = a.name;
	return !policy_allows_at(q, &subject, made_us);
}

bool
revocation_crls_are_weak(const struct question *q, const struct revocation *r)
{
	for (size_t i = 0; i < r->crl_count && i < REVOCATION_CRLS_MAX; i++) {
		const X509_CRL *crl = r->crls[i].crl;
		const X509_ALGOR *identifier;

		X509_CRL_get0_signature(crl, NULL, &identifier);
		if (is_weak(q, identifier, r->crls[i].key_bits,
			path_time(X509_CRL_get0_lastUpdate(crl))))
			return true;
	}
	return false;
}

/* Of the answer, and of the certificate by which its signer was delegated. */
static bool
is_answer_weak(const struct question *q, const OCSP_BASICRESP *basic,
    const X509 *signer, const X509 *issuer)
{
	int64_t made_us = path_time(OCSP_resp_get0_produced_at(basic));
	struct certificate_key key, above;

	certificate_key(signer, &key);
	certificate_key(issuer, &above);
	return is_weak(
		   q, OCSP_resp_get0_tbs_sigalg(basic), key.bits, made_us) ||
	       (X509_cmp(signer, issuer) != 0 &&
		   is_weak(
		       q, X509_get0_tbs_sigalg(signer), above.bits, made_us));
}

/* Delegation (RFC 6960, 4.2.2.2): issued by the very CA, for OCSP, and freed
 * of revocation checking by the CA itself. */
static bool
is_delegate(X509 *signer, X509 *issuer, int64_t at_us)
{
	EVP_PKEY *key = X509_get0_pubkey(issuer);

	return X509_check_issued(issuer, signer) == X509_V_OK && key != NULL &&
	       X509_verify(signer, key) == 1 &&
	       (X509_get_extension_flags(signer) & EXFLAG_XKUSAGE) != 0 &&
	       (X509_get_extended_key_usage(signer) & XKU_OCSP_SIGN) != 0 &&
	       (X509_get_key_usage(signer) & KU_DIGITAL_SIGNATURE) != 0 &&
	       X509_get_ext_by_NID(signer, NID_id_pkix_OCSP_noCheck, -1) >= 0 &&
	       path_time(X509_get0_notBefore(signer)) <= at_us &&
	       path_time(X509_get0_notAfter(signer)) >= at_us;
}

/* Who signed the answer may be named by it, but must be the issuer or its
 * delegate.  The signature is checked under the key found so; what of it holds
 * for every word of the answer goes into *out. */
static bool
is_signed(const struct question *q, OCSP_BASICRESP *basic, X509 *issuer,
    int64_t at_us, struct revocation *out)
{
	STACK_OF(X509) *own = sk_X509_new_null();
	X509 *signer = NULL;
	bool ok = false;

	if (own == NULL || sk_X509_push(own, issuer) == 0)
		goto out;
	if (OCSP_resp_get0_signer(basic, &signer, own) != 1 || signer == NULL)
		goto out;
	if (X509_cmp(signer, issuer) != 0 &&
	    !is_delegate(signer, issuer, at_us))
		goto out;
	/* OCSP_NOVERIFY: the signature alone; the signer is judged above. */
	ok = OCSP_basic_verify(basic, own, NULL, OCSP_NOVERIFY) == 1;
	out->signer_end_us = path_time(X509_get0_notAfter(signer));
	out->weak = is_answer_weak(q, basic, signer, issuer);

out:
	sk_X509_free(own);
	ERR_clear_error();
	return ok;
}

/* The digest that the request's CertID used is the answer's to choose. */
static bool
names(OCSP_SINGLERESP *single, X509 *certificate, X509 *issuer)
{
	const OCSP_CERTID *id = OCSP_SINGLERESP_get0_id(single);
	ASN1_OBJECT *digest = NULL;
	const EVP_MD *md;
	OCSP_CERTID *own;
	bool same;

	if (OCSP_id_get0_info(
		NULL, &digest, NULL, NULL, (OCSP_CERTID *)(uintptr_t)id) != 1)
		return false;
	md = EVP_get_digestbyobj(digest);
	own = md == NULL ? NULL : OCSP_cert_to_id(md, certificate, issuer);
	same = own != NULL && OCSP_id_cmp(own, id) == 0;
	OCSP_CERTID_free(own);
	return same;
}

static void
read_single(OCSP_SINGLERESP *single, int64_t at_us, struct revocation *out)
{
	ASN1_GENERALIZEDTIME *revoked = NULL, *this = NULL, *next = NULL;
	int status =
	    OCSP_single_get0_status(single, NULL, &revoked, &this, &next);
	int64_t issued = path_time(this), until;

	memset(out, 0, sizeof(*out));
	if (issued == INT64_MIN || issued > at_us + QUESTION_SKEW_US)
		return;
	until = next == NULL ? issued + FRESH_DAY_US : path_time(next);
	if (until < issued)
		return;
	out->issued_us = issued;
	out->stale = until < at_us;
	out->keeps_expired = OCSP_SINGLERESP_get_ext_by_NID(single,
				 NID_id_pkix_OCSP_archiveCutoff, -1) >= 0;
	if (status == V_OCSP_CERTSTATUS_GOOD) {
		out->status = REVOCATION_GOOD;
	} else if (status == V_OCSP_CERTSTATUS_REVOKED) {
		out->status = REVOCATION_BAD;
		out->revoked_us = path_time(revoked);
	}
}

/* When there is no more room, a good word gives way to a bad one. */
void
revocation_add(struct revocation_list *l, const struct revocation *r)
{
	if (r->status == REVOCATION_UNKNOWN)
		return;
	if (l->count < REVOCATION_WORDS_MAX)
		l->at[l->count++] = *r;
	else if (r->status == REVOCATION_BAD)
		l->at[REVOCATION_WORDS_MAX - 1] = *r;
}

int64_t
revocation_when(const struct revocation_list *l)
{
	int64_t when = INT64_MAX;

	for (size_t i = 0; i < l->count; i++)
		if (l->at[i].status == REVOCATION_BAD &&
		    l->at[i].revoked_us < when)
			when = l->at[i].revoked_us;
	return when;
}

/* 0 is another nonce, 3 one that nobody asked for; the others are the same,
 * none on either side, and none in the answer. */
static bool
nonce_fits(OCSP_REQUEST *request, OCSP_BASICRESP *basic)
{
	int fit = OCSP_check_nonce(request, basic);

	return fit != 0 && fit != 3;
}

static bool
read_reply(OCSP_REQUEST *request, struct revocation_reply *out)
{
	OCSP_BASICRESP *basic = read_answer(out->answer, out->len);
	OCSP_SINGLERESP *single;
	ASN1_GENERALIZEDTIME *this = NULL, *next = NULL;
	bool ok = false;

	if (basic == NULL || !nonce_fits(request, basic))
		goto out;
	single = OCSP_resp_get0(basic, 0);
	if (single == NULL)
		goto out;
	OCSP_single_get0_status(single, NULL, NULL, &this, &next);
	out->from_us = path_time(this);
	out->until_us = next == NULL ? 0 : path_time(next);
	ok = out->from_us != INT64_MIN && out->until_us != INT64_MIN;

out:
	OCSP_BASICRESP_free(basic);
	return ok;
}

bool
revocation_reply(const uint8_t *both, size_t len, struct revocation_reply *out)
{
	const uint8_t *p = both;
	OCSP_REQUEST *request;
	bool ok = false;

	memset(out, 0, sizeof(*out));
	if (len == 0 || len > OCSP_LEN_MAX)
		return false;
	request = d2i_OCSP_REQUEST(NULL, &p, (long)len);
	if (request != NULL) {
		out->answer = p;
		out->len = len - (size_t)(p - both);
		ok = read_reply(request, out);
	}
	OCSP_REQUEST_free(request);
	ERR_clear_error();
	return ok;
}

struct asked {
	const struct question *q;
	const struct poe *poe;
	X509 *certificate, *issuer;
};

/* Whether the answer has a word on the certificate. */
static bool
ask_one(const struct asked *a, const uint8_t *data, size_t len,
    struct revocation_list *out)
{
	OCSP_BASICRESP *basic = read_answer(data, len);
	struct revocation r, every = { .weak = true };
	int64_t produced;
	bool told = false;

	if (basic == NULL)
		return false;
	produced = path_time(OCSP_resp_get0_produced_at(basic));
	if (produced == INT64_MIN ||
	    produced > a->q->at_us + QUESTION_SKEW_US ||
	    !is_signed(a->q, basic, a->issuer, produced, &every))
		goto out;
	for (int i = 0; i < OCSP_resp_count(basic); i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);

		if (!names(single, a->certificate, a->issuer))
			continue;
		read_single(single, a->q->at_us, &r);
		r.signer_end_us = every.signer_end_us;
		r.weak = every.weak;
		r.since_us = poe_since(a->poe, data, len);
		revocation_add(out, &r);
		told = true;
	}

out:
	OCSP_BASICRESP_free(basic);
	ERR_clear_error();
	return told;
}

void
revocation_ask_ocsp(const struct question *q,
    const struct chain_subject *subject, X509 *certificate, X509 *issuer,
    struct revocation_list *out)
{
	const struct asked a = { q, subject->poe, certificate, issuer };
	const uint8_t *data;
	size_t len;

	for (size_t i = 0; i < trust_ocsp_count(q->trust); i++) {
		data = trust_ocsp(q->trust, i, &len);
		if (ask_one(&a, data, len, out))
			evidence_add_bytes(q->evidence, EVIDENCE_OCSP,
			    EVIDENCE_BUNDLE, data, len);
	}
	for (size_t i = 0; i < subject->ocsp_count && i < CHAIN_EXTRAS_MAX;
	     i++) {
		data = subject->ocsps[i].data;
		len = subject->ocsps[i].len;
		if (ask_one(&a, data, len, out))
			evidence_add_bytes(q->evidence, EVIDENCE_OCSP,
			    EVIDENCE_DOCUMENT, data, len);
	}
}

static void
judge_revoked(const struct question *q, int64_t revoked_us,
    const struct revocation_place *at, struct signature_report *s)
{
	char when[CLOCK_RFC3339_LEN], what[CERTIFICATE_SUBJECT_LEN];
	int64_t poe = s->proven_us != 0 ? s->proven_us : q->at_us;

	clock_rfc3339(revoked_us == INT64_MIN ? 0 : revoked_us, when);
	certificate_subject(at->certificate, what);
	signature_find(s, FIND_REVOCATION, "%s, at %s", what, when);
	if (poe < revoked_us)
		return; /* existed before: EN 319 102-1, 5.6.2.2 */
	if (at->depth > 0)
		signature_sink(s, SUB_REVOKED_CA_NO_POE);
	else if (at->signed_after_us != 0 && at->signed_after_us >= revoked_us)
		signature_sink(s, SUB_REVOKED);
	else
		signature_sink(s, SUB_REVOKED_NO_POE);
}

/*
 * Good is good when the evidence is fresh, or was made after the signature is
 * proved to have existed.  A CRL issued after the certificate expired may
 * have dropped it, unless it says that it keeps the expired (EN 319 102-1,
 * 5.2.5; RFC 5280, 5.3 on removal).
 */
static bool
is_enough(const struct question *q, const struct revocation *r,
    const struct revocation_place *at, const struct signature_report *s)
{
	if (r->status != REVOCATION_GOOD || r->weak)
		return false;
	if (r->issued_us > at->not_after_us && !r->keeps_expired)
		return false;
	if (!r->stale && policy_is_fresh(q->policy, r->issued_us, q->at_us))
		return r->issued_us <= q->at_us + QUESTION_SKEW_US;
	return s->proven_us != 0 && s->proven_us <= r->issued_us;
}

/* What was signed by a key that is good no more must have been there while it
 * was (EN 319 102-1, 5.6.2.2: validation time sliding). */
static enum subindication
evidence_fault(const struct question *q, const struct revocation *r,
    const struct revocation_place *at)
{
	int64_t there_us = r->since_us != 0 ? r->since_us : q->at_us;

	if (there_us >= at->above_revoked_us)
		return SUB_NO_POE;
	if (there_us > r->signer_end_us)
		return SUB_REVOCATION_OUT_OF_BOUNDS_NO_POE;
	return SUB_NONE;
}

bool
revocation_is_good(const struct question *q, const struct revocation_list *l,
    const struct revocation_place *at, const struct signature_report *s)
{
	for (size_t i = 0; i < l->count; i++)
		if (is_enough(q, &l->at[i], at, s) &&
		    evidence_fault(q, &l->at[i], at) == SUB_NONE)
			return true;
	return false;
}

/* Why not: there is no word, or none that proves. */
static enum subindication
not_good(const struct question *q, const struct revocation_list *l,
    const struct revocation_place *at, const struct signature_report *s)
{
	for (size_t i = 0; i < l->count; i++)
		if (is_enough(q, &l->at[i], at, s))
			return evidence_fault(q, &l->at[i], at);
	return SUB_TRY_LATER;
}

static bool
has_weak(const struct revocation_list *l)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->at[i].weak)
			return true;
	return false;
}

void
revocation_judge(const struct question *q, const struct revocation_list *l,
    const struct revocation_place *at, struct signature_report *s)
{
	char what[CERTIFICATE_SUBJECT_LEN];
	int64_t revoked_us = revocation_when(l);

	if (revoked_us != INT64_MAX) {
		judge_revoked(q, revoked_us, at, s);
		return;
	}
	if (revocation_is_good(q, l, at, s))
		return;
	certificate_subject(at->certificate, what);
	if (has_weak(l))
		signature_find(s, FIND_REVOCATION_WEAK, "%s", what);
	signature_find(s, FIND_REVOCATION_UNKNOWN, "%s", what);
	if (q->revocation == REVOCATION_REQUIRE)
		signature_sink(s, not_good(q, l, at, s));
}
