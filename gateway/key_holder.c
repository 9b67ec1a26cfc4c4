#include "gateway/key_holder.h"

#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "crypto/certificate.h"
#include "crypto/digest.h"
#include "crypto/report.h"
#include "crypto/sign_key.h"
#include "gateway/db.h"

static const char *const holders[] = {
	[KEY_HOLDER_UNIT] = "unit",
	[KEY_HOLDER_BODY] = "body",
};

static void
describe(const struct signer_key *key, struct signer *out)
{
	struct buf parts[SIGN_CHAIN_MAX] = { 0 };
	size_t n = signer_certificates(key, parts);

	*out = (struct signer){ 0 };
	if (n > 0)
		certificate_describe(
		    (const uint8_t *)parts[0].data, parts[0].len, out, NULL);
	for (size_t i = 0; i < n; i++)
		buf_release(&parts[i]);
}

static bool
has_tax_code(const struct signer *s, const char *code)
{
	for (size_t i = 0; i < s->id_count; i++)
		if (strcmp(s->ids[i].kind, "MST") == 0 &&
		    strcmp(s->ids[i].value, code) == 0)
			return true;
	return false;
}

static bool
names(const struct signer *s, const struct key_held *h, const char *name)
{
	if (h->holder == KEY_HOLDER_BODY && has_tax_code(s, h->code))
		return true;
	return strcmp(s->name, name) == 0 ||
	       strcmp(s->organisation, name) == 0 || strcmp(s->unit, name) == 0;
}

static bool
refuse(const struct key_held *h, const struct signer *s, struct err *e)
{
	return err_set(e, ERR_CONFIG,
	    "the key of %s is not that %s's: its certificate is of %s", h->code,
	    holders[h->holder], s->subject);
}

bool
key_holder_check(struct db *db, const struct key_held *h,
    const struct signer_key *key, struct err *e)
{
	uint8_t sha256[DIGEST_LEN];
	const struct db_arg args[] = { DB_INT(h->tenant),
		DB_TEXT(holders[h->holder]), DB_TEXT(h->code),
		DB_BYTES(sha256, sizeof(sha256)), DB_END };
	struct db_rows *r = NULL;
	struct signer s;
	bool ok = true;

	signer_fingerprint(key, sha256);
	if (!db_query(db, DB_key_holder, args, &r, e))
		return false;
	describe(key, &s);
	for (int i = 0; ok && i < db_count(r); i++)
		ok = db_bool(r, i, "told")
			 ? db_bool(r, i, "theirs")
			 : names(&s, h, db_text(r, i, "name"));
	if (db_count(r) == 0 || !ok)
		ok = refuse(h, &s, e);
	db_rows_free(r);
	return ok;
}
