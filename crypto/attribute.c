#include "crypto/attribute.h"

#include <string.h>

#include "base/base.h"
#include "crypto/algorithm.h"
#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "crypto/report.h"
#include "crypto/signed_data.h"

/* Signed attributes with a meaning here or in EN 319 122-1.  What the verdict
 * rests on stands at most once, with one value (RFC 5652, 11; RFC 5035, 3;
 * RFC 6211, 2); of the others there may be as many as the signer likes. */
static const struct {
	const char *type, *name;
	bool single;
} known[] = {
	{ ATTRIBUTE_CONTENT_TYPE, "contentType", true },
	{ ATTRIBUTE_MESSAGE_DIGEST, "messageDigest", true },
	{ ATTRIBUTE_SIGNING_TIME, "signingTime", true },
	{ ATTRIBUTE_PROTECTION, "cmsAlgorithmProtection", true },
	{ ATTRIBUTE_CERTIFICATE, "signingCertificate", true },
	{ ATTRIBUTE_CERTIFICATE_V2, "signingCertificateV2", true },
	{ ATTRIBUTE_POLICY, "signaturePolicyId", true },
	{ ATTRIBUTE_CONTENT_TIMESTAMP, "contentTimestamp", false },
	{ ATTRIBUTE_ADOBE_REVOCATIONS, "adbe-revocationInfoArchival", false },
	{ "1.2.840.113549.1.9.15", "smimeCapabilities", false },
	{ "1.2.840.113549.1.9.16.2.4", "contentHint", false },
	{ "1.2.840.113549.1.9.16.2.7", "contentIdentifier", false },
	{ "1.2.840.113549.1.9.16.2.10", "contentReference", false },
	{ "1.2.840.113549.1.9.16.2.11", "encryptionKeyPreference", false },
	{ "1.2.840.113549.1.9.16.2.16", "commitmentType", false },
	{ "1.2.840.113549.1.9.16.2.17", "signerLocation", false },
	{ "1.2.840.113549.1.9.16.2.18", "signerAttributes", false },
	{ "0.4.0.19122.1.1", "signerAttributesV2", false },
	{ "0.4.0.1733.2.1", "mimeType", false },
};

static bool
step(struct der *d, struct attribute *out)
{
	struct der rest = *d, in;
	struct der_item values;

	if (!der_take(&rest, DER_SEQUENCE, &out->whole))
		return false;
	in = der_into(&out->whole);
	if (!der_take(&in, DER_OID, &out->id) ||
	    !der_take(&in, DER_SET, &values) || !der_at_end(&in))
		return false;
	out->values = der_into(&values);
	*d = rest;
	return true;
}

bool
attribute_next(struct der *d, struct attribute *out)
{
	struct der rest = *d;

	if (!step(&rest, out) || !der_oid(&out->id, out->type))
		return false;
	*d = rest;
	return true;
}

bool
attribute_find(
    const struct der_item *attributes, const char *type, struct der_item *out)
{
	struct der d = der_into(attributes);
	struct attribute a;

	while (step(&d, &a))
		if (der_oid_is(&a.id, type))
			return der_next(&a.values, out) &&
			       der_at_end(&a.values);
	return false;
}

static bool
malformed(struct signature_report *s, const char *what, const char *how)
{
	signature_find(s, FIND_ATTRIBUTE, "%s: %s", what, how);
	signature_sink(s, SUB_FORMAT_FAILURE);
	return false;
}

static size_t
count_values(struct der values)
{
	struct der_item i;
	size_t n = 0;

	while (der_next(&values, &i))
		n++;
	return n;
}

/* One attribute against the table; seen has a place for each row. */
static bool
check_one(const struct attribute *a, bool *seen, struct signature_report *s)
{
	for (size_t i = 0; i < nitems(known); i++) {
		if (strcmp(known[i].type, a->type) != 0)
			continue;
		if (seen[i] && known[i].single)
			return malformed(s, known[i].name, "stands twice");
		seen[i] = true;
		if (known[i].single && count_values(a->values) != 1)
			return malformed(s, known[i].name, "not one value");
		return true;
	}
	signature_find(s, FIND_UNKNOWN_ATTRIBUTE, "%s", a->type);
	return true;
}

/* RFC 5652, 11.1: the same type outside and inside.  A counter-signature
 * confirms a value of no type and has none (11.4). */
static bool
check_content_type(const struct der_item *attributes, const char *content_type,
    struct signature_report *s)
{
	char type[DER_OID_LEN];
	struct der_item i;

	if (content_type == NULL)
		return true;
	if (!attribute_find(attributes, ATTRIBUTE_CONTENT_TYPE, &i) ||
	    !der_oid(&i, type))
		return malformed(s, "contentType", "missing");
	if (strcmp(type, content_type) != 0)
		return malformed(s, "contentType", "is not eContentType");
	return true;
}

/* RFC 6211: the algorithms once more, signed, against their substitution. */
static bool
check_protection(const struct signer_info *si, struct signature_report *s)
{
	struct der_item value, i;
	struct der d;

	if (!attribute_find(
		&si->signed_attributes, ATTRIBUTE_PROTECTION, &value))
		return true;
	d = der_into(&value);
	if (value.tag != DER_SEQUENCE || !der_take(&d, DER_SEQUENCE, &i))
		return malformed(s, "cmsAlgorithmProtection", "unreadable");
	if (!der_equal(&i, &si->digest_algorithm) ||
	    !der_take(&d, DER_CONTEXT + 1, &i) ||
	    !der_is(&i, si->signature_algorithm.body,
		si->signature_algorithm.len)) {
		signature_find(
		    s, FIND_ALGORITHM_MISMATCH, "cmsAlgorithmProtection");
		signature_sink(s, SUB_SIG_CONSTRAINTS_FAILURE);
	}
	return true;
}

bool
attribute_check(const struct signer_info *si, const char *content_type,
    struct signature_report *s)
{
	struct der d = der_into(&si->signed_attributes);
	bool seen[nitems(known)] = { false };
	struct attribute a;
	struct der_item i;

	while (attribute_next(&d, &a))
		if (!check_one(&a, seen, s))
			return false;
	if (!der_at_end(&d))
		return malformed(s, "signedAttrs", "unreadable");
	if (!check_content_type(&si->signed_attributes, content_type, s))
		return false;
	if (!attribute_find(
		&si->signed_attributes, ATTRIBUTE_MESSAGE_DIGEST, &i) ||
	    i.tag != DER_OCTETS)
		return malformed(s, "messageDigest", "missing");
	return check_protection(si, s);
}

bool
attribute_is_disguised(const uint8_t *content, size_t len)
{
	struct der_item set, i;

	return der_is_whole(content, len, &set) && set.tag == DER_SET &&
	       attribute_find(&set, ATTRIBUTE_MESSAGE_DIGEST, &i);
}

/* The first ESSCertID names the signer's certificate (RFC 5035, 3). */
static bool
first_id(const struct der_item *value, struct der *out)
{
	struct der_item list, id;
	struct der d = der_into(value);

	if (value->tag != DER_SEQUENCE || !der_take(&d, DER_SEQUENCE, &list))
		return false;
	d = der_into(&list);
	if (!der_take(&d, DER_SEQUENCE, &id))
		return false;
	*out = der_into(&id);
	return true;
}

bool
attribute_is_issuer_serial(
    const struct der_item *pair, const uint8_t *certificate, size_t len)
{
	struct certificate_issuer_serial own;
	struct der_item names, directory, name, serial;
	struct der d = der_into(pair);

	if (pair->tag != DER_SEQUENCE ||
	    !certificate_issuer_serial(certificate, len, &own) ||
	    !der_take(&d, DER_SEQUENCE, &names) ||
	    !der_take(&d, DER_INTEGER, &serial) ||
	    !der_is(&serial, own.serial, own.serial_len))
		return false;
	d = der_into(&names);
	if (!der_take(&d, DER_CONTEXT + 4, &directory))
		return false;
	d = der_into(&directory);
	return der_take(&d, DER_SEQUENCE, &name) &&
	       name.whole_len == own.issuer_len &&
	       memcmp(name.whole, own.issuer, own.issuer_len) == 0;
}

static bool
is_bound(
    struct der id, const char *digest, const uint8_t *certificate, size_t len)
{
	uint8_t hash[DIGEST_LEN_MAX];
	size_t hash_len = digest_named(digest, certificate, len, hash);
	struct der_item named, pair;

	if (hash_len == 0 || !der_take(&id, DER_OCTETS, &named) ||
	    !der_is(&named, hash, hash_len))
		return false;
	return der_at_end(&id) ||
	       (der_next(&id, &pair) &&
		   attribute_is_issuer_serial(&pair, certificate, len));
}

/* Both may stand; then both must name it. */
enum attribute_binding
attribute_binding(
    const struct signer_info *si, const uint8_t *certificate, size_t len)
{
	enum attribute_binding binding = BINDING_NONE;
	char digest[16] = "sha256"; /* RFC 5035, 4: the default */
	struct der_item value, algorithm;
	struct der id;

	if (!si->has_signed)
		return BINDING_NONE;
	if (attribute_find(
		&si->signed_attributes, ATTRIBUTE_CERTIFICATE, &value)) {
		if (!first_id(&value, &id) ||
		    !is_bound(id, "sha1", certificate, len))
			return BINDING_OTHER;
		binding = BINDING_GOOD;
	}
	if (attribute_find(
		&si->signed_attributes, ATTRIBUTE_CERTIFICATE_V2, &value)) {
		if (!first_id(&value, &id))
			return BINDING_OTHER;
		if (der_peek(&id) == DER_SEQUENCE &&
		    (!der_next(&id, &algorithm) ||
			!algorithm_digest(&algorithm, digest)))
			return BINDING_OTHER;
		if (!is_bound(id, digest, certificate, len))
			return BINDING_OTHER;
		binding = BINDING_GOOD;
	}
	return binding;
}
