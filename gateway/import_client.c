/* The section `clients` of an import file: portals and other peers. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "gateway/db.h"
#include "gateway/import.h"

#define KEY_MIN 20
#define KEY_MAX 500

static const struct json_field fields[] = {
	{ "code", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "name", JSON_KIND_TEXT, true, 1, 200, false, NULL },
	{ "rights", JSON_KIND_LIST, true, 0, 100, false, NULL },
	{ "key_file", JSON_KIND_TEXT, false, 1, 1000, false, NULL },
	{ "key_sha256", JSON_KIND_TEXT, false, 64, 64, false, NULL },
	{ "callback_url", JSON_KIND_TEXT, false, 9, 1000, false, NULL },
	{ "callback_secret_files", JSON_KIND_LIST, false, 0, 2, false, NULL },
	{ "active", JSON_KIND_BOOL, false, 0, 0, false, NULL },
};

struct client {
	const struct json *j;
	const char *at;
	int64_t id; /* 0: a new one */
};

static bool
find_client(struct import *im, struct client *c, struct err *e)
{
	const char *code = json_text(c->j, "code", "");
	const struct db_arg args[] = { DB_TEXT(code), DB_END };
	struct db_rows *r;
	bool ours = true;

	if (!db_query(im->db, DB_import_client_find, args, &r, e))
		return false;
	if (db_count(r) == 1) {
		ours = db_int(r, 0, "tenant_id") == im->tenant;
		c->id = db_int(r, 0, "id");
	}
	db_rows_free(r);
	if (!ours)
		return err_field(e, ERR_BAD_FIELD, c->at,
		    "%s is a client of another tenant", code);
	return true;
}

/* The principal first: it gives the key that the client shares. */
static bool
store(struct import *im, struct client *c, const char **rights,
    const char *const *secrets, struct err *e)
{
	const struct json *j = c->j;
	const struct db_arg peer[] = { DB_INT(im->tenant), DB_INT(c->id),
		DB_TEXT("client"), DB_TEXT(json_text(j, "name", "")),
		DB_BOOL(json_bool(j, "active", true)), DB_END };
	struct db_rows *r;

	if (!db_one(im->db, DB_import_principal, peer, &r, e))
		return false;
	c->id = db_int(r, 0, "id");
	db_rows_free(r);
	{
		const struct db_arg args[] = {
			DB_INT(im->tenant),
			DB_INT(c->id),
			DB_TEXT(json_text(j, "code", "")),
			DB_TEXTS(rights, json_count(json_find(j, "rights"))),
			DB_TEXT(json_text(j, "callback_url", NULL)),
			DB_TEXTS(secrets,
			    json_count(json_find(j, "callback_secret_files"))),
			DB_END,
		};
		return db_exec(im->db, DB_import_client, args, NULL, e);
	}
}

/* A key is what is guessed at from outside, so a short one is refused. */
static bool
hash_key_file(struct import *im, const struct client *c, const char *name,
    uint8_t out[DIGEST_LEN], struct err *e)
{
	char *path = file_beside(im->path, name);
	struct blob key = { 0 };
	size_t len;
	bool ok = false;

	if (!file_read(path, KEY_MAX, &key, e))
		goto out;
	len = strcspn((const char *)key.data, "\r\n");
	if (len < KEY_MIN) {
		err_field(e, ERR_BAD_FIELD, c->at, "%s: under %d characters",
		    path, KEY_MIN);
		goto out;
	}
	digest_sha256(key.data, len, out);
	ok = true;

out:
	if (key.data != NULL)
		explicit_bzero(key.data, key.len);
	blob_release(&key);
	free(path);
	return ok;
}

static bool
read_key(struct import *im, const struct client *c, uint8_t out[DIGEST_LEN],
    struct err *e)
{
	const char *file = json_text(c->j, "key_file", NULL);
	const char *hex = json_text(c->j, "key_sha256", "");

	if (file != NULL)
		return hash_key_file(im, c, file, out, e);
	if (text_unhex(hex, out, DIGEST_LEN))
		return true;
	return err_field(
	    e, ERR_BAD_FIELD, c->at, "key_sha256: not 64 hex digits");
}

/* A key that is known already changes nothing; a new one ends all but the
 * newest two. */
static bool
import_key(struct import *im, const struct client *c, struct err *e)
{
	uint8_t sha256[DIGEST_LEN];
	const struct db_arg key[] = { DB_INT(im->tenant), DB_INT(c->id),
		DB_BYTES(sha256, DIGEST_LEN), DB_END };
	const struct db_arg client[] = { DB_INT(im->tenant), DB_INT(c->id),
		DB_END };

	if (json_find(c->j, "key_file") == NULL &&
	    json_find(c->j, "key_sha256") == NULL)
		return true;
	return read_key(im, c, sha256, e) &&
	       db_exec(im->db, DB_import_client_key, key, NULL, e) &&
	       db_exec(im->db, DB_import_client_key_end, client, NULL, e);
}

/* Their paths are stored whole, since serve runs in another folder. */
static bool
read_secrets(
    struct import *im, const struct client *c, char *secrets[2], struct err *e)
{
	const struct json *list = json_find(c->j, "callback_secret_files");
	const char **names = NULL;

	if (!import_texts(list, c->at, 1000, &names, e))
		return false;
	for (size_t i = 0; i < json_count(list); i++) {
		secrets[i] = file_beside(im->path, names[i]);
		if (access(secrets[i], F_OK) != 0)
			import_warn(
			    im, "%s: there is no %s", c->at, secrets[i]);
	}
	free(names);
	return true;
}

static bool
check(const struct client *c, struct err *e)
{
	static const char https[] = "https://";
	const char *url = json_text(c->j, "callback_url", https);

	if (!json_check(c->j, c->at, fields, nitems(fields), e))
		return false;
	if (!import_code(json_text(c->j, "code", ""), c->at, IMPORT_CODE, e))
		return false;
	if (strncmp(url, https, strlen(https)) != 0)
		return err_field(e, ERR_BAD_FIELD, c->at,
		    "callback_url does not begin with https://");
	return true;
}

static bool
import_client(struct import *im, struct client *c, struct err *e)
{
	const char **rights = NULL;
	char *secrets[2] = { NULL, NULL };
	bool ok = false;

	if (!check(c, e))
		goto out;
	if (!import_rights(json_find(c->j, "rights"), c->at, &rights, e))
		goto out;
	if (!read_secrets(im, c, secrets, e))
		goto out;
	ok = find_client(im, c, e) &&
	     store(im, c, rights, (const char *const *)secrets, e) &&
	     import_key(im, c, e);

out:
	free(rights);
	free(secrets[0]);
	free(secrets[1]);
	return ok;
}

bool
import_clients(struct import *im, const struct json *list, struct err *e)
{
	char at[IMPORT_POINTER_LEN];

	for (size_t i = 0; i < json_count(list); i++) {
		struct client c = { .j = json_at(list, i), .at = at };

		import_pointer(at, "/clients", i);
		if (!import_client(im, &c, e))
			return false;
	}
	return true;
}
