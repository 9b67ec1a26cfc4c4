/*
 * A PDF as a stranger sends it.  Whatever it is, it is judged without a
 * crash; nobody passes whom nobody trusts; and a signed revision lies inside
 * the file.  Seeds: tests/fixtures/make-pdf.sh.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "crypto/pades.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/trust.h"
#include "tests/fuzz/nobody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct trust *trust = nobody();
	struct question q = { .trust = trust, .policy = trust_policy(trust) };
	struct report *r = report_new("fuzz.pdf");
	size_t end = 0;
	struct err e = { 0 };

	pades_judge_file(data, len, &q, r);
	report_conclude(r);
	assert(r->indication != TOTAL_PASSED);
	for (size_t i = 0; i < r->signature_count; i++)
		assert(r->signatures[i].indication != TOTAL_PASSED);
	if (pades_revision(data, len, 1, &end, &e))
		assert(end <= len);
	report_free(r);
	return 0;
}
