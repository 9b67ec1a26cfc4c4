#include "gateway/relief.h"

#include <assert.h>

#include "base/err.h"
#include "base/json.h"
#include "base/money.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/payment.h"
#include "gateway/request.h"

static bool
check(struct db *db, const struct dossier *d, const struct relief *r,
    struct err *e)
{
	const struct db_arg which[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		DB_TEXT(r->code), DB_END };
	const struct db_arg whose[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		DB_END };
	struct db_rows *known = NULL, *paid = NULL;
	bool ok = false;

	if (dossier_state_clock(d->at.state) == DOSSIER_CLOCK_ENDED) {
		err_set(e, ERR_WRONG_STATE, "dossier %s: ended", d->code);
		goto out;
	}
	if (!db_query(db, DB_relief_find, which, &known, e) ||
	    !db_one(db, DB_relief_paid, whose, &paid, e))
		goto out;
	if (db_count(known) == 0)
		err_field(e, ERR_BAD_FIELD, "/relief", "no relief %s", r->code);
	else if (db_bool(paid, 0, "paid"))
		err_set(e, ERR_WRONG_STATE, "dossier %s: has paid", d->code);
	else
		ok = true;

out:
	db_rows_free(paid);
	db_rows_free(known);
	return ok;
}

/* What was asked for is asked for anew, or not at all. */
static bool
ask_again(struct request *req, const struct dossier *d, const struct relief *r,
    struct err *e)
{
	struct json *data = json_new_object();
	struct dossier_move m = {
		.d = d,
		.event = DOSSIER_EV_EXEMPT,
		.by = req->by,
		.at_us = req->now_us,
		.ground = r->ground,
		.data = data,
	};
	const struct payment_given_up older = { d->tenant, &d->id.n, 1,
		req->now_us };
	struct money owed;
	bool ok;

	json_put_text(data, "relief", r->code);
	ok = payment_request_open(req->db, d, req->now_us, &owed, e) &&
	     (owed.dong > 0 || dossier_advance(req->db, &m, 1, e)) &&
	     payment_return_parts(req->db, &older, e);
	json_free(data);
	return ok;
}

bool
relief_give(struct request *req, const struct dossier *d,
    const struct relief *r, struct err *e)
{
	int added = 0;

	assert(db_in_tx(req->db));

	if (!check(req->db, d, r, e))
		return false;
	if (!db_exec(req->db, DB_relief_add,
		(const struct db_arg[]){ DB_INT(d->tenant.n), DB_INT(d->id.n),
		    DB_TEXT(r->code), DB_TEXT(r->ground), DB_TIME(req->now_us),
		    DB_INT(req->by.n), DB_END },
		&added, e))
		return false;
	if (added == 0)
		return err_set(e, ERR_WRONG_STATE, "dossier %s: has relief %s",
		    d->code, r->code);
	return d->at.state != DOSSIER_AWAITING_PAYMENT ||
	       ask_again(req, d, r, e);
}
