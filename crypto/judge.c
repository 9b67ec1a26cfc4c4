#include "crypto/judge.h"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "crypto/cms.h"
#include "crypto/pades.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/xades.h"

/* ContentInfo of type signedData, in DER or BER, within its first bytes. */
static bool
is_cms(const uint8_t *data, size_t len)
{
	static const uint8_t oid[] = { 0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7,
		0x0d, 0x01, 0x07, 0x02 };
	size_t head = len < 24 ? len : 24;

	return len > 0 && data[0] == 0x30 &&
	       memmem(data, head, oid, sizeof(oid)) != NULL;
}

static bool
is_cms_label(const char *name)
{
	return strcmp(name, PEM_STRING_CMS) == 0 ||
	       strcmp(name, PEM_STRING_PKCS7) == 0 ||
	       strcmp(name, PEM_STRING_PKCS7_SIGNED) == 0;
}

/* The one PEM block of a file; a second one would be a second signature that
 * nobody sees. */
static bool
read_pem(const uint8_t *data, size_t len, struct blob *out)
{
	static const char begin[] = "-----BEGIN ";
	const uint8_t *first = memmem(data, len, begin, sizeof(begin) - 1);
	char *name = NULL, *header = NULL;
	uint8_t *der = NULL;
	BIO *bio = NULL;
	bool ok = false;
	long n;

	if (first == NULL || len > 2 * (size_t)CMS_LEN_MAX ||
	    memmem(first + 1, len - (size_t)(first + 1 - data), begin,
		sizeof(begin) - 1) != NULL)
		return false;
	bio = BIO_new_mem_buf(data, (int)len);
	if (bio != NULL && PEM_read_bio(bio, &name, &header, &der, &n) == 1) {
		ok = is_cms_label(name);
		if (ok)
			*out = blob_copy(der, (size_t)n);
	}
	OPENSSL_free(name);
	OPENSSL_free(header);
	OPENSSL_free(der);
	BIO_free(bio);
	ERR_clear_error();
	return ok;
}

static void
judge_by_format(
    const uint8_t *data, size_t len, const struct question *q, struct report *r)
{
	struct blob der = { 0 };

	/* First, as a signed PDF's header stands near the front of a CMS. */
	if (is_cms(data, len)) {
		cms_judge_file(data, len, q, r);
	} else if (pades_is_pdf(data, len)) {
		pades_judge_file(data, len, q, r);
	} else if (read_pem(data, len, &der)) {
		cms_judge_file(der.data, der.len, q, r);
		blob_release(&der);
	} else if (xades_is_xml(data, len)) {
		xades_judge_file(data, len, q, r);
	} else {
		report_find(r, FIND_FORMAT, "neither PDF nor CMS nor XML");
	}
}

static void
judge_accepted(const struct question *q, struct report *r)
{
	const char *format = format_name(r->format);

	if (policy_takes_format(q->policy, format))
		return;
	for (size_t i = 0; i < r->signature_count; i++) {
		signature_find(&r->signatures[i], FIND_POLICY, "%s", format);
		signature_sink(&r->signatures[i], SUB_SIG_CONSTRAINTS_FAILURE);
	}
}

void
judge_begin(const struct question *q, struct report *r, struct question *own)
{
	const struct blob *policy = policy_bytes(q->policy);
	bool built_in = q->policy == policy_default();

	*own = *q;
	own->evidence = &r->evidence;
	own->wants = &r->wants;
	snprintf(r->policy, sizeof(r->policy), "%s", policy_name(q->policy));
	snprintf(r->policy_version, sizeof(r->policy_version), "%s",
	    policy_version(q->policy));
	snprintf(r->revocation, sizeof(r->revocation), "%s",
	    revocation_mode_name(q->revocation));
	r->at_us = q->at_us;
	evidence_add_bytes(&r->evidence, EVIDENCE_POLICY,
	    built_in ? EVIDENCE_BUILT_IN : EVIDENCE_BUNDLE, policy->data,
	    policy->len);
}

void
judge_end(struct report *r)
{
	if (r->evidence.cut)
		report_find(
		    r, FIND_LIMIT, "%d pieces of evidence", EVIDENCE_MAX);
	report_conclude(r);
}

struct report *
judge_file(
    const char *name, const uint8_t *data, size_t len, const struct question *q)
{
	struct report *r = report_new(name);
	struct question own;

	judge_begin(q, r, &own);
	judge_by_format(data, len, &own, r);
	judge_accepted(q, r);
	judge_end(r);
	return r;
}
