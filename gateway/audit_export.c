/* A dossier's evidence as a folder; see audit.h. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/json.h"
#include "gateway/audit.h"
#include "gateway/audit_bundle.h"
#include "gateway/db.h"

/* What audit_dossier_rows knows; each becomes a file. */
static const char *const tables[] = { "events", "pauses", "timers", "documents",
	"payments", "forms", "receipts", "vouchers", "deliveries", "heads" };

/* Rows as they are stored, so that the hashes can be computed again. */
static bool
add_table(struct audit_bundle *b, const char *table, struct err *e)
{
	const struct db_arg args[] = { DB_INT(b->tenant), DB_INT(b->dossier),
		DB_TEXT(table), DB_END };
	struct buf text = { 0 };
	struct db_rows *r;
	char name[40];
	bool ok;

	if (!db_query(b->db, DB_audit_dossier_rows, args, &r, e))
		return false;
	buf_puts(&text, "[\n");
	for (int i = 0; i < db_count(r); i++)
		buf_printf(
		    &text, "%s%s\n", i > 0 ? "," : "", db_text(r, i, "row"));
	buf_puts(&text, "]\n");
	snprintf(name, sizeof(name), "%s.json", table);
	ok = audit_bundle_add(b, name, text.data, text.len, e);
	buf_release(&text);
	db_rows_free(r);
	return ok;
}

static bool
add_document(struct audit_bundle *b, struct db_rows *r, int i, struct err *e)
{
	struct db_bytes bytes = db_bytes(r, i, "bytes");
	const char *report = db_text(r, i, "report");
	int64_t id = db_int(r, i, "id");
	char name[AUDIT_NAME_LEN];

	audit_bundle_name(
	    id, db_text(r, i, "name"), db_text(r, i, "file_name"), name);
	if (!audit_bundle_add(b, name, bytes.data, bytes.len, e))
		return false;
	if (*report == '\0')
		return true;
	snprintf(name, sizeof(name), "report-%" PRId64 ".json", id);
	return audit_bundle_add(b, name, report, strlen(report), e);
}

static bool
add_documents(struct audit_bundle *b, struct err *e)
{
	const struct db_arg args[] = { DB_INT(b->tenant), DB_INT(b->dossier),
		DB_END };
	struct db_rows *r;
	bool ok = true;

	if (!db_query(b->db, DB_audit_dossier_documents, args, &r, e))
		return false;
	for (int i = 0; ok && i < db_count(r); i++)
		ok = add_document(b, r, i, e);
	db_rows_free(r);
	return ok;
}

static bool
add_dossier(struct audit_bundle *b, const char *code, struct err *e)
{
	const struct db_arg args[] = { DB_TEXT(code), DB_END };
	struct db_rows *r;
	const char *row;
	bool ok;

	if (!db_one(b->db, DB_audit_dossier, args, &r, e))
		return false;
	b->tenant = db_int(r, 0, "tenant_id");
	b->dossier = db_int(r, 0, "id");
	row = db_text(r, 0, "row");
	if (mkdir(b->folder, 0750) != 0)
		ok = err_set(e, ERR_FILE, "%s: %s", b->folder, strerror(errno));
	else
		ok = audit_bundle_add(b, "dossier.json", row, strlen(row), e);
	db_rows_free(r);
	return ok;
}

static bool
add_manifest(struct audit_bundle *b, struct err *e)
{
	struct buf path = { 0 };
	bool ok;

	buf_printf(&path, "%s/manifest.sha256", b->folder);
	ok = file_write_new(path.data, b->manifest.data, b->manifest.len, e);
	buf_release(&path);
	return ok;
}

bool
audit_export(struct db *db, const char *code, const char *folder, struct err *e)
{
	struct audit_bundle b = { .db = db, .folder = folder };
	bool ok = add_dossier(&b, code, e);

	for (size_t i = 0; ok && i < nitems(tables); i++)
		ok = add_table(&b, tables[i], e);
	ok = ok && add_documents(&b, e) && audit_export_evidence(&b, e) &&
	     add_manifest(&b, e);
	buf_release(&b.manifest);
	return ok;
}
