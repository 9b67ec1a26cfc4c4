/*
 * An XML document as a stranger sends it, with a content beside it.  It is
 * judged without a crash, and nobody passes whom nobody trusts.  Seeds:
 * tests/fixtures/make-xml.sh.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/xades.h"
#include "tests/fuzz/nobody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check(const struct signature_report *s)
{
	assert(s->indication != TOTAL_PASSED);
	assert(s->indication == subindication_indication(s->subindication));
	if (s->subindication == SUB_HASH_FAILURE)
		assert(s->integrity != INTEGRITY_INTACT);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t text[] = "a text beside its signature\n";
	const struct content beside = { "detached.txt", text,
		sizeof(text) - 1 };
	const struct trust *trust = nobody();
	struct question q = {
		.trust = trust,
		.policy = trust_policy(trust),
		.contents = &beside,
		.content_count = len % 2,
	};
	struct report *r = report_new("fuzz.xml");

	xades_init();
	if (xades_is_xml(data, len))
		xades_judge_file(data, len, &q, r);
	report_conclude(r);
	assert(r->indication != TOTAL_PASSED);
	for (size_t i = 0; i < r->signature_count; i++)
		check(&r->signatures[i]);
	report_free(r);
	return 0;
}
