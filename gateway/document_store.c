/*
 * Documents into the record and out of it: bytes once each, a row for each
 * document with its report, and what an answer says of them.
 */
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/report.h"
#include "gateway/db.h"
#include "gateway/document.h"
#include "gateway/upload.h"

static const char *const roles[] = {
	[DOCUMENT_COMPONENT] = "component",
	[DOCUMENT_SUPPLEMENT] = "supplement",
	[DOCUMENT_RESULT] = "result",
};

static bool
store_content(struct db *db, int64_t tenant, const struct upload_part *part,
    struct err *e)
{
	const struct db_arg args[] = { DB_INT(tenant),
		DB_BYTES(part->sha256, sizeof(part->sha256)),
		DB_BYTES(part->bytes, part->len), DB_END };

	return db_exec(db, DB_content_add, args, NULL, e);
}

bool
document_store_contents(struct db *db, int64_t tenant,
    const struct document_set *set, struct err *e)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct document *doc = &set->item[i];

		if (!store_content(db, tenant, doc->part, e))
			return false;
		if (doc->signature != NULL &&
		    !store_content(db, tenant, doc->signature, e))
			return false;
	}
	return true;
}

struct row {
	const struct upload_part *part;
	const struct report *report; /* NULL: a detached signature's own row */
	const char *name, *detached_for;
};

static bool
store_row(struct db *db, const struct document_owner *o, const struct row *row,
    struct err *e)
{
	const struct report *r = row->report;
	struct json *j = r == NULL ? NULL : report_json(r);
	char *text = j == NULL ? NULL : json_write(j);
	const struct db_arg args[] = {
		DB_INT(o->tenant),
		DB_INT(o->dossier),
		DB_TEXT(row->name),
		DB_TEXT(roles[o->role]),
		DB_TEXT(row->part->file_name[0] != '\0' ? row->part->file_name
							: row->part->name),
		DB_BYTES(row->part->sha256, sizeof(row->part->sha256)),
		DB_INT((int64_t)row->part->len),
		DB_TEXT(row->detached_for),
		DB_TEXT(r == NULL ? "none" : format_name(r->format)),
		DB_TEXT(r == NULL || r->format == FORMAT_NONE
			    ? "NONE"
			    : indication_name(r->indication)),
		DB_TEXT(r == NULL || r->format == FORMAT_NONE
			    ? NULL
			    : subindication_name(r->subindication)),
		DB_TEXT(text),
		DB_TIME(o->at_us),
		DB_INT(o->by),
		DB_END,
	};
	bool ok;

	ok = db_exec(db, DB_document_add, args, NULL, e);
	free(text);
	json_free(j);
	return ok;
}

bool
document_store(struct db *db, const struct document_owner *o,
    const struct document_set *set, struct err *e)
{
	for (size_t i = 0; i < set->count; i++) {
		const struct document *doc = &set->item[i];
		const char *name = doc->rule->name;
		const struct row content = { doc->part, doc->report, name,
			NULL };
		const struct row signature = { doc->signature, NULL, name,
			name };

		if (!store_row(db, o, &content, e))
			return false;
		if (doc->signature != NULL && !store_row(db, o, &signature, e))
			return false;
	}
	return document_store_evidence(db, o, set, e);
}

struct json *
document_json(const struct document_set *set)
{
	struct json *list = json_new_list();
	char hex[65];

	for (size_t i = 0; i < set->count; i++) {
		const struct document *doc = &set->item[i];
		struct json *j = json_new_object();

		text_hex(doc->part->sha256, 32, hex);
		json_put_text(j, "name", doc->rule->name);
		json_put_text(j, "file", doc->part->file_name);
		json_put_text(j, "sha256", hex);
		json_put_int(j, "length", (int64_t)doc->part->len);
		json_put_text(
		    j, "verdict", indication_text_vi(doc->report->indication));
		json_put(j, "report", report_json(doc->report));
		json_add(list, j);
	}
	return list;
}

static void
add_digest(struct json *list, const char *name, const struct upload_part *part)
{
	struct json *j = json_new_object();
	char hex[65];

	text_hex(part->sha256, 32, hex);
	json_put_text(j, "name", name);
	json_put_text(j, "sha256", hex);
	json_add(list, j);
}

struct json *
document_digests(const struct document_set *set)
{
	struct json *list = json_new_list();

	for (size_t i = 0; i < set->count; i++) {
		const struct document *doc = &set->item[i];

		add_digest(list, doc->rule->name, doc->part);
		if (doc->signature != NULL)
			add_digest(list, doc->rule->name, doc->signature);
	}
	return list;
}
