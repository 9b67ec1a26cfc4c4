#include "crypto/sign_cades.h"

#include <assert.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/cms.h"
#include "crypto/der.h"
#include "crypto/sign.h"
#include "crypto/sign_der.h"
#include "crypto/sign_key.h"

#define ATTRIBUTES_MAX 4

/* Object identifiers, without tag and length. */
struct oid {
	uint8_t bytes[11];
	uint8_t len;
};

/* RFC 5652, 4, 5.1, 11.1 to 11.3; RFC 5035, 3. */
static const struct oid data_oid = {
	{ 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01 }, 9
};
static const struct oid signed_data_oid = {
	{ 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02 }, 9
};
static const struct oid content_type_oid = {
	{ 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03 }, 9
};
static const struct oid message_digest_oid = {
	{ 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04 }, 9
};
static const struct oid signing_time_oid = {
	{ 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x05 }, 9
};
static const struct oid signing_certificate_v2_oid = {
	{ 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x10, 0x02, 0x2f }, 11
};

static void
put_oid(struct buf *out, const struct oid *oid)
{
	der_put(out, DER_OID, oid->bytes, oid->len);
}

/* Attribute ::= SEQUENCE { type, SET OF value }, with one value, which is
 * taken over. */
static void
put_attribute(struct buf *out, const struct oid *type, struct buf *value)
{
	struct buf body = { 0 };

	put_oid(&body, type);
	der_wrap(&body, DER_SET, value);
	der_wrap(out, DER_SEQUENCE, &body);
}

/*
 * SigningCertificateV2 (RFC 5035, 3): the hash of the certificate, by
 * SHA-256, which is the default and so is not written.
 */
static void
put_signing_certificate(struct buf *out, const struct signer_key *k)
{
	struct buf id = { 0 }, ids = { 0 }, list = { 0 }, value = { 0 };
	uint8_t hash[32];

	signer_fingerprint(k, hash);
	der_put(&id, DER_OCTETS, hash, sizeof(hash));
	der_wrap(&ids, DER_SEQUENCE, &id);
	der_wrap(&list, DER_SEQUENCE, &ids);
	der_wrap(&value, DER_SEQUENCE, &list);
	put_attribute(out, &signing_certificate_v2_oid, &value);
}

/* The signed attributes as one SET OF, as they are signed (RFC 5652, 5.4). */
static void
put_attributes(struct buf *out, const struct signer_key *k,
    const struct sign_content *content, int64_t signing_time_us)
{
	struct buf parts[ATTRIBUTES_MAX] = { { 0 } }, value = { 0 };
	uint8_t hash[SIGN_HASH_MAX];
	size_t n = 0, len;

	put_oid(&value, &data_oid);
	put_attribute(&parts[n++], &content_type_oid, &value);
	len = signer_hash(k, content, hash);
	der_put(&value, DER_OCTETS, hash, len);
	put_attribute(&parts[n++], &message_digest_oid, &value);
	put_signing_certificate(&parts[n++], k);
	if (signing_time_us != 0) {
		der_put_time(&value, signing_time_us);
		put_attribute(&parts[n++], &signing_time_oid, &value);
	}
	der_wrap_set(out, DER_SET, parts, n);
}

/* RFC 5652, 5.3; version 1 goes with issuer and serial number. */
static void
put_signer(struct buf *out, const struct signer_key *k,
    const struct buf *attributes, const struct blob *value)
{
	struct buf body = { 0 };
	size_t at;

	der_put_small(&body, 1);
	signer_issuer_serial(k, &body);
	signer_digest_algorithm(k, &body);
	/* Signed as a SET, sent as [0] IMPLICIT. */
	at = body.len;
	buf_put(&body, attributes->data, attributes->len);
	body.data[at] = (char)DER_CONTEXT;
	signer_signature_algorithm(k, &body);
	der_put(&body, DER_OCTETS, value->data, value->len);
	der_wrap(out, DER_SEQUENCE, &body);
}

/* RFC 5652, 5.1: version 1, the content elsewhere. */
static void
put_signed_data(struct buf *out, const struct signer_key *k, struct buf *signer)
{
	struct buf parts[SIGN_CHAIN_MAX] = { { 0 } };
	struct buf body = { 0 }, inner = { 0 };
	size_t n = signer_certificates(k, parts);

	der_put_small(&body, 1);
	signer_digest_algorithm(k, &inner);
	der_wrap(&body, DER_SET, &inner);
	put_oid(&inner, &data_oid);
	der_wrap(&body, DER_SEQUENCE, &inner);
	der_wrap_set(&body, DER_CONTEXT, parts, n);
	der_wrap(&body, DER_SET, signer);
	der_wrap(out, DER_SEQUENCE, &body);
}

bool
cades_make(const struct signer_key *k, const struct sign_content *content,
    int64_t signing_time_us, struct blob *out, struct err *e)
{
	struct buf attributes = { 0 }, signer = { 0 }, data = { 0 };
	struct buf body = { 0 }, all = { 0 };
	struct blob value = { 0 };
	bool ok = false;

	put_attributes(&attributes, k, content, signing_time_us);
	if (!signer_raw(k, attributes.data, attributes.len, &value, e))
		goto out;
	put_signer(&signer, k, &attributes, &value);
	put_signed_data(&data, k, &signer);
	put_oid(&body, &signed_data_oid);
	der_wrap(&body, DER_CONTEXT, &data);
	der_wrap(&all, DER_SEQUENCE, &body);
	out->len = all.len;
	out->data = (uint8_t *)buf_take(&all);
	ok = true;

out:
	blob_release(&value);
	buf_release(&attributes);
	return ok;
}

bool
sign_cades(const struct signer_key *k, const struct blob *data,
    const struct sign_options *o, struct blob *out, struct err *e)
{
	struct sign_content content = { { data->data, NULL },
		{ data->len, 0 } };

	return cades_make(k, &content, o->at_us, out, e);
}
