/* The section `officers` of an import file. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/mac.h"
#include "gateway/db.h"
#include "gateway/import.h"
#include "gateway/import_certificate.h"

#define SMALL_FILE_MAX 65536
#define PASSWORD_MIN   8

static const struct json_field fields[] = {
	{ "login", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "name", JSON_KIND_TEXT, true, 1, 200, false, NULL },
	{ "title", JSON_KIND_TEXT, false, 0, 200, false, NULL },
	{ "email", JSON_KIND_TEXT, true, 3, 254, false, NULL },
	{ "unit", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "rights", JSON_KIND_LIST, true, 0, 100, false, NULL },
	{ "password_file", JSON_KIND_TEXT, false, 1, 1000, false, NULL },
	{ "certificates", JSON_KIND_LIST, false, 0, 50, false, NULL },
	{ "roles", JSON_KIND_LIST, false, 0, 50, false, NULL },
	{ "active", JSON_KIND_BOOL, false, 0, 0, false, NULL },
};

struct officer {
	const struct json *j;
	const char *at;
	int64_t id; /* 0: a new one */
	int64_t unit;
	char password[MAC_PASSWORD_LEN];
	bool log_out; /* sessions that he has end */
};

static bool
find_unit(struct import *im, struct officer *o, struct err *e)
{
	const char *email = json_text(o->j, "email", "");
	const char *code = json_text(o->j, "unit", "");
	const char *domain = strrchr(email, '@');
	const struct db_arg args[] = { DB_INT(im->tenant), DB_TEXT(code),
		DB_TEXT(domain == NULL ? "" : domain + 1), DB_END };
	struct db_rows *r;

	if (domain == NULL)
		return err_field(
		    e, ERR_BAD_FIELD, o->at, "no mail address: %s", email);
	if (!db_query(im->db, DB_import_unit_find, args, &r, e))
		return false;
	if (db_count(r) == 0) {
		db_rows_free(r);
		return err_field(e, ERR_BAD_FIELD, o->at, "no unit %s", code);
	}
	o->unit = db_int(r, 0, "id");
	/* Counted by the score, and refused when something is to be sent. */
	if (!db_bool(r, 0, "official"))
		import_warn(im, "%s: %s is not an official address of %s",
		    o->at, email, code);
	db_rows_free(r);
	return true;
}

/* Logins are one name space for all tenants, since logging in asks for no
 * tenant. */
static bool
find_officer(struct import *im, struct officer *o, struct err *e)
{
	const char *login = json_text(o->j, "login", "");
	const struct db_arg args[] = { DB_TEXT(login), DB_END };
	struct db_rows *r;
	bool ours = true;

	if (!db_query(im->db, DB_import_officer_find, args, &r, e))
		return false;
	if (db_count(r) == 1) {
		ours = db_int(r, 0, "tenant_id") == im->tenant;
		o->id = db_int(r, 0, "id");
		snprintf(o->password, sizeof(o->password), "%s",
		    db_text(r, 0, "password"));
	}
	db_rows_free(r);
	if (!ours)
		return err_field(e, ERR_BAD_FIELD, o->at,
		    "%s is an officer of another tenant", login);
	return true;
}

/* The file's first line.  A password that stands already is left, so that an
 * import twice costs nobody his session. */
static bool
read_password(struct import *im, struct officer *o, struct err *e)
{
	const char *name = json_text(o->j, "password_file", NULL);
	struct blob text = { 0 };
	char *path, *word;
	bool ok = false;

	if (name == NULL) {
		if (o->id != 0)
			return true;
		return err_field(e, ERR_MISSING_FIELD, o->at,
		    "a new officer needs a password_file");
	}
	path = file_beside(im->path, name);
	if (!file_read(path, SMALL_FILE_MAX, &text, e))
		goto out;
	word = (char *)text.data;
	word[strcspn(word, "\r\n")] = '\0';
	if (strlen(word) < PASSWORD_MIN) {
		err_field(e, ERR_BAD_FIELD, o->at, "%s: under %d characters",
		    path, PASSWORD_MIN);
		goto out;
	}
	if (o->id == 0 || !mac_password_check(word, o->password)) {
		mac_password(word, o->password);
		o->log_out = true;
	}
	ok = true;

out:
	if (text.data != NULL)
		explicit_bzero(text.data, text.len);
	blob_release(&text);
	free(path);
	return ok;
}

static bool
store(struct import *im, struct officer *o, const char **rights, struct err *e)
{
	const struct json *j = o->j;
	const struct db_arg person[] = { DB_INT(im->tenant), DB_INT(o->id),
		DB_TEXT("officer"), DB_TEXT(json_text(j, "name", "")),
		DB_BOOL(json_bool(j, "active", true)), DB_END };
	struct db_rows *r;

	if (!db_one(im->db, DB_import_principal, person, &r, e))
		return false;
	o->id = db_int(r, 0, "id");
	db_rows_free(r);
	{
		const struct db_arg args[] = {
			DB_INT(im->tenant),
			DB_INT(o->id),
			DB_INT(o->unit),
			DB_TEXT(json_text(j, "login", "")),
			DB_TEXT(json_text(j, "email", "")),
			DB_TEXT(json_text(j, "title", "")),
			DB_TEXTS(rights, json_count(json_find(j, "rights"))),
			DB_TEXT(o->password),
			DB_END,
		};
		return db_exec(im->db, DB_import_officer, args, NULL, e);
	}
}

static bool
certificates(struct import *im, const struct officer *o, struct err *e)
{
	const struct import_signs who = {
		.clear = DB_import_certificates_clear,
		.add = DB_import_certificates,
		.key = { DB_INT(im->tenant), DB_INT(o->id) },
		.key_len = 2,
		.at = o->at,
	};

	return import_certificates(
	    im, &who, json_find(o->j, "certificates"), e);
}

static bool
store_roles(struct import *im, const struct officer *o, const char **roles,
    size_t n, struct err *e)
{
	const struct db_arg key[] = { DB_INT(im->tenant), DB_INT(o->id),
		DB_END };
	const struct db_arg args[] = { DB_INT(im->tenant), DB_INT(o->id),
		DB_TEXTS(roles, n), DB_END };

	for (size_t i = 0; i < n; i++)
		if (!import_code(roles[i], o->at, IMPORT_LOWER_CODE, e))
			return false;
	return db_exec(im->db, DB_import_roles_clear, key, NULL, e) &&
	       db_exec(im->db, DB_import_roles, args, NULL, e);
}

/* Without the key he stays what he is. */
static bool
import_roles(struct import *im, const struct officer *o, struct err *e)
{
	const struct json *list = json_find(o->j, "roles");
	const char **roles = NULL;
	bool ok;

	if (list == NULL)
		return true;
	if (!import_texts(list, o->at, 40, &roles, e))
		return false;
	ok = store_roles(im, o, roles, json_count(list), e);
	free(roles);
	return ok;
}

/* He comes back with what he has now, or not at all. */
static bool
log_out(struct import *im, const struct officer *o, struct err *e)
{
	const struct db_arg args[] = { DB_INT(im->tenant), DB_INT(o->id),
		DB_END };

	if (!o->log_out && json_bool(o->j, "active", true))
		return true;
	return db_exec(im->db, DB_import_log_out, args, NULL, e);
}

static bool
import_officer(struct import *im, struct officer *o, struct err *e)
{
	const char **rights = NULL;
	bool ok = false;

	if (!json_check(o->j, o->at, fields, nitems(fields), e))
		goto out;
	if (!import_code(json_text(o->j, "login", ""), o->at, IMPORT_CODE, e))
		goto out;
	if (!import_rights(json_find(o->j, "rights"), o->at, &rights, e))
		goto out;
	if (!find_unit(im, o, e))
		goto out;
	if (!find_officer(im, o, e))
		goto out;
	if (!read_password(im, o, e))
		goto out;
	ok = store(im, o, rights, e) && certificates(im, o, e) &&
	     import_roles(im, o, e) && log_out(im, o, e);

out:
	free(rights);
	return ok;
}

bool
import_officers(struct import *im, const struct json *list, struct err *e)
{
	char at[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		struct officer o = { .j = json_at(list, i), .at = at };

		import_pointer(at, "/officers", i);
		if (!import_officer(im, &o, e))
			return false;
	}
	return true;
}
