#include "gateway/procedure.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "gateway/db.h"

/* The words of procedure_document.signer and procedure.fee_due. */
static const char *const signers[] = {
	[SIGNER_NONE] = "none",
	[SIGNER_ANYONE] = "anyone",
	[SIGNER_APPLICANT] = "applicant",
	[SIGNER_OFFICER] = "officer",
};
static const char *const fee_dues[] = {
	[FEE_DUE_NONE] = "none",
	[FEE_DUE_INTAKE] = "intake",
	[FEE_DUE_WORK] = "work",
};

/* A stored word's place in its list; the CHECK constraints leave no other. */
static unsigned
word(const char *const *words, size_t count, const char *s)
{
	for (unsigned i = 0; i < count; i++)
		if (strcmp(words[i], s) == 0)
			return i;
	return 0;
}

static void
read_document(const struct db_rows *rows, int i, struct procedure_document *doc)
{
	snprintf(doc->name, sizeof(doc->name), "%s", db_text(rows, i, "code"));
	snprintf(
	    doc->title, sizeof(doc->title), "%s", db_text(rows, i, "title"));
	snprintf(doc->formats, sizeof(doc->formats), "%s",
	    db_text(rows, i, "formats"));
	doc->required = db_bool(rows, i, "required");
	doc->result = strcmp(db_text(rows, i, "role"), "result") == 0;
	doc->signer =
	    word(signers, nitems(signers), db_text(rows, i, "signer"));
	doc->bytes_max = db_int(rows, i, "bytes_max");
}

static bool
read_documents(
    struct db *db, int64_t tenant, struct procedure *p, struct err *e)
{
	const struct db_arg args[] = { DB_INT(tenant), DB_INT(p->id), DB_END };
	struct db_rows *rows = NULL;

	if (!db_query(db, DB_procedure_documents, args, &rows, e))
		return false;
	p->document_count = (size_t)db_count(rows);
	if (p->document_count > PROCEDURE_DOCUMENTS_MAX)
		p->document_count = PROCEDURE_DOCUMENTS_MAX;
	for (size_t i = 0; i < p->document_count; i++)
		read_document(rows, (int)i, &p->documents[i]);
	db_rows_free(rows);
	return true;
}

static bool
read_procedure(struct db *db, int64_t tenant, const struct db_rows *rows,
    struct procedure **out, struct err *e)
{
	struct procedure *p = blob_calloc(1, sizeof(*p));

	p->id = db_int(rows, 0, "id");
	p->version = (int)db_int(rows, 0, "version");
	p->intake_hours = (int)db_int(rows, 0, "intake_hours");
	snprintf(p->intake_unit, sizeof(p->intake_unit), "%s",
	    db_text(rows, 0, "intake_unit"));
	p->fee_due =
	    word(fee_dues, nitems(fee_dues), db_text(rows, 0, "fee_due"));
	p->fee.dong = db_int(rows, 0, "fee");
	p->limit_amount = (int)db_int(rows, 0, "limit_amount");
	snprintf(p->limit_unit, sizeof(p->limit_unit), "%s",
	    db_text(rows, 0, "limit_unit"));
	snprintf(p->code, sizeof(p->code), "%s", db_text(rows, 0, "code"));
	snprintf(p->name, sizeof(p->name), "%s", db_text(rows, 0, "name"));
	if (!read_documents(db, tenant, p, e)) {
		procedure_free(p);
		return false;
	}
	*out = p;
	return true;
}

bool
procedure_find(struct db *db, const struct procedure_key *key,
    struct procedure **out, struct err *e)
{
	const struct db_arg args[] = { DB_INT(key->tenant), DB_TEXT(key->code),
		DB_TIME(key->at_us), DB_END };
	struct db_rows *rows = NULL;
	bool ok = false;

	if (!db_query(db, DB_procedure_in_force, args, &rows, e))
		return false;
	if (db_count(rows) == 0)
		err_field(e, ERR_UNKNOWN_PROCEDURE, "/procedure",
		    "procedure %s", key->code);
	else
		ok = read_procedure(db, key->tenant, rows, out, e);
	db_rows_free(rows);
	return ok;
}

bool
procedure_load(struct db *db, int64_t tenant, int64_t id,
    struct procedure **out, struct err *e)
{
	const struct db_arg args[] = { DB_INT(tenant), DB_INT(id), DB_END };
	struct db_rows *rows = NULL;
	bool ok;

	ok = db_one(db, DB_procedure_by_id, args, &rows, e) &&
	     read_procedure(db, tenant, rows, out, e);
	db_rows_free(rows);
	return ok;
}

void
procedure_free(struct procedure *p)
{
	free(p);
}

const struct procedure_document *
procedure_document(const struct procedure *p, const char *name)
{
	for (size_t i = 0; i < p->document_count; i++)
		if (strcmp(p->documents[i].name, name) == 0)
			return &p->documents[i];
	return NULL;
}
