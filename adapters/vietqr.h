#ifndef ADAPTERS_VIETQR_H
#define ADAPTERS_VIETQR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/money.h"

/*
 * VietQR: what a banking application reads to fill in a transfer (EMVCo
 * merchant-presented codes, NAPAS part IV v1.5.2).  Objects of a two-digit id,
 * a two-digit length and a value, some nested, under a CRC.
 *
 * A sound CRC proves nothing about the nesting: texts are in circulation, one
 * of them printed in the specification itself, whose CRC is right and whose
 * inner lengths are not.  The reader takes nothing but: every length within
 * its template and filling it, ids in rising order and none twice, the CRC
 * last, in upper case and true, and nothing after it.  Objects that mean
 * nothing to a transfer are passed over.
 *
 * A refusal leaves *out as it was.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD	to write: a value that cannot stand in the code
 *	ERR_UNREADABLE	to read: not such a text
 */
struct err;

#define VIETQR_LEN_MAX     512
#define VIETQR_BIN_LEN     7  /* 970xxx, the bank */
#define VIETQR_ACCOUNT_LEN 20 /* letters and digits */
#define VIETQR_TEXT_LEN    26 /* printable ASCII, no marks */

struct vietqr {
	bool card; /* account is the number of a card */
	char bin[VIETQR_BIN_LEN];
	char account[VIETQR_ACCOUNT_LEN];
	struct money amount;           /* 0: static, the payer types it */
	char bill[VIETQR_TEXT_LEN];    /* 62-01; "" for none */
	char purpose[VIETQR_TEXT_LEN]; /* 62-08, the transfer's content */
};

/* Appends the text. */
bool vietqr_write(const struct vietqr *q, struct buf *out, struct err *e);

bool vietqr_read(
    const char *text, size_t len, struct vietqr *out, struct err *e);

#endif /* ADAPTERS_VIETQR_H */
