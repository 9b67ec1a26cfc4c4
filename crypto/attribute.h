#ifndef CRYPTO_ATTRIBUTE_H
#define CRYPTO_ATTRIBUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/der.h"

/*
 * Signed and unsigned attributes (RFC 5652, 5.3 and 11; EN 319 122-1, 5).
 * OpenSSL enforces hardly any of their rules; here each known signed attribute
 * stands at most once with exactly one value, or the signature is malformed.
 */
struct signature_report;
struct signer_info;

#define ATTRIBUTE_CONTENT_TYPE      "1.2.840.113549.1.9.3"
#define ATTRIBUTE_MESSAGE_DIGEST    "1.2.840.113549.1.9.4"
#define ATTRIBUTE_SIGNING_TIME      "1.2.840.113549.1.9.5"
#define ATTRIBUTE_COUNTER_SIGNATURE "1.2.840.113549.1.9.6"
#define ATTRIBUTE_PROTECTION        "1.2.840.113549.1.9.52"
#define ATTRIBUTE_CERTIFICATE       "1.2.840.113549.1.9.16.2.12"
#define ATTRIBUTE_CERTIFICATE_V2    "1.2.840.113549.1.9.16.2.47"
#define ATTRIBUTE_POLICY            "1.2.840.113549.1.9.16.2.15"
#define ATTRIBUTE_CONTENT_TIMESTAMP "1.2.840.113549.1.9.16.2.20"
#define ATTRIBUTE_TIMESTAMP         "1.2.840.113549.1.9.16.2.14"
#define ATTRIBUTE_CERTIFICATE_REFS  "1.2.840.113549.1.9.16.2.21"
#define ATTRIBUTE_REVOCATION_REFS   "1.2.840.113549.1.9.16.2.22"
#define ATTRIBUTE_CERTIFICATES      "1.2.840.113549.1.9.16.2.23"
#define ATTRIBUTE_REVOCATIONS       "1.2.840.113549.1.9.16.2.24"
#define ATTRIBUTE_ESC_TIMESTAMP     "1.2.840.113549.1.9.16.2.25"
#define ATTRIBUTE_REFS_TIMESTAMP    "1.2.840.113549.1.9.16.2.26"
#define ATTRIBUTE_ARCHIVE_V1        "1.2.840.113549.1.9.16.2.27"
#define ATTRIBUTE_ARCHIVE_V2        "1.2.840.113549.1.9.16.2.48"
#define ATTRIBUTE_ARCHIVE_V3        "0.4.0.1733.2.4"
#define ATTRIBUTE_RECORD_INTERNAL   "1.2.840.113549.1.9.16.2.49"
#define ATTRIBUTE_RECORD_EXTERNAL   "1.2.840.113549.1.9.16.2.50"
#define ATTRIBUTE_HASH_INDEX        "0.4.0.1733.2.5"
#define ATTRIBUTE_HASH_INDEX_V2     "0.4.0.19122.1.4"
#define ATTRIBUTE_HASH_INDEX_V3     "0.4.0.19122.1.5"
#define ATTRIBUTE_ADOBE_REVOCATIONS "1.2.840.113583.1.1.8"

struct attribute {
	struct der_item whole;
	struct der_item id; /* the type as it stands */
	char type[DER_OID_LEN];
	struct der values; /* of the SET */
};

/* Walks a [0] or [1]; false at the end and at what is no Attribute, told
 * apart by der_at_end(). */
bool attribute_next(struct der *d, struct attribute *out);

/* The single value of the first attribute of this type. */
bool attribute_find(
    const struct der_item *attributes, const char *type, struct der_item *out);

/* Checks the signed attributes, and that contentType is the content's own
 * (NULL: a counter-signature, which has none).
 * False, with s sunk, when they are not fit to be judged. */
bool attribute_check(const struct signer_info *si, const char *content_type,
    struct signature_report *s);

/* Whether the bytes read as a SET OF Attribute with a messageDigest: content
 * made of another signature's signed attributes (RFC 5652, 14). */
bool attribute_is_disguised(const uint8_t *content, size_t len);

/* What ESSCertID (RFC 2634, 5.4) or ESSCertIDv2 (RFC 5035, 4) says of the
 * certificate used. */
enum attribute_binding { BINDING_NONE, BINDING_GOOD, BINDING_OTHER };
enum attribute_binding attribute_binding(
    const struct signer_info *si, const uint8_t *certificate, size_t len);

/* Whether an IssuerSerial { GeneralNames { [4] Name }, INTEGER } (RFC 5035, 4)
 * is the certificate's. */
bool attribute_is_issuer_serial(
    const struct der_item *pair, const uint8_t *certificate, size_t len);

#endif /* CRYPTO_ATTRIBUTE_H */
