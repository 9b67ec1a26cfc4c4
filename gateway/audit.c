#include "gateway/audit.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "crypto/sign.h"
#include "gateway/db.h"
#include "gateway/event.h"

#define DOCUMENTS_PAGE 20
#define PAPERS_PAGE    100

static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };

bool
audit_found(struct audit *a, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(a->lie, sizeof(a->lie), fmt, ap);
	va_end(ap);
	return false;
}

static bool
found_at_head(struct audit *a, const struct db_rows *r, int i, const char *what)
{
	return audit_found(
	    a, "event_head %" PRId64 ": %s", db_int(r, i, "number"), what);
}

/* Where the heads have come to. */
struct heads {
	int64_t to_xact;
	uint8_t hash[32];
};

static bool
check_signature(struct audit *a, struct db_rows *r, int i)
{
	struct db_bytes hash = db_bytes(r, i, "hash");
	struct db_bytes sig = db_bytes(r, i, "signature");

	if (a->key == NULL)
		return true;
	if (!sign_own_check(a->key, hash.data, hash.len, sig.data, sig.len))
		return found_at_head(
		    a, r, i, "the signature is not the gateway's");
	a->signatures++;
	return true;
}

static bool
check_root(struct audit *a, struct db_rows *r, int i, struct event_head *h,
    struct err *e)
{
	struct db_bytes root = db_bytes(r, i, "root");

	if (!event_head_root(a->db, h, e))
		return false;
	if (h->events != db_int(r, i, "events"))
		return audit_found(a,
		    "event_head %" PRId64 ": it is over %" PRId64
		    " events, and %" PRId64 " are there",
		    db_int(r, i, "number"), db_int(r, i, "events"), h->events);
	if (root.len != 32 || memcmp(root.data, h->root, 32) != 0)
		return found_at_head(a, r, i,
		    "its root is not that of the events: one of them, or the "
		    "root, was changed");
	return true;
}

static bool
check_head(
    struct audit *a, struct db_rows *r, int i, struct heads *at, struct err *e)
{
	struct event_head h = { .from_xact = db_int(r, i, "from_xact"),
		.to_xact = db_int(r, i, "to_xact"),
		.made_us = db_time(r, i, "made_at") };
	struct db_bytes prev = db_bytes(r, i, "prev");
	struct db_bytes hash = db_bytes(r, i, "hash");
	uint8_t should[32];

	if (h.from_xact != at->to_xact)
		return found_at_head(
		    a, r, i, "it does not begin where the last one ended");
	if (prev.len != 32 || memcmp(prev.data, at->hash, 32) != 0)
		return found_at_head(
		    a, r, i, "it does not follow the one before it");
	if (!check_root(a, r, i, &h, e))
		return false;
	event_head_hash(&h, at->hash, should);
	if (hash.len != 32 || memcmp(hash.data, should, 32) != 0)
		return found_at_head(
		    a, r, i, "column made_at or hash was changed");
	if (!check_signature(a, r, i))
		return false;
	memcpy(at->hash, should, 32);
	at->to_xact = h.to_xact;
	a->heads++;
	return true;
}

static bool
count_unsigned(struct audit *a, int64_t from_xact, struct err *e)
{
	const struct db_arg args[] = { DB_INT(from_xact), DB_END };
	struct db_rows *r;

	if (!db_one(a->db, DB_audit_unsigned, args, &r, e))
		return false;
	a->unsigned_events = db_int(r, 0, "events");
	db_rows_free(r);
	return true;
}

bool
audit_heads(struct audit *a, struct err *e)
{
	struct heads at = { .to_xact = 0 };
	struct db_rows *r;
	bool ok = true;

	if (!db_query(a->db, DB_audit_heads, none, &r, e))
		return false;
	for (int i = 0; ok && i < db_count(r); i++)
		ok = check_head(a, r, i, &at, e);
	db_rows_free(r);
	return ok && count_unsigned(a, at.to_xact, e);
}

static bool
check_document(struct audit *a, const struct db_rows *r, int i)
{
	bool hash = db_bool(r, i, "hash_holds");

	if (hash && db_bool(r, i, "length_holds")) {
		a->documents++;
		return true;
	}
	return audit_found(a,
	    "tenant %s, dossier %s, document %" PRId64 " (%s): %s",
	    db_text(r, i, "tenant"), db_text(r, i, "code"), db_int(r, i, "id"),
	    db_text(r, i, "name"),
	    hash ? "column len was changed"
		 : "its bytes are not those of its hash");
}

/* The key is (tenant, document). */
static bool
documents_page(struct audit *a, int64_t at[2], int *count, struct err *e)
{
	const struct db_arg args[] = { DB_INT(at[0]), DB_INT(at[1]),
		DB_INT(DOCUMENTS_PAGE), DB_END };
	struct db_rows *r;
	bool ok = true;

	if (!db_query(a->db, DB_audit_documents, args, &r, e))
		return false;
	*count = db_count(r);
	for (int i = 0; ok && i < *count; i++) {
		ok = check_document(a, r, i);
		at[0] = db_int(r, i, "tenant_id");
		at[1] = db_int(r, i, "id");
	}
	db_rows_free(r);
	return ok;
}

bool
audit_documents(struct audit *a, struct err *e)
{
	int64_t at[2] = { 0, 0 };
	int count;

	do {
		if (!documents_page(a, at, &count, e))
			return false;
	} while (count == DOCUMENTS_PAGE);
	return true;
}

static bool
check_paper(struct audit *a, const struct db_rows *r, int i)
{
	bool hash = db_bool(r, i, "hash_holds");

	if (hash && db_bool(r, i, "told")) {
		a->papers++;
		return true;
	}
	return audit_found(a, "tenant %s, dossier %s, %s %" PRId64 ": %s",
	    db_text(r, i, "tenant"), db_text(r, i, "code"),
	    db_text(r, i, "what"), db_int(r, i, "id"),
	    hash ? "no event tells of its hash"
		 : "its bytes are not those of its hash");
}

/* The key is (tenant, what, id). */
struct paper_key {
	int64_t tenant, id;
	char what[16];
};

static bool
papers_page(struct audit *a, struct paper_key *at, int *count, struct err *e)
{
	const struct db_arg args[] = { DB_INT(at->tenant), DB_TEXT(at->what),
		DB_INT(at->id), DB_INT(PAPERS_PAGE), DB_END };
	struct db_rows *r;
	bool ok = true;

	if (!db_query(a->db, DB_audit_papers, args, &r, e))
		return false;
	*count = db_count(r);
	for (int i = 0; ok && i < *count; i++) {
		ok = check_paper(a, r, i);
		at->tenant = db_int(r, i, "tenant_id");
		at->id = db_int(r, i, "id");
		snprintf(
		    at->what, sizeof(at->what), "%s", db_text(r, i, "what"));
	}
	db_rows_free(r);
	return ok;
}

bool
audit_papers(struct audit *a, struct err *e)
{
	struct paper_key at = { .what = "" };
	int count;

	do {
		if (!papers_page(a, &at, &count, e))
			return false;
	} while (count == PAPERS_PAGE);
	return true;
}
