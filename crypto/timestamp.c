#include "crypto/timestamp.h"

#include <string.h>

#include "base/err.h"
#include "crypto/algorithm.h"
#include "crypto/chain.h"
#include "crypto/cms.h"
#include "crypto/der.h"
#include "crypto/evidence.h"
#include "crypto/poe.h"
#include "crypto/question.h"
#include "crypto/report.h"
#include "crypto/signed_data.h"

/* TSTInfo: version, policy, messageImprint, serialNumber, genTime, and fields
 * that are not judged (accuracy, ordering, nonce, tsa, extensions). */
bool
timestamp_read(const uint8_t *der, size_t len, struct timestamp_info *out)
{
	struct der_item info, version, policy, imprint, serial, time, algorithm,
	    hash;
	struct der d;
	int n;

	memset(out, 0, sizeof(*out));
	if (!der_is_whole(der, len, &info) || info.tag != DER_SEQUENCE)
		return false;
	d = der_into(&info);
	if (!der_take(&d, DER_INTEGER, &version) || !der_small(&version, &n) ||
	    n != 1 || !der_take(&d, DER_OID, &policy) ||
	    !der_take(&d, DER_SEQUENCE, &imprint) ||
	    !der_take(&d, DER_INTEGER, &serial) ||
	    !der_take(&d, DER_TIME, &time) || !der_time(&time, &out->time_us))
		return false;
	d = der_into(&imprint);
	if (!der_take(&d, DER_SEQUENCE, &algorithm) ||
	    !algorithm_digest(&algorithm, out->digest) ||
	    !der_take(&d, DER_OCTETS, &hash) || !der_at_end(&d))
		return false;
	out->imprint = hash.body;
	out->imprint_len = hash.len;
	return true;
}

void
timestamp_open(const uint8_t *token, size_t len, struct timestamp *out)
{
	struct err e;

	memset(out, 0, sizeof(*out));
	out->token = token;
	out->len = len;
	if (cms_open(token, len, &out->cms, &e) && out->cms->has_content &&
	    !timestamp_read(
		out->cms->content.body, out->cms->content.len, &out->info))
		memset(&out->info, 0, sizeof(out->info));
}

void
timestamp_close(struct timestamp *t)
{
	cms_free(t->cms);
	t->cms = NULL;
}

void
timestamp_judge(const struct timestamp *t,
    const struct timestamp_subject *subject, const struct question *q,
    struct signature_report *out)
{
	const struct cms_content content = { .part = { subject->part[0],
						 subject->part[1] },
		.len = { subject->len[0], subject->len[1] },
		.hints = subject->hints };

	memset(out, 0, sizeof(*out));
	evidence_add_bytes(q->evidence, EVIDENCE_TIMESTAMP, EVIDENCE_DOCUMENT,
	    t->token, t->len);
	if (t->cms == NULL) {
		signature_begin(out);
		signature_sink(out, SUB_FORMAT_FAILURE);
		return;
	}
	if (subject->hints != NULL)
		out->proven_us =
		    poe_since(subject->hints->poe, t->token, t->len);
	cms_judge(t->cms, 0, CMS_TIMESTAMP, &content, q, out);
}
