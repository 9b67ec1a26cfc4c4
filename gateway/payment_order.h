#ifndef GATEWAY_PAYMENT_ORDER_H
#define GATEWAY_PAYMENT_ORDER_H

#include <stdbool.h>
#include <stddef.h>

#include "adapters/adapter.h"
#include "gateway/payment.h"

/*
 * What an adapter is told of an attempt: whose account the money goes to, and
 * for what, as it stands in the database.
 *
 * DIAGNOSTICS
 *	ERR_BAD_FIELD	the dossier's unit has no account to be paid to
 *	ERR_STORAGE	from db.c
 */
struct db;
struct db_rows;
struct dossier;
struct err;
struct json;

/* Zeroed before; the texts belong to the rows and the lines. */
struct payment_order {
	struct pay_payee payee;
	struct pay_bill bill;
	struct pay_line *lines;
	struct db_rows *rows;
};

/* lines is the list of a bill, and must outlive *out. */
bool payment_order_load(struct db *db, const struct dossier *d,
    const struct json *lines, struct payment_order *out, struct err *e);
void payment_order_release(struct payment_order *o);

#endif /* GATEWAY_PAYMENT_ORDER_H */
