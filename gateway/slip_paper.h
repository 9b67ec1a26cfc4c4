#ifndef GATEWAY_SLIP_PAPER_H
#define GATEWAY_SLIP_PAPER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * One of the forms 01 to 05 as a PDF, not yet signed, filled from the record.
 * The template is paper-form-NN.txt: the agency's own out of form_folder, or
 * the one that the program carries.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such form
 *	from paper.h, file.h and db.h
 */
struct buf;
struct config;
struct db;
struct err;

#define SLIP_TEMPLATE_MAX 65536 /* bytes of an agency's own */

struct slip_paper {
	int64_t tenant, form;

	/* Filled in. */
	int64_t dossier, event;
	int64_t now_us;      /* the database's clock */
	const char *missing; /* it may not be issued; NULL: it may */
	bool draft;
	char number[3];
	char unit[41];  /* code of who issues it */
	char file[100]; /* a name for the PDF */
};

/* Appends the PDF, unless something is missing. */
bool slip_paper_make(struct db *db, const struct config *c,
    struct slip_paper *p, struct buf *out, struct err *e);

/* "ngày 26 tháng 11 năm 2026", in Vietnam. */
#define SLIP_DATE_LEN 48
void slip_date(int64_t us, char out[SLIP_DATE_LEN]);

/* A template by its name, appended to out. */
bool slip_template(
    const struct config *c, const char *name, struct buf *out, struct err *e);

#endif /* GATEWAY_SLIP_PAPER_H */
