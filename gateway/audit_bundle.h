#ifndef GATEWAY_AUDIT_BUNDLE_H
#define GATEWAY_AUDIT_BUNDLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The folder that `hosogate audit export` writes, and the manifest over what
 * is in it.  For audit_export.c and audit_evidence.c.
 *
 * DIAGNOSTICS
 *	ERR_FILE	a file or folder cannot be written, or is there already
 *	ERR_STORAGE	from db.c
 */
struct db;
struct err;

#define AUDIT_NAME_LEN 120

struct audit_bundle {
	struct db *db;
	const char *folder;
	int64_t tenant, dossier;
	struct buf manifest;
};

/* name is ours: no part of it comes from outside unchecked. */
bool audit_bundle_add(struct audit_bundle *b, const char *name,
    const void *data, size_t len, struct err *e);

/* What a document's file is called: its id, its code, its own ending. */
void audit_bundle_name(int64_t id, const char *code, const char *file_name,
    char out[AUDIT_NAME_LEN]);

/* The pieces of evidence, and verdicts.json, from which `hosogate audit
 * rejudge` draws every verdict again. */
bool audit_export_evidence(struct audit_bundle *b, struct err *e);

#endif /* GATEWAY_AUDIT_BUNDLE_H */
