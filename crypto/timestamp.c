#include "crypto/timestamp.h"

#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "crypto/algorithm.h"
#include "crypto/cms.h"
#include "crypto/der.h"
#include "crypto/report.h"

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

/* The verdict on the token as a signature of its own. */
static void
judge_token(const uint8_t *token, size_t len,
    const struct timestamp_subject *subject, const struct question *q,
    struct signature_report *verdict)
{
	const struct cms_content content = { .part = { subject->part[0],
						 subject->part[1] },
		.len = { subject->len[0], subject->len[1] },
		.hints = subject->hints };
	struct cms *cms = NULL;
	struct err e;

	memset(verdict, 0, sizeof(*verdict));
	if (!cms_open(token, len, &cms, &e)) {
		signature_begin(verdict);
		signature_sink(verdict, SUB_FORMAT_FAILURE);
		return;
	}
	cms_judge(cms, 0, CMS_TIMESTAMP, &content, q, verdict);
	cms_free(cms);
}

static void
copy_verdict(const struct signature_report *from, struct timestamp_report *to)
{
	to->integrity = from->integrity;
	to->indication = from->indication;
	to->time_us = from->claimed_us;
}

void
timestamp_judge(const uint8_t *token, size_t len,
    const struct timestamp_subject *subject, const struct question *q,
    struct timestamp_report *out)
{
	struct signature_report verdict;

	judge_token(token, len, subject, q, &verdict);
	copy_verdict(&verdict, out);
}

/* Why a token is not good, under the first finding that says so. */
static void
say_why(const struct signature_report *verdict, struct signature_report *s)
{
	char when[CLOCK_RFC3339_LEN];

	clock_rfc3339(verdict->claimed_us, when);
	signature_find(s, FIND_TIMESTAMP, "%s: %s %s",
	    verdict->claimed_us == 0 ? "unreadable" : when,
	    indication_name(verdict->indication),
	    verdict->subindication == SUB_NONE
		? ""
		: subindication_name(verdict->subindication));
}

void
timestamp_add(const uint8_t *token, size_t len,
    const struct timestamp_subject *subject, const struct question *q,
    struct signature_report *s)
{
	struct signature_report verdict;

	if (s->timestamp_count == REPORT_TIMESTAMPS_MAX) {
		signature_find(s, FIND_LIMIT, "%d timestamps in a signature",
		    REPORT_TIMESTAMPS_MAX);
		return;
	}
	judge_token(token, len, subject, q, &verdict);
	copy_verdict(&verdict, &s->timestamps[s->timestamp_count++]);
	if (verdict.indication != TOTAL_PASSED)
		say_why(&verdict, s);
	else if (s->proven_us == 0 || verdict.claimed_us < s->proven_us)
		s->proven_us = verdict.claimed_us;
}
