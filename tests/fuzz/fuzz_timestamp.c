/*
 * A timestamp token as a stranger sends it.  It proves nothing to whom nobody
 * trusts; the imprint it names lies inside it; and what cannot be read has no
 * time.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/timestamp.h"
#include "tests/fuzz/nobody.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
is_inside(const struct timestamp_info *info, const uint8_t *data, size_t len)
{
	assert(info->imprint >= data);
	assert(info->imprint + info->imprint_len <= data + len);
	assert(info->digest[0] != '\0');
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const uint8_t text[] = "what was stamped";
	const struct timestamp_subject subject = { .part = { text },
		.len = { sizeof(text) - 1 } };
	const struct trust *trust = nobody();
	const struct question q = { .trust = trust,
		.policy = trust_policy(trust) };
	struct signature_report s = { 0 };
	struct timestamp_info info;
	struct timestamp t;

	if (timestamp_read(data, len, &info))
		is_inside(&info, data, len);
	timestamp_open(data, len, &t);
	if (t.cms == NULL)
		assert(t.info.time_us == 0);
	timestamp_judge(&t, &subject, &q, &s);
	assert(s.indication != TOTAL_PASSED);
	assert(s.indication == subindication_indication(s.subindication));
	assert(s.proven_us == 0);
	timestamp_close(&t);
	return 0;
}
