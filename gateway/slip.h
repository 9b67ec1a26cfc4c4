#ifndef GATEWAY_SLIP_H
#define GATEWAY_SLIP_H

#include <stdbool.h>

#include "gateway/ticker.h"

/*
 * Issues the forms that events call for (form_rule), one at a time: makes the
 * PDF from the record, signs it with the key of the dossier's unit (out of
 * form_key_folder; else form_key_file; without either it is not signed), has
 * our own verifier judge what was signed, and only then keeps it and lets go
 * the mail that carries it.  The record says so, with its hash.  A form is made
 * once and never changed.
 *
 * What the law asks of a form and the record does not have withholds it, with
 * a word on what is missing; its mail goes without it.  What fails otherwise
 * (no database, a template that is none, a signature that our verifier does
 * not pass) is tried again, twice as late each time up to ten minutes; the
 * mail waits ten minutes and goes then.
 *
 * DIAGNOSTICS
 *	ERR_FILE, ERR_CONFIG	the key cannot be opened
 *	ERR_STORAGE		from db.c
 */
struct err;
struct paper_signer_means;
struct slip_maker;

bool slip_maker_new(
    const struct paper_signer_means *m, struct slip_maker **out, struct err *e);
void slip_maker_free(struct slip_maker *m); /* NULL is fine */

ticker_fn slip_issue; /* its arg is the maker */

#endif /* GATEWAY_SLIP_H */
