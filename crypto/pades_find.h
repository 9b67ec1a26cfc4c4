#ifndef CRYPTO_PADES_FIND_H
#define CRYPTO_PADES_FIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/pdf_revision.h"
#include "crypto/pdf_token.h"
#include "crypto/report.h"

/*
 * Every signature dictionary of a PDF, with the bytes it claims to cover and
 * the place of its own /Contents.  Found by looking at all objects that any
 * revision places in the file, whatever the form says: a dictionary that was
 * replaced or that no field leads to is found as well.
 */
enum pades_filter {
	PADES_UNKNOWN,
	PADES_CADES,     /* ETSI.CAdES.detached */
	PADES_PKCS7,     /* adbe.pkcs7.detached */
	PADES_TIMESTAMP, /* ETSI.RFC3161 */
	PADES_SHA1,      /* adbe.pkcs7.sha1 */
	PADES_RSA_SHA1,  /* adbe.x509.rsa_sha1 */
};

struct pades_found {
	struct pdf_entry entry; /* the object that holds the dictionary */
	size_t dict;            /* the place of the dictionary */
	enum pades_filter filter;
	/* ByteRange [0 hole hole_end end-hole_end]. */
	size_t hole, hole_end, end;
	char date[32];     /* /M as it stands, "" without it */
	bool is_malformed; /* then sin says which rule, and why in words */
	enum finding_code sin;
	const char *why;
	bool in_form;     /* a field's /V leads to it */
	bool is_replaced; /* the object was written anew later */
	bool has_dss;     /* a timestamp over a revision with a DSS */
};

struct pades_list {
	struct pades_found *items; /* by the end of what they cover; the
				    * malformed last */
	size_t count;
	size_t traces; /* how often /ByteRange stands in the file */
};

void pades_find(const struct pdf *pdf, struct pades_list *out);
void pades_list_release(struct pades_list *l);

/* Adds one that only the form knows of. */
void pades_list_add_lost(struct pades_list *l, uint32_t id, const char *why);

#endif /* CRYPTO_PADES_FIND_H */
