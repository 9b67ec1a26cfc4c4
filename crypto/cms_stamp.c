/*
 * The timestamps of CAdES: over the content (EN 319 122-1, 5.2.8), the
 * signature value (5.3), the references (A.1.5.1 and A.1.5.2) and all of it
 * (5.5).  Each has its own imprint rule; cms_archive.c has those of the last.
 */
#include <string.h>

#include "base/base.h"
#include "base/buf.h"
#include "crypto/attribute.h"
#include "crypto/cms_evidence.h"
#include "crypto/digest.h"
#include "crypto/poe.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/signed_data.h"

static const struct {
	const char *type;
	enum timestamp_kind kind;
	int form;
} kinds[] = {
	{ ATTRIBUTE_CONTENT_TIMESTAMP, TIMESTAMP_CONTENT, 0 },
	{ ATTRIBUTE_TIMESTAMP, TIMESTAMP_SIGNATURE, 0 },
	{ ATTRIBUTE_REFS_TIMESTAMP, TIMESTAMP_REFERENCES, 0 },
	{ ATTRIBUTE_ESC_TIMESTAMP, TIMESTAMP_SIGNATURE_AND_REFERENCES, 0 },
	{ ATTRIBUTE_ARCHIVE_V2, TIMESTAMP_ARCHIVE, CMS_ARCHIVE_V2 },
	{ ATTRIBUTE_ARCHIVE_V3, TIMESTAMP_ARCHIVE, CMS_ARCHIVE_V3 },
};

/* Some wrap the token in an OCTET STRING; what is in there is judged. */
static void
add_token(struct cms_evidence *e, size_t kind, const struct der_item *token)
{
	bool wrapped = token->tag == DER_OCTETS;
	struct stamp *s = stamp_add(&e->stamps, kinds[kind].kind,
	    wrapped ? token->body : token->whole,
	    wrapped ? token->len : token->whole_len);

	if (s != NULL)
		s->form = kinds[kind].form;
}

static void
collect(
    struct cms_evidence *e, const struct der_item *attributes, bool are_signed)
{
	struct der d = der_into(attributes);
	struct der_item token;
	struct attribute a;

	while (attribute_next(&d, &a))
		for (size_t i = 0; i < nitems(kinds); i++) {
			bool content = kinds[i].kind == TIMESTAMP_CONTENT;

			if (content != are_signed ||
			    strcmp(a.type, kinds[i].type) != 0)
				continue;
			while (der_next(&a.values, &token))
				add_token(e, i, &token);
		}
}

void
cms_stamps_collect(struct cms_evidence *e)
{
	if (e->si->has_signed)
		collect(e, &e->si->signed_attributes, true);
	if (e->si->has_unsigned)
		collect(e, &e->si->unsigned_attributes, false);
}

/* Type and values of each attribute of this type, without the SEQUENCE around
 * them (RFC 5126, 6.3.5, note 2). */
static void
put_attributes(
    const struct cms_evidence *e, const char *type, struct buf *store)
{
	struct der d = der_into(&e->si->unsigned_attributes);
	struct attribute a;

	while (attribute_next(&d, &a))
		if (strcmp(a.type, type) == 0)
			buf_put(store, a.whole.body, a.whole.len);
}

static void
put_references(const struct cms_evidence *e, struct buf *store)
{
	put_attributes(e, ATTRIBUTE_CERTIFICATE_REFS, store);
	put_attributes(e, ATTRIBUTE_REVOCATION_REFS, store);
}

static enum subindication
content_subject(const struct cms_evidence *e, struct timestamp_subject *out)
{
	if (e->content->absent)
		return SUB_SIGNED_DATA_NOT_FOUND;
	for (size_t i = 0; i < nitems(out->part); i++) {
		out->part[i] = e->content->part[i];
		out->len[i] = e->content->len[i];
	}
	return SUB_NONE;
}

static enum subindication
subject(void *ctx, const struct stamp *s, struct buf *store,
    struct timestamp_subject *out)
{
	struct cms_evidence *e = ctx;

	switch (s->kind) {
	case TIMESTAMP_CONTENT:
		return content_subject(e, out);
	case TIMESTAMP_ARCHIVE:
		return cms_archive_subject(e, s, store, out);
	case TIMESTAMP_SIGNATURE_AND_REFERENCES:
		put_attributes(e, ATTRIBUTE_TIMESTAMP, store);
		put_references(e, store);
		break;
	case TIMESTAMP_REFERENCES:
		put_references(e, store);
		break;
	case TIMESTAMP_SIGNATURE:
	default:
		break;
	}
	if (s->kind != TIMESTAMP_REFERENCES) {
		out->part[0] = e->si->signature.body;
		out->len[0] = e->si->signature.len;
	}
	out->part[1] = (const uint8_t *)store->data;
	out->len[1] = store->len;
	return SUB_NONE;
}

static bool
is_named(const struct chain_object *o, const char *digest,
    const struct buf *references)
{
	uint8_t hash[DIGEST_LEN_MAX];
	size_t len = digest_named(digest, o->data, o->len, hash);

	return len > 0 &&
	       memmem(references->data, references->len, hash, len) != NULL;
}

/* Whose digest stands in what was stamped was there too, as long as nobody
 * could make another of the same digest. */
static void
prove_named(struct cms_evidence *e, const struct cms_objects *objects,
    const struct buf *references, int64_t us)
{
	static const char *const digests[] = { "sha1", "sha256", "sha384",
		"sha512" };

	for (size_t i = 0; i < objects->count; i++)
		for (size_t k = 0; k < nitems(digests); k++) {
			const struct chain_object *o = &objects->at[i];

			if (us < policy_digest_end(e->policy, digests[k]) &&
			    is_named(o, digests[k], references))
				poe_add(e->poe, o->data, o->len, us);
		}
}

static void
prove_references(struct cms_evidence *e, int64_t us)
{
	struct buf references = { 0 };

	put_references(e, &references);
	if (references.len > 0) {
		prove_named(e, &e->certificates, &references, us);
		prove_named(e, &e->crls, &references, us);
		prove_named(e, &e->ocsps, &references, us);
	}
	buf_release(&references);
}

static void
prove_signature_timestamps(struct cms_evidence *e, int64_t us)
{
	for (size_t i = 0; i < e->stamps.count; i++) {
		const struct stamp *s = &e->stamps.at[i];

		if (s->kind == TIMESTAMP_SIGNATURE)
			poe_add(e->poe, s->token.token, s->token.len, us);
	}
}

static void
prove(void *ctx, const struct stamp *s, int64_t us)
{
	struct cms_evidence *e = ctx;

	if (s->kind == TIMESTAMP_ARCHIVE)
		cms_archive_prove(e, s, us);
	if (s->kind == TIMESTAMP_SIGNATURE_AND_REFERENCES)
		prove_signature_timestamps(e, us);
	if (s->kind == TIMESTAMP_SIGNATURE_AND_REFERENCES ||
	    s->kind == TIMESTAMP_REFERENCES)
		prove_references(e, us);
}

/* What is there and says something, but is judged elsewhere or not at all. */
static void
name_others(const struct cms_evidence *e, struct signature_report *s)
{
	struct der d = der_into(&e->si->unsigned_attributes);
	struct attribute a;

	while (attribute_next(&d, &a)) {
		if (strcmp(a.type, ATTRIBUTE_ARCHIVE_V1) == 0)
			signature_find(s, FIND_ARCHIVE_TIMESTAMP, "%s", a.type);
		if (strcmp(a.type, ATTRIBUTE_RECORD_INTERNAL) == 0 ||
		    strcmp(a.type, ATTRIBUTE_RECORD_EXTERNAL) == 0)
			signature_find(s, FIND_EVIDENCE_RECORD, "%s", a.type);
		if (strcmp(a.type, ATTRIBUTE_COUNTER_SIGNATURE) == 0)
			signature_find(
			    s, FIND_COUNTER_SIGNATURE, "RFC 5652, 11.4");
	}
}

/* A level is what is there and holds: a token over this signature that is
 * intact, then evidence beside it, then a token over both. */
static void
say_level(const struct cms_evidence *e, struct signature_report *s)
{
	bool archived = stamp_has(&e->stamps, TIMESTAMP_ARCHIVE);

	if (s->level != LEVEL_B_B ||
	    (!archived && !stamp_has(&e->stamps, TIMESTAMP_SIGNATURE)))
		return;
	s->level = !e->has_revocations ? LEVEL_B_T
		   : archived          ? LEVEL_B_LTA
				       : LEVEL_B_LT;
}

void
cms_stamps_judge(struct cms_evidence *e, const struct cms_content *content,
    const struct question *q, struct signature_report *s)
{
	const struct stamp_format format = { e, subject, prove };

	e->content = content;
	e->policy = q->policy;
	stamp_judge(&e->stamps, &format, q, &e->subject, s);
	if (e->si->has_unsigned)
		name_others(e, s);
	say_level(e, s);
}
