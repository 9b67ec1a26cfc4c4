#include "crypto/trust_describe.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/pkcs7.h>
#include <openssl/x509.h>
#include <string.h>

#include "base/log.h"
#include "crypto/certificate.h"
#include "crypto/path.h"
#include "crypto/revocation.h"

/* PEM of any label, or the bytes themselves. */
struct der_bytes {
	uint8_t *owned;
	const uint8_t *data;
	long len;
};

static void
strip_pem(const uint8_t *data, size_t len, struct der_bytes *out)
{
	BIO *bio = BIO_new_mem_buf(data, (int)len);
	char *name = NULL, *header = NULL;

	if (bio == NULL)
		fatalx("trust: out of memory");
	*out = (struct der_bytes){ NULL, data, (long)len };
	if (memmem(data, len, "-----BEGIN ", 11) != NULL &&
	    PEM_read_bio(bio, &name, &header, &out->owned, &out->len) == 1)
		out->data = out->owned;
	OPENSSL_free(name);
	OPENSSL_free(header);
	BIO_free(bio);
}

static int64_t
or_none(int64_t us)
{
	return us == INT64_MIN ? 0 : us;
}

static bool
describe_crl(const struct der_bytes *d, struct trust_term *out)
{
	const uint8_t *p = d->data;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, d->len);
	bool ok = crl != NULL && p == d->data + d->len;

	if (ok) {
		out->from_us = path_time(X509_CRL_get0_lastUpdate(crl));
		out->until_us =
		    or_none(path_time(X509_CRL_get0_nextUpdate(crl)));
		ok = out->from_us != INT64_MIN;
	}
	X509_CRL_free(crl);
	return ok;
}

static bool
describe_one(const X509 *x, struct trust_term *out)
{
	out->from_us = path_time(X509_get0_notBefore(x));
	out->until_us = path_time(X509_get0_notAfter(x));
	return out->from_us != INT64_MIN && out->until_us != INT64_MIN;
}

/* A certificate, or the bag of them that RFC 5280 allows too. */
static bool
describe_certificate(const struct der_bytes *d, struct trust_term *out)
{
	const uint8_t *p = d->data;
	X509 *x = certificate_parse(d->data, (size_t)d->len);
	PKCS7 *bag = x != NULL ? NULL : d2i_PKCS7(NULL, &p, d->len);
	bool ok = false;

	if (x != NULL)
		ok = describe_one(x, out);
	else if (bag != NULL && p == d->data + d->len &&
		 PKCS7_type_is_signed(bag) && bag->d.sign != NULL &&
		 sk_X509_num(bag->d.sign->cert) > 0)
		ok = describe_one(sk_X509_value(bag->d.sign->cert, 0), out);
	X509_free(x);
	PKCS7_free(bag);
	return ok;
}

bool
trust_describe(enum trust_kind kind, const uint8_t *data, size_t len,
    struct trust_term *out)
{
	struct revocation_reply reply;
	struct der_bytes d;
	bool ok;

	if (len == 0 || len > TRUST_FILE_MAX)
		return false;
	if (kind == TRUST_OCSP_ASKED) {
		ok = revocation_reply(data, len, &reply);
		*out = (struct trust_term){ reply.from_us, reply.until_us };
		return ok;
	}
	strip_pem(data, len, &d);
	ok = kind == TRUST_CRL ? describe_crl(&d, out)
			       : describe_certificate(&d, out);
	OPENSSL_free(d.owned);
	ERR_clear_error();
	return ok;
}
