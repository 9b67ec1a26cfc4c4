#include "crypto/signature_policy.h"

#include <string.h>

#include "base/buf.h"
#include "crypto/policy.h"
#include "crypto/question.h"
#include "crypto/report.h"

bool
signature_policy_hash(struct signature_policy *p, const void *hash, size_t len)
{
	static const uint8_t zeros[DIGEST_LEN_MAX];

	if (len > sizeof(p->hash))
		return false;
	if (len > 0)
		memcpy(p->hash, hash, len);
	p->hash_len = len;
	p->has_digest = memcmp(p->hash, zeros, len) != 0;
	return true;
}

static void
record(const struct signature_policy *p, struct signature_report *s)
{
	struct buf hex = { 0 };

	buf_puts(&hex, "");
	if (p->has_digest)
		buf_hex(&hex, p->hash, p->hash_len);
	if (p->implied)
		signature_find(s, FIND_SIGNATURE_POLICY, "implied");
	else if (!p->has_digest)
		signature_find(
		    s, FIND_SIGNATURE_POLICY, "%s, without a digest", p->id);
	else
		signature_find(s, FIND_SIGNATURE_POLICY, "%.70s, %s %s", p->id,
		    p->digest[0] == '\0' ? "unknown digest" : p->digest,
		    hex.data);
	buf_release(&hex);
}

/* What it says of its own digest must be so. */
static void
check_digest(const struct signature_policy *p, struct signature_report *s)
{
	uint8_t any[DIGEST_LEN_MAX];

	if (!p->has_digest)
		return;
	if (p->digest[0] == '\0')
		signature_find(s, FIND_ALGORITHM_UNKNOWN,
		    "digest of the signature policy");
	else if (digest_named(p->digest, "", 0, any) != p->hash_len)
		signature_find(s, FIND_ALGORITHM_MISMATCH,
		    "digest of the signature policy");
}

void
signature_policy_judge(const struct signature_policy *p,
    const struct question *q, struct signature_report *s)
{
	const struct policy_signature named = { p->id, p->digest, p->hash,
		p->has_digest ? p->hash_len : 0 };

	record(p, s);
	check_digest(p, s);
	switch (policy_find_signature(q->policy, &named)) {
	case POLICY_SIGNATURE_KNOWN:
		return;
	case POLICY_SIGNATURE_MISSING:
		signature_find(s, FIND_POLICY, "signature policy");
		signature_sink(s, SUB_SIGNATURE_POLICY_NOT_AVAILABLE);
		return;
	case POLICY_SIGNATURE_DIFFERS:
		signature_find(s, FIND_POLICY, "signature policy's digest");
		signature_sink(s, SUB_POLICY_PROCESSING_ERROR);
		return;
	}
}
