#ifndef GATEWAY_SLIP_TABLE_H
#define GATEWAY_SLIP_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Forms 06 and 07, which are tables: the same rows as a PDF by a template
 * (paper-form-06.txt, paper-form-07.txt, or the agency's own) and as CSV.
 * They are made when they are asked for, from a record that only grows, and
 * are not kept.
 *
 * DIAGNOSTICS
 *	from paper.h and slip_paper.h
 */
struct buf;
struct config;
struct db_rows;
struct err;

/* A column: its heading, where its text comes from, and how it is read. */
enum slip_cell { SLIP_NUMBER, SLIP_TEXT, SLIP_TIME, SLIP_STATE, SLIP_LATE };
struct slip_column {
	const char *head;
	const char *column; /* of the rows */
	enum slip_cell kind;
};

struct slip_table {
	const struct db_rows *rows;
	const struct slip_column *columns;
	size_t column_count;

	/* For the PDF. */
	const char *template; /* "paper-form-07.txt" */
	const char *agency, *about, *as_of;
	int64_t at_us;
};

bool slip_table_pdf(const struct config *c, const struct slip_table *t,
    struct buf *out, struct err *e);
void slip_table_csv(const struct slip_table *t, struct buf *out);

#endif /* GATEWAY_SLIP_TABLE_H */
