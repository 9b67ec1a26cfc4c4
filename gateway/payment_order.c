#include "gateway/payment_order.h"

#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/dossier.h"

static void
fill(const struct json *lines, struct payment_order *out)
{
	const struct db_rows *r = out->rows;
	size_t n = json_count(lines);

	out->payee = (struct pay_payee){
		.bank = db_text(r, 0, "bank"),
		.account = db_text(r, 0, "number"),
		.name = db_text(r, 0, "holder"),
	};
	out->lines = blob_calloc(n + 1, sizeof(*out->lines));
	for (size_t i = 0; i < n; i++) {
		const struct json *l = json_at(lines, i);

		out->lines[i] = (struct pay_line){
			.code = json_text(l, "code", ""),
			.title = json_text(l, "title", ""),
			.charge =
			    strcmp(json_text(l, "kind", ""), "charge") == 0,
			.amount = { json_int(l, "amount", 0) },
		};
	}
	out->bill = (struct pay_bill){
		.unit_code = db_text(r, 0, "unit_code"),
		.unit_name = db_text(r, 0, "unit_name"),
		.procedure_code = db_text(r, 0, "procedure_code"),
		.procedure_name = db_text(r, 0, "procedure_name"),
		.payer_name = db_text(r, 0, "payer_name"),
		.payer_id = db_text(r, 0, "payer_id"),
		.lines = out->lines,
		.line_count = n,
	};
}

bool
payment_order_load(struct db *db, const struct dossier *d,
    const struct json *lines, struct payment_order *out, struct err *e)
{
	const struct db_arg args[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		DB_END };

	payment_order_release(out);
	if (!db_query(db, DB_payment_payee, args, &out->rows, e))
		return false;
	if (db_count(out->rows) != 1)
		return err_field(e, ERR_BAD_FIELD, "/provider",
		    "dossier %s: its unit has no account", d->code);
	fill(lines, out);
	return true;
}

void
payment_order_release(struct payment_order *o)
{
	free(o->lines);
	db_rows_free(o->rows);
	memset(o, 0, sizeof(*o));
}
