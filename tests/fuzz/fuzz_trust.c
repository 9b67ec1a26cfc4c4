/*
 * What an operator or a document brings as certificates, CRLs, OCSP answers,
 * trusted lists and policies: the first byte says as which, the rest is the
 * file.  It is read or refused, and a refusal leaves *out alone; the same
 * certificate is judged alike when its path is remembered; and what is no
 * anchor makes nobody trusted.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/chain.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/trust.h"
#include "crypto/trust_wire.h"
#include "crypto/xades.h"

#define AT_US INT64_C(1790000000000000) /* in 2026, as the seeds are */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* As trust_bundle.c writes one file. */
static struct buf
bundle(enum trust_kind kind, const uint8_t *data, size_t len)
{
	static const char name[] = "fuzz";
	const struct trust_wire wire = { .kind = kind,
		.purpose = TRUST_ANY,
		.name_len = sizeof(name) - 1,
		.len = len };
	struct buf b = { 0 };

	buf_put(&b, TRUST_MAGIC, TRUST_MAGIC_LEN);
	buf_put(&b, &wire, sizeof(wire));
	buf_put(&b, name, sizeof(name) - 1);
	buf_put(&b, data, len);
	return b;
}

static struct signature_report
judge(const struct trust *t, const uint8_t *data, size_t len)
{
	const struct chain_object self = { data, len };
	const struct chain_subject subject = { .certificate = self,
		.use = CHAIN_SIGNER,
		.extras = &self,
		.extra_count = 1,
		.crls = &self,
		.crl_count = 1,
		.ocsps = &self,
		.ocsp_count = 1 };
	const struct question q = {
		.at_us = AT_US, .trust = t, .policy = trust_policy(t)
	};
	struct signature_report s = { 0 };

	signature_begin(&s);
	chain_judge(&q, &subject, &s);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct trust *untouched = NULL, *t = untouched;
	struct signature_report cold, warm;
	enum trust_kind kind;
	struct err e = { 0 };
	struct buf b;

	if (len < 1)
		return 0;
	trust_init();
	xades_init();
	kind = (enum trust_kind)(data[0] % (TRUST_OCSP_ASKED + 1));
	b = bundle(kind, data + 1, len - 1);
	if (trust_open((const uint8_t *)b.data, b.len, &t, &e)) {
		cold = judge(t, data + 1, len - 1);
		warm = judge(t, data + 1, len - 1);
		assert(cold.indication == warm.indication);
		assert(cold.subindication == warm.subindication);
		assert(cold.finding_count == warm.finding_count);
		assert(kind == TRUST_ANCHOR || cold.indication != TOTAL_PASSED);
		trust_free(t);
	} else {
		assert(t == untouched);
		assert(e.code != ERR_NONE);
	}
	buf_release(&b);
	return 0;
}
