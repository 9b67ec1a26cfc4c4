#ifndef GATEWAY_PROCEDURE_H
#define GATEWAY_PROCEDURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/money.h"

/*
 * A version of an administrative procedure (TTHC): its limit, the documents
 * it asks for with whose signature, its fee.  Data, loaded for each use.
 *
 * DIAGNOSTICS
 *	ERR_UNKNOWN_PROCEDURE	none in force on that day
 *	ERR_STORAGE		from db.c
 */
struct db;
struct err;

#define PROCEDURE_DOCUMENTS_MAX 32

enum procedure_signer {
	SIGNER_NONE,
	SIGNER_ANYONE,
	SIGNER_APPLICANT,
	SIGNER_OFFICER,
};

enum procedure_fee_due { FEE_DUE_NONE, FEE_DUE_INTAKE, FEE_DUE_WORK };

struct procedure_document {
	char name[41];
	char title[500];
	bool required;
	bool result; /* what the officer issues */
	enum procedure_signer signer;
	char formats[100]; /* words with blanks between: "pades cades" */
	int64_t bytes_max;
};

struct procedure {
	int64_t id;
	int version;
	int intake_hours; /* so many of intake_unit */
	char intake_unit[16];
	enum procedure_fee_due fee_due;
	struct money fee; /* the sum of its lines */
	int limit_amount;
	char limit_unit[16]; /* calendar_due() */
	char code[64];
	char name[1001];
	struct procedure_document documents[PROCEDURE_DOCUMENTS_MAX];
	size_t document_count;
};

/* The version in force on the Vietnamese day of at_us. */
struct procedure_key {
	int64_t tenant;
	const char *code;
	int64_t at_us;
};
bool procedure_find(struct db *db, const struct procedure_key *key,
    struct procedure **out, struct err *e);

/* The very version that a dossier was received under. */
bool procedure_load(struct db *db, int64_t tenant, int64_t id,
    struct procedure **out, struct err *e);

void procedure_free(struct procedure *p); /* NULL is fine */

/* NULL: it asks for no such document. */
const struct procedure_document *procedure_document(
    const struct procedure *p, const char *name);

#endif /* GATEWAY_PROCEDURE_H */
