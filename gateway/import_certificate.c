#include "gateway/import_certificate.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "gateway/import.h"

#define FILE_LEN_MAX 65536

/* RFC 7468: the base64 between two lines; DER as it stands is fine too. */
static bool
digest_certificate(const struct blob *file, uint8_t out[DIGEST_LEN])
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	const char *p = strstr((const char *)file->data, begin);
	const char *end;
	char *base64 = blob_calloc(file->len + 1, 1);
	size_t n = 0, len = file->len;
	bool ok;

	if (p == NULL) {
		free(base64);
		digest_sha256(file->data, file->len, out);
		return file->len > 0 && file->data[0] == 0x30;
	}
	p += strlen(begin);
	end = strstr(p, "-----END");
	for (; end != NULL && p < end; p++)
		if (strchr("\r\n\t ", *p) == NULL)
			base64[n++] = *p;
	base64[n] = '\0';
	ok = n > 0 && text_unbase64(base64, file->data, &len);
	if (ok)
		digest_sha256(file->data, len, out);
	free(base64);
	return ok;
}

static bool
read_certificate(struct import *im, const char *s, const char *at,
    uint8_t out[DIGEST_LEN], struct err *e)
{
	struct blob file = { 0 };
	char *path;
	bool ok;

	if (text_unhex(s, out, DIGEST_LEN))
		return true;
	path = file_beside(im->path, s);
	ok = file_read(path, FILE_LEN_MAX, &file, e);
	if (ok && !digest_certificate(&file, out))
		ok =
		    err_field(e, ERR_BAD_FIELD, at, "%s: no certificate", path);
	blob_release(&file);
	free(path);
	return ok;
}

static bool
store(struct import *im, const struct import_signs *who,
    const struct db_bytes *list, size_t n, struct err *e)
{
	struct db_arg args[nitems(who->key) + 2];

	memcpy(args, who->key, sizeof(who->key));
	args[who->key_len] = DB_END;
	if (!db_exec(im->db, who->clear, args, NULL, e))
		return false;
	args[who->key_len] = DB_BYTESS(list, n);
	args[who->key_len + 1] = DB_END;
	return db_exec(im->db, who->add, args, NULL, e);
}

bool
import_certificates(struct import *im, const struct import_signs *who,
    const struct json *list, struct err *e)
{
	size_t n = json_count(list);
	uint8_t(*digest)[DIGEST_LEN] = blob_calloc(n + 1, sizeof(*digest));
	struct db_bytes *digests = blob_calloc(n + 1, sizeof(*digests));
	const char **names = NULL;
	bool ok;

	ok = list == NULL || import_texts(list, who->at, 1000, &names, e);
	for (size_t i = 0; ok && i < n; i++) {
		ok = read_certificate(im, names[i], who->at, digest[i], e);
		digests[i] = (struct db_bytes){ digest[i], DIGEST_LEN };
	}
	ok = ok && (list == NULL || store(im, who, digests, n, e));
	free(names);
	free(digests);
	free(digest);
	return ok;
}

struct import_signs
import_key_of(const struct import *im, const char *holder, const char *code,
    const char *at)
{
	return (struct import_signs){
		.clear = DB_import_key_certificates_clear,
		.add = DB_import_key_certificates,
		.key = { DB_INT(im->tenant), DB_TEXT(holder), DB_TEXT(code) },
		.key_len = 3,
		.at = at,
	};
}
