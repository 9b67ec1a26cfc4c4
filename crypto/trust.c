#include "crypto/trust.h"

#include <assert.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/certificate.h"
#include "crypto/certificate_cache.h"
#include "crypto/digest.h"
#include "crypto/path.h"
#include "crypto/path_cache.h"
#include "crypto/policy.h"
#include "crypto/revocation.h"
#include "crypto/trust_wire.h"
#include "crypto/xades.h"
#include "crypto/xades_list.h"

struct anchor {
	uint8_t sha256[DIGEST_LEN];
	unsigned purpose;
	int64_t until_us; /* of its trusted list; INT64_MAX: none */
};

struct trust {
	X509_STORE *signers, *stamps;
	struct path_cache *paths;
	STACK_OF(X509) * untrusted;
	STACK_OF(X509_CRL) * crls;
	uint8_t (*crl_hashes)[DIGEST_LEN]; /* in the order of crls */
	struct anchor *anchors;
	size_t anchor_count;
	int64_t *ends; /* NextUpdate of each list */
	size_t end_count;
	struct blob *ocsps; /* DER, unread */
	size_t ocsp_count;
	struct policy *policy; /* NULL: the built-in one */
	char (*list_signers)[2 * DIGEST_LEN + 1];
	size_t list_signer_count;
};

/* One file of the bundle, and what was found in it. */
struct trust_file {
	enum trust_kind kind;
	unsigned purpose;
	bool optional;
	char name[160];
	const uint8_t *data;
	size_t len;
	size_t found;
};

void
trust_init(void)
{
	uint8_t out[DIGEST_LEN_MAX];

	if (OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG |
				    OPENSSL_INIT_LOAD_CRYPTO_STRINGS |
				    OPENSSL_INIT_ADD_ALL_DIGESTS,
		NULL) != 1)
		fatalx("trust: OpenSSL cannot be had");
	/* The first use loads the default provider. */
	if (digest_named("sha512", "", 0, out) != 64)
		fatalx("trust: SHA-512 cannot be had");
	(void)policy_default(); /* is read at its first use */
}

void
trust_free(struct trust *t)
{
	if (t == NULL)
		return;
	certificate_cache_close();
	path_cache_free(t->paths);
	X509_STORE_free(t->signers);
	X509_STORE_free(t->stamps);
	sk_X509_pop_free(t->untrusted, X509_free);
	sk_X509_CRL_pop_free(t->crls, X509_CRL_free);
	policy_free(t->policy);
	free(t->anchors);
	free(t->ends);
	free(t->list_signers);
	free(t->crl_hashes);
	for (size_t i = 0; i < t->ocsp_count; i++)
		blob_release(&t->ocsps[i]);
	free(t->ocsps);
	free(t);
}

static void
add_anchor(struct trust *t, X509 *x, unsigned purpose, int64_t until_us)
{
	struct anchor *a;

	t->anchors =
	    blob_grow(t->anchors, t->anchor_count + 1, sizeof(*t->anchors));
	a = &t->anchors[t->anchor_count++];
	a->purpose = purpose;
	a->until_us = until_us;
	if (X509_digest(x, EVP_sha256(), a->sha256, NULL) != 1)
		fatalx("trust: digest of a certificate");
	if ((purpose & (TRUST_PUBLIC | TRUST_GOVERNMENT)) != 0 &&
	    X509_STORE_add_cert(t->signers, x) != 1)
		fatalx("trust: out of memory");
	if ((purpose & TRUST_TIMESTAMP) != 0 &&
	    X509_STORE_add_cert(t->stamps, x) != 1)
		fatalx("trust: out of memory");
}

static void
add_list_signer(struct trust *t, X509 *x)
{
	uint8_t sha256[DIGEST_LEN];

	if (X509_digest(x, EVP_sha256(), sha256, NULL) != 1)
		fatalx("trust: digest of a certificate");
	t->list_signers = blob_grow(t->list_signers, t->list_signer_count + 1,
	    sizeof(*t->list_signers));
	text_hex(sha256, DIGEST_LEN, t->list_signers[t->list_signer_count++]);
}

static void
add_certificate(struct trust *t, struct trust_file *f, X509 *x)
{
	if (f->kind == TRUST_ANCHOR) {
		add_anchor(t, x, f->purpose, INT64_MAX);
	} else if (f->kind == TRUST_LIST_SIGNER) {
		add_list_signer(t, x);
	} else if (f->kind == TRUST_UNTRUSTED) {
		if (X509_up_ref(x) != 1 || sk_X509_push(t->untrusted, x) == 0)
			fatalx("trust: out of memory");
	} else {
		return;
	}
	f->found++;
}

static void
add_crl(struct trust *t, struct trust_file *f, X509_CRL *crl)
{
	size_t n = (size_t)sk_X509_CRL_num(t->crls);

	if (f->kind != TRUST_CRL)
		return;
	t->crl_hashes = blob_grow(t->crl_hashes, n + 1, sizeof(*t->crl_hashes));
	if (X509_CRL_digest(crl, EVP_sha256(), t->crl_hashes[n], NULL) != 1)
		fatalx("trust: digest of a CRL");
	if (X509_CRL_up_ref(crl) != 1 || sk_X509_CRL_push(t->crls, crl) == 0)
		fatalx("trust: out of memory");
	f->found++;
}

static void
add_pkcs7(struct trust *t, struct trust_file *f, const PKCS7 *p7)
{
	const PKCS7_SIGNED *s;

	if (!PKCS7_type_is_signed(p7) || p7->d.sign == NULL)
		return;
	s = p7->d.sign;
	for (int i = 0; i < sk_X509_num(s->cert); i++)
		add_certificate(t, f, sk_X509_value(s->cert, i));
	for (int i = 0; i < sk_X509_CRL_num(s->crl); i++)
		add_crl(t, f, sk_X509_CRL_value(s->crl, i));
}

static void
add_pem_block(struct trust *t, struct trust_file *f, const char *name,
    const uint8_t *der, long len)
{
	const uint8_t *p = der;

	if (strcmp(name, PEM_STRING_X509) == 0 ||
	    strcmp(name, PEM_STRING_X509_OLD) == 0) {
		X509 *x = certificate_parse(der, (size_t)len);

		if (x != NULL)
			add_certificate(t, f, x);
		X509_free(x);
	} else if (strcmp(name, PEM_STRING_X509_CRL) == 0) {
		X509_CRL *crl = d2i_X509_CRL(NULL, &p, len);

		if (crl != NULL && p == der + len)
			add_crl(t, f, crl);
		X509_CRL_free(crl);
	} else if (strcmp(name, PEM_STRING_PKCS7) == 0 ||
		   strcmp(name, PEM_STRING_CMS) == 0) {
		PKCS7 *p7 = d2i_PKCS7(NULL, &p, len);

		if (p7 != NULL && p == der + len)
			add_pkcs7(t, f, p7);
		PKCS7_free(p7);
	}
}

static void
read_pem(struct trust *t, struct trust_file *f)
{
	BIO *bio = BIO_new_mem_buf(f->data, (int)f->len);
	char *name = NULL, *header = NULL;
	uint8_t *der = NULL;
	long len;

	if (bio == NULL)
		fatalx("trust: out of memory");
	while (PEM_read_bio(bio, &name, &header, &der, &len) == 1) {
		add_pem_block(t, f, name, der, len);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	BIO_free(bio);
}

/* DER has no labels: what parses to the end is it. */
static void
read_der(struct trust *t, struct trust_file *f)
{
	static const char *const names[] = { PEM_STRING_X509,
		PEM_STRING_X509_CRL, PEM_STRING_PKCS7 };

	for (size_t i = 0; f->found == 0 && i < nitems(names); i++)
		add_pem_block(t, f, names[i], f->data, (long)f->len);
}

/* Base64 as `openssl ocsp` and mail leave it, lines and all. */
static bool
decode_text(const struct trust_file *f, struct blob *out)
{
	char *text = blob_calloc(f->len + 1, 1);
	size_t len = 0;
	bool ok;

	for (size_t i = 0; i < f->len; i++)
		if (strchr("\r\n\t ", f->data[i]) == NULL)
			text[len++] = (char)f->data[i];
	out->data = blob_calloc(len + 1, 1);
	out->len = len;
	ok = text_unbase64(text, out->data, &out->len);
	free(text);
	if (!ok)
		blob_release(out);
	return ok;
}

/* An answer is DER, or that in base64; revocation.c reads it. */
static void
add_ocsp(struct trust *t, struct trust_file *f)
{
	struct blob b = { 0 };

	if (f->len == 0)
		return;
	if (f->data[0] == 0x30)
		b = blob_copy(f->data, f->len);
	else if (!decode_text(f, &b))
		return;
	t->ocsps = blob_grow(t->ocsps, t->ocsp_count + 1, sizeof(*t->ocsps));
	t->ocsps[t->ocsp_count++] = b;
	f->found++;
}

static void
add_asked(struct trust *t, struct trust_file *f)
{
	struct revocation_reply reply;

	if (!revocation_reply(f->data, f->len, &reply))
		return;
	t->ocsps = blob_grow(t->ocsps, t->ocsp_count + 1, sizeof(*t->ocsps));
	t->ocsps[t->ocsp_count++] = blob_copy(reply.answer, reply.len);
	f->found++;
}

/* Where a trusted list's services go. */
struct list_sink {
	struct trust *trust;
	struct trust_file *file;
};

static void
add_end(struct trust *t, int64_t until_us)
{
	if (t->end_count > 0 && t->ends[t->end_count - 1] == until_us)
		return;
	t->ends = blob_grow(t->ends, t->end_count + 1, sizeof(*t->ends));
	t->ends[t->end_count++] = until_us;
}

static void
take_service(void *arg, const struct xades_list_service *s)
{
	const struct list_sink *sink = arg;
	X509 *x = certificate_parse(s->certificate, s->len);

	if (x == NULL)
		return;
	add_anchor(sink->trust, x,
	    sink->file->purpose &
		(s->stamps ? TRUST_TIMESTAMP : TRUST_PUBLIC | TRUST_GOVERNMENT),
	    s->until_us == 0 ? INT64_MAX : s->until_us);
	if (s->until_us != 0)
		add_end(sink->trust, s->until_us);
	sink->file->found++;
	X509_free(x);
}

static bool
read_list(struct trust *t, struct trust_file *f, struct err *e)
{
	const struct xades_list list = {
		.data = f->data,
		.len = f->len,
		.signers = t->list_signers,
		.signer_count = t->list_signer_count,
		.trust = t,
		.policy = trust_policy(t),
	};
	struct list_sink sink = { t, f };

	return xades_list_read(&list, take_service, &sink, e);
}

static bool
read_file(struct trust *t, struct trust_file *f, struct err *e)
{
	if (f->kind == TRUST_POLICY) {
		if (t->policy != NULL)
			return err_set(
			    e, ERR_UNREADABLE, "trust: two policy files");
		return policy_parse(
		    (const char *)f->data, f->len, &t->policy, e);
	}
	if (f->kind == TRUST_ANCHOR && xades_is_xml(f->data, f->len)) {
		if (!read_list(t, f, e))
			return false;
	} else if (f->kind == TRUST_OCSP) {
		add_ocsp(t, f);
	} else if (f->kind == TRUST_OCSP_ASKED) {
		add_asked(t, f);
	} else if (memmem(f->data, f->len, "-----BEGIN ", 11) != NULL) {
		read_pem(t, f);
	} else {
		read_der(t, f);
	}
	ERR_clear_error();
	if (f->found == 0 && !f->optional)
		return err_set(e, ERR_UNREADABLE,
		    "trust: %s: nothing of its kind", f->name);
	return true;
}

/* Cuts the next file off the bundle. */
static bool
next_file(const uint8_t **at, const uint8_t *end, struct trust_file *f)
{
	struct trust_wire wire;
	size_t left = (size_t)(end - *at);
	size_t name;

	if (left < sizeof(wire))
		return false;
	memcpy(&wire, *at, sizeof(wire));
	*at += sizeof(wire);
	left -= sizeof(wire);
	if (wire.kind > TRUST_OCSP_ASKED || wire.name_len > left ||
	    wire.len > left - wire.name_len || wire.len > TRUST_FILE_MAX)
		return false;
	memset(f, 0, sizeof(*f));
	name = wire.name_len < sizeof(f->name) ? wire.name_len
					       : sizeof(f->name) - 1;
	memcpy(f->name, *at, name);
	f->kind = wire.kind;
	f->purpose = wire.purpose & TRUST_ANY;
	f->optional = wire.optional != 0;
	f->data = *at + wire.name_len;
	f->len = wire.len;
	*at = f->data + f->len;
	return true;
}

static struct trust *
trust_new(void)
{
	struct trust *t = blob_calloc(1, sizeof(*t));

	t->signers = X509_STORE_new();
	t->stamps = X509_STORE_new();
	t->untrusted = sk_X509_new_null();
	t->crls = sk_X509_CRL_new_null();
	if (t->signers == NULL || t->stamps == NULL || t->untrusted == NULL ||
	    t->crls == NULL)
		fatalx("trust: out of memory");
	certificate_cache_open();
	t->paths = path_cache_new();
	path_prepare(t->signers);
	path_prepare(t->stamps);
	return t;
}

/* The files that say whose lists are believed, or all the others. */
static bool
read_files(struct trust *t, const uint8_t *at, const uint8_t *end,
    bool list_signers, struct err *e)
{
	struct trust_file f;

	while (at != end) {
		if (!next_file(&at, end, &f))
			return err_set(
			    e, ERR_UNREADABLE, "trust: bundle cut short");
		if ((f.kind == TRUST_LIST_SIGNER) != list_signers)
			continue;
		if (!read_file(t, &f, e))
			return false;
	}
	return true;
}

bool
trust_open(const uint8_t *bytes, size_t len, struct trust **out, struct err *e)
{
	struct trust *t;

	if (len < TRUST_MAGIC_LEN ||
	    memcmp(bytes, TRUST_MAGIC, TRUST_MAGIC_LEN) != 0)
		return err_set(e, ERR_UNREADABLE, "trust: no bundle");
	t = trust_new();
	if (!read_files(t, bytes + TRUST_MAGIC_LEN, bytes + len, true, e) ||
	    !read_files(t, bytes + TRUST_MAGIC_LEN, bytes + len, false, e)) {
		trust_free(t);
		return false;
	}
	*out = t;
	return true;
}

const struct policy *
trust_policy(const struct trust *t)
{
	return t->policy == NULL ? policy_default() : t->policy;
}

bool
trust_has_anchors(const struct trust *t)
{
	return t->anchor_count > 0;
}

X509_STORE *
trust_store(const struct trust *t, unsigned purpose)
{
	return (purpose & TRUST_TIMESTAMP) != 0 ? t->stamps : t->signers;
}

STACK_OF(X509) * trust_untrusted(const struct trust *t)
{
	return t->untrusted;
}

STACK_OF(X509_CRL) * trust_crls(const struct trust *t)
{
	return t->crls;
}

const uint8_t *
trust_crl_sha256(const struct trust *t, const X509_CRL *crl)
{
	for (int i = 0; i < sk_X509_CRL_num(t->crls); i++)
		if (sk_X509_CRL_value(t->crls, i) == crl)
			return t->crl_hashes[i];
	return NULL;
}

struct path_cache *
trust_paths(const struct trust *t)
{
	return t->paths;
}

/* A certificate that was given for several purposes has all of them. */
unsigned
trust_anchor_purpose(const struct trust *t, const X509 *anchor, int64_t at_us)
{
	uint8_t sha256[DIGEST_LEN];
	bool old = policy_takes_old_lists(trust_policy(t));
	unsigned purpose = 0;

	if (X509_digest(anchor, EVP_sha256(), sha256, NULL) != 1)
		return 0;
	for (size_t i = 0; i < t->anchor_count; i++)
		if (memcmp(t->anchors[i].sha256, sha256, DIGEST_LEN) == 0 &&
		    (old || at_us < t->anchors[i].until_us))
			purpose |= t->anchors[i].purpose;
	return purpose;
}

size_t
trust_ends(const struct trust *t, const int64_t **moments)
{
	*moments = t->ends;
	return t->end_count;
}

size_t
trust_ocsp_count(const struct trust *t)
{
	return t->ocsp_count;
}

const uint8_t *
trust_ocsp(const struct trust *t, size_t i, size_t *len)
{
	assert(i < t->ocsp_count);
	*len = t->ocsps[i].len;
	return t->ocsps[i].data;
}
