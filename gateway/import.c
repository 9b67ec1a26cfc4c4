#include "gateway/import.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/import_score.h"

static import_section score_sets;

/* In the order in which they need each other. */
static const struct {
	const char *name;
	import_section *fn;
} sections[] = {
	{ "calendars", import_calendars },
	{ "units", import_units },
	{ "officers", import_officers },
	{ "clients", import_clients },
	{ "procedures", import_procedures },
	{ "receipt_books", import_receipt_books },
	{ "tariffs", import_tariffs },
	{ "trust_anchors", import_trust_anchors },
	{ "score_sets", score_sets },
};

static const struct json_field file_fields[] = {
	{ "tenant", JSON_KIND_OBJECT, true, 0, 0, false, NULL },
	{ "calendars", JSON_KIND_LIST, false, 0, 1000, false, NULL },
	{ "units", JSON_KIND_LIST, false, 0, 10000, false, NULL },
	{ "officers", JSON_KIND_LIST, false, 0, 100000, false, NULL },
	{ "clients", JSON_KIND_LIST, false, 0, 1000, false, NULL },
	{ "procedures", JSON_KIND_LIST, false, 0, 10000, false, NULL },
	{ "receipt_books", JSON_KIND_LIST, false, 0, 1000, false, NULL },
	{ "tariffs", JSON_KIND_LIST, false, 0, 10000, false, NULL },
	{ "trust_anchors", JSON_KIND_LIST, false, 0, 1000, false, NULL },
	{ "score_sets", JSON_KIND_LIST, false, 0, 1000, false, NULL },
};

static const struct json_field tenant_fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "name", JSON_KIND_TEXT, true, 1, 500, false, NULL },
};

static bool
score_sets(struct import *im, const struct json *list, struct err *e)
{
	return import_score_sets(im->db, im->tenant, list, e);
}

static bool
tenant(struct import *im, const struct json *j, struct err *e)
{
	const struct db_arg args[] = { DB_TEXT(json_text(j, "code", "")),
		DB_TEXT(json_text(j, "name", "")), DB_END };
	struct db_rows *r;

	if (!db_one(im->db, DB_import_tenant, args, &r, e))
		return false;
	im->tenant = db_int(r, 0, "id");
	db_rows_free(r);
	return true;
}

/* What the transaction is about; it may run twice. */
struct whole {
	const char *path;
	const struct json *j;
	int64_t tenant;
};

static bool
import_whole(struct db *db, void *arg, struct err *e)
{
	struct whole *w = arg;
	struct import im = { .db = db, .path = w->path };
	const struct json *list;

	if (!tenant(&im, json_find(w->j, "tenant"), e))
		return false;
	for (size_t i = 0; i < nitems(sections); i++) {
		list = json_find(w->j, sections[i].name);
		if (list != NULL && !sections[i].fn(&im, list, e))
			return false;
	}
	w->tenant = im.tenant;
	return true;
}

/* One line a file, for whoever reads what an installation has done. */
static void
report(const struct json *j, const char *path)
{
	const struct json *list;

	printf("%s: tenant %s", path,
	    json_text(json_find(j, "tenant"), "code", ""));
	for (size_t i = 0; i < nitems(sections); i++) {
		list = json_find(j, sections[i].name);
		if (list != NULL)
			printf(", %zu %s", json_count(list), sections[i].name);
	}
	printf("\n");
}

bool
import_file(
    struct db *db, const char *path, struct imported *out, struct err *e)
{
	char *whole = realpath(path, NULL);
	struct blob text = { 0 };
	struct json *j = NULL;
	struct whole w;
	bool ok = false;

	if (whole == NULL) {
		err_set(e, ERR_FILE, "%s: no such file", path);
		goto out;
	}
	if (!file_read(whole, IMPORT_FILE_MAX, &text, e))
		goto out;
	if (!json_parse((const char *)text.data, text.len, &j, e))
		goto out;
	if (!json_check(j, "", file_fields, nitems(file_fields), e))
		goto out;
	if (!json_check(json_find(j, "tenant"), "/tenant", tenant_fields,
		nitems(tenant_fields), e))
		goto out;

	w = (struct whole){ .path = whole, .j = j };
	if (!db_tx(db, import_whole, &w, e))
		goto out;
	report(j, path);
	out->tenant = w.tenant;
	out->calendars =
	    json_find(j, "calendars") != NULL || json_find(j, "units") != NULL;
	ok = true;

out:
	json_free(j);
	blob_release(&text);
	free(whole);
	return ok;
}

void
import_pointer(char out[IMPORT_POINTER_LEN], const char *list, size_t index)
{
	snprintf(out, IMPORT_POINTER_LEN, "%s/%zu", list, index);
}

bool
import_texts(const struct json *list, const char *at, size_t most,
    const char ***out, struct err *e)
{
	const struct json_field field = { "", JSON_KIND_TEXT, true, 1,
		(int64_t)most, false, NULL };
	const char **texts = blob_calloc(json_count(list) + 1, sizeof(*texts));
	char pointer[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		import_pointer(pointer, at, i);
		if (!json_check_value(json_at(list, i), pointer, &field, e)) {
			free(texts);
			return false;
		}
		texts[i] = json_text_value(json_at(list, i));
	}
	*out = texts;
	return true;
}

bool
import_rights(
    const struct json *list, const char *at, const char ***out, struct err *e)
{
	char pointer[IMPORT_POINTER_LEN];
	const char **names = NULL;
	enum auth_right right;

	if (!import_texts(list, at, 40, &names, e))
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		if (auth_right_find(names[i], &right) && right > AUTH_OPERATE)
			continue;
		import_pointer(pointer, at, i);
		err_field(e, ERR_BAD_FIELD, pointer, "no right: %s", names[i]);
		free(names);
		return false;
	}
	*out = names;
	return true;
}

bool
import_code(const char *s, const char *at, const char *set, struct err *e)
{
	if (s[strspn(s, set)] == '\0')
		return true;
	return err_field(e, ERR_BAD_FIELD, at, "not of %s: %s", set, s);
}

bool
import_date(const char *s, const char *at, struct err *e)
{
	struct clock_date d;

	if (clock_parse_date(s, &d))
		return true;
	return err_field(e, ERR_BAD_FIELD, at, "no date: %s", s);
}

void
import_warn(const struct import *im, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "%s: warning: ", im->path);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "\n");
}
