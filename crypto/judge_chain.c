#include "crypto/judge_chain.h"

#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/log.h"
#include "crypto/certificate.h"
#include "crypto/chain.h"
#include "crypto/judge.h"
#include "crypto/question.h"
#include "crypto/report.h"

/* The certificates of a file, DER: the first is the one asked about. */
struct certificates {
	struct blob at[1 + CHAIN_EXTRAS_MAX];
	size_t count;
};

static bool
is_certificate_label(const char *name)
{
	return strcmp(name, PEM_STRING_X509) == 0 ||
	       strcmp(name, PEM_STRING_X509_OLD) == 0;
}

static void
read_pem(const uint8_t *data, size_t len, struct certificates *out)
{
	BIO *bio = BIO_new_mem_buf(data, (int)len);
	char *name = NULL, *header = NULL;
	uint8_t *der = NULL;
	long n;

	if (bio == NULL)
		fatalx("out of memory");
	while (out->count < nitems(out->at) &&
	       PEM_read_bio(bio, &name, &header, &der, &n) == 1) {
		if (is_certificate_label(name))
			out->at[out->count++] = blob_copy(der, (size_t)n);
		OPENSSL_free(name);
		OPENSSL_free(header);
		OPENSSL_free(der);
	}
	BIO_free(bio);
	ERR_clear_error();
}

/* False, with the reason in r, when there is no certificate to ask about. */
static bool
read_certificates(const struct judge_certificate *file,
    struct certificates *out, struct report *r)
{
	struct signer who;

	if (file->len > INT_MAX) {
		report_find(r, FIND_LIMIT, "%zu bytes", file->len);
		return false;
	}
	if (certificate_describe(file->data, file->len, &who, NULL))
		out->at[out->count++] = blob_copy(file->data, file->len);
	else
		read_pem(file->data, file->len, out);
	if (out->count > 0 &&
	    certificate_describe(out->at[0].data, out->at[0].len, &who, NULL))
		return true;
	report_find(r, FIND_FORMAT, "not a certificate");
	return false;
}

static void
judge_first(const struct certificates *all, const struct question *q,
    const struct chain_policies *policies, struct report *r)
{
	struct signature_report *s = report_add(r);
	struct chain_object extras[CHAIN_EXTRAS_MAX];
	const struct chain_subject subject = {
		.certificate = { all->at[0].data, all->at[0].len },
		.use = CHAIN_PATH,
		.extras = extras,
		.extra_count = all->count - 1,
		.policies = *policies,
		.path = r->path,
	};

	for (size_t i = 1; i < all->count; i++)
		extras[i - 1] =
		    (struct chain_object){ all->at[i].data, all->at[i].len };
	certificate_describe(all->at[0].data, all->at[0].len, &s->signer, NULL);
	signature_begin(s);
	chain_judge(q, &subject, s);
	/* What a path that passed is made of was signed, and holds. */
	if (s->indication == TOTAL_PASSED)
		s->integrity = INTEGRITY_INTACT;
}

struct report *
judge_chain(const struct judge_certificate *file, const struct question *q)
{
	struct report *r = report_new(file->name);
	struct question own;
	struct certificates *all = blob_calloc(1, sizeof(*all));

	judge_begin(q, r, &own);
	r->path = blob_calloc(1, sizeof(*r->path));
	if (read_certificates(file, all, r))
		judge_first(all, &own, file->policies, r);
	judge_end(r);
	for (size_t i = 0; i < all->count; i++)
		blob_release(&all->at[i]);
	free(all);
	return r;
}
