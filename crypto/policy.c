#include "crypto/policy.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/question.h"
#include "crypto/report.h"

#define POLICY_ROWS_MAX 64
#define HOUR_US         (3600 * CLOCK_SEC_US)
#define HOURS_MAX       87600 /* ten years */

static const char *const formats[] = { "pades", "cades", "xades", NULL };
/* In the order of enum policy_usage. */
static const char *const usages[] = { "digitalSignature", "nonRepudiation",
	NULL };

struct digest_row {
	char name[16];
	int64_t end_us;
};

/* One digest of one signature policy's document; "" without any. */
struct signature_row {
	char id[128];
	char digest[16];
	uint8_t hash[DIGEST_LEN_MAX];
	size_t len;
};

struct key_row {
	char family[16];
	int bits; /* the row is for keys of this many bits or more */
	int64_t end_us;
};

struct policy {
	char name[64], version[16];
	struct blob bytes; /* the file, for its hash and for export */
	unsigned formats;  /* bits by their place in formats */
	unsigned key_usage;
	bool old_lists;
	int64_t max_age_us; /* of revocation evidence; 0: any age */
	struct digest_row digests[POLICY_ROWS_MAX];
	size_t digest_count;
	struct key_row keys[POLICY_ROWS_MAX];
	size_t key_count;
	bool asks_signature; /* for one of these */
	struct signature_row signatures[POLICY_ROWS_MAX];
	size_t signature_count;
};

/* schemas/policy/policy.json, as a sample for others and as our own. */
static const char *const built_in_lines[] = {
/* clang-format off */
#define FILE_BEGIN(name)
#define LINE(text)       text,
#define FILE_END
#include "policy_gen.h"
	/* clang-format on */
};

static pthread_once_t built_in_once = PTHREAD_ONCE_INIT;
static struct policy *built_in;

static void
read_built_in(void)
{
	struct buf text = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < nitems(built_in_lines); i++)
		buf_puts(&text, built_in_lines[i]);
	if (!policy_parse(text.data, text.len, &built_in, &e))
		fatalx("%s", e.detail);
	buf_release(&text);
}

const struct policy *
policy_default(void)
{
	pthread_once(&built_in_once, read_built_in);
	return built_in;
}

void
policy_free(struct policy *p)
{
	if (p == NULL)
		return;
	blob_release(&p->bytes);
	free(p);
}

const char *
policy_name(const struct policy *p)
{
	return p->name;
}

const char *
policy_version(const struct policy *p)
{
	return p->version;
}

const struct blob *
policy_bytes(const struct policy *p)
{
	return &p->bytes;
}

bool
policy_takes_format(const struct policy *p, const char *format)
{
	for (unsigned i = 0; formats[i] != NULL; i++)
		if (strcmp(format, formats[i]) == 0)
			return (p->formats & 1u << i) != 0;
	return false;
}

unsigned
policy_key_usage(const struct policy *p)
{
	return p->key_usage;
}

bool
policy_takes_old_lists(const struct policy *p)
{
	return p->old_lists;
}

bool
policy_is_fresh(const struct policy *p, int64_t issued_us, int64_t at_us)
{
	return p->max_age_us == 0 || at_us - issued_us <= p->max_age_us;
}

/* XAdES writes an object identifier as a URN (RFC 3061), and not always. */
static const char *
plain_id(const char *id)
{
	static const char urn[] = "urn:oid:";

	return strncasecmp(id, urn, sizeof(urn) - 1) == 0 ? id + sizeof(urn) - 1
							  : id;
}

enum policy_found
policy_find_signature(
    const struct policy *p, const struct policy_signature *named)
{
	if (!p->asks_signature)
		return POLICY_SIGNATURE_KNOWN;
	for (size_t i = 0; i < p->signature_count; i++) {
		const struct signature_row *row = &p->signatures[i];

		if (strcmp(row->id, plain_id(named->id)) != 0)
			continue;
		if (named->len == 0 || row->digest[0] == '\0')
			return POLICY_SIGNATURE_KNOWN;
		if (strcmp(row->digest, named->digest) != 0)
			continue;
		return row->len == named->len &&
			       memcmp(row->hash, named->hash, named->len) == 0
			   ? POLICY_SIGNATURE_KNOWN
			   : POLICY_SIGNATURE_DIFFERS;
	}
	return POLICY_SIGNATURE_MISSING;
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
policy_allows_at(const struct question *q, const struct policy_subject *subject,
    int64_t at_us)
{
	return at_us < subject_end(q->policy, subject);
}

bool
policy_allows(const struct question *q, const struct policy_subject *subject,
    const struct signature_report *s)
{
	return policy_allows_at(
	    q, subject, s->proven_us != 0 ? s->proven_us : q->at_us);
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

/* A list of words of a table as bits; a list that is not there is all. */
static bool
read_words(const struct json *list, const char *const *words, unsigned *out)
{
	*out = 0;
	for (unsigned k = 0; list == NULL && words[k] != NULL; k++)
		*out |= 1u << k;
	for (size_t i = 0; list != NULL && i < json_count(list); i++) {
		const char *s = json_text_value(json_at(list, i));
		unsigned k = 0;

		while (words[k] != NULL && strcmp(s, words[k]) != 0)
			k++;
		if (words[k] == NULL)
			return false;
		*out |= 1u << k;
	}
	return true;
}

/* {"max_age_hours": 48}, or null there for any age. */
static bool
read_age(const struct json *revocation, int64_t *us)
{
	const struct json *age = json_find(revocation, "max_age_hours");
	const char *key = json_key_next(revocation, NULL);

	*us = 0;
	if (age == NULL || json_key_next(revocation, key) != NULL)
		return false;
	if (json_kind(age) == JSON_KIND_NULL)
		return true;
	*us = json_int_value(age) * HOUR_US;
	return json_kind(age) == JSON_KIND_INT && *us > 0 &&
	       *us <= HOURS_MAX * HOUR_US;
}

static bool
add_signature(struct policy *p, const char *id, const char *digest,
    const struct json *hex)
{
	struct signature_row *row = &p->signatures[p->signature_count];
	uint8_t any[DIGEST_LEN_MAX];

	if (p->signature_count == POLICY_ROWS_MAX || id[0] == '\0' ||
	    strlen(plain_id(id)) >= sizeof(row->id) ||
	    strlen(digest) >= sizeof(row->digest))
		return false;
	snprintf(row->id, sizeof(row->id), "%s", plain_id(id));
	snprintf(row->digest, sizeof(row->digest), "%s", digest);
	p->signature_count++;
	if (hex == NULL)
		return true;
	row->len = digest_named(digest, "", 0, any);
	return row->len > 0 && json_kind(hex) == JSON_KIND_TEXT &&
	       strlen(json_text_value(hex)) == 2 * row->len &&
	       text_unhex(json_text_value(hex), row->hash, row->len);
}

/* {"1.2.3": {"sha256": "…"}}: what a signature may name. */
static bool
read_signatures(const struct json *map, struct policy *p)
{
	const char *id = NULL, *digest = NULL;

	p->asks_signature = map != NULL;
	while ((id = json_key_next(map, id)) != NULL) {
		const struct json *digests = json_find(map, id);

		if (json_kind(digests) != JSON_KIND_OBJECT)
			return false;
		digest = json_key_next(digests, NULL);
		if (digest == NULL && !add_signature(p, id, "", NULL))
			return false;
		for (; digest != NULL; digest = json_key_next(digests, digest))
			if (!add_signature(
				p, id, digest, json_find(digests, digest)))
				return false;
	}
	return true;
}

static bool
read_rules(const struct json *j, struct policy *p, struct err *e)
{
	const struct json *revocation = json_find(j, "revocation");

	if (!read_words(json_find(j, "formats"), formats, &p->formats))
		return err_set(e, ERR_UNREADABLE, "policy: formats");
	if (!read_words(json_find(j, "key_usage"), usages, &p->key_usage))
		return err_set(e, ERR_UNREADABLE, "policy: key_usage");
	if (!read_signatures(json_find(j, "signature_policies"), p))
		return err_set(e, ERR_UNREADABLE, "policy: signature_policies");
	if (revocation != NULL && !read_age(revocation, &p->max_age_us))
		return err_set(e, ERR_UNREADABLE, "policy: revocation");
	return true;
}

bool
policy_parse(const char *bytes, size_t len, struct policy **out, struct err *e)
{
	static const struct json_field fields[] = {
		{ "name", JSON_KIND_TEXT, true, 1, 63, false, NULL },
		{ "version", JSON_KIND_TEXT, false, 1, 15, false, NULL },
		{ "formats", JSON_KIND_LIST, false, 1, 3, false, NULL },
		{ "key_usage", JSON_KIND_LIST, false, 1, 2, false, NULL },
		{ "old_lists", JSON_KIND_BOOL, false, 0, 0, false, NULL },
		{ "revocation", JSON_KIND_OBJECT, false, 0, 0, false, NULL },
		{ "signature_policies", JSON_KIND_OBJECT, false, 0, 0, false,
		    NULL },
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
	if (!read_digests(j, p, e) || !read_keys(j, p, e) ||
	    !read_rules(j, p, e))
		goto out;
	snprintf(p->name, sizeof(p->name), "%s", json_text(j, "name", ""));
	snprintf(
	    p->version, sizeof(p->version), "%s", json_text(j, "version", ""));
	p->old_lists = json_bool(j, "old_lists", false);
	p->bytes = blob_copy(bytes, len);

	*out = p;
	p = NULL; /* the caller owns it now */
	ok = true;

out:
	json_free(j);
	policy_free(p);
	return ok;
}
