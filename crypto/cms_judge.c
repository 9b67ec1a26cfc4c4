/*
 * What one signature of a SignedData proves: cms_judge() of cms.h, in the
 * order of EN 319 102-1, 5.3: format, certificate, cryptography, time, trust.
 */
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>

#include "base/blob.h"
#include "base/text.h"
#include "crypto/algorithm.h"
#include "crypto/attribute.h"
#include "crypto/certificate.h"
#include "crypto/cms_evidence.h"
#include "crypto/cms_judge.h"
#include "crypto/digest.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/signature_policy.h"
#include "crypto/signed_data.h"
#include "crypto/timestamp.h"
#include "crypto/trust.h"

#define OID_DATA           "1.2.840.113549.1.7.1"
#define OID_TIMESTAMP_INFO "1.2.840.113549.1.9.16.1.4"

/* A signature under judgement. */
struct judging {
	const struct cms *cms;
	const struct signer_info *si;
	enum cms_profile profile;
	bool counter;
	struct poe *poe;
	struct cms_content content; /* what was signed */
	const struct question *q;
	struct signature_report *s;
	struct algorithm algorithm;
	struct blob certificate; /* DER; empty: not found */
	enum attribute_binding binding;
};

static void
sink(struct judging *j, enum finding_code code, const char *detail,
    enum subindication sub)
{
	signature_find(j->s, code, "%s", detail);
	signature_sink(j->s, sub);
}

/* Names of algorithms.  What is unknown cannot be checked, so integrity stays
 * unknown too. */
static bool
judge_algorithms(struct judging *j)
{
	struct signature_report *s = j->s;

	if (!algorithm_digest(&j->si->digest_algorithm, s->digest) ||
	    !algorithm_signature(&j->si->signature_algorithm, &j->algorithm)) {
		sink(j, FIND_ALGORITHM_UNKNOWN, "RFC 5652, 10.1",
		    SUB_CRYPTO_CONSTRAINTS_FAILURE);
		return false;
	}
	snprintf(s->algorithm, sizeof(s->algorithm), "%s", j->algorithm.name);
	/* OpenSSL takes digestAlgorithm and ignores the other name. */
	if (j->algorithm.digest[0] != '\0' &&
	    strcmp(j->algorithm.digest, s->digest) != 0)
		sink(j, FIND_ALGORITHM_MISMATCH, j->algorithm.digest,
		    SUB_SIG_CONSTRAINTS_FAILURE);
	return true;
}

/* A signature over the content itself is PKCS #7 of old.  It may not be of
 * another type than data (RFC 5652, 5.3), nor take what another signature's
 * attributes look like for content. */
static bool
judge_plain(struct judging *j)
{
	j->s->level = LEVEL_PKCS7;
	signature_find(j->s, FIND_NO_SIGNED_ATTRIBUTES, "RFC 5652, 5.3");
	if (!j->counter && strcmp(j->cms->content_type, OID_DATA) != 0) {
		sink(j, FIND_FORMAT, "content type needs signed attributes",
		    SUB_FORMAT_FAILURE);
		return false;
	}
	if (j->profile != CMS_ALONE)
		signature_sink(j->s, SUB_SIG_CONSTRAINTS_FAILURE);
	if (!j->content.absent && j->content.len[1] == 0 &&
	    attribute_is_disguised(j->content.part[0], j->content.len[0])) {
		sink(j, FIND_CONTENT_IS_ATTRIBUTES, "RFC 5652, 14",
		    SUB_FORMAT_FAILURE);
		return false;
	}
	return true;
}

/* SignedData announces the digests for those who read it as a stream. */
static bool
is_announced(const struct judging *j)
{
	struct der d = der_into(&j->cms->digest_algorithms);
	char digest[16];
	struct der_item i;

	while (der_next(&d, &i))
		if (algorithm_digest(&i, digest) &&
		    strcmp(digest, j->s->digest) == 0)
			return true;
	return false;
}

static bool
judge_format(struct judging *j)
{
	const struct cms *cms = j->cms;
	int expected = j->si->by_key_id ? 3 : 1;

	if (j->si->version != expected)
		signature_find(j->s, FIND_FORMAT,
		    "RFC 5652, 5.3: SignerInfo version %d", j->si->version);
	if (!is_announced(j) && !j->counter)
		signature_find(j->s, FIND_FORMAT,
		    "RFC 5652, 5.1: digestAlgorithms without %s", j->s->digest);
	if (cms->normalised.data != NULL)
		signature_find(j->s, FIND_BER, "X.690");
	if (cms->cut_short)
		sink(j, FIND_LIMIT,
		    "certificates, CRLs or OCSP answers: "
		    "over 64",
		    SUB_SIG_CONSTRAINTS_FAILURE);
	if (j->profile == CMS_IN_PDF && cms->has_content) {
		sink(j, FIND_CONTENT_TWICE, "eContent in a PDF",
		    SUB_FORMAT_FAILURE);
		return false;
	}
	if (j->profile == CMS_TIMESTAMP &&
	    (!cms->has_content || cms->signer_count != 1 ||
		strcmp(cms->content_type, OID_TIMESTAMP_INFO) != 0)) {
		sink(j, FIND_FORMAT, "RFC 3161, 2.4.2: no token",
		    SUB_FORMAT_FAILURE);
		return false;
	}
	if (!j->si->has_signed)
		return judge_plain(j);
	return attribute_check(
	    j->si, j->counter ? NULL : cms->content_type, j->s);
}

/* SignerIdentifier against a certificate (RFC 5652, 5.3). */
static bool
is_named(const struct signer_info *si, const uint8_t *der, size_t len)
{
	struct certificate_issuer_serial own;
	const ASN1_OCTET_STRING *id;
	X509 *x;
	bool same;

	if (!si->by_key_id)
		return certificate_issuer_serial(der, len, &own) &&
		       der_is(&si->serial, own.serial, own.serial_len) &&
		       si->issuer.whole_len == own.issuer_len &&
		       memcmp(si->issuer.whole, own.issuer, own.issuer_len) ==
			   0;
	x = certificate_parse(der, len);
	id = x == NULL ? NULL : X509_get0_subject_key_id(x);
	same = id != NULL && der_is(&si->key_id, ASN1_STRING_get0_data(id),
				 (size_t)ASN1_STRING_length(id));
	X509_free(x);
	return same;
}

/* Two certificates of one issuer and serial: the one that the signature is
 * bound to, else the first. */
static void
find_inside(struct judging *j)
{
	const struct chain_object *found = NULL;

	for (size_t i = 0; i < j->cms->certificate_count; i++) {
		const struct chain_object *c = &j->cms->certificates[i];
		enum attribute_binding binding;

		if (!is_named(j->si, c->data, c->len))
			continue;
		binding = attribute_binding(j->si, c->data, c->len);
		if (found == NULL || binding == BINDING_GOOD) {
			found = c;
			j->binding = binding;
		}
		if (binding == BINDING_GOOD)
			break;
	}
	if (found != NULL)
		j->certificate = blob_copy(found->data, found->len);
}

/* A certificate from elsewhere must be bound, as anyone may have put one of
 * that name there. */
static void
find_elsewhere(struct judging *j)
{
	const STACK_OF(X509) *others = trust_untrusted(j->q->trust);

	for (int i = 0; i < sk_X509_num(others); i++) {
		uint8_t *der = NULL;
		int len = i2d_X509(sk_X509_value(others, i), &der);

		if (len > 0 && is_named(j->si, der, (size_t)len) &&
		    attribute_binding(j->si, der, (size_t)len) == BINDING_GOOD)
			j->certificate = blob_copy(der, (size_t)len);
		OPENSSL_free(der);
		if (j->certificate.len > 0) {
			j->binding = BINDING_GOOD;
			return;
		}
	}
}

static bool
no_certificate(struct judging *j)
{
	const char *excess =
	    certificate_excess(j->certificate.data, j->certificate.len);

	if (excess != NULL)
		signature_find(j->s, FIND_LIMIT, "%s", excess);
	signature_sink(j->s, SUB_NO_SIGNING_CERTIFICATE_FOUND);
	return false;
}

static bool
judge_certificate(struct judging *j)
{
	struct certificate_key key;

	find_inside(j);
	if (j->certificate.len == 0)
		find_elsewhere(j);
	if (!certificate_describe(
		j->certificate.data, j->certificate.len, &j->s->signer, &key))
		return no_certificate(j);
	j->s->key_bits = key.bits;
	switch (j->binding) {
	case BINDING_GOOD:
		j->s->level = LEVEL_B_B;
		break;
	case BINDING_NONE:
		signature_find(j->s, FIND_CERTIFICATE_NOT_BOUND, "RFC 5035");
		break;
	case BINDING_OTHER:
		sink(j, FIND_CERTIFICATE_MISMATCH, "RFC 5035",
		    SUB_NO_SIGNING_CERTIFICATE_FOUND);
		break;
	}
	return true;
}

/* messageDigest against the content.  A difference is HASH_FAILURE: another
 * document, where SIG_CRYPTO_FAILURE is another key. */
static void
judge_digest(struct judging *j, bool *good)
{
	const struct digest_piece pieces[] = {
		{ j->content.part[0], j->content.len[0] },
		{ j->content.part[1], j->content.len[1] },
	};
	uint8_t hash[DIGEST_LEN_MAX];
	struct der_item named;
	size_t len;

	*good = false;
	if (j->content.absent) {
		signature_sink(j->s, SUB_SIGNED_DATA_NOT_FOUND);
		return;
	}
	len = digest_pieces(j->s->digest, pieces, 2, hash);
	if (len == 0) {
		sink(j, FIND_ALGORITHM_UNKNOWN, j->s->digest,
		    SUB_CRYPTO_CONSTRAINTS_FAILURE);
		return;
	}
	*good = attribute_find(&j->si->signed_attributes,
		    ATTRIBUTE_MESSAGE_DIGEST, &named) &&
		der_is(&named, hash, len);
	if (!*good) {
		signature_sink(j->s, SUB_HASH_FAILURE);
		j->s->integrity = INTEGRITY_BROKEN;
	}
}

/* What the signature value is over: the attributes as they were sent, as a
 * SET (RFC 5652, 5.4), else the content. */
static struct blob
signed_message(const struct judging *j)
{
	const struct cms_content *c = &j->content;
	struct blob b = { 0 };

	if (j->si->has_signed) {
		b = blob_copy(j->si->signed_attributes.whole,
		    j->si->signed_attributes.whole_len);
		b.data[0] = DER_SET;
		return b;
	}
	b.len = c->len[0] + c->len[1];
	b.data = blob_calloc(b.len + 1, 1);
	if (c->len[0] > 0)
		memcpy(b.data, c->part[0], c->len[0]);
	if (c->len[1] > 0)
		memcpy(b.data + c->len[0], c->part[1], c->len[1]);
	return b;
}

static bool
is_value_right(const struct judging *j)
{
	struct blob message = signed_message(j);
	const struct algorithm_check check = { &j->algorithm, j->s->digest,
		message.data, message.len, j->si->signature.body,
		j->si->signature.len };
	X509 *x = certificate_parse(j->certificate.data, j->certificate.len);
	EVP_PKEY *key = x == NULL ? NULL : X509_get0_pubkey(x);
	bool right = key != NULL && algorithm_check(&check, key);

	X509_free(x);
	blob_release(&message);
	ERR_clear_error();
	return right;
}

static void
judge_integrity(struct judging *j)
{
	bool digest_good = true;

	if (j->si->has_signed)
		judge_digest(j, &digest_good);
	else if (j->content.absent)
		signature_sink(j->s, SUB_SIGNED_DATA_NOT_FOUND);
	if (j->content.absent && !j->si->has_signed)
		return;
	if (!is_value_right(j)) {
		signature_sink(j->s, SUB_SIG_CRYPTO_FAILURE);
		j->s->integrity = INTEGRITY_BROKEN;
	} else if (digest_good) {
		j->s->integrity = INTEGRITY_INTACT;
	}
}

/* The token's own imprint, over what it was made for. */
static void
judge_imprint(struct judging *j, const struct cms_content *subject)
{
	const struct digest_piece pieces[] = {
		{ subject->part[0], subject->len[0] },
		{ subject->part[1], subject->len[1] },
	};
	struct timestamp_info info;
	uint8_t hash[DIGEST_LEN_MAX];
	size_t len;

	if (!timestamp_read(j->cms->content.body, j->cms->content.len, &info)) {
		sink(j, FIND_FORMAT, "RFC 3161, 2.4.2: TSTInfo",
		    SUB_FORMAT_FAILURE);
		j->s->integrity = INTEGRITY_UNKNOWN;
		return;
	}
	j->s->claimed_us = info.time_us;
	if (info.time_us > j->q->at_us + QUESTION_SKEW_US)
		sink(j, FIND_TIMESTAMP, "from the future",
		    SUB_TIMESTAMP_ORDER_FAILURE);
	len = digest_pieces(info.digest, pieces, 2, hash);
	if (len > 0 && len == info.imprint_len &&
	    memcmp(hash, info.imprint, len) == 0) {
		policy_check(j->q,
		    &(struct policy_subject){ "imprint", info.digest,
			j->s->algorithm, j->s->key_bits },
		    j->s);
		return;
	}
	signature_sink(j->s, SUB_HASH_FAILURE);
	j->s->integrity = INTEGRITY_BROKEN;
}

/* SignaturePolicyIdentifier: SignaturePolicyId, or NULL where it is implied
 * (EN 319 122-1, 5.2.9). */
static bool
take_policy(const struct der_item *value, struct signature_policy *out)
{
	struct der_item id, digest, algorithm, hash;
	char dotted[DER_OID_LEN];
	struct der d = der_into(value);

	out->implied = value->tag == DER_NULL;
	if (out->implied)
		return true;
	if (value->tag != DER_SEQUENCE || !der_take(&d, DER_OID, &id) ||
	    !der_oid(&id, dotted))
		return false;
	snprintf(out->id, sizeof(out->id), "%s", dotted);
	if (!der_take(&d, DER_SEQUENCE, &digest))
		return der_at_end(&d);
	d = der_into(&digest);
	if (!der_take(&d, DER_SEQUENCE, &algorithm) ||
	    !der_take(&d, DER_OCTETS, &hash))
		return false;
	if (!algorithm_digest(&algorithm, out->digest))
		out->digest[0] = '\0';
	return signature_policy_hash(out, hash.body, hash.len);
}

static void
read_policy(struct judging *j)
{
	struct signature_policy p = { 0 };
	struct der_item i;

	if (!attribute_find(&j->si->signed_attributes, ATTRIBUTE_POLICY, &i))
		return;
	if (take_policy(&i, &p))
		signature_policy_judge(&p, j->q, j->s);
	else
		sink(j, FIND_ATTRIBUTE, "signaturePolicyId: unreadable",
		    SUB_FORMAT_FAILURE);
}

static void
read_claims(struct judging *j)
{
	struct der_item i;

	if (!j->si->has_signed)
		return;
	if (attribute_find(
		&j->si->signed_attributes, ATTRIBUTE_SIGNING_TIME, &i) &&
	    !der_time(&i, &j->s->claimed_us))
		sink(j, FIND_ATTRIBUTE, "signingTime: unreadable",
		    SUB_FORMAT_FAILURE);
	read_policy(j);
}

/* Time, then trust: cms_evidence.c gathers what is inside the signature. */
static void
judge_trust(struct judging *j, const struct chain_subject *hints)
{
	/* Of a counter-signature the value alone is proved. */
	struct cms_evidence *evidence = cms_evidence_new(
	    j->cms, j->si, hints, j->counter ? 0 : j->s->proven_us, j->poe);
	struct chain_subject *subject = &evidence->subject;

	subject->certificate =
	    (struct chain_object){ j->certificate.data, j->certificate.len };
	if (j->profile == CMS_TIMESTAMP)
		subject->use = CHAIN_TIMESTAMP;
	else
		cms_stamps_judge(evidence, &j->content, j->q, j->s);
	chain_judge(j->q, subject, j->s);
	policy_judge(j->q, j->s);
	cms_evidence_free(evidence);
}

/* The signer's own words are taken before the verdict on them. */
static void
judge(struct judging *j, const struct cms_content *given)
{
	struct signature_report *s = j->s;

	if (!judge_algorithms(j) || !judge_format(j)) {
		/* Who it would have been is told all the same. */
		judge_certificate(j);
		return;
	}
	read_claims(j);
	if (!judge_certificate(j))
		return;
	judge_integrity(j);
	if (j->profile == CMS_TIMESTAMP)
		judge_imprint(j, given);
	if (s->integrity != INTEGRITY_INTACT)
		return;
	judge_trust(j, given->hints);
	if (j->profile == CMS_TIMESTAMP && s->indication == TOTAL_PASSED &&
	    (s->proven_us == 0 || s->claimed_us < s->proven_us))
		s->proven_us = s->claimed_us;
}

void
cms_judge_signer(const struct cms *cms, const struct signer_info *si,
    const struct cms_task *task, struct signature_report *out)
{
	struct judging j = { .cms = cms,
		.si = si,
		.profile = task->profile,
		.counter = task->counter,
		.poe = task->poe,
		.content = *task->content,
		.q = task->q,
		.s = out };

	/* A token's content is its own; what was handed over is the subject
	 * of its imprint. */
	if (task->profile == CMS_TIMESTAMP && cms->has_content) {
		j.content = (struct cms_content){ .part = { cms->content.body },
			.len = { cms->content.len } };
	}
	signature_begin(out);
	out->level = LEVEL_CMS;
	out->kind = task->profile == CMS_TIMESTAMP ? KIND_DOCUMENT_TIMESTAMP
		    : task->counter                ? KIND_COUNTER_SIGNATURE
						   : KIND_SIGNATURE;
	judge(&j, task->content);
	blob_release(&j.certificate);
}

void
cms_judge(const struct cms *cms, int i, enum cms_profile profile,
    const struct cms_content *content, /* lint-ok: the contract of cms.h */
    const struct question *q, struct signature_report *out)
{
	const struct cms_task task = {
		.profile = profile, .content = content, .q = q
	};

	cms_judge_signer(cms, &cms->signers[i], &task, out);
}
