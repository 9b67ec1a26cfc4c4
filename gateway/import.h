#ifndef GATEWAY_IMPORT_H
#define GATEWAY_IMPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * What the gateway is told rather than taught: tenants with their calendars,
 * units, people, peers, procedures and score sets, from readable JSON files.
 *
 * A file is imported whole or not at all, and may be imported again: what is
 * there is brought to what the file says, and nothing is deleted that a
 * record may point to.  A version of a procedure that a dossier was received
 * under stays as it is.  Secrets are files that the JSON names, relative to
 * itself; they are stored hashed, or not at all.
 *
 * DIAGNOSTICS
 *	ERR_FILE, ERR_TOO_LARGE, ERR_BAD_JSON	the file, or one it names
 *	ERR_MISSING_FIELD, ERR_UNKNOWN_FIELD, ERR_BAD_FIELD
 *				with the pointer into the file
 *	ERR_CONFLICT		a procedure version that is in use would change
 */
struct db;
struct err;
struct json;

#define IMPORT_FILE_MAX (16 * 1024 * 1024)

struct import {
	struct db *db;
	int64_t tenant;
	const char *path; /* of the file */
};

/* What a file was about; a calendar or a unit's may move due dates. */
struct imported {
	int64_t tenant;
	bool calendars;
};
bool import_file(
    struct db *db, const char *path, struct imported *out, struct err *e);

/* A section; in a transaction. */
typedef bool import_section(
    struct import *im, const struct json *list, struct err *e);

import_section import_calendars;
import_section import_clients;
import_section import_officers;
import_section import_procedures;
import_section import_receipt_books;
import_section import_tariffs;
import_section import_trust_anchors;
import_section import_units;

/* What the sections share.  A pointer is made of the list's and an index. */
#define IMPORT_POINTER_LEN 100
void import_pointer(
    char out[IMPORT_POINTER_LEN], const char *list, size_t index);

/* Is it a list of texts, each of 1 to most bytes?  The caller frees *out, an
 * array that borrows them; list may be NULL. */
bool import_texts(const struct json *list, const char *at, size_t most,
    const char ***out, struct err *e);

/* Names of rights that a person or a peer can be given. */
bool import_rights(
    const struct json *list, const char *at, const char ***out, struct err *e);

/* Of [0-9A-Za-z.-] and the like: only what is in that set. */
bool import_code(const char *s, const char *at, const char *set, struct err *e);

#define IMPORT_CODE                                                            \
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz.-_"

#define IMPORT_LOWER_CODE "abcdefghijklmnopqrstuvwxyz0123456789-"

/* "2026-11-23". */
bool import_date(const char *s, const char *at, struct err *e);

/* "07:30", of which anything may follow, as seconds of the day; 24:00 is its
 * end. */
bool import_time(const char *s, int *sec);

/* Something to look at that is no reason to refuse; on standard error. */
void import_warn(const struct import *im, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

#endif /* GATEWAY_IMPORT_H */
