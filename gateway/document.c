#include "gateway/document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/report.h"
#include "crypto/trust.h"
#include "gateway/request.h"
#include "gateway/upload.h"

static const struct json_field document_fields[] = {
	{ "name", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "part", JSON_KIND_TEXT, false, 1, 63, false, NULL },
	{ "signature", JSON_KIND_TEXT, false, 1, 63, false, NULL },
	{ "sha256", JSON_KIND_TEXT, false, 64, 64, false, NULL },
};

/* One document's pointer in the form: /documents/<i><rest>. */
#define POINTER_LEN 80
static void
point(char out[POINTER_LEN], size_t i, const char *rest)
{
	snprintf(out, POINTER_LEN, "/documents/%zu%s", i, rest);
}

static bool
find_part(const struct upload *up, const char *name, const char *pointer,
    const struct upload_part **out, struct err *e)
{
	*out = upload_find(up, name);
	if (*out == NULL)
		return err_field(e, ERR_MISSING_DOCUMENT, pointer,
		    "the form has no part %s", name);
	if ((*out)->len == 0)
		return err_field(
		    e, ERR_EMPTY_DOCUMENT, pointer, "part %s is empty", name);
	return true;
}

static bool
check_hash(
    const struct upload_part *part, const char *hex, size_t i, struct err *e)
{
	char pointer[POINTER_LEN];
	uint8_t told[32];

	point(pointer, i, "/sha256");
	if (!text_unhex(hex, told, sizeof(told)))
		return err_field(e, ERR_BAD_FIELD, pointer, "not hex");
	if (memcmp(told, part->sha256, sizeof(told)) != 0)
		return err_field(e, ERR_HASH_MISMATCH, pointer,
		    "part %s has another hash", part->name);
	return true;
}

static bool
find_rule(const struct procedure *p, const char *name, enum document_role role,
    const struct procedure_document **out)
{
	*out = procedure_document(p, name);
	return *out != NULL && (*out)->result == (role == DOCUMENT_RESULT);
}

static bool
read_one(const struct upload *up, const struct json *j, size_t i,
    struct document *doc, struct err *e)
{
	const char *name = json_text(j, "name", "");
	const char *signature = json_text(j, "signature", NULL);
	const char *hash = json_text(j, "sha256", NULL);
	char pointer[POINTER_LEN];

	point(pointer, i, "/part");
	if (!find_part(up, json_text(j, "part", name), pointer, &doc->part, e))
		return false;
	if ((int64_t)doc->part->len > doc->rule->bytes_max)
		return err_field(e, ERR_TOO_LARGE, pointer,
		    "part %s: %zu bytes", doc->part->name, doc->part->len);
	if (hash != NULL && !check_hash(doc->part, hash, i, e))
		return false;
	point(pointer, i, "/signature");
	return signature == NULL ||
	       find_part(up, signature, pointer, &doc->signature, e);
}

/* No part may stand for nothing, or for two documents. */
static bool
every_part_is_used_once(
    const struct upload *up, const struct document_set *set, struct err *e)
{
	for (size_t i = 0; i < upload_count(up); i++) {
		const struct upload_part *part = upload_part(up, i);
		int uses = strcmp(part->name, "dossier") == 0;

		for (size_t j = 0; j < set->count; j++)
			uses += (set->item[j].part == part) +
				(set->item[j].signature == part);
		if (uses != 1)
			return err_field(e, ERR_EXTRA_DOCUMENT, "/documents",
			    "part %s is named %d times", part->name, uses);
	}
	return true;
}

static bool
named_twice(const struct document_set *set, const struct procedure_document *r)
{
	for (size_t i = 0; i < set->count; i++)
		if (set->item[i].rule == r)
			return true;
	return false;
}

bool
document_read(
    const struct document_form *form, struct document_set *out, struct err *e)
{
	const struct json *list = form->list;
	size_t count = json_count(list);
	char pointer[POINTER_LEN];

	out->item = blob_calloc(count + 1, sizeof(*out->item));
	for (size_t i = 0; i < count; i++) {
		const struct json *j = json_at(list, i);
		struct document *doc = &out->item[out->count];

		point(pointer, i, "");
		if (!json_check(j, pointer, document_fields,
			nitems(document_fields), e))
			return false;
		point(pointer, i, "/name");
		if (!find_rule(form->procedure, json_text(j, "name", ""),
			form->role, &doc->rule) ||
		    named_twice(out, doc->rule))
			return err_field(e, ERR_EXTRA_DOCUMENT, pointer,
			    "%s: not asked for, or twice",
			    json_text(j, "name", ""));
		if (!read_one(form->upload, j, i, doc, e))
			return false;
		out->count++;
	}
	return every_part_is_used_once(form->upload, out, e);
}

bool
document_complete(
    const struct document_set *set, const struct procedure *p, struct err *e)
{
	for (size_t i = 0; i < p->document_count; i++) {
		const struct procedure_document *rule = &p->documents[i];

		if (rule->required && !rule->result && !named_twice(set, rule))
			return err_field(e, ERR_MISSING_DOCUMENT, "/documents",
			    "%s is required", rule->name);
	}
	return true;
}

void
document_set_release(struct document_set *set)
{
	for (size_t i = 0; i < set->count; i++)
		report_free(set->item[i].report);
	free(set->item);
	evidence_pieces_release(&set->evidence);
	trust_bundle_free(set->bundle);
	*set = (struct document_set){ 0 };
}
