#ifndef TESTS_FUZZ_NOBODY_H
#define TESTS_FUZZ_NOBODY_H

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/err.h"
#include "crypto/trust.h"

/*
 * The trust of the fuzz targets: an empty bundle, no anchor and no evidence,
 * so that nothing they are given can pass.  Parsed once a process; a header
 * alone, as each target is linked from one file.
 */
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
	trust_init();
	b = trust_bundle_new();
	fd = trust_bundle_seal(b, generation);
	size = lseek(fd, 0, SEEK_END);
	bytes = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
	assert(bytes != MAP_FAILED);
	if (!trust_open(bytes, (size_t)size, &trust, &e))
		abort();
	trust_bundle_free(b);
	return trust;
}

#endif /* TESTS_FUZZ_NOBODY_H */
