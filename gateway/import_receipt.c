/* The section `receipt_books` of an import file. */
#include <stdio.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/import.h"
#include "gateway/import_certificate.h"

static const struct json_field fields[] = {
	{ "unit", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "body", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "tax_code", JSON_KIND_TEXT, true, 10, 14, false, NULL },
	{ "address", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "form", JSON_KIND_TEXT, true, 1, 20, false, NULL },
	{ "series", JSON_KIND_TEXT, true, 1, 20, false, NULL },
	{ "valid_from", JSON_KIND_TEXT, true, 10, 10, false, NULL },
	{ "certificates", JSON_KIND_LIST, false, 0, 50, false, NULL },
};

static const char code_set[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-/";

/* A book that has been used keeps its name and tax code; a change of those is
 * another series. */
static bool
store(struct import *im, const struct json *j, const char *at, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_TEXT(json_text(j, "unit", "")),
		DB_TEXT(json_text(j, "body", "")),
		DB_TEXT(json_text(j, "tax_code", "")),
		DB_TEXT(json_text(j, "address", "")),
		DB_TEXT(json_text(j, "form", "")),
		DB_TEXT(json_text(j, "series", "")),
		DB_TEXT(json_text(j, "valid_from", "")),
		DB_END,
	};
	int stored = 0;

	if (!db_exec(im->db, DB_import_receipt_book, args, &stored, e))
		return false;
	if (stored == 0)
		return err_field(e, ERR_CONFLICT, at,
		    "no unit %s, or a book that is in use would get another "
		    "name or tax code",
		    json_text(j, "unit", ""));
	return true;
}

/* Of the key that signs the body's receipts, whatever their book. */
static bool
certificates(
    struct import *im, const struct json *j, const char *at, struct err *e)
{
	const struct import_signs who =
	    import_key_of(im, "body", json_text(j, "tax_code", ""), at);

	return import_certificates(im, &who, json_find(j, "certificates"), e);
}

static bool
import_book(
    struct import *im, const struct json *j, const char *at, struct err *e)
{
	return json_check(j, at, fields, nitems(fields), e) &&
	       import_code(
		   json_text(j, "tax_code", ""), at, "0123456789-", e) &&
	       import_code(json_text(j, "form", ""), at, code_set, e) &&
	       import_code(json_text(j, "series", ""), at, code_set, e) &&
	       import_date(json_text(j, "valid_from", ""), at, e) &&
	       store(im, j, at, e) && certificates(im, j, at, e);
}

bool
import_receipt_books(struct import *im, const struct json *list, struct err *e)
{
	char at[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		import_pointer(at, "/receipt_books", i);
		if (!import_book(im, json_at(list, i), at, e))
			return false;
	}
	return true;
}
