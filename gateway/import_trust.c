/* The section `trust_anchors` of an import file: whose paths are believed. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "crypto/expiry.h"
#include "gateway/db.h"
#include "gateway/import.h"

#define ANCHOR_MAX 65536

static const char *const purposes[] = { "public", "government", "timestamp",
	NULL };

static const struct json_field fields[] = {
	{ "purpose", JSON_KIND_TEXT, true, 1, 20, false, purposes },
	{ "pem", JSON_KIND_TEXT, false, 1, ANCHOR_MAX, true, NULL },
	{ "file", JSON_KIND_TEXT, false, 1, 1000, false, NULL },
	{ "valid_from", JSON_KIND_TEXT, false, 20, 35, false, NULL },
	{ "valid_until", JSON_KIND_TEXT, false, 20, 35, false, NULL },
	{ "source", JSON_KIND_TEXT, true, 1, 500, false, NULL },
};

static bool
read_bytes(const struct import *im, const struct json *j, const char *at,
    struct blob *out, struct err *e)
{
	const char *pem = json_text(j, "pem", NULL);
	const char *file = json_text(j, "file", NULL);
	char *path;
	bool ok;

	if ((pem == NULL) == (file == NULL))
		return err_field(e, ERR_MISSING_FIELD, at, "pem or file");
	if (pem != NULL) {
		*out = blob_copy(pem, strlen(pem));
		return true;
	}
	path = file_beside(im->path, file);
	ok = file_read(path, ANCHOR_MAX, out, e) ||
	     err_field(e, ERR_BAD_FIELD, at, "%s", path);
	free(path);
	return ok;
}

/* 0 where it is not there. */
static bool
read_moment(const struct json *j, const char *key, const char *at, int64_t *us,
    struct err *e)
{
	const char *s = json_text(j, key, NULL);

	*us = 0;
	return s == NULL || clock_parse_rfc3339(s, us) ||
	       err_field(e, ERR_BAD_FIELD, at, "%s: no moment: %s", key, s);
}

static bool
check(const struct import *im, const struct json *j, const char *at,
    const struct blob *bytes, struct err *e)
{
	int64_t not_after_us;

	if (!expiry_anchor(at, bytes, &not_after_us, e))
		return err_field(e, ERR_BAD_FIELD, at, "not a certificate");
	if (not_after_us < clock_now_us())
		import_warn(im, "%s (%s): the certificate has expired", at,
		    json_text(j, "source", ""));
	return true;
}

static bool
import_one(const struct import *im, const struct json *j, const char *at,
    struct err *e)
{
	struct blob bytes = { 0 };
	uint8_t sha256[DIGEST_LEN];
	int64_t from, until;
	bool ok;

	if (!json_check(j, at, fields, nitems(fields), e) ||
	    !read_moment(j, "valid_from", at, &from, e) ||
	    !read_moment(j, "valid_until", at, &until, e))
		return false;
	if (until != 0 && until <= from)
		return err_field(e, ERR_BAD_FIELD, at, "ends before it begins");
	ok = read_bytes(im, j, at, &bytes, e) && check(im, j, at, &bytes, e);
	if (ok) {
		digest_sha256(bytes.data, bytes.len, sha256);
		const struct db_arg args[] = { DB_BYTES(sha256, sizeof(sha256)),
			DB_TEXT(json_text(j, "purpose", "")),
			DB_BYTES(bytes.data, bytes.len), DB_TIME(from),
			DB_TIME(until), DB_TEXT(json_text(j, "source", "")),
			DB_END };

		ok = db_exec(im->db, DB_import_trust_anchor, args, NULL, e);
	}
	blob_release(&bytes);
	return ok;
}

bool
import_trust_anchors(struct import *im, const struct json *list, struct err *e)
{
	char at[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		import_pointer(at, "/trust_anchors", i);
		if (!import_one(im, json_at(list, i), at, e))
			return false;
	}
	return true;
}
