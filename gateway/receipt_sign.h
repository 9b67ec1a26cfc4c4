#ifndef GATEWAY_RECEIPT_SIGN_H
#define GATEWAY_RECEIPT_SIGN_H

#include <stdbool.h>

#include "gateway/ticker.h"

/*
 * Signs receipts with the collecting body's key (art. 23(2); by its tax code
 * out of receipt_key_folder, else receipt_key_file), one at a time: makes the
 * PDF, signs it, has our own verifier judge it, and only then keeps
 * it and announces it; the mail carries it.  Failure costs nothing but time:
 * the number stays, the next try comes twice as late up to ten minutes, and a
 * receipt that is still pending when its day is nearly over is reported to
 * its unit, once.
 *
 * What is kept is archived in `content` under its SHA-256.
 *
 * DIAGNOSTICS
 *	ERR_FILE, ERR_CONFIG	the key cannot be opened, or no public_url
 *	ERR_STORAGE		from db.c
 */
struct err;
struct paper_signer_means;
struct receipt_signer;

/* NULL in *out when no key is configured. */
bool receipt_signer_new(const struct paper_signer_means *m,
    struct receipt_signer **out, struct err *e);
void receipt_signer_free(struct receipt_signer *s); /* NULL is fine */

ticker_fn receipt_sign; /* its arg is the signer */

#endif /* GATEWAY_RECEIPT_SIGN_H */
