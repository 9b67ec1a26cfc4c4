/*
 * What a signature brings along for its own proof: certificates, revocation
 * values, timestamps (EN 319 122-1, 5).  Hints, all of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "crypto/attribute.h"
#include "crypto/cms_judge.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/signed_data.h"
#include "crypto/timestamp.h"

/* Objects of one kind, up to what chain.c reads. */
struct objects {
	struct chain_object at[CHAIN_EXTRAS_MAX];
	size_t count;
};

struct cms_evidence {
	const struct signer_info *si;
	struct objects certificates, crls, ocsps;
	struct chain_subject subject;
	bool has_revocations; /* of its own: level B-LT */
};

static void
add(struct objects *o, const struct chain_object *list, size_t count)
{
	for (size_t i = 0; i < count && o->count < CHAIN_EXTRAS_MAX; i++)
		o->at[o->count++] = list[i];
}

static void
add_items(struct objects *o, struct der d)
{
	struct der_item i;

	while (der_take(&d, DER_SEQUENCE, &i))
		add(o, &(struct chain_object){ i.whole, i.whole_len }, 1);
}

/* RevocationValues (EN 319 122-1, A.1.1.2.2) and Adobe's archival of the same
 * shape: [0] CRLs, [1] OCSP answers. */
static void
add_revocations(struct cms_evidence *e, const struct der_item *value)
{
	struct der d = der_into(value), in;
	struct der_item i, list;

	while (der_next(&d, &i)) {
		in = der_into(&i);
		if (!der_take(&in, DER_SEQUENCE, &list))
			continue;
		if (i.tag == DER_CONTEXT + 0)
			add_items(&e->crls, der_into(&list));
		else if (i.tag == DER_CONTEXT + 1)
			add_items(&e->ocsps, der_into(&list));
		e->has_revocations = true;
	}
}

static void
add_attributes(struct cms_evidence *e)
{
	const struct signer_info *si = e->si;
	struct der_item i;

	if (si->has_unsigned && attribute_find(&si->unsigned_attributes,
				    ATTRIBUTE_CERTIFICATES, &i))
		add_items(&e->certificates, der_into(&i));
	if (si->has_unsigned &&
	    attribute_find(&si->unsigned_attributes, ATTRIBUTE_REVOCATIONS, &i))
		add_revocations(e, &i);
	if (si->has_signed && attribute_find(&si->signed_attributes,
				  ATTRIBUTE_ADOBE_REVOCATIONS, &i))
		add_revocations(e, &i);
}

struct cms_evidence *
cms_evidence_new(const struct cms *cms, const struct signer_info *si,
    const struct chain_subject *hints)
{
	struct cms_evidence *e = blob_calloc(1, sizeof(*e));

	e->si = si;
	add(&e->certificates, cms->certificates, cms->certificate_count);
	add(&e->crls, cms->crls, cms->crl_count);
	add(&e->ocsps, cms->ocsps, cms->ocsp_count);
	e->has_revocations = cms->crl_count + cms->ocsp_count > 0;
	add_attributes(e);
	if (hints != NULL) {
		add(&e->certificates, hints->extras, hints->extra_count);
		add(&e->crls, hints->crls, hints->crl_count);
		add(&e->ocsps, hints->ocsps, hints->ocsp_count);
	}
	e->subject = (struct chain_subject){ .use = CHAIN_SIGNER,
		.extras = e->certificates.at,
		.extra_count = e->certificates.count,
		.crls = e->crls.at,
		.crl_count = e->crls.count,
		.ocsps = e->ocsps.at,
		.ocsp_count = e->ocsps.count };
	return e;
}

struct chain_subject *
cms_evidence_subject(struct cms_evidence *e)
{
	return &e->subject;
}

void
cms_evidence_free(struct cms_evidence *e)
{
	free(e);
}

/* A content timestamp is older than the signature that signs it, so it proves
 * a moment after which the signature was made. */
static void
judge_content_timestamps(struct cms_evidence *e,
    const struct timestamp_subject *content, const struct question *q,
    struct signature_report *s)
{
	struct der d = der_into(&e->si->signed_attributes);
	struct attribute a;
	struct der_item token;
	struct timestamp_report t;

	while (attribute_next(&d, &a)) {
		if (strcmp(a.type, ATTRIBUTE_CONTENT_TIMESTAMP) != 0)
			continue;
		while (der_next(&a.values, &token)) {
			timestamp_judge(
			    token.whole, token.whole_len, content, q, &t);
			if (s->timestamp_count < REPORT_TIMESTAMPS_MAX)
				s->timestamps[s->timestamp_count++] = t;
			if (t.indication != TOTAL_PASSED)
				signature_find(s, FIND_TIMESTAMP, "content");
			else if (t.time_us > e->subject.not_before_us)
				e->subject.not_before_us = t.time_us;
		}
	}
}

/* Some wrap the token in an OCTET STRING; what is in there is judged. */
static void
add_token(const struct der_item *token, const struct timestamp_subject *value,
    const struct question *q, struct signature_report *s)
{
	if (token->tag == DER_OCTETS)
		timestamp_add(token->body, token->len, value, q, s);
	else
		timestamp_add(token->whole, token->whole_len, value, q, s);
}

static void
judge_signature_timestamps(struct cms_evidence *e, const struct question *q,
    struct signature_report *s)
{
	const struct timestamp_subject value = {
		.part = { e->si->signature.body },
		.len = { e->si->signature.len },
		.hints = &e->subject
	};
	struct der d = der_into(&e->si->unsigned_attributes);
	struct attribute a;
	struct der_item token;

	while (attribute_next(&d, &a)) {
		if (strcmp(a.type, ATTRIBUTE_ARCHIVE_V2) == 0 ||
		    strcmp(a.type, ATTRIBUTE_ARCHIVE_V3) == 0)
			signature_find(s, FIND_ARCHIVE_TIMESTAMP, "%s", a.type);
		if (strcmp(a.type, ATTRIBUTE_COUNTER_SIGNATURE) == 0)
			signature_find(
			    s, FIND_COUNTER_SIGNATURE, "RFC 5652, 11.4");
		if (strcmp(a.type, ATTRIBUTE_TIMESTAMP) != 0)
			continue;
		while (der_next(&a.values, &token))
			add_token(&token, &value, q, s);
	}
}

/* A level is what is there and holds: a token over this signature that is
 * intact, then evidence beside it. */
static void
say_level(
    const struct cms_evidence *e, size_t before, struct signature_report *s)
{
	bool stamped = false;

	if (s->level != LEVEL_B_B)
		return;
	for (size_t i = before; i < s->timestamp_count; i++)
		stamped |= s->timestamps[i].integrity == INTEGRITY_INTACT;
	if (stamped)
		s->level = e->has_revocations ? LEVEL_B_LT : LEVEL_B_T;
}

void
cms_evidence_timestamps(struct cms_evidence *e,
    const struct cms_content *content, const struct question *q,
    struct signature_report *s)
{
	const struct timestamp_subject subject = { .part = { content->part[0],
						       content->part[1] },
		.len = { content->len[0], content->len[1] },
		.hints = &e->subject };
	size_t before;

	if (e->si->has_signed && !content->absent)
		judge_content_timestamps(e, &subject, q, s);
	before = s->timestamp_count;
	if (e->si->has_unsigned)
		judge_signature_timestamps(e, q, s);
	say_level(e, before, s);
}
