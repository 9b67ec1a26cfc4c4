/* The section `tariffs` of an import file. */
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

static const char *const kinds[] = { "fee", "charge", NULL };
static const char *const categories[] = { "citizen", "enterprise", "agency",
	NULL };

static const struct json_field fields[] = {
	{ "procedure", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "version", JSON_KIND_INT, true, 1, 1000000, false, NULL },
	{ "basis", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "valid_from", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "valid_to", JSON_KIND_TEXT, false, 10, 10, false, NULL },
	{ "lines", JSON_KIND_LIST, true, 1, 50, false, NULL },
	{ "reliefs", JSON_KIND_LIST, false, 0, 50, false, NULL },
};

static const struct json_field line_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "kind", JSON_KIND_TEXT, true, 1, 20, false, kinds },
	{ "title", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "amount", JSON_KIND_INT, true, 0, MONEY_MAX, false, NULL },
	{ "unit", JSON_KIND_TEXT, true, 1, 100, false, NULL },
};

static const struct json_field relief_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "title", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "percent", JSON_KIND_INT, true, 1, 100, false, NULL },
	{ "line", JSON_KIND_TEXT, false, 1, 63, false, NULL },
	{ "category", JSON_KIND_TEXT, false, 1, 20, false, categories },
	{ "basis", JSON_KIND_TEXT, true, 1, 500, false, NULL },
};

static const char lower_code[] = "abcdefghijklmnopqrstuvwxyz0123456789-";

static bool
has_line(const struct json *j, const char *code)
{
	const struct json *lines = json_find(j, "lines");

	for (size_t i = 0; i < json_count(lines); i++)
		if (strcmp(json_text(json_at(lines, i), "code", ""), code) == 0)
			return true;
	return false;
}

static bool
check_parts(const struct json *j, const char *at, struct err *e)
{
	const struct json *lines = json_find(j, "lines");
	const struct json *reliefs = json_find(j, "reliefs");
	char part[IMPORT_POINTER_LEN + 40];

	for (size_t i = 0; i < json_count(lines); i++) {
		snprintf(part, sizeof(part), "%s/lines/%zu", at, i);
		if (!json_check(json_at(lines, i), part, line_fields,
			nitems(line_fields), e))
			return false;
	}
	for (size_t i = 0; i < json_count(reliefs); i++) {
		const struct json *r = json_at(reliefs, i);
		const char *line = json_text(r, "line", NULL);

		snprintf(part, sizeof(part), "%s/reliefs/%zu", at, i);
		if (!json_check(
			r, part, relief_fields, nitems(relief_fields), e) ||
		    !import_code(json_text(r, "code", ""), part, lower_code, e))
			return false;
		if (line != NULL && !has_line(j, line))
			return err_field(
			    e, ERR_BAD_FIELD, part, "no line %s", line);
	}
	return true;
}

static bool
check(const struct json *j, const char *at, struct err *e)
{
	const char *from, *to;

	if (!json_check(j, at, fields, nitems(fields), e) ||
	    !check_parts(j, at, e))
		return false;
	from = json_text(j, "valid_from", "");
	to = json_text(j, "valid_to", "9999-12-31");
	if (!import_date(from, at, e) || !import_date(to, at, e))
		return false;
	return strcmp(from, to) < 0 || err_field(e, ERR_BAD_FIELD, at,
					   "valid_to is not after valid_from");
}

/* A tariff that something was asked by stays as it is, but for its end. */
static bool
store(struct import *im, const struct json *j, const char *at, struct err *e)
{
	struct json *copy = json_clone(j);
	struct db_rows *rows = NULL;
	uint8_t sha256[DIGEST_LEN];
	char *text;
	bool ok;

	json_put_null(copy, "valid_to");
	text = json_write_sorted(copy);
	digest_sha256(text, strlen(text), sha256);
	json_free(copy);
	ok = db_query(im->db, DB_import_tariff,
	    (const struct db_arg[]){ DB_INT(im->tenant),
		DB_TEXT(json_text(j, "procedure", "")),
		DB_INT(json_int(j, "version", 0)),
		DB_TEXT(json_text(j, "basis", "")),
		DB_TEXT(json_text(j, "valid_from", "")),
		DB_TEXT(json_text(j, "valid_to", NULL)),
		DB_BYTES(sha256, DIGEST_LEN), DB_END },
	    &rows, e);
	if (ok && db_count(rows) == 0)
		ok = err_field(e, ERR_CONFLICT, at,
		    "fees were asked for by this version; a change needs "
		    "another one");
	ok = ok && db_exec(im->db, DB_import_tariff_clear,
		       (const struct db_arg[]){ DB_INT(im->tenant),
			   DB_INT(db_int(rows, 0, "id")), DB_END },
		       NULL, e);
	ok = ok &&
	     db_exec(im->db, DB_import_tariff_parts,
		 (const struct db_arg[]){ DB_INT(im->tenant),
		     DB_INT(db_int(rows, 0, "id")), DB_TEXT(text), DB_END },
		 NULL, e);
	db_rows_free(rows);
	free(text);
	return ok;
}

bool
import_tariffs(struct import *im, const struct json *list, struct err *e)
{
	char at[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		const struct json *j = json_at(list, i);

		import_pointer(at, "/tariffs", i);
		if (!check(j, at, e) || !store(im, j, at, e))
			return false;
	}
	return true;
}
