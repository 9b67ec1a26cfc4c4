/*
 * POST /v1/sessions, DELETE /v1/sessions
 *
 * An officer's local account (ADR 2).  The token is shown once, as JSON and
 * as a cookie, and stored hashed.  A wrong login costs as much as a wrong
 * password, so that neither is told apart.
 */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/mac.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"

#define SESSION_LIFE_SEC 28800
#define TOKEN_LEN        47

static const struct json_field fields[] = {
	{ "login", JSON_KIND_TEXT, true, 1, 63, false, NULL },
	{ "password", JSON_KIND_TEXT, true, 1, 200, false, NULL },
};

/* scrypt of nobody's password, so that an unknown login takes its time. */
static const char nobody[] = "scrypt$16384$8$1$AAAAAAAAAAAAAAAAAAAAAA==$"
			     "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";

static bool
check_password(struct request *req, struct db_rows **officer, struct err *e)
{
	const struct db_arg args[] = {
		DB_TEXT(json_text(req->json, "login", "")), DB_END
	};
	const char *stored = nobody;

	if (!db_query(req->db, DB_session_officer, args, officer, e))
		return false;
	if (db_count(*officer) == 1)
		stored = db_text(*officer, 0, "password");
	if (!mac_password_check(json_text(req->json, "password", ""), stored))
		return err_set(e, ERR_UNAUTHENTICATED, "login refused");
	return true;
}

static void
make_token(char out[TOKEN_LEN], uint8_t hash[DIGEST_LEN])
{
	uint8_t random[32];

	mac_random(random, sizeof(random));
	memcpy(out, "hs_", 3);
	text_base64url(random, sizeof(random), out + 3);
	digest_sha256(out, strlen(out), hash);
}

static struct reply *
answer(const struct db_rows *officer, const char *token, int64_t ends_us)
{
	struct json *j = json_new_object();
	struct reply *reply;
	char cookie[160];

	json_put_text(j, "token", token);
	json_put_time(j, "ends_at", ends_us);
	json_put_text(j, "name", db_text(officer, 0, "name"));
	json_put_text(j, "unit", db_text(officer, 0, "unit_code"));
	json_put_text(j, "rights", db_text(officer, 0, "rights"));
	reply = reply_json(201, j);
	snprintf(cookie, sizeof(cookie),
	    "__Host-session=%s; Path=/; Secure; HttpOnly; SameSite=Strict",
	    token);
	reply_header(reply, "Set-Cookie", cookie);
	return reply;
}

struct reply *
api_session_open(struct request *req)
{
	struct db_rows *officer = NULL, *opened = NULL;
	uint8_t hash[DIGEST_LEN];
	struct reply *reply;
	struct err e = { 0 };
	char token[TOKEN_LEN];

	if (!json_check(req->json, "", fields, nitems(fields), &e) ||
	    !check_password(req, &officer, &e))
		goto refuse;
	make_token(token, hash);
	const struct db_arg args[] = {
		DB_BYTES(hash, sizeof(hash)),
		DB_INT(db_int(officer, 0, "tenant_id")),
		DB_INT(db_int(officer, 0, "id")),
		DB_INT(SESSION_LIFE_SEC),
		DB_END,
	};
	if (!db_one(req->db, DB_session_open, args, &opened, &e))
		goto refuse;

	reply = answer(officer, token, db_time(opened, 0, "ends_at"));
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(officer);
	db_rows_free(opened);
	return reply;
}

struct reply *
api_session_close(struct request *req)
{
	const char *token = auth_token(req);
	uint8_t hash[DIGEST_LEN];
	struct err e = { 0 };

	if (token == NULL) {
		err_set(&e, ERR_UNAUTHENTICATED, "no session to close");
		return reply_err(req, &e);
	}
	digest_sha256(token, strlen(token), hash);
	const struct db_arg args[] = { DB_BYTES(hash, sizeof(hash)), DB_END };
	if (!db_exec(req->db, DB_session_close, args, NULL, &e))
		return reply_err(req, &e);
	return reply_bytes(204, "", "", 0);
}
