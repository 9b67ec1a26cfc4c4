/*
 * The order of EN 319 102-1, 5.3: format, then the digests, the signing
 * certificate and the value (all in xades_seal.c), what is covered, times,
 * and last the algorithms and the path, which want to know the times.  The
 * first subindication of a rank stays, so earlier steps name the fault.
 */
#include "crypto/xades.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <libxml/xmlmemory.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/certificate.h"
#include "crypto/chain.h"
#include "crypto/poe.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/signature_policy.h"
#include "crypto/xades_dom.h"
#include "crypto/xades_seal.h"
#include "crypto/xades_stamp.h"

static void
say_nothing(void *ctx, const char *fmt, ...)
{
	(void)ctx;
	(void)fmt;
}

static xmlParserInput *
refuse_entity(const char *url, const char *id, xmlParserCtxt *parser)
{
	(void)url;
	(void)id;
	(void)parser;
	return NULL;
}

/* What libxml2 cannot have ends this process like all the rest, so that want
 * of memory is never taken for a fault of the document. */
static void *
grow(void *p, size_t n)
{
	return blob_grow(p, n == 0 ? 1 : n, 1);
}

static void *
allocate(size_t n)
{
	return grow(NULL, n);
}

void
xades_init(void)
{
	if (xmlMemSetup(free, allocate, grow, blob_strdup) != 0)
		fatalx("xml: libxml2 does not take our allocator");
	xmlInitParser();
	xmlSetGenericErrorFunc(NULL, say_nothing);
	xmlSetExternalEntityLoader(refuse_entity);
}

bool
xades_is_xml(const uint8_t *data, size_t len)
{
	static const uint8_t utf16[][2] = { { 0xff, 0xfe }, { 0xfe, 0xff } };
	size_t i = 0;

	if (len >= 2 &&
	    (memcmp(data, utf16[0], 2) == 0 || memcmp(data, utf16[1], 2) == 0))
		return true;
	if (len >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		i = 3;
	while (i < len && strchr(" \t\r\n", data[i]) != NULL && data[i] != 0)
		i++;
	return i < len && data[i] == '<';
}

/* What the claims prove is theirs to say only once they are signed. */
static void
judge_level(const struct xades_evidence *e, struct signature_report *s)
{
	const struct xades_seal *seal = e->seal;
	struct signature_policy policy;
	bool archived;

	s->level = LEVEL_XMLDSIG;
	if (!seal->claims_signed)
		return;
	if (xades_policy(&seal->properties, &policy))
		signature_policy_judge(&policy, seal->scope.q, s);
	s->claimed_us = xades_signing_time(&seal->properties);
	if (!xades_has_binding(&seal->properties) || s->claimed_us == 0)
		return;
	s->level = LEVEL_B_B;
	archived = stamp_has(&e->stamps, TIMESTAMP_ARCHIVE);
	if (!archived && !stamp_has(&e->stamps, TIMESTAMP_SIGNATURE))
		return;
	s->level = seal->crls.count + seal->ocsps.count == 0 ? LEVEL_B_T
		   : archived                                ? LEVEL_B_LTA
							     : LEVEL_B_LT;
}

static void
judge_signer(struct xades_evidence *e, struct signature_report *s)
{
	const struct blob *signer = e->seal->signer;
	const struct question *q = e->seal->scope.q;
	struct certificate_key key;

	certificate_describe(signer->data, signer->len, &s->signer, &key);
	s->key_bits = key.bits;
	e->subject.certificate =
	    (struct chain_object){ signer->data, signer->len };
	policy_judge(q, s);
	chain_judge(q, &e->subject, s);
}

/* Times, then trust in the signer at those times. */
static void
judge_trust(
    struct xades_seal *seal, struct poe *poe, struct signature_report *s)
{
	struct xades_evidence e;

	s->proven_us = poe_since(poe, seal->value.data, seal->value.len);
	xades_evidence_init(&e, seal, poe);
	xades_evidence_judge(&e, s);
	judge_level(&e, s);
	if (seal->signer != NULL)
		judge_signer(&e, s);
	xades_evidence_release(&e);
}

/* What was left out might have spoken against the signer. */
static void
judge_limits(const struct xades_seal *seal, struct signature_report *s)
{
	if (!seal->certificates.cut_short && !seal->crls.cut_short &&
	    !seal->ocsps.cut_short)
		return;
	signature_find(s, FIND_LIMIT,
	    "certificates, CRLs or OCSP answers: over %d", XADES_PILE_MAX);
	signature_sink(s, SUB_SIG_CONSTRAINTS_FAILURE);
}

static bool
is_counter(const xmlNode *signature)
{
	return xades_in_etsi(signature->parent, "CounterSignature");
}

static void
judge_signature(const struct xades_dom *dom, const xmlNode *signature,
    const struct question *q, struct poe *poe, struct signature_report *s)
{
	const struct xades_scope scope = { dom, signature, q };
	struct xades_seal seal;
	const char *why;

	signature_begin(s);
	s->level = LEVEL_XMLDSIG;
	s->covers = COVERS_PART;
	if (is_counter(signature))
		s->kind = KIND_COUNTER_SIGNATURE;
	if (xades_seal_read(&scope, &seal, &why)) {
		xades_seal_references(&seal, s);
		xades_seal_value(&seal, s);
		xades_seal_cover(&seal, s);
		judge_limits(&seal, s);
		judge_trust(&seal, poe, s);
	} else {
		signature_sink(s, SUB_FORMAT_FAILURE);
		signature_find(s, FIND_FORMAT, "%s", why);
	}
	xades_seal_release(&seal);
}

/* A file that cannot be read and speaks of signatures is a failed one, so
 * that nobody takes it for unsigned. */
static void
report_unreadable(
    const uint8_t *data, size_t len, const struct err *e, struct report *r)
{
	enum finding_code code =
	    e->code == ERR_TOO_LARGE ? FIND_LIMIT : FIND_FORMAT;
	struct signature_report *s;

	report_find(r, code, "%s", e->detail);
	if (memmem(data, len, "Signature", strlen("Signature")) == NULL)
		return;
	r->format = FORMAT_XADES;
	s = report_add(r);
	signature_begin(s);
	s->level = LEVEL_XMLDSIG;
	s->covers = COVERS_PART;
	signature_sink(s, SUB_FORMAT_FAILURE);
	signature_find(s, code, "%s", e->detail);
}

void
xades_judge_file(
    const uint8_t *data, size_t len, const struct question *q, struct report *r)
{
	struct xades_dom *dom = NULL;
	struct signature_report *s;
	struct err e = { 0 };
	struct poe *poe;
	xmlNode *root;

	if (!xades_dom_open(data, len, &dom, &e)) {
		report_unreadable(data, len, &e, r);
		return;
	}
	root = xades_dom_root(dom);
	poe = poe_new(NULL);
	for (xmlNode *n = root; n != NULL; n = xades_dom_walk(root, n)) {
		if (!xades_is(n, NS_DSIG, "Signature"))
			continue;
		r->format = FORMAT_XADES;
		s = report_add(r);
		if (s == NULL)
			break;
		judge_signature(dom, n, q, poe, s);
	}
	poe_free(poe);
	xades_dom_free(dom);
}
