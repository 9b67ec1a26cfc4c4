/*
 * A report as JSON, and back.  Both directions share the tables below, so a
 * field that is written is also read.  What comes back from a child is the
 * word of a stranger: every word must be in its table, every text fit its
 * place, every verdict agree with its subindication.
 */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "crypto/report.h"
#include "crypto/trust.h"

static const char *const kinds[] = {
	[KIND_SIGNATURE] = "signature",
	[KIND_DOCUMENT_TIMESTAMP] = "document-timestamp",
	[KIND_COUNTER_SIGNATURE] = "counter-signature",
};

static const char *const levels[] = {
	[LEVEL_B_B] = "B-B",
	[LEVEL_B_T] = "B-T",
	[LEVEL_B_LT] = "B-LT",
	[LEVEL_B_LTA] = "B-LTA",
	[LEVEL_CMS] = "CMS",
	[LEVEL_XMLDSIG] = "XMLDSIG",
	[LEVEL_PKCS7] = "PKCS7",
};

static const char *const coverages[] = {
	[COVERS_WHOLE] = "whole",
	[COVERS_REVISION] = "revision",
	[COVERS_PART] = "part",
};

static const char *const changes[] = {
	[CHANGES_NONE] = "none",
	[CHANGES_PERMITTED] = "permitted",
	[CHANGES_FORBIDDEN] = "forbidden",
};

/* By the bits of enum trust_purpose. */
static const struct {
	const char *name;
	unsigned bit;
} purposes[] = {
	{ "public", TRUST_PUBLIC },
	{ "government", TRUST_GOVERNMENT },
	{ "timestamp", TRUST_TIMESTAMP },
};

/* A text of a struct: its key, its place, its size with the NUL. */
struct slot {
	const char *key;
	size_t at, size;
};

#define SLOT(type, key, member)                                                \
	{                                                                      \
		key, offsetof(struct type, member),                            \
		    sizeof(((struct type *)NULL)->member)                      \
	}

static const struct slot signer_slots[] = {
	SLOT(signer, "subject", subject),
	SLOT(signer, "issuer", issuer),
	SLOT(signer, "serial", serial),
	SLOT(signer, "name", name),
	SLOT(signer, "organisation", organisation),
	SLOT(signer, "unit", unit),
	SLOT(signer, "email", email),
	SLOT(signer, "certificate_sha256", certificate_sha256),
};

static const struct slot signature_slots[] = {
	SLOT(signature_report, "digest", digest),
	SLOT(signature_report, "algorithm", algorithm),
};

static const struct slot report_slots[] = {
	SLOT(report, "file", file),
	SLOT(report, "policy", policy),
};

/* Cleaned once more: json.c takes UTF-8 alone, and a cut may have split a
 * character. */
static void
put_clean(struct json *j, const char *key, const char *s)
{
	char clean[1024];

	report_text(clean, sizeof(clean), s, strlen(s));
	json_put_text(j, key, clean);
}

static void
put_slots(
    struct json *j, const void *base, const struct slot *slots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		put_clean(j, slots[i].key, (const char *)base + slots[i].at);
}

static struct json *
findings_json(const struct finding *findings, size_t count)
{
	struct json *list = json_new_list();

	for (size_t i = 0; i < count; i++) {
		struct json *j = json_new_object();

		json_put_text(j, "code", finding_name(findings[i].code));
		put_clean(j, "detail", findings[i].detail);
		json_add(list, j);
	}
	return list;
}

static struct json *
signer_json(const struct signer *s)
{
	struct json *j = json_new_object(), *ids = json_new_object();

	put_slots(j, s, signer_slots, nitems(signer_slots));
	for (size_t i = 0; i < s->id_count; i++)
		put_clean(ids, s->ids[i].kind, s->ids[i].value);
	json_put(j, "ids", ids);
	return j;
}

static struct json *
timestamps_json(const struct signature_report *s)
{
	struct json *list = json_new_list();

	for (size_t i = 0; i < s->timestamp_count; i++) {
		const struct timestamp_report *t = &s->timestamps[i];
		struct json *j = json_new_object();

		json_put_text(j, "integrity", integrity_name(t->integrity));
		json_put_text(j, "indication", indication_name(t->indication));
		json_put_time(j, "time", t->time_us);
		json_add(list, j);
	}
	return list;
}

static struct json *
anchor_json(unsigned anchor)
{
	struct json *list = json_new_list();

	for (size_t i = 0; i < nitems(purposes); i++)
		if ((anchor & purposes[i].bit) != 0)
			json_add_text(list, purposes[i].name);
	return list;
}

static struct json *
signature_json(const struct signature_report *s)
{
	struct json *j = json_new_object();

	json_put_text(j, "indication", indication_name(s->indication));
	json_put_text_or_null(
	    j, "subindication", subindication_name(s->subindication));
	json_put_text(j, "integrity", integrity_name(s->integrity));
	json_put_text(j, "kind", kinds[s->kind]);
	json_put_text(j, "level", levels[s->level]);
	json_put_text(j, "covers", coverages[s->covers]);
	json_put_text(j, "changes_after", changes[s->changes_after]);
	put_slots(j, s, signature_slots, nitems(signature_slots));
	json_put_int(j, "key_bits", s->key_bits);
	json_put(j, "signer", signer_json(&s->signer));
	json_put_time(j, "claimed_time", s->claimed_us);
	json_put_time(j, "proven_time", s->proven_us);
	json_put(j, "timestamps", timestamps_json(s));
	json_put(j, "anchor", anchor_json(s->anchor));
	json_put(j, "findings", findings_json(s->findings, s->finding_count));
	return j;
}

static struct json *
path_json(const struct report_path *p)
{
	struct json *list = json_new_list();
	char clean[sizeof(p->subjects[0])];

	for (size_t i = 0; i < p->count; i++) {
		report_text(clean, sizeof(clean), p->subjects[i],
		    strlen(p->subjects[i]));
		json_add_text(list, clean);
	}
	return list;
}

struct json *
report_json(const struct report *r)
{
	struct json *j = json_new_object(), *list = json_new_list();

	put_slots(j, r, report_slots, nitems(report_slots));
	json_put_text(j, "format", format_name(r->format));
	json_put_text(j, "indication", indication_name(r->indication));
	json_put_text_or_null(
	    j, "subindication", subindication_name(r->subindication));
	json_put_bool(j, "document_modified", r->document_modified);
	for (size_t i = 0; i < r->signature_count; i++)
		json_add(list, signature_json(&r->signatures[i]));
	json_put(j, "signatures", list);
	json_put(j, "findings", findings_json(r->findings, r->finding_count));
	if (r->path != NULL)
		json_put(j, "path", path_json(r->path));
	return j;
}

/* Reading.  Each take_ function says no to what report_json() cannot have
 * written. */

static bool
take_word(
    const struct json *j, const char *key, const char *const *words, size_t n)
{
	const char *s = json_text(j, key, "");

	for (size_t i = 0; i < n; i++)
		if (strcmp(s, words[i]) == 0)
			return true;
	return false;
}

/* Of a word that take_word() has found. */
static unsigned
word_index(const struct json *j, const char *key, const char *const *words)
{
	const char *s = json_text(j, key, "");
	unsigned i = 0;

	while (strcmp(s, words[i]) != 0)
		i++;
	return i;
}

static bool
take_text(const struct json *j, const char *key, char *out, size_t cap)
{
	const struct json *v = json_find(j, key);
	const char *s;

	if (v == NULL || json_kind(v) != JSON_KIND_TEXT)
		return false;
	s = json_text_value(v);
	if (strlen(s) >= cap)
		return false;
	memcpy(out, s, strlen(s) + 1);
	return true;
}

static bool
take_slots(
    const struct json *j, void *base, const struct slot *slots, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (!take_text(j, slots[i].key, (char *)base + slots[i].at,
			slots[i].size))
			return false;
	return true;
}

static bool
take_time(const struct json *j, const char *key, int64_t *us)
{
	const struct json *v = json_find(j, key);

	*us = 0;
	if (v == NULL)
		return false;
	if (json_kind(v) == JSON_KIND_NULL)
		return true;
	return json_kind(v) == JSON_KIND_TEXT &&
	       clock_parse_rfc3339(json_text_value(v), us);
}

static bool
take_indication(const struct json *j, enum indication *out)
{
	const char *s = json_text(j, "indication", "");

	for (unsigned i = TOTAL_PASSED; i <= TOTAL_FAILED; i++)
		if (strcmp(s, indication_name(i)) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static bool
take_integrity(const struct json *j, enum integrity *out)
{
	const char *s = json_text(j, "integrity", "");

	for (unsigned i = INTEGRITY_UNKNOWN; i <= INTEGRITY_BROKEN; i++)
		if (strcmp(s, integrity_name(i)) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static bool
take_subindication(const struct json *j, enum subindication *out)
{
	const struct json *v = json_find(j, "subindication");

	*out = SUB_NONE;
	if (v == NULL || json_kind(v) == JSON_KIND_NULL)
		return v != NULL;
	for (unsigned i = SUB_NONE + 1; i <= SUB_SIGNED_DATA_NOT_FOUND; i++)
		if (strcmp(json_text_value(v), subindication_name(i)) == 0) {
			*out = i;
			return true;
		}
	return false;
}

static bool
take_finding(const struct json *j, struct finding *f)
{
	const char *code;

	if (j == NULL || json_kind(j) != JSON_KIND_OBJECT)
		return false;
	code = json_text(j, "code", "");
	for (unsigned i = 0; i < FIND_COUNT; i++)
		if (strcmp(code, finding_name(i)) == 0) {
			f->code = i;
			return take_text(
			    j, "detail", f->detail, sizeof(f->detail));
		}
	return false;
}

/* A list of at most most objects, or NULL. */
static const struct json *
list_of(const struct json *j, const char *key, size_t most)
{
	const struct json *list = json_find(j, key);

	if (list == NULL || json_kind(list) != JSON_KIND_LIST ||
	    json_count(list) > most)
		return NULL;
	return list;
}

static bool
take_findings(const struct json *j, struct finding *out, size_t *count)
{
	const struct json *list = list_of(j, "findings", REPORT_FINDINGS_MAX);

	if (list == NULL)
		return false;
	for (size_t i = 0; i < json_count(list); i++)
		if (!take_finding(json_at(list, i), &out[i]))
			return false;
	*count = json_count(list);
	return true;
}

static bool
take_signer(const struct json *j, struct signer *s)
{
	const struct json *ids;
	const char *kind = NULL;

	if (j == NULL || json_kind(j) != JSON_KIND_OBJECT ||
	    !take_slots(j, s, signer_slots, nitems(signer_slots)))
		return false;
	ids = json_find(j, "ids");
	if (ids == NULL || json_kind(ids) != JSON_KIND_OBJECT)
		return false;
	while ((kind = json_key_next(ids, kind)) != NULL) {
		struct signer_id *id = &s->ids[s->id_count];

		if (s->id_count == REPORT_IDS_MAX ||
		    strlen(kind) >= sizeof(id->kind) ||
		    !take_text(ids, kind, id->value, sizeof(id->value)))
			return false;
		memcpy(id->kind, kind, strlen(kind) + 1);
		s->id_count++;
	}
	return true;
}

static bool
take_timestamp(const struct json *j, struct timestamp_report *t)
{
	return j != NULL && json_kind(j) == JSON_KIND_OBJECT &&
	       take_integrity(j, &t->integrity) &&
	       take_indication(j, &t->indication) &&
	       take_time(j, "time", &t->time_us);
}

static bool
take_timestamps(const struct json *j, struct signature_report *s)
{
	const struct json *list =
	    list_of(j, "timestamps", REPORT_TIMESTAMPS_MAX);

	if (list == NULL)
		return false;
	for (size_t i = 0; i < json_count(list); i++)
		if (!take_timestamp(json_at(list, i), &s->timestamps[i]))
			return false;
	s->timestamp_count = json_count(list);
	return true;
}

static bool
take_anchor(const struct json *j, unsigned *anchor)
{
	const struct json *list = list_of(j, "anchor", nitems(purposes));

	if (list == NULL)
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		const char *s = json_text_value(json_at(list, i));
		size_t k = 0;

		while (k < nitems(purposes) && strcmp(s, purposes[k].name) != 0)
			k++;
		if (k == nitems(purposes))
			return false;
		*anchor |= purposes[k].bit;
	}
	return true;
}

/* A pass without integrity, or with a reason against it, is a lie. */
static bool
agrees(const struct signature_report *s)
{
	if (subindication_indication(s->subindication) != s->indication)
		return false;
	return s->indication != TOTAL_PASSED ||
	       s->integrity == INTEGRITY_INTACT;
}

static bool
take_words(const struct json *j, struct signature_report *s)
{
	if (!take_word(j, "kind", kinds, nitems(kinds)) ||
	    !take_word(j, "level", levels, nitems(levels)) ||
	    !take_word(j, "covers", coverages, nitems(coverages)) ||
	    !take_word(j, "changes_after", changes, nitems(changes)))
		return false;
	s->kind = word_index(j, "kind", kinds);
	s->level = word_index(j, "level", levels);
	s->covers = word_index(j, "covers", coverages);
	s->changes_after = word_index(j, "changes_after", changes);
	return true;
}

static bool
take_signature(const struct json *j, struct signature_report *s)
{
	int64_t bits;

	if (j == NULL || json_kind(j) != JSON_KIND_OBJECT)
		return false;
	bits = json_int(j, "key_bits", -1);
	if (bits < 0 || bits > 1 << 20)
		return false;
	s->key_bits = (int)bits;
	return take_indication(j, &s->indication) &&
	       take_subindication(j, &s->subindication) &&
	       take_integrity(j, &s->integrity) && agrees(s) &&
	       take_words(j, s) &&
	       take_slots(j, s, signature_slots, nitems(signature_slots)) &&
	       take_signer(json_find(j, "signer"), &s->signer) &&
	       take_time(j, "claimed_time", &s->claimed_us) &&
	       take_time(j, "proven_time", &s->proven_us) &&
	       take_timestamps(j, s) && take_anchor(j, &s->anchor) &&
	       take_findings(j, s->findings, &s->finding_count);
}

static bool
take_signatures(const struct json *j, struct report *r)
{
	const struct json *list =
	    list_of(j, "signatures", REPORT_SIGNATURES_MAX);

	if (list == NULL)
		return false;
	for (size_t i = 0; i < json_count(list); i++)
		if (!take_signature(json_at(list, i), report_add(r)))
			return false;
	return true;
}

/* The file's verdict is not believed but drawn again from the parts. */
static bool
take_verdict(const struct json *j, struct report *r)
{
	enum subindication sub;
	enum indication to;

	if (!take_indication(j, &to) || !take_subindication(j, &sub))
		return false;
	report_conclude(r);
	return r->indication == to && r->subindication == sub;
}

/* Stands there for a certificate alone. */
static bool
take_path(const struct json *j, struct report *r)
{
	const struct json *list = list_of(j, "path", REPORT_PATH_MAX);
	struct report_path *p;

	if (json_find(j, "path") == NULL)
		return true;
	if (list == NULL)
		return false;
	p = r->path = blob_calloc(1, sizeof(*p));
	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *item = json_at(list, i);
		const char *s;

		if (json_kind(item) != JSON_KIND_TEXT)
			return false;
		s = json_text_value(item);
		if (strlen(s) >= sizeof(p->subjects[i]))
			return false;
		report_text(
		    p->subjects[i], sizeof(p->subjects[i]), s, strlen(s));
	}
	p->count = json_count(list);
	return true;
}

static bool
take_report(const struct json *j, struct report *r)
{
	const struct json *modified = json_find(j, "document_modified");
	const char *format = json_text(j, "format", "");
	unsigned f = FORMAT_NONE;

	while (f <= FORMAT_XADES && strcmp(format, format_name(f)) != 0)
		f++;
	if (f > FORMAT_XADES || modified == NULL ||
	    json_kind(modified) != JSON_KIND_BOOL)
		return false;
	r->format = f;
	r->document_modified = json_bool(j, "document_modified", true);
	return take_slots(j, r, report_slots, nitems(report_slots)) &&
	       take_findings(j, r->findings, &r->finding_count) &&
	       take_signatures(j, r) && take_path(j, r) && take_verdict(j, r);
}

bool
report_read(const char *bytes, size_t len, struct report **out, struct err *e)
{
	struct report *r = NULL;
	struct json *j = NULL;
	bool ok = false;

	if (len > REPORT_BYTES_MAX)
		return err_set(e, ERR_TOO_LARGE, "report: %zu bytes", len);
	if (!json_parse(bytes, len, &j, e))
		goto out;
	r = report_new("");
	if (json_kind(j) != JSON_KIND_OBJECT || !take_report(j, r)) {
		err_set(e, ERR_UNREADABLE, "report: not as it is written");
		goto out;
	}

	*out = r;
	r = NULL; /* the caller owns it now */
	ok = true;

out:
	json_free(j);
	report_free(r);
	return ok;
}
