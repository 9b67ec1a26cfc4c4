#include "crypto/chain.h"

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/log.h"
#include "crypto/algorithm.h"
#include "crypto/certificate.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/path.h"
#include "crypto/path_cache.h"
#include "crypto/path_evidence.h"
#include "crypto/poe.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/revocation.h"
#include "crypto/trust.h"
#include "crypto/want.h"

/* The trust's certificates and the document's; the former are borrowed. */
static STACK_OF(X509) *
    gather(const struct question *q, const struct chain_subject *subject)
{
	STACK_OF(X509) *all = X509_chain_up_ref(trust_untrusted(q->trust));

	if (all == NULL)
		all = sk_X509_new_null();
	for (size_t i = 0; i < subject->extra_count && i < CHAIN_EXTRAS_MAX;
	     i++) {
		const struct chain_object *o = &subject->extras[i];
		X509 *x = certificate_parse(o->data, o->len);

		if (x != NULL && sk_X509_push(all, x) == 0)
			fatalx("out of memory");
	}
	return all;
}

/* The trust's CRLs and the document's that were issued by then.  All of them
 * are borrowed, but the document's are also in *own. */
static STACK_OF(X509_CRL) * gather_crls(const struct question *q,
				const STACK_OF(X509_CRL) * own,
				int64_t issued_by)
{
	const STACK_OF(X509_CRL) * both[] = { trust_crls(q->trust), own };
	STACK_OF(X509_CRL) *all = sk_X509_CRL_new_null();

	for (size_t k = 0; k < nitems(both); k++)
		for (int i = 0; i < sk_X509_CRL_num(both[k]); i++) {
			X509_CRL *crl = sk_X509_CRL_value(both[k], i);

			if (path_time(X509_CRL_get0_lastUpdate(crl)) <=
				issued_by &&
			    sk_X509_CRL_push(all, crl) == 0)
				fatalx("out of memory");
		}
	return all;
}

static STACK_OF(X509_CRL) * read_crls(const struct chain_subject *subject)
{
	STACK_OF(X509_CRL) *own = sk_X509_CRL_new_null();

	for (size_t i = 0; i < subject->crl_count && i < CHAIN_EXTRAS_MAX;
	     i++) {
		const uint8_t *p = subject->crls[i].data;
		X509_CRL *crl =
		    d2i_X509_CRL(NULL, &p, (long)subject->crls[i].len);

		if (crl != NULL && sk_X509_CRL_push(own, crl) == 0)
			fatalx("out of memory");
	}
	ERR_clear_error();
	return own;
}

/* Why there is no path, in the words of EN 319 102-1, 5.2.6. */
static enum subindication
path_failure(int error)
{
	switch (error) {
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
	case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
	case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
	case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
	case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
	case X509_V_ERR_CERT_SIGNATURE_FAILURE:
	case X509_V_ERR_CERT_UNTRUSTED:
	case X509_V_ERR_CERT_CHAIN_TOO_LONG:
		return SUB_NO_CERTIFICATE_CHAIN_FOUND;
	case X509_V_ERR_INVALID_CA:
	case X509_V_ERR_INVALID_PURPOSE:
	case X509_V_ERR_PATH_LENGTH_EXCEEDED:
	case X509_V_ERR_KEYUSAGE_NO_CERTSIGN:
	case X509_V_ERR_PERMITTED_VIOLATION:
	case X509_V_ERR_EXCLUDED_VIOLATION:
	case X509_V_ERR_SUBTREE_MINMAX:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_TYPE:
	case X509_V_ERR_UNSUPPORTED_CONSTRAINT_SYNTAX:
	case X509_V_ERR_INVALID_POLICY_EXTENSION:
	case X509_V_ERR_NO_EXPLICIT_POLICY:
		return SUB_CHAIN_CONSTRAINTS_FAILURE;
	default:
		return SUB_CERTIFICATE_CHAIN_GENERAL_FAILURE;
	}
}

/* The algorithms that a certificate on the path was signed with. */
static void
judge_algorithm(const struct question *q, const X509 *x, const X509 *issuer,
    struct signature_report *out)
{
	struct certificate_key key;
	struct algorithm a;
	char what[CERTIFICATE_SUBJECT_LEN];
	struct policy_subject subject = { .what = what };

	if (!algorithm_x509(X509_get0_tbs_sigalg(x), &a)) {
		certificate_subject(x, what);
		signature_find(out, FIND_ALGORITHM_UNKNOWN, "%s", what);
		signature_sink(out, SUB_CRYPTO_CONSTRAINTS_FAILURE);
		return;
	}
	certificate_key(issuer, &key);
	/* EdDSA names no digest; its own is as good as its key. */
	subject.digest = a.digest[0] == '\0' ? "sha512" : a.digest;
	subject.family = a.name;
	subject.bits = key.bits;
	if (policy_allows(q, &subject, out))
		return;
	certificate_subject(x, what);
	policy_check(q, &subject, out);
}

/* An officer's or a citizen's certificate may have any extended usage; the
 * key itself must be for signing (RFC 5280, 4.2.1.3). */
static bool
may_sign(X509 *x, unsigned usages)
{
	uint32_t wanted = 0;

	if ((usages & POLICY_DIGITAL_SIGNATURE) != 0)
		wanted |= KU_DIGITAL_SIGNATURE;
	if ((usages & POLICY_NON_REPUDIATION) != 0)
		wanted |= KU_NON_REPUDIATION;
	return (X509_get_key_usage(x) & wanted) != 0;
}

/* RFC 3161, 2.3: extendedKeyUsage critical, and timeStamping alone. */
static bool
may_stamp(X509 *x)
{
	EXTENDED_KEY_USAGE *usage;
	int critical = 0;
	bool ok;

	usage = X509_get_ext_d2i(x, NID_ext_key_usage, &critical, NULL);
	ok = usage != NULL && critical == 1 && sk_ASN1_OBJECT_num(usage) == 1 &&
	     OBJ_obj2nid(sk_ASN1_OBJECT_value(usage, 0)) == NID_time_stamp;
	EXTENDED_KEY_USAGE_free(usage);
	ERR_clear_error();
	return ok &&
	       may_sign(x, POLICY_DIGITAL_SIGNATURE | POLICY_NON_REPUDIATION);
}

static void
judge_usage(const struct question *q, const struct chain_subject *subject,
    X509 *end, struct signature_report *out)
{
	char what[CERTIFICATE_SUBJECT_LEN];

	if (subject->use == CHAIN_PATH ||
	    (subject->use == CHAIN_TIMESTAMP
		    ? may_stamp(end)
		    : may_sign(end, policy_key_usage(q->policy))))
		return;
	certificate_subject(end, what);
	signature_find(out, FIND_KEY_USAGE, "%s", what);
	signature_sink(out, SUB_CHAIN_CONSTRAINTS_FAILURE);
}

/* What CRLs and OCSP say of each certificate but the anchor. */
struct known {
	const struct chain_subject *subject;
	const struct path *path;
	struct revocation_list of[PATH_LEN_MAX + 2];
};

/* What is beyond the path's end is not looked at, so it is not cleared: all of
 * it is as long as ten paths. */
static void
know_nothing(struct known *k, const struct chain_subject *subject,
    const struct path *path)
{
	k->subject = subject;
	k->path = path;
	memset(k->of, 0, (size_t)path->count * sizeof(k->of[0]));
}

static void
ask_ocsp(const struct question *q, struct known *k)
{
	for (int i = 0; i < k->path->count - 1; i++)
		revocation_ask_ocsp(q, k->subject,
		    sk_X509_value(k->path->certificates, i),
		    sk_X509_value(k->path->certificates, i + 1), &k->of[i]);
}

static struct revocation_place
place_of(const struct known *k, int depth)
{
	const X509 *x = sk_X509_value(k->path->certificates, depth);
	struct revocation_place at = { depth, x,
		path_time(X509_get0_notAfter(x)), k->subject->not_before_us,
		INT64_MAX };

	for (int i = depth + 1; i < k->path->count - 1; i++) {
		int64_t when = revocation_when(&k->of[i]);

		if (when < at.above_revoked_us)
			at.above_revoked_us = when;
	}
	return at;
}

/* The ones that are revoked, or all the others. */
static void
judge_revocation(const struct question *q, const struct known *k, bool revoked,
    struct signature_report *out)
{
	for (int i = k->path->count - 2; i >= 0; i--) {
		const struct revocation_place at = place_of(k, i);

		if ((revocation_when(&k->of[i]) != INT64_MAX) != revoked)
			continue;
		revocation_judge(q, &k->of[i], &at, out);
		if (!revoked && !revocation_is_good(q, &k->of[i], &at, out))
			want_revocation(q->wants,
			    sk_X509_value(k->path->certificates, i),
			    sk_X509_value(k->path->certificates, i + 1));
	}
}

/* Whether it is known that the signer's certificate was not revoked. */
static bool
is_not_revoked(const struct question *q, const struct known *k,
    const struct signature_report *out)
{
	struct revocation_place at;

	if (q->revocation == REVOCATION_OFF || k->path->count < 2)
		return false;
	at = place_of(k, 0);
	return revocation_is_good(q, &k->of[0], &at, out);
}

static void
judge_validity(const struct question *q, const struct known *k, int depth,
    struct signature_report *out)
{
	const X509 *x = sk_X509_value(k->path->certificates, depth);
	int64_t poe = out->proven_us != 0 ? out->proven_us : q->at_us;
	int64_t from = path_time(X509_get0_notBefore(x));
	int64_t to = path_time(X509_get0_notAfter(x));
	char what[CERTIFICATE_SUBJECT_LEN];

	if (from != INT64_MIN && to != INT64_MIN && from <= poe && poe <= to)
		return;
	certificate_subject(x, what);
	signature_find(out, FIND_VALIDITY, "%s", what);
	if (depth == 0 && out->proven_us != 0 && poe < from)
		signature_sink(out, SUB_NOT_YET_VALID);
	else if (depth == 0 && to != INT64_MIN &&
		 k->subject->not_before_us > to)
		signature_sink(out, SUB_EXPIRED);
	else if (depth == 0 && poe > to && is_not_revoked(q, k, out))
		signature_sink(out, SUB_OUT_OF_BOUNDS_NOT_REVOKED);
	else
		signature_sink(out, SUB_OUT_OF_BOUNDS_NO_POE);
}

/* The gravest first, as the first of equal verdicts stands.  Nobody revokes
 * an anchor or signs it with weight; its validity counts. */
static void
judge_path(
    const struct question *q, struct known *k, struct signature_report *out)
{
	const STACK_OF(X509) *certificates = k->path->certificates;
	int last = k->path->count - 1;

	if (q->revocation != REVOCATION_OFF) {
		ask_ocsp(q, k);
		judge_revocation(q, k, true, out);
	}
	for (int i = last; i >= 0; i--)
		judge_validity(q, k, i, out);
	for (int i = last - 1; i >= 0; i--)
		judge_algorithm(q, sk_X509_value(certificates, i),
		    sk_X509_value(certificates, i + 1), out);
	if (q->revocation != REVOCATION_OFF)
		judge_revocation(q, k, false, out);
}

static bool
lacks_issuer(int error)
{
	return error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT ||
	       error == X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY ||
	       error == X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE;
}

/* No path: the fault, the certificate where it was met, and the verdict. */
static void
refuse_path(const struct path *p, struct signature_report *out)
{
	const X509 *x = p->error_depth < p->count
			    ? sk_X509_value(p->certificates, p->error_depth)
			    : NULL;
	char what[CERTIFICATE_SUBJECT_LEN] = "";

	if (x != NULL)
		certificate_subject(x, what);
	signature_find(out, FIND_CHAIN, "%s: %s",
	    X509_verify_cert_error_string(p->error), what);
	if (p->candidates_cut)
		signature_find(
		    out, FIND_LIMIT, "%d candidate paths", PATH_CANDIDATES_MAX);
	signature_sink(out, path_failure(p->error));
}

static void
name_path(const struct path *p, struct report_path *out)
{
	struct signer who;

	for (int i = 0; i < p->count && i < REPORT_PATH_MAX; i++) {
		certificate_signer(sk_X509_value(p->certificates, i), &who);
		report_text(out->subjects[i], sizeof(out->subjects[i]),
		    who.subject, strlen(who.subject));
		out->count = (size_t)i + 1;
	}
}

static bool
is_known(const struct path *p)
{
	for (int i = 0; i < p->count - 1; i++)
		if (p->crl[i].status == REVOCATION_UNKNOWN || p->crl[i].stale)
			return false;
	return true;
}

/* Since when all of the CRLs are proved to have been there. */
static int64_t
crls_since(const struct poe *poe, const struct revocation *r)
{
	int64_t since_us = 0;

	if (poe_is_empty(poe) || r->crl_count > REVOCATION_CRLS_MAX)
		return 0;
	for (size_t i = 0; i < r->crl_count; i++) {
		uint8_t *der = NULL;
		int len = i2d_X509_CRL(r->crls[i].crl, &der);
		int64_t us = len > 0 ? poe_since(poe, der, (size_t)len) : 0;

		OPENSSL_free(der);
		if (us == 0)
			return 0;
		if (us > since_us)
			since_us = us;
	}
	return since_us;
}

static void
add_words(const struct question *q, struct known *k, const struct path *p)
{
	for (int i = 0; i < p->count - 1; i++) {
		const X509 *signer = sk_X509_value(p->certificates, i + 1);
		struct revocation r = p->crl[i];

		r.signer_end_us = path_time(X509_get0_notAfter(signer));
		r.since_us = crls_since(k->subject->poe, &r);
		r.weak = revocation_crls_are_weak(q, &r);
		revocation_add(&k->of[i], &r);
	}
}

static void
ask_again(const struct question *q, struct path_question *pq,
    STACK_OF(X509_CRL) * crls, struct known *k)
{
	struct path again;

	if (pq->untrusted == NULL) /* the path was remembered */
		pq->untrusted = gather(q, k->subject);
	pq->crls = crls;
	path_find(pq, &again);
	path_evidence_take(q->trust, &again);
	path_evidence_tell(&again, q->evidence);
	if (again.error == X509_V_OK && again.count == k->path->count)
		add_words(q, k, &again);
	path_release(&again);
	sk_X509_CRL_free(crls);
}

/*
 * OpenSSL looks at the best CRL alone, so it is asked up to three times.  The
 * trust's CRLs come first, as a forged one in the document could be newer
 * than the true one.  Where they do not answer, the document's are asked too.
 * And for one whose certificate has expired since, those that were issued
 * while it was valid, as later ones may have dropped it.
 */
static void
ask_crls(const struct question *q, struct path_question *pq, struct known *k)
{
	STACK_OF(X509_CRL) *own = read_crls(k->subject);
	int64_t end = path_time(X509_get0_notAfter(pq->end));

	add_words(q, k, k->path);
	if (sk_X509_CRL_num(own) > 0 && !is_known(k->path))
		ask_again(q, pq, gather_crls(q, own, INT64_MAX), k);
	if (end < q->at_us)
		ask_again(q, pq, gather_crls(q, own, end), k);
	sk_X509_CRL_pop_free(own, X509_CRL_free);
}

/* Everything that decides a path but the trust and the moment. */
static void
path_key(const struct chain_subject *subject, const struct path_question *pq,
    uint8_t key[DIGEST_LEN])
{
	const uint8_t head[] = { (uint8_t)subject->use, pq->check_crls };
	struct digest *d = digest_new();

	digest_add(d, head, sizeof(head));
	digest_add(
	    d, &subject->certificate.len, sizeof(subject->certificate.len));
	digest_add(d, subject->certificate.data, subject->certificate.len);
	for (size_t i = 0; i < subject->extra_count && i < CHAIN_EXTRAS_MAX;
	     i++) {
		const struct chain_object *o = &subject->extras[i];

		digest_add(d, &o->len, sizeof(o->len));
		digest_add(d, o->data, o->len);
	}
	digest_end(d, key);
}

static void
span_certificates(
    struct path_span *s, int64_t at_us, const STACK_OF(X509) * list)
{
	for (int i = 0; i < sk_X509_num(list); i++) {
		const X509 *x = sk_X509_value(list, i);

		path_span_add(s, at_us, path_time(X509_get0_notBefore(x)));
		path_span_add(s, at_us, path_time(X509_get0_notAfter(x)));
	}
}

/* Every certificate that could stand in the path, and every CRL.  A CRL counts
 * from a little before its date (QUESTION_SKEW_US). */
static struct path_span
path_span(const struct question *q, const struct path_question *pq)
{
	struct path_span s = { INT64_MIN / 2, INT64_MAX / 2 };
	const int64_t *ends;
	size_t end_count = trust_ends(q->trust, &ends);
	STACK_OF(X509) *anchors = X509_STORE_get1_all_certs(pq->store);

	for (size_t i = 0; i < end_count; i++)
		path_span_add(&s, q->at_us, ends[i]);
	span_certificates(&s, q->at_us, anchors);
	span_certificates(&s, q->at_us, pq->untrusted);
	for (int i = 0; i < sk_X509_CRL_num(pq->crls); i++) {
		const X509_CRL *crl = sk_X509_CRL_value(pq->crls, i);
		int64_t issued = path_time(X509_CRL_get0_lastUpdate(crl));

		path_span_add(&s, q->at_us, issued);
		if (issued != INT64_MIN)
			path_span_add(&s, q->at_us, issued - QUESTION_SKEW_US);
		path_span_add(
		    &s, q->at_us, path_time(X509_CRL_get0_nextUpdate(crl)));
	}
	path_span_add(&s, q->at_us, path_time(X509_get0_notBefore(pq->end)));
	path_span_add(&s, q->at_us, path_time(X509_get0_notAfter(pq->end)));
	sk_X509_pop_free(anchors, X509_free);
	return s;
}

/* By the trust's own CRLs, and by memory where it is not the first time.
 * Policies are asked for by `hosogate chain` alone, and not remembered. */
static void
find_path(const struct question *q, const struct chain_subject *subject,
    struct path_question *pq, struct path *p)
{
	bool plain = subject->policies.oid_count == 0 &&
		     !subject->policies.explicit_policy &&
		     !subject->policies.inhibit_map &&
		     !subject->policies.inhibit_any;
	struct path_span span;
	uint8_t key[DIGEST_LEN];

	path_key(subject, pq, key);
	if (plain && path_cache_find(trust_paths(q->trust), key, q->at_us, p))
		return;
	if (pq->untrusted == NULL)
		pq->untrusted = gather(q, subject);
	path_find(pq, p);
	path_evidence_take(q->trust, p);
	span = path_span(q, pq);
	if (plain)
		path_cache_keep(trust_paths(q->trust), key, &span, p);
}

/* An anchor of a list that is past its NextUpdate is found and is none. */
static void
judge_anchor(const struct question *q, const struct path *p, unsigned purpose,
    struct signature_report *out)
{
	const X509 *anchor = sk_X509_value(p->certificates, p->count - 1);
	char what[CERTIFICATE_SUBJECT_LEN];

	out->anchor = trust_anchor_purpose(q->trust, anchor, q->at_us);
	if ((out->anchor & purpose) != 0)
		return;
	certificate_subject(anchor, what);
	signature_find(out, FIND_LIST_EXPIRED, "%s", what);
	signature_sink(out, SUB_NO_CERTIFICATE_CHAIN_FOUND);
}

static void
judge_certificate(const struct question *q, const struct chain_subject *subject,
    X509 *end, struct signature_report *out)
{
	unsigned purpose = subject->use == CHAIN_TIMESTAMP
			       ? TRUST_TIMESTAMP
			       : TRUST_PUBLIC | TRUST_GOVERNMENT;
	struct path_question pq = { .end = end,
		.store = trust_store(q->trust, purpose),
		.crls = trust_crls(q->trust),
		.at_us = q->at_us,
		.check_crls = q->revocation != REVOCATION_OFF,
		.policies = &subject->policies };
	struct path p;
	struct known k;

	find_path(q, subject, &pq, &p);
	know_nothing(&k, subject, &p);
	path_evidence_tell(&p, q->evidence);
	if (p.error != X509_V_OK) {
		refuse_path(&p, out);
		if (p.count > 0 && lacks_issuer(p.error))
			want_issuer(q->wants,
			    sk_X509_value(p.certificates, p.count - 1));
	} else {
		judge_anchor(q, &p, purpose, out);
		if (subject->path != NULL)
			name_path(&p, subject->path);
		if (pq.check_crls)
			ask_crls(q, &pq, &k);
		judge_path(q, &k, out);
	}
	path_release(&p);
	sk_X509_pop_free(pq.untrusted, X509_free);
}

void
chain_judge(const struct question *q, const struct chain_subject *subject,
    struct signature_report *out)
{
	const struct chain_object *der = &subject->certificate;
	X509 *end = certificate_parse(der->data, der->len);

	if (end == NULL) {
		signature_find(out, FIND_CHAIN,
		    "the signer's certificate "
		    "cannot be read");
		signature_sink(out, SUB_NO_SIGNING_CERTIFICATE_FOUND);
		return;
	}
	judge_certificate(q, subject, end, out);
	judge_usage(q, subject, end, out);
	X509_free(end);
}
