/*
 * What a dossier's verdicts rested on, as files:
 *
 *	evidence/trust/HASH.crt       anchors
 *	evidence/untrusted/HASH.crt   other certificates
 *	evidence/crl/HASH.crl
 *	evidence/ocsp/HASH.ocsp
 *	evidence/policy/HASH.json
 *	verdicts.json                 how each document, form and receipt was
 *	                              judged, and the verdicts; read by
 *rejudge.c
 *
 * in the folders that `hosogate verify` takes as its options.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "crypto/digest.h"
#include "gateway/audit_bundle.h"
#include "gateway/db.h"
#include "gateway/rejudge.h"

static bool
make_folder(const struct audit_bundle *b, const char *name, struct err *e)
{
	struct buf path = { 0 };
	bool ok;

	buf_printf(&path, "%s/%s", b->folder, name);
	ok = mkdir(path.data, 0750) == 0 ||
	     err_set(e, ERR_FILE, "%s: %s", path.data, strerror(errno));
	buf_release(&path);
	return ok;
}

static bool
make_folders(const struct audit_bundle *b, struct err *e)
{
	static const char *const folders[] = { "evidence", "evidence/trust",
		"evidence/untrusted", "evidence/crl", "evidence/ocsp",
		"evidence/policy" };

	for (size_t i = 0; i < nitems(folders); i++)
		if (!make_folder(b, folders[i], e))
			return false;
	return true;
}

static bool
add_pieces(struct audit_bundle *b, struct err *e)
{
	const struct db_arg args[] = { DB_INT(b->tenant), DB_INT(b->dossier),
		DB_END };
	struct db_rows *r;
	bool ok = true;

	if (!db_query(b->db, DB_evidence_of_dossier, args, &r, e))
		return false;
	for (int i = 0; ok && i < db_count(r); i++) {
		struct db_bytes hash = db_bytes(r, i, "sha256");
		struct db_bytes bytes = db_bytes(r, i, "bytes");
		char name[REJUDGE_NAME_LEN];

		ok = rejudge_name(db_text(r, i, "role"), hash.data, name) &&
		     audit_bundle_add(b, name, bytes.data, bytes.len, e);
	}
	db_rows_free(r);
	return ok;
}

static struct json *
content_json(const struct db_rows *r, int i, const char *file)
{
	struct json *list = json_new_list(), *j = json_new_object();

	json_put_text(j, "name", db_text(r, i, "file_name"));
	json_put_text(j, "file", file);
	json_add(list, j);
	return list;
}

/* A detached signature is the document that was judged, and what it signs
 * its content. */
static bool
add_verdict(const struct db_rows *r, int i, struct json *list, struct err *e)
{
	int64_t id = db_int(r, i, "id"),
		signature = db_int(r, i, "signature_id");
	const char *text = db_text(r, i, "report"),
		   *code = db_text(r, i, "name");
	char file[AUDIT_NAME_LEN], signed_by[AUDIT_NAME_LEN];
	struct json *report = NULL, *j;

	if (!json_parse(text, strlen(text), &report, e))
		return false;
	j = json_new_object();
	audit_bundle_name(id, code, db_text(r, i, "file_name"), file);
	audit_bundle_name(
	    signature, code, db_text(r, i, "signature_file"), signed_by);
	json_put_text(j, "document", signature != 0 ? signed_by : file);
	json_put(j, "contents",
	    signature != 0 ? content_json(r, i, file) : json_new_list());
	json_put(j, "report", report);
	json_add(list, j);
	return true;
}

static bool
add_paper(struct audit_bundle *b, struct db_rows *r, int i, struct json *list,
    struct err *e)
{
	const char *file = db_text(r, i, "file"),
		   *text = db_text(r, i, "report");
	struct db_bytes bytes = db_bytes(r, i, "bytes");
	struct json *report = NULL, *j;

	if (!audit_bundle_add(b, file, bytes.data, bytes.len, e))
		return false;
	if (db_is_null(r, i, "report"))
		return true; /* not signed by us */
	if (!json_parse(text, strlen(text), &report, e))
		return false;
	j = json_new_object();
	json_put_text(j, "document", file);
	json_put(j, "contents", json_new_list());
	json_put(j, "report", report);
	json_add(list, j);
	return true;
}

static bool
add_papers(struct audit_bundle *b, struct json *list, struct err *e)
{
	const struct db_arg args[] = { DB_INT(b->tenant), DB_INT(b->dossier),
		DB_END };
	struct db_rows *r = NULL;
	bool ok = db_query(b->db, DB_evidence_papers, args, &r, e);

	for (int i = 0; ok && i < db_count(r); i++)
		ok = add_paper(b, r, i, list, e);
	db_rows_free(r);
	return ok;
}

static bool
add_verdicts(struct audit_bundle *b, struct err *e)
{
	const struct db_arg args[] = { DB_INT(b->tenant), DB_INT(b->dossier),
		DB_END };
	struct json *list = json_new_list();
	struct db_rows *r = NULL;
	char *text = NULL;
	bool ok = db_query(b->db, DB_evidence_judged, args, &r, e);

	for (int i = 0; ok && i < db_count(r); i++)
		ok = add_verdict(r, i, list, e);
	ok = ok && add_papers(b, list, e);
	if (ok) {
		text = json_write(list);
		ok = audit_bundle_add(b, REJUDGE_FILE, text, strlen(text), e);
	}
	free(text);
	json_free(list);
	db_rows_free(r);
	return ok;
}

bool
audit_export_evidence(struct audit_bundle *b, struct err *e)
{
	return make_folders(b, e) && add_pieces(b, e) && add_verdicts(b, e);
}
