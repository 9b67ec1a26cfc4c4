#include "gateway/audit_bundle.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "crypto/digest.h"

bool
audit_bundle_add(struct audit_bundle *b, const char *name, const void *data,
    size_t len, struct err *e)
{
	uint8_t sha256[DIGEST_LEN];
	struct buf path = { 0 };
	bool ok;

	buf_printf(&path, "%s/%s", b->folder, name);
	ok = file_write_new(path.data, data, len, e);
	buf_release(&path);
	digest_sha256(data, len, sha256);
	buf_hex(&b->manifest, sha256, sizeof(sha256));
	buf_printf(&b->manifest, "  %s\n", name);
	return ok;
}

/* The ending of a file name that a stranger chose: letters and digits. */
static const char *
ending(const char *file_name)
{
	const char *dot = strrchr(file_name, '.');
	size_t len = dot == NULL ? 0 : strlen(dot + 1);

	if (len == 0 || len > 8)
		return "";
	for (const char *p = dot + 1; *p != '\0'; p++)
		if (!isalnum((unsigned char)*p))
			return "";
	return dot;
}

void
audit_bundle_name(int64_t id, const char *code, const char *file_name,
    char out[AUDIT_NAME_LEN])
{
	snprintf(out, AUDIT_NAME_LEN, "document-%" PRId64 "-%s%s", id, code,
	    ending(file_name));
}
