#include "crypto/policy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "crypto/question.h"
#include "crypto/report.h"

#define POLICY_ROWS_MAX 64

struct digest_row {
	char name[16];
	int64_t end_us;
};

struct key_row {
	char family[16];
	int bits; /* the row is for keys of this many bits or more */
	int64_t end_us;
};

struct policy {
	char name[64];
	struct digest_row digests[POLICY_ROWS_MAX];
	size_t digest_count;
	struct key_row keys[POLICY_ROWS_MAX];
	size_t key_count;
};

/* Midnight UTC, in days since 1970. */
#define DAY(days)   (INT64_C(days) * CLOCK_DAY_SEC * CLOCK_SEC_US)
#define D2004_08_01 DAY(12631)
#define D2010_08_01 DAY(14822)
#define D2012_08_01 DAY(15553)
#define D2014_08_01 DAY(16283)
#define D2015_12_01 DAY(16770)
#define D2019_10_01 DAY(18170)
#define D2021_10_01 DAY(18901)
#define D2029_01_01 DAY(21550)

/* ETSI TS 119 312, as the European Commission's validator reads it; the
 * Vietnamese minimum (RSA 2048, ECDSA 256: Circular 15/2025) lies within.
 * EdDSA stands in neither; RFC 8032 gives it no end. */
static const struct policy built_in = {
	.name = "hosogate-1 (ETSI TS 119 312)",
	.digests = {
		{ "md5", D2004_08_01 },
		{ "sha1", D2012_08_01 },
		{ "ripemd160", D2014_08_01 },
		{ "sha224", D2029_01_01 },
		{ "sha256", POLICY_NO_END },
		{ "sha384", POLICY_NO_END },
		{ "sha512", POLICY_NO_END },
		{ "sha3-256", POLICY_NO_END },
		{ "sha3-384", POLICY_NO_END },
		{ "sha3-512", POLICY_NO_END },
		{ "shake256", POLICY_NO_END },
	},
	.digest_count = 11,
	.keys = {
		{ "rsa-pkcs1", 1, D2010_08_01 },
		{ "rsa-pkcs1", 1024, D2019_10_01 },
		{ "rsa-pkcs1", 1900, D2029_01_01 },
		{ "rsa-pss", 1, D2010_08_01 },
		{ "rsa-pss", 1024, D2019_10_01 },
		{ "rsa-pss", 1900, D2029_01_01 },
		{ "rsa-pss", 3000, POLICY_NO_END },
		{ "ecdsa", 1, D2012_08_01 },
		{ "ecdsa", 224, D2021_10_01 },
		{ "ecdsa", 256, POLICY_NO_END },
		{ "dsa", 1, D2015_12_01 },
		{ "dsa", 1900, D2029_01_01 },
		{ "ed25519", 1, POLICY_NO_END },
		{ "ed448", 1, POLICY_NO_END },
	},
	.key_count = 14,
};

const struct policy *
policy_default(void)
{
	return &built_in;
}

void
policy_free(struct policy *p)
{
	free(p);
}

const char *
policy_name(const struct policy *p)
{
	return p->name;
}

int64_t
policy_digest_end(const struct policy *p, const char *digest)
{
	for (size_t i = 0; i < p->digest_count; i++)
		if (strcmp(p->digests[i].name, digest) == 0)
			return p->digests[i].end_us;
	return 0;
}

int64_t
policy_key_end(const struct policy *p, const char *family, int bits)
{
	const struct key_row *best = NULL;

	for (size_t i = 0; i < p->key_count; i++) {
		const struct key_row *k = &p->keys[i];

		if (strcmp(k->family, family) == 0 && bits >= k->bits &&
		    (best == NULL || k->bits > best->bits))
			best = k;
	}
	return best == NULL ? 0 : best->end_us;
}

static int64_t
subject_end(const struct policy *p, const struct policy_subject *subject)
{
	int64_t digest = policy_digest_end(p, subject->digest);
	int64_t key = policy_key_end(p, subject->family, subject->bits);

	return digest < key ? digest : key;
}

bool
policy_allows(const struct question *q, const struct policy_subject *subject,
    const struct signature_report *s)
{
	return (s->proven_us != 0 ? s->proven_us : q->at_us) <
	       subject_end(q->policy, subject);
}

void
policy_check(const struct question *q, const struct policy_subject *subject,
    struct signature_report *s)
{
	if (policy_allows(q, subject, s))
		return;
	signature_find(s, FIND_ALGORITHM_WEAK, "%s: %s, %s of %d bits",
	    subject->what, subject->digest, subject->family, subject->bits);
	/* With a proven moment after the end, or no end at all to be before,
	 * no better proof can help. */
	signature_sink(
	    s, s->proven_us != 0 || subject_end(q->policy, subject) == 0
		   ? SUB_CRYPTO_CONSTRAINTS_FAILURE
		   : SUB_CRYPTO_CONSTRAINTS_FAILURE_NO_POE);
}

void
policy_judge(const struct question *q, struct signature_report *s)
{
	const struct policy_subject subject = { "signature", s->digest,
		s->algorithm, s->key_bits };

	policy_check(q, &subject, s);
}

/* "2029-01-01" or null. */
static bool
read_end(const struct json *v, int64_t *us)
{
	struct clock_date d;

	*us = POLICY_NO_END;
	if (v == NULL)
		return false;
	if (json_kind(v) == JSON_KIND_NULL)
		return true;
	if (json_kind(v) != JSON_KIND_TEXT ||
	    !clock_parse_date(json_text_value(v), &d))
		return false;
	*us = clock_days(d) * CLOCK_DAY_SEC * CLOCK_SEC_US;
	return true;
}

static bool
read_digests(const struct json *j, struct policy *p, struct err *e)
{
	const struct json *map = json_find(j, "digests");
	const char *name = NULL;

	while ((name = json_key_next(map, name)) != NULL) {
		struct digest_row *row = &p->digests[p->digest_count];

		if (p->digest_count == POLICY_ROWS_MAX ||
		    strlen(name) >= sizeof(row->name) ||
		    !read_end(json_find(map, name), &row->end_us))
			return err_set(
			    e, ERR_UNREADABLE, "policy: digest %s", name);
		snprintf(row->name, sizeof(row->name), "%s", name);
		p->digest_count++;
	}
	return true;
}

static bool
read_keys(const struct json *j, struct policy *p, struct err *e)
{
	const struct json *list = json_find(j, "keys");

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *k = json_at(list, i);
		struct key_row *row = &p->keys[p->key_count++];
		const char *family;
		int64_t bits;

		if (json_kind(k) != JSON_KIND_OBJECT)
			return err_set(e, ERR_UNREADABLE, "policy: key %zu", i);
		family = json_text(k, "family", "");
		bits = json_int(k, "bits", 0);
		if (family[0] == '\0' ||
		    strlen(family) >= sizeof(row->family) || bits < 1 ||
		    bits > 1 << 20 ||
		    !read_end(json_find(k, "until"), &row->end_us))
			return err_set(e, ERR_UNREADABLE, "policy: key %zu", i);
		snprintf(row->family, sizeof(row->family), "%s", family);
		row->bits = (int)bits;
	}
	return true;
}

bool
policy_parse(const char *bytes, size_t len, struct policy **out, struct err *e)
{
	static const struct json_field fields[] = {
		{ "name", JSON_KIND_TEXT, true, 1, 63, false, NULL },
		{ "digests", JSON_KIND_OBJECT, true, 0, 0, false, NULL },
		{ "keys", JSON_KIND_LIST, true, 1, POLICY_ROWS_MAX, false,
		    NULL },
	};
	struct policy *p = blob_calloc(1, sizeof(*p));
	struct json *j = NULL;
	bool ok = false;

	if (!json_parse(bytes, len, &j, e) ||
	    !json_check(j, "", fields, nitems(fields), e)) {
		err_set(e, ERR_UNREADABLE, "policy: no policy file");
		goto out;
	}
	if (!read_digests(j, p, e) || !read_keys(j, p, e))
		goto out;
	snprintf(p->name, sizeof(p->name), "%s", json_text(j, "name", ""));

	*out = p;
	p = NULL; /* the caller owns it now */
	ok = true;

out:
	json_free(j);
	policy_free(p);
	return ok;
}
