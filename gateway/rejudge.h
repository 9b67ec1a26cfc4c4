#ifndef GATEWAY_REJUDGE_H
#define GATEWAY_REJUDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Draws the verdicts of an exported dossier again, from its folder alone: each
 * document on the very evidence that its report names, at its moment, by its
 * policy, in a verifier child.  It says whether each signature's indication,
 * subindication and integrity, and the document's, are what was recorded.
 *
 * Needs no database, no network and no configuration.
 *
 * DIAGNOSTICS
 *	ERR_FILE	a file of the folder is not there
 *	ERR_UNREADABLE	verdicts.json is not what audit_evidence.c wrote, or a
 *			piece of evidence is not what its name says
 */
struct err;
struct verifier;

#define REJUDGE_FILE     "verdicts.json"
#define REJUDGE_NAME_LEN 100

/* Where a piece lies in the folder; false for a role that has no place. */
bool rejudge_name(
    const char *role, const uint8_t sha256[32], char out[REJUDGE_NAME_LEN]);

struct rejudge_counts {
	size_t same, different;
};

/* Prints a line for each document. */
bool rejudge_folder(struct verifier *v, const char *folder,
    struct rejudge_counts *out, struct err *e);

#endif /* GATEWAY_REJUDGE_H */
