#include "crypto/expiry.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "crypto/path.h"
#include "crypto/trust_describe.h"

#define EXPIRY_FILE_MAX                                                        \
	(50 * 1024 * 1024) /* the government's CRLs are large                  \
			    */

static BIO *
open_bytes(const struct blob *file)
{
	BIO *bio = BIO_new_mem_buf(file->data, (int)file->len);

	if (bio == NULL)
		fatalx("out of memory");
	return bio;
}

bool
expiry_certificate(const char *path, int64_t *not_after_us, struct err *e)
{
	struct blob file = { 0 };
	X509 *x;
	BIO *bio;
	bool ok;

	if (!file_read(path, EXPIRY_FILE_MAX, &file, e))
		return false;
	bio = open_bytes(&file);
	x = PEM_read_bio_X509(bio, NULL, NULL, NULL);
	ok = x != NULL;
	if (ok)
		*not_after_us = path_time(X509_get0_notAfter(x));
	else
		err_set(e, ERR_UNREADABLE, "%s: no certificate", path);
	ERR_clear_error();
	BIO_free(bio);
	blob_release(&file);
	X509_free(x);
	return ok;
}

bool
expiry_anchor(const char *name, const struct blob *bytes, int64_t *not_after_us,
    struct err *e)
{
	struct trust_term term;

	if (!trust_describe(TRUST_UNTRUSTED, bytes->data, bytes->len, &term))
		return err_set(e, ERR_UNREADABLE, "%s: no certificate", name);
	*not_after_us = term.until_us;
	return true;
}

static X509_CRL *
parse_crl(const struct blob *file)
{
	const uint8_t *p = file->data;
	X509_CRL *crl = d2i_X509_CRL(NULL, &p, (long)file->len);
	BIO *bio;

	if (crl == NULL) {
		bio = open_bytes(file);
		crl = PEM_read_bio_X509_CRL(bio, NULL, NULL, NULL);
		BIO_free(bio);
	}
	ERR_clear_error();
	return crl;
}

bool
expiry_crl(const char *path, int64_t *next_update_us, struct err *e)
{
	struct blob file = { 0 };
	X509_CRL *crl;
	bool ok;

	if (!file_read(path, EXPIRY_FILE_MAX, &file, e))
		return false;
	crl = parse_crl(&file);
	ok = crl != NULL;
	if (ok)
		*next_update_us = path_time(X509_CRL_get0_nextUpdate(crl));
	else
		err_set(e, ERR_UNREADABLE, "%s: no CRL", path);
	X509_CRL_free(crl);
	blob_release(&file);
	return ok;
}
