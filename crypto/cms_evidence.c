#include "crypto/cms_evidence.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "crypto/attribute.h"
#include "crypto/poe.h"
#include "crypto/signed_data.h"

static void
add(struct cms_objects *o, const struct chain_object *list, size_t count)
{
	for (size_t i = 0; i < count && o->count < CHAIN_EXTRAS_MAX; i++)
		o->at[o->count++] = list[i];
}

static void
add_items(struct cms_objects *o, struct der d)
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

static void
prove_objects(struct cms_evidence *e, const struct cms_objects *o,
    const struct der_item *in, int64_t us)
{
	for (size_t i = 0; i < o->count; i++)
		if (der_holds(in, o->at[i].data, o->at[i].len))
			poe_add(e->poe, o->at[i].data, o->at[i].len, us);
}

/* By the value, as a signature timestamp does. */
static void
prove_counters(struct cms_evidence *e, const struct der_item *in, int64_t us)
{
	struct der d = der_into(&e->si->unsigned_attributes);
	struct signer_info counter;
	struct der_item value;
	struct attribute a;

	while (attribute_next(&d, &a)) {
		if (strcmp(a.type, ATTRIBUTE_COUNTER_SIGNATURE) != 0)
			continue;
		while (der_next(&a.values, &value))
			if (der_holds(in, value.whole, value.whole_len) &&
			    signer_info_read(&value, &counter))
				poe_add(e->poe, counter.signature.body,
				    counter.signature.len, us);
	}
}

void
cms_evidence_prove(
    struct cms_evidence *e, const struct der_item *in, int64_t us)
{
	prove_objects(e, &e->certificates, in, us);
	prove_objects(e, &e->crls, in, us);
	prove_objects(e, &e->ocsps, in, us);
	for (size_t i = 0; i < e->stamps.count; i++) {
		const struct timestamp *t = &e->stamps.at[i].token;

		if (der_holds(in, t->token, t->len))
			poe_add(e->poe, t->token, t->len, us);
	}
	prove_counters(e, in, us);
}

static void
prove_inside(struct cms_evidence *e, int64_t us)
{
	cms_evidence_prove(e, &e->cms->certificate_set, us);
	cms_evidence_prove(e, &e->cms->crl_set, us);
	cms_evidence_prove(e, &e->si->whole, us);
}

struct cms_evidence *
cms_evidence_new(const struct cms *cms, const struct signer_info *si,
    const struct chain_subject *hints, int64_t proven_us, struct poe *shared)
{
	struct cms_evidence *e = blob_calloc(1, sizeof(*e));

	e->cms = cms;
	e->si = si;
	e->is_shared = shared != NULL;
	e->poe = shared != NULL ? shared
				: poe_new(hints == NULL ? NULL : hints->poe);
	add(&e->certificates, cms->certificates, cms->certificate_count);
	add(&e->crls, cms->crls, cms->crl_count);
	add(&e->ocsps, cms->ocsps, cms->ocsp_count);
	e->has_revocations = cms->crl_count + cms->ocsp_count > 0;
	add_attributes(e);
	cms_stamps_collect(e);
	if (proven_us != 0)
		prove_inside(e, proven_us);
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
		.ocsp_count = e->ocsps.count,
		.poe = e->poe };
	return e;
}

void
cms_evidence_free(struct cms_evidence *e)
{
	stamp_release(&e->stamps);
	if (!e->is_shared)
		poe_free(e->poe);
	free(e);
}
