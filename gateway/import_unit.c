/* The section `units` of an import file. */
#include <stdio.h>
#include <stdlib.h>

#include "adapters/vietqr.h"
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/import.h"
#include "gateway/import_certificate.h"
#include "gateway/import_clock.h"

static const struct json_field fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "name", JSON_KIND_TEXT, true, 1, 500, false, NULL },
	{ "calendar", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "mailbox", JSON_KIND_TEXT, true, 3, 254, false, NULL },
	{ "mail_domains", JSON_KIND_LIST, true, 1, 100, false, NULL },
	{ "account", JSON_KIND_OBJECT, false, 0, 0, false, NULL },
	{ "escalations", JSON_KIND_LIST, false, 0, 3, false, NULL },
	{ "certificates", JSON_KIND_LIST, false, 0, 50, false, NULL },
};

static const struct json_field account_fields[] = {
	{ "bank", JSON_KIND_TEXT, true, 6, 6, false, NULL },
	{ "number", JSON_KIND_TEXT, true, 1, 19, false, NULL },
	{ "holder", JSON_KIND_TEXT, true, 1, 100, false, NULL },
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
	int64_t id;
	bool known;

	if (!db_query(im->db, DB_import_unit, args, &r, e))
		return false;
	known = db_count(r) == 1;
	id = known ? db_int(r, 0, "id") : 0;
	db_rows_free(r);
	if (!known)
		return err_field(e, ERR_BAD_FIELD, at, "no calendar %s",
		    json_text(j, "calendar", ""));
	return import_unit_escalations(
	    im, id, json_find(j, "escalations"), at, e);
}

/* The account that a VietQR of the unit's asks for must be one that a VietQR
 * can name. */
static bool
check_account(const struct json *j, const char *at, struct err *e)
{
	struct vietqr q = { 0 };
	struct buf text = { 0 };
	bool ok;

	if (!json_check(j, at, account_fields, nitems(account_fields), e))
		return false;
	snprintf(q.bin, sizeof(q.bin), "%s", json_text(j, "bank", ""));
	snprintf(
	    q.account, sizeof(q.account), "%s", json_text(j, "number", ""));
	ok = vietqr_write(&q, &text, e);
	buf_release(&text);
	if (!ok)
		return err_field(
		    e, ERR_BAD_FIELD, at, "no account that a VietQR can name");
	return true;
}

static bool
import_account(struct import *im, const struct json *unit, const char *where,
    struct err *e)
{
	const struct json *j = json_find(unit, "account");
	char at[IMPORT_POINTER_LEN + 10];

	if (j == NULL)
		return true;
	snprintf(at, sizeof(at), "%s/account", where);
	if (!check_account(j, at, e))
		return false;
	return db_exec(im->db, DB_import_account,
	    (const struct db_arg[]){ DB_INT(im->tenant),
		DB_TEXT(json_text(unit, "code", "")),
		DB_TEXT(json_text(j, "bank", "")),
		DB_TEXT(json_text(j, "number", "")),
		DB_TEXT(json_text(j, "holder", "")), DB_END },
	    NULL, e);
}

/* Of the key that signs its forms. */
static bool
certificates(
    struct import *im, const struct json *j, const char *at, struct err *e)
{
	const struct import_signs who =
	    import_key_of(im, "unit", json_text(j, "code", ""), at);

	return import_certificates(im, &who, json_find(j, "certificates"), e);
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
	ok = store(im, j, domains, at, e) && import_account(im, j, at, e) &&
	     certificates(im, j, at, e);
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
