/* The section `procedures` of an import file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/money.h"
#include "crypto/digest.h"
#include "gateway/db.h"
#include "gateway/import.h"
#include "gateway/import_clock.h"
#include "gateway/procedure.h"

static const char *const kinds[] = { "tthc", "complaint", "denunciation",
	"feedback", NULL };
static const char *const limit_units[] = { "same-day", "working-hour",
	"working-day", "day", "month", NULL };
static const char *const spans[] = { "working-hour", "working-day", "day",
	"month", NULL };
static const char *const levels[] = { "full", "partial", "none", NULL };
static const char *const dues[] = { "none", "intake", "work", NULL };
static const char *const signers[] = { "none", "anyone", "applicant", "officer",
	NULL };
static const char *const roles[] = { "component", "result", NULL };
static const char *const formats[] = { "pades", "cades", "xades", "none",
	NULL };
static const char *const fee_kinds[] = { "fee", "charge", NULL };

static const struct json_field fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "version", JSON_KIND_INT, true, 1, 1000000, false, NULL },
	{ "name", JSON_KIND_TEXT, true, 1, 1000, false, NULL },
	{ "field_code", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "field_name", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "kind", JSON_KIND_TEXT, true, 1, 20, false, kinds },
	{ "limit_amount", JSON_KIND_INT, true, 1, 10000, false, NULL },
	{ "limit_unit", JSON_KIND_TEXT, true, 1, 15, false, limit_units },
	{ "cutoff", JSON_KIND_TEXT, false, 5, 5, false, NULL },
	{ "intake_hours", JSON_KIND_INT, false, 1, 1000, false, NULL },
	{ "intake_unit", JSON_KIND_TEXT, false, 1, 15, false, spans },
	{ "service_level", JSON_KIND_TEXT, true, 1, 20, false, levels },
	{ "fee_due", JSON_KIND_TEXT, true, 1, 20, false, dues },
	{ "decision", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "valid_from", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "valid_to", JSON_KIND_TEXT, false, 10, 10, false, NULL },
	{ "documents", JSON_KIND_LIST, true, 0, PROCEDURE_DOCUMENTS_MAX, false,
	    NULL },
	{ "fees", JSON_KIND_LIST, false, 0, 50, false, NULL },
	{ "extensions", JSON_KIND_LIST, false, 0, 20, false, NULL },
	{ "holds", JSON_KIND_LIST, false, 0, 20, false, NULL },
	{ "steps", JSON_KIND_LIST, false, 0, 50, false, NULL },
	{ "escalations", JSON_KIND_LIST, false, 0, 3, false, NULL },
	{ "near_due_hours", JSON_KIND_INT, false, 0, 2000, false, NULL },
	{ "apology_hours", JSON_KIND_INT, false, 0, 2000, false, NULL },
	{ "fee_remind_days", JSON_KIND_INT, false, 0, 250, false, NULL },
	{ "intake_restarts", JSON_KIND_BOOL, false, 0, 0, false, NULL },
	{ "filing", JSON_KIND_OBJECT, false, 0, 0, false, NULL },
};

static const struct json_field document_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "title", JSON_KIND_TEXT, true, 1, 499, false, NULL },
	{ "required", JSON_KIND_BOOL, true, 0, 0, false, NULL },
	{ "signer", JSON_KIND_TEXT, true, 1, 20, false, signers },
	{ "role", JSON_KIND_TEXT, true, 1, 20, false, roles },
	{ "formats", JSON_KIND_LIST, true, 1, 4, false, NULL },
	{ "bytes_max", JSON_KIND_INT, true, 1, 104857600, false, NULL },
};

static const struct json_field fee_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "kind", JSON_KIND_TEXT, true, 1, 20, false, fee_kinds },
	{ "title", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "amount", JSON_KIND_INT, true, 0, MONEY_MAX, false, NULL },
};

static const struct json_field extension_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "title", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "limit_amount", JSON_KIND_INT, true, 1, 10000, false, NULL },
	{ "limit_unit", JSON_KIND_TEXT, true, 1, 15, false, spans },
	{ "basis", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "follows", JSON_KIND_TEXT, false, 1, 40, false, NULL },
};

struct procedure_file {
	const struct json *j;
	const char *at;
	int64_t id; /* 0: a new version */
	uint8_t sha256[DIGEST_LEN];
	bool same; /* as what is stored */
};

/* Over the text with its keys in order; valid_to may be set later, for a
 * version that ends without a successor. */
static void
digest_procedure(const struct json *j, uint8_t out[DIGEST_LEN])
{
	struct json *copy = json_clone(j);
	char *text;

	json_put_null(copy, "valid_to");
	text = json_write_sorted(copy);
	digest_sha256(text, strlen(text), out);
	free(text);
	json_free(copy);
}

/* A dossier keeps the rules that it was received under; so they stay. */
static bool
find_version(struct import *im, struct procedure_file *p, struct err *e)
{
	const char *code = json_text(p->j, "code", "");
	int64_t version = json_int(p->j, "version", 0);
	const struct db_arg args[] = { DB_INT(im->tenant), DB_TEXT(code),
		DB_INT(version), DB_END };
	struct db_bytes was;
	struct db_rows *r;
	bool used = false;

	if (!db_query(im->db, DB_import_procedure_find, args, &r, e))
		return false;
	if (db_count(r) == 1) {
		p->id = db_int(r, 0, "id");
		was = db_bytes(r, 0, "sha256");
		p->same = memcmp(was.data, p->sha256, DIGEST_LEN) == 0;
		used = db_bool(r, 0, "used");
	}
	db_rows_free(r);
	if (used && !p->same)
		return err_field(e, ERR_CONFLICT, p->at,
		    "%s: dossiers were received under version %lld; a change "
		    "needs a new version",
		    code, (long long)version);
	return true;
}

/* Seconds of the day; 0 without one, -1 when it is no time. */
static int
cutoff_of(const struct json *j)
{
	const char *s = json_text(j, "cutoff", NULL);
	int sec;

	if (s == NULL)
		return 0;
	return import_time(s, &sec) && sec > 0 && sec < 86400 ? sec : -1;
}

static bool
store_head(struct import *im, struct procedure_file *p, struct err *e)
{
	const struct json *j = p->j;
	int cutoff = cutoff_of(j);
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_TEXT(json_text(j, "code", "")),
		DB_INT(json_int(j, "version", 0)),
		DB_TEXT(json_text(j, "name", "")),
		DB_TEXT(json_text(j, "field_code", "")),
		DB_TEXT(json_text(j, "field_name", "")),
		DB_TEXT(json_text(j, "kind", "")),
		DB_INT(json_int(j, "limit_amount", 0)),
		DB_TEXT(json_text(j, "limit_unit", "")),
		DB_INT(json_int(j, "intake_hours", 8)),
		DB_TEXT(json_text(j, "service_level", "")),
		DB_TEXT(json_text(j, "fee_due", "")),
		DB_TEXT(json_text(j, "decision", "")),
		DB_TEXT(json_text(j, "valid_from", "")),
		DB_BYTES(p->sha256, DIGEST_LEN),
		DB_TEXT(json_text(j, "intake_unit", "working-hour")),
		cutoff == 0 ? DB_NULL : DB_INT(cutoff),
		DB_END,
	};
	struct db_rows *r;

	if (!db_one(im->db, DB_import_procedure, args, &r, e))
		return false;
	p->id = db_int(r, 0, "id");
	db_rows_free(r);
	return true;
}

static bool
check_formats(
    const struct json *j, const char *at, const char ***out, struct err *e)
{
	static const struct json_field format = { "", JSON_KIND_TEXT, true, 1,
		10, false, formats };
	const struct json *list = json_find(j, "formats");
	bool signs = strcmp(json_text(j, "signer", ""), "none") != 0;

	for (size_t i = 0; i < json_count(list); i++) {
		if (!json_check_value(json_at(list, i), at, &format, e))
			return false;
		if (signs &&
		    strcmp(json_text_value(json_at(list, i)), "none") == 0)
			return err_field(e, ERR_BAD_FIELD, at,
			    "a signer, and a format without a signature");
	}
	return import_texts(list, at, 10, out, e);
}

static bool
store_document(struct import *im, const struct procedure_file *p, size_t i,
    const char **accepted, struct err *e)
{
	const struct json *j = json_at(json_find(p->j, "documents"), i);
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_INT(p->id),
		DB_INT((int64_t)i + 1),
		DB_TEXT(json_text(j, "code", "")),
		DB_TEXT(json_text(j, "title", "")),
		DB_BOOL(json_bool(j, "required", true)),
		DB_TEXT(json_text(j, "signer", "")),
		DB_TEXT(json_text(j, "role", "")),
		DB_TEXTS(accepted, json_count(json_find(j, "formats"))),
		DB_INT(json_int(j, "bytes_max", 0)),
		DB_END,
	};

	return db_exec(im->db, DB_import_document, args, NULL, e);
}

static bool
import_document(
    struct import *im, const struct procedure_file *p, size_t i, struct err *e)
{
	const struct json *j = json_at(json_find(p->j, "documents"), i);
	char at[IMPORT_POINTER_LEN + 40];
	const char **accepted = NULL;
	bool ok;

	snprintf(at, sizeof(at), "%s/documents/%zu", p->at, i);
	if (!json_check(j, at, document_fields, nitems(document_fields), e))
		return false;
	if (!import_code(json_text(j, "code", ""), at, IMPORT_LOWER_CODE, e))
		return false;
	if (!check_formats(j, at, &accepted, e))
		return false;
	ok = store_document(im, p, i, accepted, e);
	free(accepted);
	return ok;
}

static bool
import_fee(
    struct import *im, const struct procedure_file *p, size_t i, struct err *e)
{
	const struct json *j = json_at(json_find(p->j, "fees"), i);
	char at[IMPORT_POINTER_LEN + 40];
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_INT(p->id),
		DB_INT((int64_t)i + 1),
		DB_TEXT(json_text(j, "code", "")),
		DB_TEXT(json_text(j, "kind", "")),
		DB_TEXT(json_text(j, "title", "")),
		DB_INT(json_int(j, "amount", 0)),
		DB_END,
	};

	snprintf(at, sizeof(at), "%s/fees/%zu", p->at, i);
	return json_check(j, at, fee_fields, nitems(fee_fields), e) &&
	       db_exec(im->db, DB_import_fee, args, NULL, e);
}

/* One above it, so that no two wait for each other. */
static bool
check_follows(const struct json *list, size_t i, const char *at, struct err *e)
{
	const char *follows = json_text(json_at(list, i), "follows", NULL);

	if (follows == NULL)
		return true;
	for (size_t k = 0; k < i; k++)
		if (strcmp(json_text(json_at(list, k), "code", ""), follows) ==
		    0)
			return true;
	return err_field(
	    e, ERR_BAD_FIELD, at, "follows %s, which is not above it", follows);
}

static bool
import_extension(
    struct import *im, const struct procedure_file *p, size_t i, struct err *e)
{
	const struct json *list = json_find(p->j, "extensions");
	const struct json *j = json_at(list, i);
	char at[IMPORT_POINTER_LEN + 40];
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_INT(p->id),
		DB_INT((int64_t)i + 1),
		DB_TEXT(json_text(j, "code", "")),
		DB_TEXT(json_text(j, "title", "")),
		DB_INT(json_int(j, "limit_amount", 0)),
		DB_TEXT(json_text(j, "limit_unit", "")),
		DB_TEXT(json_text(j, "basis", "")),
		DB_TEXT(json_text(j, "follows", NULL)),
		DB_END,
	};

	snprintf(at, sizeof(at), "%s/extensions/%zu", p->at, i);
	return json_check(
		   j, at, extension_fields, nitems(extension_fields), e) &&
	       import_code(
		   json_text(j, "code", ""), at, IMPORT_LOWER_CODE, e) &&
	       check_follows(list, i, at, e) &&
	       db_exec(im->db, DB_import_extension, args, NULL, e);
}

/* Only of a version that no dossier knows yet. */
static bool
replace_parts(struct import *im, const struct procedure_file *p, struct err *e)
{
	const struct db_arg key[] = { DB_INT(im->tenant), DB_INT(p->id),
		DB_END };

	if (!db_exec(im->db, DB_import_documents_clear, key, NULL, e) ||
	    !db_exec(im->db, DB_import_fees_clear, key, NULL, e) ||
	    !db_exec(im->db, DB_import_extensions_clear, key, NULL, e))
		return false;
	for (size_t i = 0; i < json_count(json_find(p->j, "documents")); i++)
		if (!import_document(im, p, i, e))
			return false;
	for (size_t i = 0; i < json_count(json_find(p->j, "fees")); i++)
		if (!import_fee(im, p, i, e))
			return false;
	for (size_t i = 0; i < json_count(json_find(p->j, "extensions")); i++)
		if (!import_extension(im, p, i, e))
			return false;
	return import_clock(
	    &(struct import_clock){ im, p->j, p->at, p->id }, e);
}

static bool
store_end(struct import *im, const struct procedure_file *p, struct err *e)
{
	const struct db_arg args[] = { DB_INT(im->tenant), DB_INT(p->id),
		DB_TEXT(json_text(p->j, "valid_to", NULL)), DB_END };

	return db_exec(im->db, DB_import_procedure_end, args, NULL, e);
}

static bool
check(const struct procedure_file *p, struct err *e)
{
	const struct json *j = p->j;
	const char *from = json_text(j, "valid_from", "");
	const char *to = json_text(j, "valid_to", "9999-12-31");

	if (!json_check(j, p->at, fields, nitems(fields), e))
		return false;
	if (!import_code(json_text(j, "code", ""), p->at, IMPORT_CODE, e))
		return false;
	if (!import_date(from, p->at, e) || !import_date(to, p->at, e))
		return false;
	if (cutoff_of(j) < 0)
		return err_field(
		    e, ERR_BAD_FIELD, p->at, "cutoff is not like 15:00");
	if (strcmp(from, to) >= 0)
		return err_field(e, ERR_BAD_FIELD, p->at,
		    "valid_to is not after valid_from");
	if (strcmp(json_text(j, "fee_due", ""), "none") != 0 &&
	    json_count(json_find(j, "fees")) == 0)
		return err_field(
		    e, ERR_BAD_FIELD, p->at, "fee_due, and no fees");
	return true;
}

static bool
import_procedure(struct import *im, struct procedure_file *p, struct err *e)
{
	if (!check(p, e))
		return false;
	digest_procedure(p->j, p->sha256);
	if (!find_version(im, p, e))
		return false;
	if (!p->same && (!store_head(im, p, e) || !replace_parts(im, p, e)))
		return false;
	return store_end(im, p, e);
}

bool
import_procedures(struct import *im, const struct json *list, struct err *e)
{
	char at[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		struct procedure_file p = { .j = json_at(list, i), .at = at };

		import_pointer(at, "/procedures", i);
		if (!import_procedure(im, &p, e))
			return false;
	}
	return true;
}
