#include "crypto/cms.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "crypto/der.h"
#include "crypto/signed_data.h"

#define OID_SIGNED_DATA   "1.2.840.113549.1.7.2"
#define OID_OCSP_RESPONSE "1.3.6.1.5.5.7.16.2"

void
cms_free(struct cms *cms)
{
	if (cms == NULL)
		return;
	blob_release(&cms->normalised);
	free(cms);
}

int
cms_signer_count(const struct cms *cms)
{
	return cms->signer_count;
}

/* SignerIdentifier: IssuerAndSerialNumber, or [0] SubjectKeyIdentifier. */
static bool
read_sid(struct der *d, struct signer_info *out)
{
	struct der_item sid;
	struct der in;

	if (!der_next(d, &sid))
		return false;
	if (sid.tag == 0x80) {
		out->by_key_id = true;
		out->key_id = sid;
		return sid.len > 0;
	}
	in = der_into(&sid);
	return sid.tag == DER_SEQUENCE &&
	       der_take(&in, DER_SEQUENCE, &out->issuer) &&
	       der_take(&in, DER_INTEGER, &out->serial) && der_at_end(&in);
}

bool
signer_info_read(const struct der_item *i, struct signer_info *out)
{
	struct der d = der_into(i);
	struct der_item version;

	memset(out, 0, sizeof(*out));
	out->whole = *i;
	if (i->tag != DER_SEQUENCE || !der_take(&d, DER_INTEGER, &version) ||
	    !der_small(&version, &out->version) || !read_sid(&d, out) ||
	    !der_take(&d, DER_SEQUENCE, &out->digest_algorithm))
		return false;
	out->has_signed = der_peek(&d) == DER_CONTEXT + 0;
	if (out->has_signed && !der_next(&d, &out->signed_attributes))
		return false;
	if (!der_take(&d, DER_SEQUENCE, &out->signature_algorithm) ||
	    !der_take(&d, DER_OCTETS, &out->signature))
		return false;
	out->has_unsigned = der_peek(&d) == DER_CONTEXT + 1;
	if (out->has_unsigned && !der_next(&d, &out->unsigned_attributes))
		return false;
	return der_at_end(&d);
}

static bool
read_signers(struct cms *cms, struct der *d, struct err *e)
{
	struct der_item set, info;
	struct der in;

	if (!der_take(d, DER_SET, &set) || !der_at_end(d))
		return err_set(
		    e, ERR_UNREADABLE, "cms: RFC 5652, 5.1: no signerInfos");
	in = der_into(&set);
	while (!der_at_end(&in)) {
		if (cms->signer_count == CMS_SIGNERS_MAX)
			return err_set(e, ERR_TOO_LARGE, "cms: over %d signers",
			    CMS_SIGNERS_MAX);
		if (!der_next(&in, &info) ||
		    !signer_info_read(&info, &cms->signers[cms->signer_count]))
			return err_set(e, ERR_UNREADABLE,
			    "cms: RFC 5652, 5.3: SignerInfo %d",
			    cms->signer_count);
		cms->signer_count++;
	}
	if (cms->signer_count == 0)
		return err_set(e, ERR_UNREADABLE, "cms: no signer");
	return true;
}

static void
keep(struct cms *cms, struct chain_object *list, size_t *count,
    const struct der_item *i)
{
	if (*count == SIGNED_DATA_CERTIFICATES_MAX) {
		cms->cut_short = true;
		return;
	}
	list[(*count)++] = (struct chain_object){ i->whole, i->whole_len };
}

/* CertificateSet: certificates of X.509 alone; the other choices of RFC 5652,
 * 10.2.2 (attribute certificates, and those of other formats) say nothing
 * here. */
static bool
read_certificates(struct cms *cms, struct der d)
{
	struct der_item i;

	while (!der_at_end(&d)) {
		if (!der_next(&d, &i))
			return false;
		if (i.tag == DER_SEQUENCE)
			keep(cms, cms->certificates, &cms->certificate_count,
			    &i);
	}
	return true;
}

/* RevocationInfoChoices: a CRL, or [1] other, where OCSP answers are
 * (RFC 5940, 2). */
static bool
read_revocations(struct cms *cms, struct der d)
{
	char oid[DER_OID_LEN];
	struct der_item i, type, value;
	struct der in;

	while (!der_at_end(&d)) {
		if (!der_next(&d, &i))
			return false;
		in = der_into(&i);
		if (i.tag == DER_SEQUENCE)
			keep(cms, cms->crls, &cms->crl_count, &i);
		else if (i.tag == DER_CONTEXT + 1 &&
			 der_take(&in, DER_OID, &type) && der_oid(&type, oid) &&
			 strcmp(oid, OID_OCSP_RESPONSE) == 0 &&
			 der_take(&in, DER_SEQUENCE, &value))
			keep(cms, cms->ocsps, &cms->ocsp_count, &value);
	}
	return true;
}

/* EncapsulatedContentInfo (RFC 5652, 5.2). */
static bool
read_content(struct cms *cms, struct der *d)
{
	struct der_item type, wrapped;
	struct der in;

	if (!der_take(d, DER_SEQUENCE, &cms->encapsulated))
		return false;
	in = der_into(&cms->encapsulated);
	if (!der_take(&in, DER_OID, &type) ||
	    !der_oid(&type, cms->content_type))
		return false;
	cms->has_content = !der_at_end(&in);
	if (!cms->has_content)
		return true;
	if (!der_take(&in, DER_CONTEXT + 0, &wrapped) || !der_at_end(&in))
		return false;
	in = der_into(&wrapped);
	return der_take(&in, DER_OCTETS, &cms->content) && der_at_end(&in);
}

static bool
read_signed_data(struct cms *cms, const struct der_item *data, struct err *e)
{
	struct der d = der_into(data);
	struct der_item version;

	if (!der_take(&d, DER_INTEGER, &version) ||
	    !der_small(&version, &cms->version) || cms->version < 1 ||
	    cms->version > 5 || !der_take(&d, DER_SET, &cms->digest_algorithms))
		return err_set(
		    e, ERR_UNREADABLE, "cms: RFC 5652, 5.1: no SignedData");
	if (!read_content(cms, &d))
		return err_set(
		    e, ERR_UNREADABLE, "cms: RFC 5652, 5.2: encapContentInfo");
	if (der_peek(&d) == DER_CONTEXT + 0 &&
	    (!der_next(&d, &cms->certificate_set) ||
		!read_certificates(cms, der_into(&cms->certificate_set))))
		return err_set(e, ERR_UNREADABLE, "cms: certificates");
	if (der_peek(&d) == DER_CONTEXT + 1 &&
	    (!der_next(&d, &cms->crl_set) ||
		!read_revocations(cms, der_into(&cms->crl_set))))
		return err_set(e, ERR_UNREADABLE, "cms: crls");
	return read_signers(cms, &d, e);
}

/* ContentInfo (RFC 5652, 3), and not a byte more. */
static bool
read_content_info(
    struct cms *cms, const uint8_t *der, size_t len, struct err *e)
{
	char oid[DER_OID_LEN];
	struct der_item info, type, wrapped, data;
	struct der d;

	if (!der_is_whole(der, len, &info) || info.tag != DER_SEQUENCE)
		return err_set(e, ERR_UNREADABLE,
		    "cms: RFC 5652, 3: no ContentInfo, or more than that");
	d = der_into(&info);
	if (!der_take(&d, DER_OID, &type) || !der_oid(&type, oid) ||
	    strcmp(oid, OID_SIGNED_DATA) != 0 ||
	    !der_take(&d, DER_CONTEXT + 0, &wrapped) || !der_at_end(&d))
		return err_set(e, ERR_UNREADABLE, "cms: not SignedData");
	d = der_into(&wrapped);
	if (!der_take(&d, DER_SEQUENCE, &data) || !der_at_end(&d))
		return err_set(e, ERR_UNREADABLE, "cms: not SignedData");
	return read_signed_data(cms, &data, e);
}

/* pades.c has cut the zeros that pad /Contents; more is an attack. */
static void
refuse_bytes(const uint8_t *der, size_t len, struct err *e)
{
	struct der d = der_of(der, len);
	struct der_item i;

	err_set(e, ERR_UNREADABLE,
	    der_next(&d, &i) && !der_at_end(&d)
		? "cms: bytes after the object"
		: "cms: neither DER nor BER, or too deep");
}

bool
cms_open(const uint8_t *der, size_t len, struct cms **out, struct err *e)
{
	struct cms *cms = NULL;
	bool ok = false;

	if (len > CMS_LEN_MAX)
		return err_set(e, ERR_TOO_LARGE, "cms: %zu bytes", len);

	cms = blob_calloc(1, sizeof(*cms));
	if (!der_is_strict(der, len)) {
		if (!der_normalise(der, len, &cms->normalised)) {
			refuse_bytes(der, len, e);
			goto out;
		}
		der = cms->normalised.data;
		len = cms->normalised.len;
	}
	if (!read_content_info(cms, der, len, e))
		goto out;

	*out = cms;
	cms = NULL; /* the caller owns it now */
	ok = true;

out:
	cms_free(cms);
	return ok;
}
