/* The section `units` of an import file. */
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/import.h"

static const struct json_field fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "name", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "calendar", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "mailbox", JSON_KIND_TEXT, true, 3, 254, false, NULL },
	{ "mail_domains", JSON_KIND_LIST, true, 1, 100, false, NULL },
};

/* Decision 20/2020/QĐ-TTg: letters, digits and dots. */
static const char code_set[] =
    "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.";

static bool
store(struct import *im, const struct json *j, const char **domains,
    const char *at, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(im->tenant),
		DB_TEXT(json_text(j, "code", "")),
		DB_TEXT(json_text(j, "name", "")),
		DB_TEXT(json_text(j, "calendar", "")),
		DB_TEXT(json_text(j, "mailbox", "")),
		DB_TEXTS(domains, json_count(json_find(j, "mail_domains"))),
		DB_END,
	};
	struct db_rows *r;
	bool known;

	if (!db_query(im->db, DB_import_unit, args, &r, e))
		return false;
	known = db_count(r) == 1;
	db_rows_free(r);
	if (!known)
		return err_field(e, ERR_BAD_FIELD, at, "no calendar %s",
		    json_text(j, "calendar", ""));
	return true;
}

static bool
import_unit(
    struct import *im, const struct json *j, const char *at, struct err *e)
{
	const char **domains = NULL;
	bool ok;

	if (!json_check(j, at, fields, nitems(fields), e))
		return false;
	if (!import_code(json_text(j, "code", ""), at, code_set, e))
		return false;
	if (!import_texts(json_find(j, "mail_domains"), at, 253, &domains, e))
		return false;
	ok = store(im, j, domains, at, e);
	free(domains);
	return ok;
}

bool
import_units(struct import *im, const struct json *list, struct err *e)
{
	char at[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		import_pointer(at, "/units", i);
		if (!import_unit(im, json_at(list, i), at, e))
			return false;
	}
	return true;
}
