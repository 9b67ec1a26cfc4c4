#include "crypto/path.h"

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/certificate.h"
#include "crypto/chain.h"
#include "crypto/der.h"
#include "crypto/question.h"

int64_t
path_time(const ASN1_TIME *t)
{
	struct der_item i = { 0 };
	int64_t us;

	if (t == NULL)
		return INT64_MIN;
	i.tag = (unsigned)ASN1_STRING_type(t);
	i.body = ASN1_STRING_get0_data(t);
	i.len = (size_t)ASN1_STRING_length(t);
	return der_time(&i, &us) ? us : INT64_MIN;
}

/* The path that a context works for; a context made to check the signer of a
 * CRL belongs to the one that asked for it. */
static struct path *
path_of(X509_STORE_CTX *ctx)
{
	X509_STORE_CTX *parent;

	while ((parent = X509_STORE_CTX_get0_parent_ctx(ctx)) != NULL)
		ctx = parent;
	return X509_STORE_CTX_get_app_data(ctx);
}

static bool
is_revocation(int error)
{
	switch (error) {
	case X509_V_ERR_UNABLE_TO_GET_CRL:
	case X509_V_ERR_UNABLE_TO_GET_CRL_ISSUER:
	case X509_V_ERR_UNABLE_TO_DECRYPT_CRL_SIGNATURE:
	case X509_V_ERR_CRL_SIGNATURE_FAILURE:
	case X509_V_ERR_CRL_NOT_YET_VALID:
	case X509_V_ERR_CRL_HAS_EXPIRED:
	case X509_V_ERR_ERROR_IN_CRL_LAST_UPDATE_FIELD:
	case X509_V_ERR_ERROR_IN_CRL_NEXT_UPDATE_FIELD:
	case X509_V_ERR_KEYUSAGE_NO_CRL_SIGN:
	case X509_V_ERR_UNHANDLED_CRITICAL_CRL_EXTENSION:
	case X509_V_ERR_DIFFERENT_CRL_SCOPE:
	case X509_V_ERR_CRL_PATH_VALIDATION_ERROR:
	case X509_V_ERR_CERT_REVOKED:
		return true;
	default:
		return false;
	}
}

/* Revocation evidence that has a fault is no evidence; one that is only old
 * may still prove something about the past. */
static void
note_crl_error(struct path *p, int depth, int error, bool in_skew)
{
	struct revocation *r = &p->crl[depth];

	if (error == X509_V_ERR_CRL_HAS_EXPIRED)
		r->stale = true;
	else if (error != X509_V_ERR_CERT_REVOKED &&
		 r->status != REVOCATION_BAD &&
		 !(error == X509_V_ERR_CRL_NOT_YET_VALID && in_skew))
		r->status = REVOCATION_UNKNOWN;
}

/* A CRL issued a moment ago by a clock that runs ahead. */
static bool
is_in_skew(X509_STORE_CTX *ctx)
{
	const X509_CRL *crl = X509_STORE_CTX_get0_current_crl(ctx);

	return crl != NULL && path_time(X509_CRL_get0_lastUpdate(crl)) <=
				  path_of(ctx)->at_us + QUESTION_SKEW_US;
}

static void
note_signer(struct path *p, X509 *x)
{
	if (x != NULL &&
	    (X509_up_ref(x) != 1 || sk_X509_push(p->signers, x) == 0))
		fatalx("path: out of memory");
}

static void
note_crl(struct path *p, X509_CRL *crl)
{
	if (X509_CRL_up_ref(crl) != 1 || sk_X509_CRL_push(p->asked, crl) == 0)
		fatalx("path: out of memory");
}

/*
 * In the path of a CRL's signer any fault ends it, but two.  A missing CRL
 * about the anchor, as nobody revokes an anchor.  And that OpenSSL asks for
 * no path of a CRL's signer within another's, where both are one: the CRL
 * speaks of its own signer (RFC 5280, 6.3.3 (f)), whose path is this very
 * one.
 */
static bool
may_pass_nested(X509_STORE_CTX *ctx, int depth, int error)
{
	const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	const X509 *signer = X509_STORE_CTX_get0_current_issuer(ctx);

	if (error == X509_V_ERR_UNABLE_TO_GET_CRL)
		return depth + 1 == sk_X509_num(chain);
	return error == X509_V_ERR_CRL_PATH_VALIDATION_ERROR &&
	       signer != NULL && X509_cmp(signer, sk_X509_value(chain, 0)) == 0;
}

/*
 * OpenSSL asks at each fault whether to go on.  Validity and revocation of
 * the path are noted and passed over; everything else ends it.
 */
static int
on_fault(int ok, X509_STORE_CTX *ctx)
{
	bool nested = X509_STORE_CTX_get0_parent_ctx(ctx) != NULL;
	int depth = X509_STORE_CTX_get_error_depth(ctx);
	int error = X509_STORE_CTX_get_error(ctx);

	if (nested)
		note_signer(path_of(ctx), X509_STORE_CTX_get_current_cert(ctx));
	if (ok)
		return 1;
	if (nested)
		return may_pass_nested(ctx, depth, error);
	if (depth < 0 || depth > PATH_LEN_MAX)
		return 0;
	if (is_revocation(error)) {
		note_crl_error(path_of(ctx), depth, error, is_in_skew(ctx));
		return 1;
	}
	return error == X509_V_ERR_CERT_HAS_EXPIRED ||
	       error == X509_V_ERR_CERT_NOT_YET_VALID;
}

static bool
keeps_expired(const X509_CRL *crl)
{
	/* expiredCertsOnCRL (X.509, 9.5.2.8), which OpenSSL has no name for. */
	static const uint8_t oid[] = { 0x55, 0x1d, 0x3c };

	for (int i = 0; i < X509_CRL_get_ext_count(crl); i++) {
		const ASN1_OBJECT *o =
		    X509_EXTENSION_get_object(X509_CRL_get_ext(crl, i));

		if (OBJ_length(o) == sizeof(oid) &&
		    memcmp(OBJ_get0_data(o), oid, sizeof(oid)) == 0)
			return true;
	}
	return false;
}

/* The key that OpenSSL has just checked it under: the CRL issuer's, else that
 * of the certificate's own issuer. */
static int
bits_of_signer(X509_STORE_CTX *ctx)
{
	const STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	const X509 *signer = X509_STORE_CTX_get0_current_issuer(ctx);
	struct certificate_key key = { .bits = 0 };

	if (signer == NULL)
		signer = sk_X509_value(
		    chain, X509_STORE_CTX_get_error_depth(ctx) + 1);
	if (signer != NULL)
		certificate_key(signer, &key);
	return key.bits;
}

static void
rest_on(struct revocation *r, X509_STORE_CTX *ctx, const X509_CRL *crl)
{
	for (size_t i = 0; i < r->crl_count && i < REVOCATION_CRLS_MAX; i++)
		if (r->crls[i].crl == crl)
			return;
	if (r->crl_count < REVOCATION_CRLS_MAX)
		r->crls[r->crl_count] =
		    (struct revocation_crl){ crl, bits_of_signer(ctx) };
	r->crl_count++;
}

/* A CRL of the right scope is asked about a certificate. */
static int
on_crl(X509_STORE_CTX *ctx, X509_CRL *crl, X509 *x)
{
	struct path *p = path_of(ctx);
	int depth = X509_STORE_CTX_get_error_depth(ctx);
	int64_t issued = path_time(X509_CRL_get0_lastUpdate(crl));
	X509_REVOKED *entry = NULL;
	struct revocation *r;

	note_crl(p, crl);
	if (X509_STORE_CTX_get0_parent_ctx(ctx) == NULL && depth >= 0 &&
	    depth <= PATH_LEN_MAX) {
		r = &p->crl[depth];
		if (r->issued_us == 0 || issued < r->issued_us)
			r->issued_us = issued;
		r->keeps_expired = keeps_expired(crl);
		rest_on(r, ctx, crl);
		/* 1 is revoked, 2 taken off the CRL again.  A CRL whose own
		 * signature is wrong has been noted before. */
		if (r->status != REVOCATION_UNKNOWN &&
		    X509_CRL_get0_by_cert(crl, &entry, x) == 1) {
			int64_t when =
			    path_time(X509_REVOKED_get0_revocationDate(entry));

			if (r->status != REVOCATION_BAD || when < r->revoked_us)
				r->revoked_us = when;
			r->status = REVOCATION_BAD;
		}
	}
	return p->ask_crl(ctx, crl, x);
}

void
path_prepare(X509_STORE *store)
{
	X509_STORE_set_verify_cb(store, on_fault);
	X509_STORE_set_cert_crl(store, on_crl);
}

/* OpenSSL's own answer to "does this CRL name it", which on_crl() stands in
 * front of; only a context without our store still has it. */
static X509_STORE_CTX_cert_crl_fn
ask_crl(void)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_STORE_CTX_cert_crl_fn f;

	if (ctx == NULL || X509_STORE_CTX_init(ctx, NULL, NULL, NULL) != 1)
		fatalx("path: out of memory");
	f = X509_STORE_CTX_get_cert_crl(ctx);
	X509_STORE_CTX_free(ctx);
	return f;
}

/* Without an initial anyPolicy, paths with mappings are refused. */
static void
set_policies(X509_VERIFY_PARAM *p, const struct chain_policies *policies)
{
	unsigned long flags = 0;

	if (policies->oid_count == 0)
		X509_VERIFY_PARAM_add0_policy(p, OBJ_nid2obj(NID_any_policy));
	for (size_t i = 0; i < policies->oid_count; i++) {
		ASN1_OBJECT *o = OBJ_txt2obj(policies->oids[i], 1);

		if (o == NULL || X509_VERIFY_PARAM_add0_policy(p, o) != 1)
			fatalx("path: policy %s", policies->oids[i]);
	}
	if (policies->explicit_policy)
		flags |= X509_V_FLAG_EXPLICIT_POLICY;
	if (policies->inhibit_map)
		flags |= X509_V_FLAG_INHIBIT_MAP;
	if (policies->inhibit_any)
		flags |= X509_V_FLAG_INHIBIT_ANY;
	X509_VERIFY_PARAM_set_flags(p, flags);
}

static void
set_rules(X509_STORE_CTX *ctx, const struct path_question *q)
{
	X509_VERIFY_PARAM *p = X509_STORE_CTX_get0_param(ctx);
	unsigned long flags =
	    X509_V_FLAG_PARTIAL_CHAIN | X509_V_FLAG_POLICY_CHECK;

	/* Every anchor is one in its own right, also an intermediate of a
	 * trusted list; the store holds nothing else. */
	if (q->check_crls)
		flags |= X509_V_FLAG_CRL_CHECK | X509_V_FLAG_CRL_CHECK_ALL |
			 X509_V_FLAG_EXTENDED_CRL_SUPPORT |
			 X509_V_FLAG_USE_DELTAS;
	X509_VERIFY_PARAM_set_flags(p, flags);
	X509_VERIFY_PARAM_set_purpose(p, X509_PURPOSE_ANY);
	X509_VERIFY_PARAM_set_depth(p, PATH_LEN_MAX);
	X509_VERIFY_PARAM_set_auth_level(p, 0); /* policy.c judges keys */
	X509_VERIFY_PARAM_set_time(p, (time_t)(q->at_us / CLOCK_SEC_US));
	set_policies(p, q->policies);
}

/* One attempt: OpenSSL takes the first issuer that fits by name and never
 * comes back to another. */
static void
try_path(const struct path_question *q, struct path *out)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();

	memset(out, 0, sizeof(*out));
	out->ask_crl = ask_crl();
	out->at_us = q->at_us;
	out->signers = sk_X509_new_null();
	out->asked = sk_X509_CRL_new_null();
	for (int i = 0; q->check_crls && i <= PATH_LEN_MAX; i++)
		out->crl[i].status = REVOCATION_GOOD;
	if (ctx == NULL || out->signers == NULL || out->asked == NULL ||
	    X509_STORE_CTX_init(ctx, q->store, q->end, q->untrusted) != 1)
		fatalx("path: out of memory");
	X509_STORE_CTX_set_app_data(ctx, out);
	X509_STORE_CTX_set0_crls(ctx, q->crls);
	set_rules(ctx, q);
	if (X509_verify_cert(ctx) != 1) {
		out->error = X509_STORE_CTX_get_error(ctx);
		out->error_depth = X509_STORE_CTX_get_error_depth(ctx);
		if (out->error == X509_V_OK)
			out->error = X509_V_ERR_UNSPECIFIED;
	}
	out->certificates = X509_STORE_CTX_get1_chain(ctx);
	out->count = sk_X509_num(out->certificates);
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
}

/* Takes out of the candidates what led nowhere: the last of a path that does
 * not go on, the issuer whose key is another, or the one at fault.  False
 * where that is the end itself or an anchor. */
static bool
drop_dead_end(const struct path *p, STACK_OF(X509) * candidates)
{
	int at = p->error_depth;

	if (p->error == X509_V_ERR_CERT_SIGNATURE_FAILURE)
		at++;
	if (at <= 0 || at >= p->count)
		return false;
	for (int i = 0; i < sk_X509_num(candidates); i++) {
		if (X509_cmp(sk_X509_value(candidates, i),
			sk_X509_value(p->certificates, at)) != 0)
			continue;
		sk_X509_delete(candidates, i);
		return true;
	}
	return false;
}

/* With fewer and fewer candidates: *out is set where one leads to an anchor,
 * *cut where there were more to try. */
static bool
try_others(const struct path_question *q, struct path *out, bool *cut)
{
	*cut = true;
	for (int i = 1; *cut && i < PATH_CANDIDATES_MAX; i++) {
		try_path(q, out);
		if (out->error == X509_V_OK)
			return true;
		*cut = drop_dead_end(out, q->untrusted);
		path_release(out);
	}
	return false;
}

/* Cross certificates, and a stranger's of the same name, are candidates like
 * the right one.  Where none leads to an anchor the first fault is told. */
void
path_find(const struct path_question *q, struct path *out)
{
	struct path_question again = *q;
	struct path other;

	try_path(q, out);
	if (out->error == X509_V_OK || q->untrusted == NULL)
		return;
	again.untrusted = sk_X509_dup(q->untrusted);
	if (again.untrusted == NULL)
		fatalx("path: out of memory");
	if (drop_dead_end(out, again.untrusted) &&
	    try_others(&again, &other, &out->candidates_cut)) {
		path_release(out);
		*out = other;
	}
	sk_X509_free(again.untrusted);
}

void
path_forget(struct path *p)
{
	sk_X509_pop_free(p->signers, X509_free);
	sk_X509_CRL_pop_free(p->asked, X509_CRL_free);
	p->signers = NULL;
	p->asked = NULL;
}

void
path_release(struct path *p)
{
	sk_X509_pop_free(p->certificates, X509_free);
	p->certificates = NULL;
	path_forget(p);
}
