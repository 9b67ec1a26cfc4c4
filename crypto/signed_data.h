#ifndef CRYPTO_SIGNED_DATA_H
#define CRYPTO_SIGNED_DATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "crypto/chain.h"
#include "crypto/cms.h"
#include "crypto/der.h"

/*
 * The parts of a SignedData (RFC 5652, 5.1), each an item in the message's
 * own bytes.  For the files that make up the CMS judge only.
 */
#define SIGNED_DATA_CERTIFICATES_MAX 64

/* SignerInfo (RFC 5652, 5.3). */
struct signer_info {
	struct der_item whole;
	int version;
	bool by_key_id;
	struct der_item issuer, serial; /* unless by_key_id */
	struct der_item key_id;
	struct der_item digest_algorithm;
	struct der_item signature_algorithm;
	bool has_signed, has_unsigned;
	struct der_item signed_attributes;   /* [0] */
	struct der_item unsigned_attributes; /* [1] */
	struct der_item signature;
};

struct cms {
	struct blob normalised; /* when it came as BER */
	int version;
	struct der_item digest_algorithms;
	char content_type[DER_OID_LEN];
	bool has_content;
	struct der_item encapsulated;    /* type and content */
	struct der_item content;         /* OCTET STRING */
	struct der_item certificate_set; /* [0]; empty when absent */
	struct der_item crl_set;         /* [1]; the same */
	struct chain_object certificates[SIGNED_DATA_CERTIFICATES_MAX];
	size_t certificate_count;
	struct chain_object crls[SIGNED_DATA_CERTIFICATES_MAX];
	size_t crl_count;
	struct chain_object ocsps[SIGNED_DATA_CERTIFICATES_MAX];
	size_t ocsp_count;
	bool cut_short; /* more hints than that were inside */
	struct signer_info signers[CMS_SIGNERS_MAX];
	int signer_count;
};

/* Reads one SignerInfo; also what a counter-signature is. */
bool signer_info_read(const struct der_item *i, struct signer_info *out);

#endif /* CRYPTO_SIGNED_DATA_H */
