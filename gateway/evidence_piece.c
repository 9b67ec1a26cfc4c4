#include "gateway/evidence_piece.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/text.h"
#include "crypto/report.h"
#include "crypto/verifier.h"
#include "gateway/db.h"
#include "gateway/trust_store.h"

void
evidence_pieces_release(struct evidence_pieces *p)
{
	for (size_t i = 0; i < p->count; i++)
		blob_release(&p->at[i].bytes);
	free(p->at);
	*p = (struct evidence_pieces){ 0 };
}

static struct evidence_piece *
find(const struct evidence_pieces *p, const uint8_t *sha256)
{
	for (size_t i = 0; i < p->count; i++)
		if (memcmp(p->at[i].sha256, sha256, DIGEST_LEN) == 0)
			return &p->at[i];
	return NULL;
}

void
evidence_pieces_note(struct evidence_pieces *p, const struct report *r)
{
	for (size_t i = 0; i < r->evidence.count; i++) {
		const struct evidence *e = &r->evidence.at[i];
		struct evidence_piece *piece;

		if (e->place == EVIDENCE_DOCUMENT || find(p, e->sha256) != NULL)
			continue;
		p->at = blob_grow(p->at, p->count + 1, sizeof(*p->at));
		piece = &p->at[p->count++];
		*piece = (struct evidence_piece){ .kind = e->kind };
		memcpy(piece->sha256, e->sha256, DIGEST_LEN);
	}
}

static bool
fetch(
    const struct evidence_source *from, struct evidence_piece *p, struct err *e)
{
	struct verifier_job job = { .trust_fd = from->trust->fd };
	char hex[2 * DIGEST_LEN + 1];

	memcpy(job.trust_generation, from->trust->generation,
	    sizeof(job.trust_generation));
	if (verifier_evidence(from->verifier, &job, p->sha256, &p->bytes))
		return true;
	text_hex(p->sha256, DIGEST_LEN, hex);
	return err_set(e, ERR_TRY_LATER, "evidence %s cannot be had", hex);
}

static bool
ask_missing(const struct evidence_source *from, const struct evidence_pieces *p,
    struct db_rows **out, struct err *e)
{
	struct db_bytes *hashes = blob_calloc(p->count, sizeof(*hashes));
	const struct db_arg args[] = { DB_INT(from->tenant),
		DB_BYTESS(hashes, p->count), DB_END };
	bool ok;

	for (size_t i = 0; i < p->count; i++)
		hashes[i] = (struct db_bytes){ p->at[i].sha256, DIGEST_LEN };
	ok = db_query(from->db, DB_evidence_missing, args, out, e);
	free(hashes);
	return ok;
}

bool
evidence_pieces_gather(const struct evidence_source *from,
    struct evidence_pieces *p, struct err *e)
{
	struct db_rows *missing = NULL;
	bool ok = true;

	if (p->count == 0)
		return true;
	if (!ask_missing(from, p, &missing, e))
		return false;
	for (int i = 0; ok && i < db_count(missing); i++) {
		struct db_bytes hash = db_bytes(missing, i, "sha256");
		struct evidence_piece *piece = find(p, hash.data);

		assert(piece != NULL);
		ok = fetch(from, piece, e);
	}
	db_rows_free(missing);
	return ok;
}

static const char *
kind_of(const struct evidence_piece *p)
{
	return evidence_kind_name(
	    p->kind == EVIDENCE_ANCHOR ? EVIDENCE_CERTIFICATE : p->kind);
}

bool
evidence_pieces_store(struct db *db, int64_t tenant, int64_t at_us,
    const struct evidence_pieces *p, struct err *e)
{
	size_t most = p->count, n = 0;
	struct db_bytes *hashes = blob_calloc(most + 1, sizeof(*hashes));
	struct db_bytes *bytes = blob_calloc(most + 1, sizeof(*bytes));
	const char **kinds = blob_calloc(most + 1, sizeof(*kinds));
	bool ok;

	for (size_t i = 0; i < most; i++) {
		const struct evidence_piece *piece = &p->at[i];

		if (piece->bytes.data == NULL)
			continue;
		hashes[n] = (struct db_bytes){ piece->sha256, DIGEST_LEN };
		bytes[n] =
		    (struct db_bytes){ piece->bytes.data, piece->bytes.len };
		kinds[n++] = kind_of(piece);
	}
	const struct db_arg args[] = { DB_INT(tenant), DB_BYTESS(hashes, n),
		DB_TEXTS(kinds, n), DB_BYTESS(bytes, n), DB_TIME(at_us),
		DB_END };
	ok = n == 0 || db_exec(db, DB_evidence_add, args, NULL, e);
	free(hashes);
	free(bytes);
	free(kinds);
	return ok;
}
