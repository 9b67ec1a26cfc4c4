#ifndef GATEWAY_IMPORT_CERTIFICATE_H
#define GATEWAY_IMPORT_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>

#include "gateway/db.h"

/*
 * The certificates under which somebody signs: PEM or DER files that the list
 * names, relative to the import file, or the SHA-256 of the DER in hex.
 *
 * DIAGNOSTICS
 *	ERR_FILE	one of the files
 *	ERR_BAD_FIELD	one is no certificate
 */
struct err;
struct import;
struct json;

struct import_signs {
	enum db_stmt clear, add; /* of that key; add takes the digests last */
	struct db_arg key[3];
	size_t key_len;
	const char *at;
};

/* Of the key that is named for a holder (key_holder.h) by his code. */
struct import_signs import_key_of(const struct import *im, const char *holder,
    const char *code, const char *at);

/* Replaces them as a whole; without a list they stay. */
bool import_certificates(struct import *im, const struct import_signs *who,
    const struct json *list, struct err *e);

#endif /* GATEWAY_IMPORT_CERTIFICATE_H */
