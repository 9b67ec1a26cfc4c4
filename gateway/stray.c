#include "gateway/stray.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/json.h"
#include "gateway/db.h"
#include "gateway/payment.h"

enum { OPEN = 1, PROPOSED = 2, CREDITED = 3, DISMISSED = 4 };

static const char *const names[] = { "", "open", "proposed", "credited",
	"dismissed" };

struct json *
stray_row(const struct db_rows *rows, int i)
{
	struct json *j = json_new_object();

	json_put_int(j, "id", db_int(rows, i, "id"));
	json_put_text(j, "provider", db_text(rows, i, "provider"));
	json_put_text(j, "terminal", db_text(rows, i, "terminal"));
	json_put_text(j, "reference", db_text(rows, i, "ref"));
	json_put_text(j, "transaction", db_text(rows, i, "txn"));
	json_put_int(j, "amount", db_int(rows, i, "amount"));
	json_put_time(j, "heard_at", db_time(rows, i, "heard_at"));
	json_put_text(j, "state", names[db_int(rows, i, "state")]);
	json_put_text(j, "attempt", db_text(rows, i, "attempt"));
	json_put_text(j, "note", db_text(rows, i, "note"));
	return j;
}

/* Locked; the caller frees. */
static bool
lock(struct db *db, const struct four_eyes_act *a, int64_t state,
    struct db_rows **out, struct err *e)
{
	if (!db_one(db, DB_stray_lock,
		(const struct db_arg[]){
		    DB_INT(a->tenant.n), DB_INT(a->id), DB_END },
		out, e))
		return false;
	if (db_int(*out, 0, "state") != state)
		return err_set(e, ERR_WRONG_STATE, "money %" PRId64 ": is %s",
		    a->id, names[db_int(*out, 0, "state")]);
	return true;
}

/* The order that is meant, and its terminal. */
struct meant {
	const char *attempt;
	char terminal[PAY_TXN_LEN];
};

static bool
find_attempt(struct db *db, const struct four_eyes_act *a,
    const struct db_rows *stray, struct meant *m, struct err *e)
{
	const char *attempt = m->attempt;
	struct db_rows *rows = NULL;

	if (!db_query(db, DB_stray_attempt,
		(const struct db_arg[]){ DB_INT(a->tenant.n), DB_TEXT(attempt),
		    DB_TEXT(db_text(stray, 0, "provider")), DB_END },
		&rows, e))
		return false;
	if (db_count(rows) != 1)
		err_field(
		    e, ERR_BAD_FIELD, "/attempt", "no order %s there", attempt);
	else if (db_int(rows, 0, "amount") != db_int(stray, 0, "amount"))
		err_field(e, ERR_WRONG_AMOUNT, "/attempt",
		    "%s asks for another amount", attempt);
	else
		snprintf(m->terminal, sizeof(m->terminal), "%s",
		    db_text(rows, 0, "terminal"));
	db_rows_free(rows);
	return e->code == ERR_NONE;
}

static bool
propose(struct db *db, void *arg, struct err *e)
{
	const struct four_eyes_act *a = arg;
	struct meant m = { .attempt = a->attempt };
	struct db_rows *row = NULL;
	bool ok;

	ok = lock(db, a, OPEN, &row, e) &&
	     (a->attempt == NULL || find_attempt(db, a, row, &m, e)) &&
	     db_exec(db, DB_stray_propose,
		 (const struct db_arg[]){ DB_INT(a->id), DB_TEXT(a->attempt),
		     DB_TEXT(a->note), DB_INT(a->by), DB_TIME(a->at_us),
		     DB_END },
		 NULL, e);
	db_rows_free(row);
	return ok;
}

bool
stray_propose(struct db *db, struct four_eyes_act *a, struct err *e)
{
	a->state = names[PROPOSED];
	return db_tx(db, propose, a, e);
}

static bool
reopen(struct db *db, void *arg, struct err *e)
{
	const struct four_eyes_act *a = arg;
	struct db_rows *row = NULL;
	bool ok;

	ok = lock(db, a, PROPOSED, &row, e) &&
	     db_exec(db, DB_stray_reopen,
		 (const struct db_arg[]){ DB_INT(a->id), DB_END }, NULL, e);
	db_rows_free(row);
	return ok;
}

bool
stray_reopen(struct db *db, struct four_eyes_act *a, struct err *e)
{
	a->state = names[OPEN];
	return db_tx(db, reopen, a, e);
}

/* What is credited, as if its provider had named the right order. */
struct credit {
	struct four_eyes_act *act;
	struct pay_notice said;
	char provider[24], raw[64];
	bool wanted;
};

static bool
check(struct db *db, void *arg, struct err *e)
{
	struct credit *c = arg;
	struct pay_notice *said = &c->said;
	struct meant m = { .attempt = said->ref };
	struct db_rows *row = NULL;
	bool ok = false;

	if (!lock(db, c->act, PROPOSED, &row, e))
		goto out;
	if (db_int(row, 0, "proposed_by") == c->act->by) {
		err_set(e, ERR_SAME_PERSON, "money %" PRId64 ": proposed it",
		    c->act->id);
		goto out;
	}
	c->wanted = db_text(row, 0, "attempt")[0] != '\0';
	snprintf(c->provider, sizeof(c->provider), "%s",
	    db_text(row, 0, "provider"));
	snprintf(
	    said->ref, sizeof(said->ref), "%s", db_text(row, 0, "attempt"));
	snprintf(said->txn, sizeof(said->txn), "%s", db_text(row, 0, "txn"));
	snprintf(said->code, sizeof(said->code), "matched");
	said->amount.dong = db_int(row, 0, "amount");
	said->outcome = PAY_PAID;
	ok = !c->wanted || find_attempt(db, c->act, row, &m, e);
	snprintf(said->terminal, sizeof(said->terminal), "%s", m.terminal);

out:
	db_rows_free(row);
	return ok;
}

static bool
close_it(struct db *db, void *arg, struct err *e)
{
	const struct credit *c = arg;

	return db_exec(db, DB_stray_close,
	    (const struct db_arg[]){ DB_INT(c->act->id),
		DB_INT(c->wanted ? CREDITED : DISMISSED), DB_INT(c->act->by),
		DB_TIME(c->act->at_us), DB_END },
	    NULL, e);
}

/* The money is booked once whatever happens between the two transactions: who
 * confirms again finds it booked. */
bool
stray_confirm(struct db *db, struct four_eyes_act *a, struct err *e)
{
	struct credit c = { .act = a };
	const struct payment_notice n = { c.provider, PAYMENT_VIA_NOTICE,
		&c.said };
	enum pay_answer answer = PAY_ANSWER_DONE;

	a->state = "closed";
	if (!db_tx(db, check, &c, e))
		return false;
	snprintf(c.raw, sizeof(c.raw), "matched by officers: %" PRId64, a->id);
	c.said.raw = (struct blob){ (uint8_t *)c.raw, strlen(c.raw) };
	if (c.wanted && !payment_apply(db, &n, 1, &answer, e))
		return false;
	if (answer != PAY_ANSWER_DONE && answer != PAY_ANSWER_ALREADY)
		return err_set(e, ERR_WRONG_STATE,
		    "money %" PRId64 ": %s does not take it", a->id,
		    c.said.ref);
	return db_tx(db, close_it, &c, e);
}
