#include "gateway/form.h"

#include <stdio.h>

#include "base/err.h"
#include "base/json.h"
#include "gateway/upload.h"

bool
form_json(
    const struct upload *up, const char *name, struct json **out, struct err *e)
{
	const struct upload_part *part = upload_find(up, name);
	char pointer[80];

	snprintf(pointer, sizeof(pointer), "/%s", name);
	if (part == NULL || part->len == 0)
		return err_field(e, ERR_MISSING_FIELD, pointer, "no part");
	if (part->len > FORM_JSON_MAX)
		return err_field(
		    e, ERR_TOO_LARGE, pointer, "%zu bytes", part->len);
	return json_parse(part->bytes, part->len, out, e);
}
