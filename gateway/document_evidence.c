/*
 * What the verdicts on a set of documents rested on, into the record: each
 * piece once a tenant, whatever number of reports names it, so that most sets
 * bring nothing new.  The bytes are asked of a verifier child, since nobody
 * else has read the bundle they stood in.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/text.h"
#include "crypto/report.h"
#include "crypto/verifier.h"
#include "gateway/db.h"
#include "gateway/document.h"
#include "gateway/request.h"
#include "gateway/trust_store.h"

static struct document_piece *
find_piece(const struct document_set *set, const uint8_t *sha256)
{
	for (size_t i = 0; i < set->piece_count; i++)
		if (memcmp(set->piece[i].sha256, sha256, DIGEST_LEN) == 0)
			return &set->piece[i];
	return NULL;
}

/* What stands in a document is in the record with it. */
static void
collect(struct document_set *set, const struct report *r)
{
	for (size_t i = 0; i < r->evidence.count; i++) {
		const struct evidence *e = &r->evidence.at[i];
		struct document_piece *p;

		if (e->place == EVIDENCE_DOCUMENT ||
		    find_piece(set, e->sha256) != NULL)
			continue;
		set->piece = blob_grow(
		    set->piece, set->piece_count + 1, sizeof(*set->piece));
		p = &set->piece[set->piece_count++];
		*p = (struct document_piece){ .kind = e->kind };
		memcpy(p->sha256, e->sha256, DIGEST_LEN);
	}
}

static bool
fetch(const struct request *req, const struct document_set *set,
    struct document_piece *p, struct err *e)
{
	const struct trust_lease *trust = document_trust(req, set);
	struct verifier_job job = { .trust_fd = trust->fd };
	char hex[2 * DIGEST_LEN + 1];

	memcpy(job.trust_generation, trust->generation,
	    sizeof(job.trust_generation));
	if (verifier_evidence(req->verifier, &job, p->sha256, &p->bytes))
		return true;
	text_hex(p->sha256, DIGEST_LEN, hex);
	return err_set(e, ERR_TRY_LATER, "evidence %s cannot be had", hex);
}

static bool
ask_missing(const struct request *req, const struct document_set *set,
    struct db_rows **out, struct err *e)
{
	struct db_bytes *hashes =
	    blob_calloc(set->piece_count, sizeof(*hashes));
	const struct db_arg args[] = { DB_INT(req->tenant.n),
		DB_BYTESS(hashes, set->piece_count), DB_END };
	bool ok;

	for (size_t i = 0; i < set->piece_count; i++)
		hashes[i] =
		    (struct db_bytes){ set->piece[i].sha256, DIGEST_LEN };
	ok = db_query(req->db, DB_evidence_missing, args, out, e);
	free(hashes);
	return ok;
}

bool
document_gather(
    const struct request *req, struct document_set *set, struct err *e)
{
	struct db_rows *missing = NULL;
	bool ok = true;

	for (size_t i = 0; i < set->count; i++)
		collect(set, set->item[i].report);
	if (set->piece_count == 0)
		return true;
	if (!ask_missing(req, set, &missing, e))
		return false;
	for (int i = 0; ok && i < db_count(missing); i++) {
		struct db_bytes hash = db_bytes(missing, i, "sha256");
		struct document_piece *p = find_piece(set, hash.data);

		assert(p != NULL);
		ok = fetch(req, set, p, e);
	}
	db_rows_free(missing);
	return ok;
}

static const char *
kind_of(const struct document_piece *p)
{
	return evidence_kind_name(
	    p->kind == EVIDENCE_ANCHOR ? EVIDENCE_CERTIFICATE : p->kind);
}

static bool
add_pieces(struct db *db, const struct document_owner *o,
    const struct document_set *set, struct err *e)
{
	size_t most = set->piece_count, n = 0;
	struct db_bytes *hashes = blob_calloc(most + 1, sizeof(*hashes));
	struct db_bytes *bytes = blob_calloc(most + 1, sizeof(*bytes));
	const char **kinds = blob_calloc(most + 1, sizeof(*kinds));
	bool ok;

	for (size_t i = 0; i < most; i++) {
		const struct document_piece *p = &set->piece[i];

		if (p->bytes.data == NULL)
			continue;
		hashes[n] = (struct db_bytes){ p->sha256, DIGEST_LEN };
		bytes[n] = (struct db_bytes){ p->bytes.data, p->bytes.len };
		kinds[n++] = kind_of(p);
	}
	const struct db_arg args[] = { DB_INT(o->tenant), DB_BYTESS(hashes, n),
		DB_TEXTS(kinds, n), DB_BYTESS(bytes, n), DB_TIME(o->at_us),
		DB_END };
	ok = n == 0 || db_exec(db, DB_evidence_add, args, NULL, e);
	free(hashes);
	free(bytes);
	free(kinds);
	return ok;
}

bool
document_store_evidence(struct db *db, const struct document_owner *o,
    const struct document_set *set, struct err *e)
{
	const struct db_arg args[] = { DB_INT(o->tenant), DB_INT(o->dossier),
		DB_END };

	return add_pieces(db, o, set, e) &&
	       db_exec(db, DB_evidence_link, args, NULL, e);
}
