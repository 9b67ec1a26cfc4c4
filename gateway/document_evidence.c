/* What the verdicts on a set of documents rested on, into the record. */
#include "crypto/report.h"
#include "gateway/db.h"
#include "gateway/document.h"

bool
document_gather(
    const struct document_means *m, struct document_set *set, struct err *e)
{
	const struct evidence_source from = { m->db, m->tenant, m->verifier,
		document_trust(m, set) };

	for (size_t i = 0; i < set->count; i++)
		evidence_pieces_note(&set->evidence, set->item[i].report);
	return evidence_pieces_gather(&from, &set->evidence, e);
}

bool
document_store_evidence(struct db *db, const struct document_owner *o,
    const struct document_set *set, struct err *e)
{
	const struct db_arg args[] = { DB_INT(o->tenant), DB_INT(o->dossier),
		DB_END };

	return evidence_pieces_store(
		   db, o->tenant, o->at_us, &set->evidence, e) &&
	       db_exec(db, DB_evidence_link, args, NULL, e);
}
