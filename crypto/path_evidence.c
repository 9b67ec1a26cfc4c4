#include "crypto/path_evidence.h"

#include <openssl/x509.h>
#include <string.h>

#include "base/log.h"
#include "crypto/evidence.h"
#include "crypto/path.h"
#include "crypto/trust.h"

static bool
is_among(const STACK_OF(X509) * list, const X509 *x)
{
	for (int i = 0; i < sk_X509_num(list); i++)
		if (X509_cmp(sk_X509_value(list, i), x) == 0)
			return true;
	return false;
}

static void
take(struct path *p, const struct evidence *e)
{
	if (p->used_count == PATH_USED_MAX)
		p->used_cut = true;
	else
		p->used[p->used_count++] = *e;
}

/* A certificate that is an anchor for any purpose is handed over as that. */
static void
take_certificate(const struct trust *t, struct path *p, const X509 *x)
{
	struct evidence e = { .purpose = trust_anchor_purpose(t, x, p->at_us) };

	e.kind = e.purpose != 0 ? EVIDENCE_ANCHOR : EVIDENCE_CERTIFICATE;
	e.place = e.purpose != 0 || is_among(trust_untrusted(t), x)
		      ? EVIDENCE_BUNDLE
		      : EVIDENCE_DOCUMENT;
	if (X509_digest(x, EVP_sha256(), e.sha256, NULL) != 1)
		fatalx("path: digest of a certificate");
	take(p, &e);
}

/* The trust knows the hashes of its own, which may be long. */
static void
take_crl(const struct trust *t, struct path *p, const X509_CRL *crl)
{
	const uint8_t *known = trust_crl_sha256(t, crl);
	struct evidence e = { .kind = EVIDENCE_CRL,
		.place = known != NULL ? EVIDENCE_BUNDLE : EVIDENCE_DOCUMENT };

	if (known != NULL)
		memcpy(e.sha256, known, DIGEST_LEN);
	else if (X509_CRL_digest(crl, EVP_sha256(), e.sha256, NULL) != 1)
		fatalx("path: digest of a CRL");
	take(p, &e);
}

void
path_evidence_take(const struct trust *t, struct path *p)
{
	for (int i = 0; i < p->count; i++)
		take_certificate(t, p, sk_X509_value(p->certificates, i));
	for (int i = 0; i < sk_X509_num(p->signers); i++)
		if (!is_among(p->certificates, sk_X509_value(p->signers, i)))
			take_certificate(t, p, sk_X509_value(p->signers, i));
	for (int i = 0; i < sk_X509_CRL_num(p->asked); i++)
		take_crl(t, p, sk_X509_CRL_value(p->asked, i));
	path_forget(p);
}

void
path_evidence_tell(const struct path *p, struct evidence_list *out)
{
	if (out == NULL)
		return;
	for (size_t i = 0; i < p->used_count; i++)
		evidence_add(out, &p->used[i]);
	out->cut |= p->used_cut;
}
