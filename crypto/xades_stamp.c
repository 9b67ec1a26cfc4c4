#include "crypto/xades_stamp.h"

#include <libxml/tree.h>

#include "base/base.h"
#include "base/buf.h"
#include "crypto/poe.h"
#include "crypto/question.h"
#include "crypto/xades_c14n.h"
#include "crypto/xades_dom.h"
#include "crypto/xades_seal.h"

static size_t
borrow(const struct xades_pile *pile, struct chain_object *out)
{
	for (size_t i = 0; i < pile->count; i++)
		out[i] = (struct chain_object){ pile->item[i].data,
			pile->item[i].len };
	return pile->count;
}

static void
collect(
    struct xades_evidence *e, const xmlNode *stamp, enum timestamp_kind kind)
{
	size_t from = e->tokens.count;
	struct stamp *s;

	xades_pile_collect(&e->tokens, stamp, "EncapsulatedTimeStamp");
	for (size_t i = from; i < e->tokens.count; i++) {
		s = stamp_add(&e->stamps, kind, e->tokens.item[i].data,
		    e->tokens.item[i].len);
		if (s != NULL)
			s->place = stamp;
	}
}

static void
collect_all(struct xades_evidence *e)
{
	const xmlNode *n = e->seal->properties.unsigned_;

	for (n = n == NULL ? NULL : xades_first(n); n != NULL;
	     n = xades_next(n))
		if (xades_in_etsi(n, "SignatureTimeStamp"))
			collect(e, n, TIMESTAMP_SIGNATURE);
}

void
xades_evidence_init(struct xades_evidence *e, struct xades_seal *seal)
{
	*e = (struct xades_evidence){ .seal = seal, .poe = poe_new(NULL) };
	e->subject = (struct chain_subject){ .use = CHAIN_SIGNER,
		.extras = e->extras,
		.extra_count = borrow(&seal->certificates, e->extras),
		.crls = e->crls,
		.crl_count = borrow(&seal->crls, e->crls),
		.ocsps = e->ocsps,
		.ocsp_count = borrow(&seal->ocsps, e->ocsps),
		.poe = e->poe };
	collect_all(e);
}

void
xades_evidence_release(struct xades_evidence *e)
{
	stamp_release(&e->stamps);
	xades_pile_release(&e->tokens);
	poe_free(e->poe);
}

static bool
put(const struct xades_evidence *e, const struct stamp *s, const xmlNode *n,
    struct buf *store)
{
	const struct xades_nodes nodes = {
		.doc = xades_dom_doc(e->seal->scope.dom),
		.apex = n,
		.comments = true,
	};

	return xades_c14n(&nodes,
	    xades_child(s->place, NS_DSIG, "CanonicalizationMethod"), store);
}

static enum subindication
subject(void *ctx, const struct stamp *s, struct buf *store,
    struct timestamp_subject *out)
{
	struct xades_evidence *e = ctx;

	if (!put(e, s, e->seal->value_node, store))
		return SUB_SIG_CONSTRAINTS_FAILURE;
	out->part[0] = (const uint8_t *)store->data;
	out->len[0] = store->len;
	return SUB_NONE;
}

static void
prove(void *ctx, const struct stamp *s, int64_t us)
{
	(void)ctx;
	(void)s;
	(void)us;
}

void
xades_evidence_judge(struct xades_evidence *e, struct signature_report *s)
{
	const struct stamp_format format = { e, subject, prove };

	stamp_judge(&e->stamps, &format, e->seal->scope.q, &e->subject, s);
}
