/*
 * A PDF as a stranger sends it.  Whatever it is, it is judged without a
 * crash; nobody passes whom nobody trusts; and a signed revision lies inside
 * the file.  Seeds: tests/fixtures/make-pdf.sh.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "crypto/pades.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/trust.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* An empty bundle: no anchor, no evidence.  Parsed once a process. */
static const struct trust *
nobody(void)
{
	static struct trust *trust;
	struct trust_bundle *b;
	uint8_t generation[32], *bytes;
	struct err e = { 0 };
	off_t size;
	int fd;

	if (trust != NULL)
		return trust;
	b = trust_bundle_new();
	fd = trust_bundle_seal(b, generation);
	size = lseek(fd, 0, SEEK_END);
	bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert(bytes != MAP_FAILED);
	trust_init();
	if (!trust_open(bytes, (size_t)size, &trust, &e))
		abort();
	munmap(bytes, (size_t)size);
	trust_bundle_free(b);
	return trust;
}

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
