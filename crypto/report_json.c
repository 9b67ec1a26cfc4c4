/*
 * A report as JSON: the stable contract of `hosogate verify --json` and of the
 * API.
 */
#include <stddef.h>
#include <string.h>

#include "base/base.h"
#include "base/json.h"
#include "crypto/evidence_json.h"
#include "crypto/report.h"

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

/* A text of a struct: its key and its place. */
struct slot {
	const char *key;
	size_t at;
};

#define SLOT(type, key, member)                                                \
	{                                                                      \
		key, offsetof(struct type, member)                             \
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
	SLOT(report, "policy_version", policy_version),
	SLOT(report, "revocation", revocation),
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

		json_put_text(j, "kind", timestamp_kind_name(t->kind));
		json_put_text(j, "integrity", integrity_name(t->integrity));
		json_put_text(j, "indication", indication_name(t->indication));
		json_put_text_or_null(
		    j, "subindication", subindication_name(t->subindication));
		json_put_time(j, "time", t->time_us);
		json_add(list, j);
	}
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
	json_put(j, "anchor", purposes_json(s->anchor));
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

static struct json *
wants_json(const struct want_list *l)
{
	struct json *list = json_new_list();

	for (size_t i = 0; i < l->count; i++) {
		struct json *j = json_new_object();

		json_put_text(j, "kind", want_kind_name(l->at[i].kind));
		json_put_text(j, "url", l->at[i].url);
		json_add(list, j);
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
	json_put_time(j, "validation_time", r->at_us);
	json_put(j, "evidence", evidence_json(&r->evidence));
	json_put(j, "wants", wants_json(&r->wants));
	if (r->path != NULL)
		json_put(j, "path", path_json(r->path));
	return j;
}
