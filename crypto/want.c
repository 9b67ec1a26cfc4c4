#include "crypto/want.h"

#include <assert.h>
#include <openssl/err.h>
#include <openssl/ocsp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/blob.h"

#define NONCE_LEN 32 /* RFC 8954, 2.1: 1 to 32 */

const char *
want_kind_name(enum want_kind k)
{
	static const char *const names[] = {
		[WANT_ISSUER] = "issuer",
		[WANT_CRL] = "crl",
		[WANT_OCSP] = "ocsp",
	};

	assert(k < WANT_KIND_COUNT);
	return names[k];
}

bool
want_is_url(const char *s, size_t len)
{
	if (len >= WANT_URL_LEN || len < 10 ||
	    (strncasecmp(s, "http://", 7) != 0 &&
		strncasecmp(s, "https://", 8) != 0))
		return false;
	for (size_t i = 0; i < len; i++)
		if (s[i] <= 0x20 || s[i] >= 0x7f)
			return false;
	return true;
}

void
want_add(struct want_list *l, const struct want *w)
{
	for (size_t i = 0; i < l->count; i++)
		if (l->at[i].kind == w->kind &&
		    strcmp(l->at[i].url, w->url) == 0 &&
		    memcmp(l->at[i].subject, w->subject, DIGEST_LEN) == 0)
			return;
	if (l->count == WANT_MAX)
		return;
	l->at = blob_grow(l->at, l->count + 1, sizeof(*l->at));
	l->at[l->count++] = *w;
}

void
want_release(struct want_list *l)
{
	free(l->at);
	*l = (struct want_list){ 0 };
}

/* w is all there but for the URL. */
static void
add_at(struct want_list *l, struct want *w, const GENERAL_NAME *where)
{
	const ASN1_IA5STRING *s;
	size_t len;

	if (where->type != GEN_URI)
		return;
	s = where->d.uniformResourceIdentifier;
	len = (size_t)ASN1_STRING_length(s);
	if (!want_is_url((const char *)ASN1_STRING_get0_data(s), len))
		return;
	memcpy(w->url, ASN1_STRING_get0_data(s), len);
	w->url[len] = '\0';
	want_add(l, w);
}

static void
add_access(struct want_list *l, struct want *w, const X509 *x, int method)
{
	AUTHORITY_INFO_ACCESS *all =
	    X509_get_ext_d2i(x, NID_info_access, NULL, NULL);

	for (int i = 0; i < sk_ACCESS_DESCRIPTION_num(all); i++) {
		const ACCESS_DESCRIPTION *a =
		    sk_ACCESS_DESCRIPTION_value(all, i);

		if (OBJ_obj2nid(a->method) == method)
			add_at(l, w, a->location);
	}
	AUTHORITY_INFO_ACCESS_free(all);
	ERR_clear_error();
}

static void
add_points(struct want_list *l, const X509 *x)
{
	CRL_DIST_POINTS *all =
	    X509_get_ext_d2i(x, NID_crl_distribution_points, NULL, NULL);
	struct want w = { .kind = WANT_CRL };

	for (int i = 0; i < sk_DIST_POINT_num(all); i++) {
		const DIST_POINT *p = sk_DIST_POINT_value(all, i);
		const GENERAL_NAMES *names;

		if (p->distpoint == NULL || p->distpoint->type != 0)
			continue;
		names = p->distpoint->name.fullname;
		for (int k = 0; k < sk_GENERAL_NAME_num(names); k++)
			add_at(l, &w, sk_GENERAL_NAME_value(names, k));
	}
	CRL_DIST_POINTS_free(all);
	ERR_clear_error();
}

/* The CertID's digest is SHA-1, which every responder knows (RFC 5019,
 * 2.1.1); it names and protects nothing. */
static bool
ask_ocsp(X509 *x, X509 *issuer, struct want *w)
{
	OCSP_REQUEST *request = OCSP_REQUEST_new();
	OCSP_CERTID *id = OCSP_cert_to_id(EVP_sha1(), x, issuer);
	uint8_t *name = NULL, *der = NULL;
	int name_len = id == NULL ? 0 : i2d_OCSP_CERTID(id, &name);
	int len = 0;

	if (name_len > 0)
		digest_sha256(name, (size_t)name_len, w->subject);
	if (request != NULL && id != NULL &&
	    OCSP_request_add0_id(request, id) != NULL) {
		id = NULL; /* the request's now */
		if (OCSP_request_add1_nonce(request, NULL, NONCE_LEN) == 1)
			len = i2d_OCSP_REQUEST(request, &der);
	}
	if (len > 0 && len <= WANT_REQUEST_MAX) {
		memcpy(w->request, der, (size_t)len);
		w->request_len = (size_t)len;
	}
	OPENSSL_free(name);
	OPENSSL_free(der);
	OCSP_CERTID_free(id);
	OCSP_REQUEST_free(request);
	ERR_clear_error();
	return w->request_len > 0;
}

void
want_issuer(struct want_list *l, const X509 *x)
{
	struct want w = { .kind = WANT_ISSUER };

	if (l != NULL)
		add_access(l, &w, x, NID_ad_ca_issuers);
}

/* The short answer first: a CRL may be long. */
void
want_revocation(struct want_list *l, X509 *x, X509 *issuer)
{
	struct want w = { .kind = WANT_OCSP };

	if (l == NULL)
		return;
	if (ask_ocsp(x, issuer, &w))
		add_access(l, &w, x, NID_ad_OCSP);
	add_points(l, x);
}
