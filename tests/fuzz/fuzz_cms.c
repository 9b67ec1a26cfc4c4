/*
 * A CMS object as a stranger sends it.  It is judged without a crash, and
 * nobody passes whom nobody trusts.  Seeds:
 * tests/fixtures/make-cms.sh.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/cms.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "tests/fuzz/nobody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

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
	struct report *r = report_new("fuzz.p7s");

	cms_judge_file(len == 0 ? text : data, len, &q, r);
	report_conclude(r);
	assert(r->indication != TOTAL_PASSED);
	for (size_t i = 0; i < r->signature_count; i++)
		assert(r->signatures[i].indication != TOTAL_PASSED);
	report_free(r);
	return 0;
}
