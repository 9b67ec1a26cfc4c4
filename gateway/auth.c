#include "gateway/auth.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "crypto/mac.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/request.h"

/* An idle officer is asked again after this long (engine: 15 to 30 min). */
#define SESSION_IDLE_SEC 1800

static const char *const right_names[] = {
#define RIGHT(right, name) [AUTH_##right] = name,
#include "gateway/auth_right.def"
};

/* What an applicant may do with the dossier that his link names. */
static const unsigned applicant_rights =
    1u << AUTH_DOSSIER_READ | 1u << AUTH_DOSSIER_ACT | 1u << AUTH_DOCUMENT_ADD |
    1u << AUTH_PAYMENT_START | 1u << AUTH_RATING_ADD;

const char *
auth_right_name(enum auth_right r)
{
	return right_names[r];
}

bool
auth_right_find(const char *name, enum auth_right *out)
{
	for (unsigned i = 0; i < nitems(right_names); i++) {
		if (strcmp(right_names[i], name) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* "dossier-read event-read" as bits; a word that is no right counts nothing. */
static unsigned
rights_of(const char *words)
{
	unsigned rights = 0;
	enum auth_right r;
	char word[40];

	for (size_t len; *words != '\0'; words += len + (words[len] == ' ')) {
		len = strcspn(words, " ");
		snprintf(word, sizeof(word), "%.*s", (int)len, words);
		if (auth_right_find(word, &r))
			rights |= 1u << r;
	}
	return rights;
}

void
auth_link(const uint8_t secret[32], const char *code, char out[AUTH_LINK_LEN])
{
	static const char purpose[] = "hosogate link|";
	char text[128];
	uint8_t mac[MAC_LEN_MAX];
	int len;

	len = snprintf(text, sizeof(text), "%s%s", purpose, code);
	mac_hmac(MAC_SHA256, secret, 32, text, (size_t)len, mac);
	text_base64url(mac, MAC_SHA256, out);
}

static void
become(struct request *req, enum auth_kind who, const char *kind,
    const struct db_rows *rows)
{
	req->who = who;
	req->tenant.n = db_int(rows, 0, "tenant_id");
	req->by.n = db_int(rows, 0, "id");
	req->rights = rights_of(db_text(rows, 0, "rights"));
	req->now_us = db_time(rows, 0, "now");
	snprintf(req->principal, sizeof(req->principal), "%s:%lld", kind,
	    (long long)req->by.n);
}

static bool
by_client(struct request *req, const uint8_t hash[32], struct err *e)
{
	const struct db_arg args[] = { DB_BYTES(hash, 32), DB_END };
	struct db_rows *rows = NULL;

	if (!db_query(req->db, DB_auth_client, args, &rows, e))
		return false;
	if (db_count(rows) == 1)
		become(req, AUTH_CLIENT, "client", rows);
	db_rows_free(rows);
	return true;
}

static bool
by_session(struct request *req, const uint8_t hash[32], struct err *e)
{
	const struct db_arg args[] = { DB_BYTES(hash, 32),
		DB_INT(SESSION_IDLE_SEC), DB_END };
	const struct db_arg seen[] = { DB_BYTES(hash, 32), DB_END };
	struct db_rows *rows = NULL;
	bool ok = true;

	if (!db_query(req->db, DB_auth_session, args, &rows, e))
		return false;
	if (db_count(rows) == 1) {
		become(req, AUTH_OFFICER, "officer", rows);
		if (db_bool(rows, 0, "stale"))
			ok = db_exec(
			    req->db, DB_auth_session_seen, seen, NULL, e);
	}
	db_rows_free(rows);
	return ok;
}

static bool
by_link(struct request *req, const char *key, struct err *e)
{
	const struct db_arg args[] = { DB_TEXT(req->arg.code), DB_END };
	struct db_rows *rows = NULL;
	char expected[AUTH_LINK_LEN];

	auth_link(req->secrets->link_key, req->arg.code, expected);
	if (strlen(key) != strlen(expected) ||
	    !mac_equal(key, expected, strlen(expected)))
		return true;
	if (!db_query(req->db, DB_auth_link, args, &rows, e))
		return false;
	if (db_count(rows) == 1) {
		req->who = AUTH_APPLICANT;
		req->tenant.n = db_int(rows, 0, "tenant_id");
		req->by.n = ACTOR_APPLICANT;
		req->rights = applicant_rights;
		req->now_us = db_time(rows, 0, "now");
		snprintf(req->principal, sizeof(req->principal), "link:%s",
		    req->arg.code);
	}
	db_rows_free(rows);
	return true;
}

const char *
auth_token(const struct request *req)
{
	static const char bearer[] = "Bearer ";

	if (req->authorization != NULL &&
	    strncmp(req->authorization, bearer, sizeof(bearer) - 1) == 0)
		return req->authorization + sizeof(bearer) - 1;
	return req->session;
}

/* Whatever proof the request carries; who stays AUTH_NOBODY without one. */
static bool
prove(struct request *req, struct err *e)
{
	const char *token = auth_token(req);
	const char *link = request_query(req, "key", NULL);
	uint8_t hash[DIGEST_LEN];

	if (token != NULL) {
		digest_sha256(token, strlen(token), hash);
		if (!by_client(req, hash, e))
			return false;
		if (req->who == AUTH_NOBODY && !by_session(req, hash, e))
			return false;
	}
	if (req->who == AUTH_NOBODY && link != NULL && req->arg.code != NULL)
		return by_link(req, link, e);
	return true;
}

bool
auth_request(struct request *req, enum auth_right right, struct err *e)
{
	if (right == AUTH_MAC)
		return true;
	if (right == AUTH_OPERATE && !req->inward)
		return err_set(e, ERR_NOT_FOUND, "not on this listener");
	if (right == AUTH_ANYONE || right == AUTH_BROWSER ||
	    right == AUTH_OPERATE)
		return db_now(req->db, &req->now_us, e);

	if (!prove(req, e))
		return false;
	if (req->who == AUTH_NOBODY)
		return err_set(e, ERR_UNAUTHENTICATED, "no valid proof");
	if ((req->rights & 1u << right) == 0)
		return err_set(e, ERR_FORBIDDEN, "%s may not %s",
		    req->principal, auth_right_name(right));
	return true;
}

bool
auth_officer(struct db *db, const char *login, enum auth_right right,
    struct auth_named *out, struct err *e)
{
	const struct db_arg args[] = { DB_TEXT(login), DB_END };
	struct db_rows *rows = NULL;
	bool known, may = false;

	if (!db_query(db, DB_auth_officer, args, &rows, e))
		return false;
	known = db_count(rows) == 1;
	if (known) {
		out->tenant.n = db_int(rows, 0, "tenant_id");
		out->by.n = db_int(rows, 0, "id");
		may =
		    (rights_of(db_text(rows, 0, "rights")) & 1u << right) != 0;
	}
	db_rows_free(rows);
	if (!known)
		return err_set(e, ERR_FORBIDDEN, "%s: no such officer", login);
	if (!may)
		return err_set(e, ERR_FORBIDDEN, "%s may not %s", login,
		    auth_right_name(right));
	return true;
}

bool
auth_dossier(const struct request *req, const struct dossier *d, struct err *e)
{
	bool ours = d->tenant.n == req->tenant.n;

	/* A portal sees what it submitted; a link was checked for its code. */
	if (req->who == AUTH_CLIENT)
		ours = ours && d->client == req->by.n;
	if (!ours)
		return err_set(e, ERR_NOT_FOUND, "dossier %s: not %s's",
		    d->code, req->principal);
	return true;
}
