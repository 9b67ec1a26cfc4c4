#include "crypto/xades_properties.h"

#include <libxml/tree.h>
#include <openssl/bn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "crypto/attribute.h"
#include "crypto/certificate.h"
#include "crypto/der.h"
#include "crypto/digest.h"
#include "crypto/report.h"
#include "crypto/signature_policy.h"
#include "crypto/xades_algorithm.h"
#include "crypto/xades_dom.h"

#define SERIAL_DIGITS_MAX 64 /* RFC 5280, 4.1.2.2: 20 octets */

#define ETSI              "http://uri.etsi.org/01903"

bool
xades_in_etsi(const xmlNode *n, const char *name)
{
	return xades_is(n, NULL, name) && n->ns != NULL &&
	       strncmp((const char *)n->ns->href, ETSI, strlen(ETSI)) == 0;
}

bool
xades_properties_type(const char *type)
{
	static const char *const types[] = {
		ETSI "#SignedProperties",
		ETSI "/v1.1.1#SignedProperties",
		ETSI "/v1.2.2#SignedProperties",
		ETSI "/v1.3.2#SignedProperties",
	};

	for (size_t i = 0; i < nitems(types); i++)
		if (type != NULL && strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* The first child of that name in any of XAdES's namespaces.  Which version
 * it is does not change what we read. */
static xmlNode *
child(const xmlNode *parent, const char *name)
{
	xmlNode *n = parent == NULL ? NULL : xades_first(parent);

	while (n != NULL && !xades_in_etsi(n, name))
		n = xades_next(n);
	return n;
}

/* EN 319 132-1, 4.3.2: Target is the Id of the Signature. */
static bool
targets(const xmlNode *properties, const xmlNode *signature)
{
	char *target = xades_attr(properties, "Target");
	char *id = xades_attr(signature, "Id");
	bool ok;

	ok = target != NULL && target[0] == '#' && id != NULL &&
	     strcmp(target + 1, id) == 0;
	/* Before 1.2.2 an empty Target was common and means "this one". */
	ok = ok || (target != NULL && target[0] == '\0');
	free(target);
	free(id);
	return ok;
}

bool
xades_properties_find(const xmlNode *signature, struct xades_properties *out)
{
	xmlNode *object = xades_first(signature), *n;

	*out = (struct xades_properties){ 0 };
	for (; object != NULL; object = xades_next(object)) {
		if (!xades_is(object, NS_DSIG, "Object"))
			continue;
		n = xades_first(object);
		for (; n != NULL; n = xades_next(n)) {
			if (!xades_in_etsi(n, "QualifyingProperties"))
				continue;
			if (out->all != NULL || !targets(n, signature))
				return false;
			out->all = n;
		}
	}
	out->claims = child(out->all, "SignedProperties");
	out->signature = child(out->claims, "SignedSignatureProperties");
	out->data_objects = child(out->claims, "SignedDataObjectProperties");
	out->unsigned_ = child(child(out->all, "UnsignedProperties"),
	    "UnsignedSignatureProperties");
	return true;
}

/* A claim, and no more; a time without a zone is no time. */
int64_t
xades_signing_time(const struct xades_properties *p)
{
	char *text = xades_text(child(p->signature, "SigningTime"));
	int64_t us = 0;

	if (text != NULL && !clock_parse_rfc3339(text, &us))
		us = 0;
	free(text);
	return us;
}

static void
read_policy_digest(const xmlNode *n, struct signature_policy *out)
{
	const xmlNode *named = xades_child(n, NULL, "DigestMethod");
	char *uri = named == NULL ? NULL : xades_attr(named, "Algorithm");
	const char *name = xades_digest_name(uri);
	struct blob hash = { 0 };

	free(uri);
	snprintf(
	    out->digest, sizeof(out->digest), "%s", name == NULL ? "" : name);
	if (xades_bytes(xades_child(n, NULL, "DigestValue"), &hash))
		signature_policy_hash(out, hash.data, hash.len);
	blob_release(&hash);
}

bool
xades_policy(const struct xades_properties *p, struct signature_policy *out)
{
	xmlNode *named = child(p->signature, "SignaturePolicyIdentifier");
	xmlNode *id = child(named, "SignaturePolicyId");
	char *text = NULL;

	*out = (struct signature_policy){ .implied = id == NULL };
	if (id == NULL)
		return named != NULL;
	text = xades_text(child(child(id, "SigPolicyId"), "Identifier"));
	if (text != NULL)
		report_text(out->id, sizeof(out->id), text, strlen(text));
	free(text);
	if (child(id, "SigPolicyHash") != NULL)
		read_policy_digest(child(id, "SigPolicyHash"), out);
	return true;
}

static xmlNode *
binding(const struct xades_properties *p)
{
	xmlNode *n = child(p->signature, "SigningCertificateV2");

	return n != NULL ? n : child(p->signature, "SigningCertificate");
}

bool
xades_has_binding(const struct xades_properties *p)
{
	return binding(p) != NULL;
}

/* A serial number in decimal against a DER INTEGER's content. */
static bool
is_serial(const char *text, const struct blob *certificate)
{
	struct certificate_issuer_serial own;
	BIGNUM *want = NULL, *have;
	bool same;

	if (strlen(text) > SERIAL_DIGITS_MAX ||
	    !certificate_issuer_serial(
		certificate->data, certificate->len, &own))
		return false;
	have = BN_bin2bn(own.serial, (int)own.serial_len, NULL);
	same = have != NULL && BN_dec2bn(&want, text) == (int)strlen(text) &&
	       BN_cmp(want, have) == 0;
	BN_free(want);
	BN_free(have);
	return same;
}

/* IssuerSerialV2 is what CMS has; IssuerSerial has the number, and a name
 * that everyone spells his own way: only the number is compared. */
static bool
is_issuer_serial(const xmlNode *cert, const struct blob *certificate)
{
	const xmlNode *v2 = child(cert, "IssuerSerialV2");
	const xmlNode *v1 = child(cert, "IssuerSerial");
	struct blob der = { 0 };
	struct der_item pair;
	char *text;
	bool ok = true;

	if (v2 != NULL) {
		ok = xades_bytes(v2, &der) &&
		     der_is_whole(der.data, der.len, &pair) &&
		     attribute_is_issuer_serial(
			 &pair, certificate->data, certificate->len);
		blob_release(&der);
	} else if (v1 != NULL) {
		text = xades_text(xades_child(v1, NULL, "X509SerialNumber"));
		ok = text != NULL && is_serial(text, certificate);
		free(text);
	}
	return ok;
}

/* EN 319 132-1, 5.2.2: the first Cert is the signer's, what follows is its
 * path. */
bool
xades_binds(const struct xades_properties *p, const struct blob *certificate)
{
	const xmlNode *cert = child(binding(p), "Cert");
	xmlNode *n = child(cert, "CertDigest");
	uint8_t have[DIGEST_LEN_MAX];
	struct blob want = { 0 };
	char *uri = NULL;
	const char *name;
	size_t len;
	bool ok = false;

	/* Up to 1.2.2 the two lie in XAdES's own namespace. */
	if (n == NULL || xades_child(n, NULL, "DigestMethod") == NULL)
		return false;
	uri = xades_attr(xades_child(n, NULL, "DigestMethod"), "Algorithm");
	name = xades_digest_name(uri);
	if (name != NULL &&
	    xades_bytes(xades_child(n, NULL, "DigestValue"), &want)) {
		len = digest_named(
		    name, certificate->data, certificate->len, have);
		ok = len > 0 && want.len == len &&
		     memcmp(want.data, have, len) == 0;
	}
	blob_release(&want);
	free(uri);
	return ok && is_issuer_serial(cert, certificate);
}

void
xades_pile_collect(
    struct xades_pile *pile, const xmlNode *top, const char *name)
{
	xmlNode *n = (xmlNode *)(uintptr_t)top;

	for (; n != NULL; n = xades_dom_walk(top, n)) {
		if (!xades_is(n, NULL, name))
			continue;
		if (pile->count == XADES_PILE_MAX)
			pile->cut_short = true;
		else if (xades_bytes(n, &pile->item[pile->count]))
			pile->count++;
	}
}

void
xades_pile_release(struct xades_pile *pile)
{
	for (size_t i = 0; i < pile->count; i++)
		blob_release(&pile->item[i]);
	pile->count = 0;
}
