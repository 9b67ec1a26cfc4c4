/*
 * A policy file as an operator writes it, or somebody in his name.  A refusal
 * leaves *out alone; one that is taken has a name, keeps its bytes, and says
 * nothing of what it does not name.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "crypto/policy.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct policy *p = NULL;
	struct err e = { 0 };

	if (!policy_parse((const char *)data, len, &p, &e)) {
		assert(p == NULL);
		assert(e.code == ERR_UNREADABLE);
		return 0;
	}
	assert(policy_name(p)[0] != '\0');
	assert(policy_bytes(p)->len == len);
	assert(policy_digest_end(p, "no such digest") == 0);
	assert(policy_key_end(p, "no such family", 4096) == 0);
	assert(policy_key_end(p, "rsa-pkcs1", 0) == 0);
	policy_free(p);
	return 0;
}
