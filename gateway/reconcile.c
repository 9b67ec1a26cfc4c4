#include "gateway/reconcile.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "gateway/columns.h"
#include "gateway/db.h"
#include "gateway/refund_state.h"
#include "gateway/settlement.h"
#include "gateway/statement.h"

#define BANK   "bank" /* the kind of a format */
#define AGREED "Các bên đã khớp / all sides agree"

struct take {
	const struct reconcile_file *f;
	const struct json *format;
	const struct settlement *s; /* of a provider's file */
	const struct statement *b;  /* of a bank's */
	uint8_t sha256[DIGEST_LEN];
	struct reconciled *out;
};

static bool
settled_row(const void *set, size_t i, union cell *out)
{
	const struct settlement_row *r =
	    &((const struct settlement *)set)->rows[i];

	out[0].n = r->line;
	out[1].s = r->ref;
	out[2].s = r->txn;
	out[3].n = r->amount;
	out[4].n = r->fee;
	out[5].n = r->paid;
	out[6].s = r->refund ? "refund" : "payment";
	return true;
}

static bool
paid_out_row(const void *set, size_t i, union cell *out)
{
	const struct statement_row *r =
	    &((const struct statement *)set)->rows[i];

	out[0].n = r->line;
	out[1].s = r->txn;
	out[2].n = r->amount;
	out[3].s = r->payout.provider;
	out[4].s = r->payout.from;
	out[5].s = r->payout.to;
	out[6].n = r->payout.within_days;
	return true;
}

static const struct columns settled = { DB_settlement_rows, "issiiis",
	settled_row };
static const struct columns paid_out = { DB_settlement_payout_rows, "isisssi",
	paid_out_row };

static void
count(struct reconciled *out, struct db_rows *rows)
{
	out->rows += db_int(rows, 0, "rows");
	out->matched += db_int(rows, 0, "matched");
	out->different += db_int(rows, 0, "different");
	db_rows_free(rows);
}

static bool
match(struct db *db, const struct take *t, int64_t file, struct err *e)
{
	const struct db_arg payments[] = { DB_INT(file), DB_TEXT(t->f->name),
		DB_INT(t->s->fee_points), DB_INT(t->s->fee_dong), DB_END };
	const struct db_arg refunds[] = { DB_INT(file), DB_TEXT(t->f->name),
		DB_INT(REFUND_DONE), DB_END };
	struct db_rows *rows = NULL;

	t->out->rows = t->out->matched = t->out->different = 0;
	if (!db_one(db, DB_settlement_match, payments, &rows, e))
		return false;
	count(t->out, rows);
	if (!t->s->refunds)
		return true;
	if (!db_one(db, DB_settlement_match_refunds, refunds, &rows, e))
		return false;
	count(t->out, rows);
	return true;
}

/* *file is 0 when this very file was taken before. */
static bool
write_file(struct db *db, const struct take *t, int64_t *file, struct err *e)
{
	const struct json *payout = json_find(t->format, "payout");
	const struct db_arg args[] = {
		DB_TEXT(t->f->name),
		DB_BYTES(t->sha256, sizeof(t->sha256)),
		DB_TEXT(t->f->day),
		DB_TEXT(t->out->why),
		DB_TEXT(t->out->bank ? BANK : "settlement"),
		payout == NULL
		    ? DB_NULL
		    : DB_BOOL(json_bool(payout, "net_of_fee", false)),
		payout == NULL ? DB_NULL
			       : DB_INT(json_int(payout, "within_days", 0)),
		DB_BOOL(json_bool(payout, "net_of_refunds", false)),
		DB_END,
	};
	struct db_rows *rows = NULL;

	if (!db_query(db, DB_settlement_file, args, &rows, e))
		return false;
	*file = db_count(rows) == 0 ? 0 : db_int(rows, 0, "id");
	db_rows_free(rows);
	return true;
}

static bool
take(struct db *db, void *arg, struct err *e)
{
	struct take *t = arg;
	int64_t file;

	if (!write_file(db, t, &file, e))
		return false;
	t->out->known = file == 0;
	if (t->out->known || t->out->why[0] != '\0')
		return true;
	if (!t->out->bank)
		return columns_exec(db, &settled,
			   &(struct columns_set){ file, t->s, t->s->count },
			   e) &&
		       match(db, t, file, e);
	t->out->rows = (int64_t)t->b->count;
	return columns_exec(
	    db, &paid_out, &(struct columns_set){ file, t->b, t->b->count }, e);
}

static bool
read_file(const struct take *t, struct settlement *s, struct statement *b,
    struct err *e)
{
	const struct statement_form form = { t->f->formats, t->format };

	if (t->out->bank)
		return statement_read(&form, t->f->bytes, t->f->len, b, e);
	return settlement_read(t->format, t->f->bytes, t->f->len, s, e);
}

bool
reconcile_take(struct db *db, const struct reconcile_file *f,
    struct reconciled *out, struct err *e)
{
	struct settlement s = { 0 };
	struct statement b = { 0 };
	struct take t = { f, json_find(f->formats, f->name), &s, &b, { 0 },
		out };
	struct clock_date day;
	struct err why = { 0 };
	bool ok;

	if (t.format == NULL)
		return err_set(e, ERR_CONFIG, "no format of %s", f->name);
	if (!clock_parse_date(f->day, &day))
		return err_set(e, ERR_BAD_FIELD, "%s: no day", f->day);
	digest_sha256(f->bytes, f->len, t.sha256);
	out->bank = strcmp(json_text(t.format, "kind", ""), BANK) == 0;
	if (!read_file(&t, &s, &b, &why)) {
		if (why.code != ERR_UNREADABLE) {
			*e = why;
			return false;
		}
		snprintf(out->why, sizeof(out->why), "%s", why.detail);
		text_cut(out->why);
	}
	ok = db_tx(db, take, &t, e);
	settlement_release(&s);
	statement_release(&b);
	return ok;
}

bool
reconcile_open(struct db *db, struct db_rows **out, struct err *e)
{
	const struct db_arg none[] = { DB_END };
	const struct db_arg note[] = { DB_TEXT(AGREED), DB_END };
	const struct db_arg agree[] = { DB_TEXT(AGREED), DB_INT(REFUND_DONE),
		DB_END };

	return db_exec(db, DB_settlement_agree, agree, NULL, e) &&
	       db_exec(db, DB_settlement_payouts, note, NULL, e) &&
	       db_query(db, DB_difference_open, none, out, e);
}
