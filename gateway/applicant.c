#include "gateway/applicant.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"

static const char *const kinds[] = { "citizen", "enterprise", "agency", NULL };
static const char *const id_kinds[] = { "CCCD", "CMND", "MST", "HC", NULL };

static const struct json_field fields[] = {
	{ "kind", JSON_KIND_TEXT, true, 1, 20, false, kinds },
	{ "name", JSON_KIND_TEXT, true, 1, 200, false, NULL },
	{ "id_kind", JSON_KIND_TEXT, true, 1, 8, false, id_kinds },
	{ "id", JSON_KIND_TEXT, true, 1, 20, false, NULL },
	{ "email", JSON_KIND_TEXT, false, 3, 254, false, NULL },
	{ "phone", JSON_KIND_TEXT, false, 6, 20, false, NULL },
};

/*
 * How each id is written (domain, 12.3): '0' is a digit.  An MST may name a
 * branch.
 */
static const struct {
	const char *kind, *shape;
} shapes[] = {
	{ "CCCD", "000000000000" },
	{ "CMND", "000000000" },
	{ "MST", "0000000000" },
	{ "MST", "0000000000-000" },
	{ "MST", "000000000000" },
};

static bool
has_shape(const char *s, const char *shape)
{
	for (; *s != '\0' && *shape != '\0'; s++, shape++)
		if (*shape == '0' ? *s < '0' || *s > '9' : *s != *shape)
			return false;
	return *s == *shape;
}

static bool
is_id(const char *kind, const char *id)
{
	bool shaped = false;

	for (size_t i = 0; i < nitems(shapes); i++) {
		if (strcmp(shapes[i].kind, kind) != 0)
			continue;
		shaped = true;
		if (has_shape(id, shapes[i].shape))
			return true;
	}
	return !shaped; /* a passport is what its country writes */
}

/* One @ with something before it and a dot after; the mail server knows the
 * rest.  Blanks would let a stranger write headers. */
static bool
is_address(const char *s)
{
	const char *at = strchr(s, '@');

	return at != NULL && at != s && strchr(at + 1, '@') == NULL &&
	       strchr(at, '.') != NULL &&
	       strpbrk(s, " \t<>,;:\\\"()[]") == NULL;
}

bool
applicant_check(const struct json *j, const char *at, struct err *e)
{
	const char *email;
	char pointer[64];

	if (!json_check(j, at, fields, nitems(fields), e))
		return false;
	snprintf(pointer, sizeof(pointer), "%s/id", at);
	if (!is_id(json_text(j, "id_kind", ""), json_text(j, "id", "")))
		return err_field(e, ERR_BAD_FIELD, pointer, "not such an id");
	email = json_text(j, "email", NULL);
	snprintf(pointer, sizeof(pointer), "%s/email", at);
	if (email != NULL && !is_address(email))
		return err_field(e, ERR_BAD_FIELD, pointer, "not an address");
	return true;
}
