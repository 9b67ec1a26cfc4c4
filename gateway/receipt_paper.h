#ifndef GATEWAY_RECEIPT_PAPER_H
#define GATEWAY_RECEIPT_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A receipt as a PDF, not yet signed: gateway/web/paper-receipt.txt with the
 * amount in digits and in words, and a QR code of the address where anyone
 * may check it.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such receipt
 *	from paper.h and db.h
 */
struct buf;
struct db;
struct err;

struct receipt_paper {
	int64_t tenant, receipt;
	const char *public_url; /* where the address begins; not "" */

	/* Filled in. */
	int64_t dossier;
	int64_t now_us; /* the database's clock */
	int64_t number, year, amount;
	char kind[16], form[21], series[21];
	char tax_code[15]; /* of the body that collects */
	char file[80];     /* a name for the PDF */
};

/* Appends the PDF. */
bool receipt_paper_make(
    struct db *db, struct receipt_paper *p, struct buf *out, struct err *e);

#endif /* GATEWAY_RECEIPT_PAPER_H */
