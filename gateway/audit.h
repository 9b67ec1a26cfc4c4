#ifndef GATEWAY_AUDIT_H
#define GATEWAY_AUDIT_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Recomputes the record and names the first row that lies: a link, a gap, a
 * head, a signature, a document's, form's or receipt's bytes, or a dossier that
 *is not where its own events say.  It changes nothing and trusts no column.
 *
 * A lie is a finding, not an error: the functions return false at the first
 * one too, with a->lie set and e untouched.
 *
 * DIAGNOSTICS
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;
struct own_key;

struct audit {
	struct db *db;
	const struct own_key *key; /* NULL: signatures are not checked */
	int64_t chains, events, heads, signatures, unsigned_events, documents,
	    papers;
	char lie[800];
};

/* In a transaction that began with the statement audit_snapshot. */
bool audit_chains(struct audit *a, struct err *e);
bool audit_heads(struct audit *a, struct err *e);
bool audit_documents(struct audit *a, struct err *e);
bool audit_papers(struct audit *a, struct err *e);

/* Says what was found, and returns false. */
bool audit_found(struct audit *a, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Writes a dossier's evidence into a new folder: its rows, its documents'
 * bytes, the reports on their signatures, and manifest.sha256 over them all,
 * as sha256sum(1) checks it. */
bool audit_export(
    struct db *db, const char *code, const char *folder, struct err *e);

#endif /* GATEWAY_AUDIT_H */
