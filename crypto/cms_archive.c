/*
 * Archive timestamps of CAdES.  Version 2 (TS 101 733, 6.4.1) is over all of
 * the message at the time, version 3 (EN 319 122-1, 5.5.3) over an index of
 * digests, which stands in the token itself: what the index names is covered,
 * and what it names must be there.
 */
#include <string.h>

#include "base/base.h"
#include "base/buf.h"
#include "crypto/algorithm.h"
#include "crypto/attribute.h"
#include "crypto/cms_evidence.h"
#include "crypto/digest.h"
#include "crypto/policy.h"
#include "crypto/sign_der.h"
#include "crypto/signed_data.h"

#define INDEX_MAX 256 /* digests in one list of an index */

static void
put_item(struct buf *b, const struct der_item *i)
{
	if (i->whole_len > 0)
		buf_put(b, i->whole, i->whole_len);
}

static void
put_content(struct buf *b, const struct cms_content *c)
{
	for (size_t i = 0; i < nitems(c->part); i++)
		if (c->len[i] > 0)
			buf_put(b, c->part[i], c->len[i]);
}

/* Version to signature of the SignerInfo, as they stand. */
static void
put_signer(struct buf *b, const struct signer_info *si)
{
	const uint8_t *end = si->signature.whole + si->signature.whole_len;

	buf_put(b, si->whole.body, (size_t)(end - si->whole.body));
}

/* Version 2. */

/* Archive timestamps came one after the other: those of the same time or
 * later were not yet there. */
static bool
was_there(const struct cms_evidence *e, const struct stamp *s,
    const struct der_item *attribute)
{
	for (size_t i = 0; i < e->stamps.count; i++) {
		const struct stamp *other = &e->stamps.at[i];

		if (other->kind == TIMESTAMP_ARCHIVE &&
		    der_holds(
			attribute, other->token.token, other->token.len) &&
		    other->token.info.time_us >= s->token.info.time_us)
			return false;
	}
	return true;
}

/* The annex of an earlier edition left tag and length of the unsigned
 * attributes out; a later one asks to try both (TS 101 733 V2.2.1, K.3). */
static void
put_v2(const struct cms_evidence *e, const struct stamp *s, bool with_tag,
    struct buf *b)
{
	struct der d = der_into(&e->si->unsigned_attributes);
	struct buf attributes = { 0 };
	struct attribute a;

	put_item(b, &e->cms->encapsulated);
	if (!e->cms->has_content)
		put_content(b, e->content);
	put_item(b, &e->cms->certificate_set);
	put_item(b, &e->cms->crl_set);
	put_signer(b, e->si);
	while (attribute_next(&d, &a))
		if (was_there(e, s, &a.whole))
			put_item(&attributes, &a.whole);
	if (with_tag)
		der_wrap(b, DER_CONTEXT + 1, &attributes);
	else if (attributes.len > 0)
		buf_put(b, attributes.data, attributes.len);
	buf_release(&attributes);
}

static bool
is_imprint(const struct timestamp_info *info, const struct buf *b)
{
	uint8_t hash[DIGEST_LEN_MAX];
	size_t len = digest_named(info->digest, b->data, b->len, hash);

	return len > 0 && len == info->imprint_len &&
	       memcmp(hash, info->imprint, len) == 0;
}

static void
lay_out_v2(
    const struct cms_evidence *e, const struct stamp *s, struct buf *store)
{
	put_v2(e, s, true, store);
	if (is_imprint(&s->token.info, store))
		return;
	buf_release(store);
	put_v2(e, s, false, store);
}

static void
prove_v2(struct cms_evidence *e, const struct stamp *s, int64_t us)
{
	struct der d = der_into(&e->si->unsigned_attributes);
	struct attribute a;

	cms_evidence_prove(e, &e->cms->certificate_set, us);
	cms_evidence_prove(e, &e->cms->crl_set, us);
	while (attribute_next(&d, &a))
		if (was_there(e, s, &a.whole))
			cms_evidence_prove(e, &a.whole, us);
}

/* Version 3. */

struct digests {
	struct der_item at[INDEX_MAX];
	bool found[INDEX_MAX];
	size_t count;
};

/* ats-hash-index, -v2 and -v3, which differ in whether the algorithm may be
 * left out and in what is taken of an attribute. */
struct index {
	struct der_item value;
	char digest[16];
	struct digests certificates, crls, attributes;
};

static bool
read_digests(struct der *d, struct digests *out)
{
	struct der_item list;
	struct der in;

	if (!der_take(d, DER_SEQUENCE, &list))
		return false;
	in = der_into(&list);
	while (!der_at_end(&in)) {
		if (out->count == INDEX_MAX ||
		    !der_take(&in, DER_OCTETS, &out->at[out->count]))
			return false;
		out->count++;
	}
	return true;
}

static bool
is_algorithm(const struct der *d)
{
	struct der ahead = *d, in;
	struct der_item i;

	if (!der_take(&ahead, DER_SEQUENCE, &i))
		return false;
	in = der_into(&i);
	return der_peek(&in) == DER_OID;
}

static bool
find_index(const struct stamp *s, struct der_item *out)
{
	static const char *const types[] = { ATTRIBUTE_HASH_INDEX_V3,
		ATTRIBUTE_HASH_INDEX_V2, ATTRIBUTE_HASH_INDEX };
	const struct signer_info *si;

	if (s->token.cms == NULL)
		return false;
	si = &s->token.cms->signers[0];
	for (size_t i = 0; si->has_unsigned && i < nitems(types); i++)
		if (attribute_find(&si->unsigned_attributes, types[i], out))
			return out->tag == DER_SEQUENCE;
	return false;
}

static bool
read_index(const struct stamp *s, struct index *out)
{
	struct der_item algorithm;
	struct der d;

	*out = (struct index){ .digest = "sha256" };
	if (!find_index(s, &out->value))
		return false;
	d = der_into(&out->value);
	if (is_algorithm(&d) && (!der_next(&d, &algorithm) ||
				    !algorithm_digest(&algorithm, out->digest)))
		return false;
	return read_digests(&d, &out->certificates) &&
	       read_digests(&d, &out->crls) &&
	       read_digests(&d, &out->attributes) && der_at_end(&d);
}

static bool
mark(struct digests *list, const char *digest,
    const struct digest_piece *pieces, size_t count)
{
	uint8_t hash[DIGEST_LEN_MAX];
	size_t len = digest_pieces(digest, pieces, count, hash);
	bool found = false;

	for (size_t i = 0; len > 0 && i < list->count; i++)
		if (der_is(&list->at[i], hash, len))
			found = list->found[i] = true;
	return found;
}

/* Proves nothing at 0. */
static void
cover(struct cms_evidence *e, const struct der_item *i, bool named, int64_t us)
{
	if (named && us != 0)
		cms_evidence_prove(e, i, us);
}

static void
match_set(struct cms_evidence *e, struct index *x, struct digests *list,
    const struct der_item *set, int64_t us)
{
	struct der d = der_into(set);
	struct der_item i;

	while (der_next(&d, &i)) {
		const struct digest_piece whole = { i.whole, i.whole_len };

		cover(e, &i, mark(list, x->digest, &whole, 1), us);
	}
}

/* The first index takes an attribute as a whole, the later ones its type with
 * each value. */
static void
match_attributes(struct cms_evidence *e, struct index *x, int64_t us)
{
	struct der d = der_into(&e->si->unsigned_attributes);
	struct der_item value;
	struct attribute a;

	while (attribute_next(&d, &a)) {
		const struct digest_piece whole = { a.whole.whole,
			a.whole.whole_len };

		cover(e, &a.whole, mark(&x->attributes, x->digest, &whole, 1),
		    us);
		while (der_next(&a.values, &value)) {
			const struct digest_piece pieces[] = {
				{ a.id.whole, a.id.whole_len },
				{ value.whole, value.whole_len },
			};

			cover(e, &value,
			    mark(&x->attributes, x->digest, pieces, 2), us);
		}
	}
}

static bool
all_found(const struct digests *list)
{
	for (size_t i = 0; i < list->count; i++)
		if (!list->found[i])
			return false;
	return true;
}

/* Whether all that the index names is there. */
static bool
match_index(struct cms_evidence *e, struct index *x, int64_t us)
{
	match_set(e, x, &x->certificates, &e->cms->certificate_set, us);
	match_set(e, x, &x->crls, &e->cms->crl_set, us);
	match_attributes(e, x, us);
	return all_found(&x->certificates) && all_found(&x->crls) &&
	       all_found(&x->attributes);
}

/* Type of the content, its digest, the SignerInfo and the index. */
static enum subindication
lay_out_v3(struct cms_evidence *e, const struct stamp *s, struct buf *store)
{
	const struct digest_piece content[] = {
		{ e->content->part[0], e->content->len[0] },
		{ e->content->part[1], e->content->len[1] },
	};
	struct der d = der_into(&e->cms->encapsulated);
	uint8_t hash[DIGEST_LEN_MAX];
	struct der_item type;
	struct index x;
	size_t len;

	if (!read_index(s, &x) || !match_index(e, &x, 0))
		return SUB_HASH_FAILURE;
	len = digest_pieces(s->token.info.digest, content, 2, hash);
	if (len == 0 || !der_next(&d, &type))
		return SUB_HASH_FAILURE;
	put_item(store, &type);
	buf_put(store, hash, len);
	put_signer(store, e->si);
	put_item(store, &x.value);
	return SUB_NONE;
}

enum subindication
cms_archive_subject(struct cms_evidence *e, const struct stamp *s,
    struct buf *store, struct timestamp_subject *out)
{
	enum subindication why = SUB_NONE;

	if (e->content->absent)
		return SUB_SIGNED_DATA_NOT_FOUND;
	if (s->form == CMS_ARCHIVE_V3)
		why = lay_out_v3(e, s, store);
	else
		lay_out_v2(e, s, store);
	out->part[0] = (const uint8_t *)store->data;
	out->len[0] = store->len;
	return why;
}

void
cms_archive_prove(struct cms_evidence *e, const struct stamp *s, int64_t us)
{
	struct index x;

	if (s->form == CMS_ARCHIVE_V2)
		prove_v2(e, s, us);
	/* What has the same digest could be another thing. */
	else if (read_index(s, &x) &&
		 us < policy_digest_end(e->policy, x.digest))
		match_index(e, &x, us);
}
