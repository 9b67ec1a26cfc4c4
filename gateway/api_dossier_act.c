/*
 * POST /v1/dossiers/{code}/actions
 *
 * What an officer, the portal or the applicant does with a dossier: one row of
 * the table below is one action.  If-Match guards concurrent officers.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/filing.h"
#include "gateway/idempotency.h"
#include "gateway/payment.h"
#include "gateway/pending.h"
#include "gateway/procedure.h"
#include "gateway/reply.h"
#include "gateway/reply_dossier.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/step.h"

enum { BY_OFFICER = 1, BY_CLIENT = 2, BY_APPLICANT = 4 };
enum { NO_REASON, REASON, GROUND }; /* each asks for the one before */

/* Supplement, payment and result have no row: they act by arriving. */
static const struct action {
	const char *name;
	enum dossier_event event;
	unsigned by;
	int reason; /* must it say why, and on what legal ground?  Forms 02 and
		     * 03 say both (Circular 03/2025/TT-VPCP). */
} actions[] = {
	{ "accept", DOSSIER_EV_ACCEPT, BY_OFFICER, NO_REASON },
	{ "refuse", DOSSIER_EV_REFUSE, BY_OFFICER, GROUND },
	{ "assign", DOSSIER_EV_ASSIGN, BY_OFFICER, NO_REASON },
	{ "request-supplement", DOSSIER_EV_REQUEST_SUPPLEMENT, BY_OFFICER,
	    GROUND },
	{ "request-payment", DOSSIER_EV_REQUEST_PAYMENT, BY_OFFICER,
	    NO_REASON },
	{ "withdraw", DOSSIER_EV_WITHDRAW, BY_CLIENT | BY_APPLICANT, REASON },
	{ "stop", DOSSIER_EV_STOP, BY_OFFICER, REASON },
	{ "extend", DOSSIER_EV_EXTEND, BY_OFFICER, GROUND },
	{ "take", DOSSIER_EV_TAKE, BY_OFFICER, NO_REASON },
	{ "hand-over", DOSSIER_EV_HAND_OVER, BY_OFFICER, NO_REASON },
	{ "suspend", DOSSIER_EV_SUSPEND, BY_OFFICER, REASON },
	{ "consult", DOSSIER_EV_CONSULT, BY_OFFICER, REASON },
	{ "resume", DOSSIER_EV_RESUME, BY_OFFICER, NO_REASON },
	{ "return", DOSSIER_EV_RETURN, BY_OFFICER, NO_REASON },
};

static const struct json_field fields[] = {
	{ "action", JSON_KIND_TEXT, true, 1, 40, false, NULL },
	{ "reason", JSON_KIND_TEXT, false, 1, 1000, true, NULL },
	{ "ground", JSON_KIND_TEXT, false, 1, 300, false, NULL },
	{ "officer", JSON_KIND_TEXT, false, 1, 63, false, NULL },
	{ "extension", JSON_KIND_TEXT, false, 1, 40, false, NULL },
	{ "hold", JSON_KIND_TEXT, false, 1, 40, false, NULL },
	{ "step", JSON_KIND_TEXT, false, 1, 40, false, NULL },
};

struct act {
	struct request *req;
	const struct action *action;
	struct dossier *d;
	int64_t officer; /* to whom it goes, or 0 */
	struct dossier_extension extension;
	struct step step;     /* that it begins; its code is "" where none is */
	char hold_basis[501]; /* the ground, where none is given */

	struct reply *reply; /* made anew by each run of the transaction */
};

static unsigned
caller(const struct request *req)
{
	switch (req->who) {
	case AUTH_OFFICER:
		return BY_OFFICER;
	case AUTH_CLIENT:
		return BY_CLIENT;
	case AUTH_APPLICANT:
		return BY_APPLICANT;
	case AUTH_NOBODY:
		break;
	}
	return 0;
}

static bool
read_action(struct act *a, struct err *e)
{
	const struct json *body = a->req->json;
	const char *name;

	if (!json_check(body, "", fields, nitems(fields), e))
		return false;
	name = json_text(body, "action", "");
	for (size_t i = 0; i < nitems(actions); i++)
		if (strcmp(actions[i].name, name) == 0)
			a->action = &actions[i];
	if (a->action == NULL)
		return err_field(e, ERR_BAD_FIELD, "/action", "%s", name);
	if ((a->action->by & caller(a->req)) == 0)
		return err_set(
		    e, ERR_FORBIDDEN, "%s may not %s", a->req->principal, name);
	if (a->action->reason >= REASON &&
	    json_text(body, "reason", NULL) == NULL)
		return err_field(e, ERR_MISSING_FIELD, "/reason", "missing");
	if (a->action->reason >= GROUND &&
	    json_text(body, "ground", NULL) == NULL)
		return err_field(e, ERR_MISSING_FIELD, "/ground", "missing");
	if (a->req->if_match == 0)
		return err_set(e, ERR_MATCH_REQUIRED, "%s", name);
	return true;
}

static bool
check_accept(const struct act *a, struct err *e)
{
	const char *reason = json_text(a->req->json, "reason", NULL);

	return a->action->event != DOSSIER_EV_ACCEPT ||
	       (pending_may_accept(a->req->db, a->d, reason, e) &&
		   filing_may_accept(a->req->db, a->d, reason, e));
}

/* Accepting takes the dossier on; assigning gives it to whoever is named; what
 * is handed over to nobody by name is offered to the step's role. */
static bool
choose_officer(struct act *a, struct err *e)
{
	const char *login = json_text(a->req->json, "officer", NULL);
	const struct db_arg args[] = { DB_INT(a->req->tenant.n), DB_TEXT(login),
		DB_END };
	struct db_rows *rows = NULL;

	switch ((int)a->action->event) {
	case DOSSIER_EV_ACCEPT:
	case DOSSIER_EV_ASSIGN:
	case DOSSIER_EV_TAKE:
		a->officer = a->req->by.n;
		break;
	case DOSSIER_EV_HAND_OVER:
		a->officer = DOSSIER_NOBODY;
		break;
	default:
		return true;
	}
	if (login == NULL)
		return true;
	if (!db_query(a->req->db, DB_dossier_officer, args, &rows, e))
		return false;
	if (db_count(rows) == 1)
		a->officer = db_int(rows, 0, "id");
	else
		err_field(e, ERR_BAD_FIELD, "/officer", "no officer %s", login);
	db_rows_free(rows);
	return e->code == ERR_NONE;
}

/* Which step begins, and whether it may: what is at no step is handed over by
 * nobody, and only to officers who have the role. */
static bool
choose_step(struct act *a, struct err *e)
{
	const char *named = json_text(a->req->json, "step", NULL);
	enum dossier_event ev = a->action->event;
	const char *role;

	if (ev == DOSSIER_EV_HAND_OVER &&
	    !step_check_hand_over(a->d, a->req->by.n, e))
		return false;
	if (ev == DOSSIER_EV_TAKE && !step_check_take(a->d, a->req->by.n, e))
		return false;
	if (ev == DOSSIER_EV_ACCEPT || ev == DOSSIER_EV_HAND_OVER) {
		if (!step_choose(a->req->db, a->d, named, &a->step, e))
			return false;
		if (a->step.code[0] == '\0' && ev == DOSSIER_EV_HAND_OVER)
			return err_field(e, ERR_BAD_FIELD, "/step",
			    "dossier %s: no step after %s", a->d->code,
			    a->d->step.code);
	}
	role = a->step.code[0] != '\0' ? a->step.role : a->d->step.role;
	return a->officer <= 0 || role[0] == '\0' ||
	       step_check_role(a->req->db, a->d, a->officer, role, e);
}

/* Only to a limit that the dossier's own version allows, after the one that it
 * follows, and on a ground. */
static bool
choose_extension(struct act *a, struct err *e)
{
	const char *code = json_text(a->req->json, "extension", NULL);
	const struct db_arg args[] = { DB_INT(a->req->tenant.n),
		DB_INT(a->d->procedure), DB_TEXT(code), DB_INT(a->d->id.n),
		DB_END };
	struct db_rows *rows = NULL;

	if (a->action->event != DOSSIER_EV_EXTEND)
		return true;
	if (code == NULL)
		return err_field(e, ERR_MISSING_FIELD, "/extension", "missing");
	if (!db_query(a->req->db, DB_procedure_extension, args, &rows, e))
		return false;
	if (db_count(rows) == 1 && db_bool(rows, 0, "early")) {
		err_field(e, ERR_BAD_FIELD, "/extension",
		    "dossier %s: %s only after %s", a->d->code, code,
		    db_text(rows, 0, "follows"));
	} else if (db_count(rows) == 1) {
		snprintf(a->extension.code, sizeof(a->extension.code), "%s",
		    db_text(rows, 0, "code"));
		a->extension.limit_amount =
		    (int)db_int(rows, 0, "limit_amount");
		snprintf(a->extension.limit_unit,
		    sizeof(a->extension.limit_unit), "%s",
		    db_text(rows, 0, "limit_unit"));
	} else {
		err_field(
		    e, ERR_BAD_FIELD, "/extension", "no extension %s", code);
	}
	db_rows_free(rows);
	return e->code == ERR_NONE;
}

/* The clock is held on grounds that the dossier's own version knows. */
static bool
choose_hold(struct act *a, struct err *e)
{
	const char *code = json_text(a->req->json, "hold", NULL);
	bool suspends = a->action->event == DOSSIER_EV_SUSPEND;
	const struct db_arg args[] = { DB_INT(a->req->tenant.n),
		DB_INT(a->d->procedure), DB_TEXT(code),
		DB_TEXT(suspends ? "suspension" : "consultation"), DB_END };
	struct db_rows *rows = NULL;

	if (!suspends && a->action->event != DOSSIER_EV_CONSULT)
		return true;
	if (code == NULL)
		return err_field(e, ERR_MISSING_FIELD, "/hold", "missing");
	if (!db_query(a->req->db, DB_procedure_hold, args, &rows, e))
		return false;
	if (db_count(rows) == 1)
		snprintf(a->hold_basis, sizeof(a->hold_basis), "%s",
		    db_text(rows, 0, "basis"));
	else
		err_field(e, ERR_BAD_FIELD, "/hold", "no hold %s", code);
	db_rows_free(rows);
	return e->code == ERR_NONE;
}

static bool
move(struct db *db, struct act *a, const struct dossier *d,
    enum dossier_event event, struct err *e)
{
	const struct json *body = a->req->json;
	const char *reason = json_text(body, "reason", NULL);
	struct json *data = json_new_object();
	struct dossier_move m = {
		.d = d,
		.event = event,
		.by = a->req->by,
		.at_us = a->req->now_us,
		.ground = json_text(body, "ground", a->hold_basis),
		.officer = a->officer,
		.step = event != a->action->event || a->step.code[0] == '\0'
			    ? NULL
			    : &a->step,
		.data = data,
		.extension = &a->extension,
		.hold = a->hold_basis[0] == '\0'
			    ? NULL
			    : json_text(body, "hold", NULL),
	};
	bool ok;

	if (reason != NULL)
		json_put_text(data, "reason", reason);
	if (event == DOSSIER_EV_EXTEND)
		json_put_text(data, "extension", a->extension.code);
	if (m.hold != NULL)
		json_put_text(data, "hold", m.hold);
	ok = dossier_advance(db, &m, 1, e);
	json_free(data);
	return ok;
}

/* A pause for the fee needs something to pay: the request and the move go
 * together.  Where accepting asks and nothing is owed, it goes on. */
static bool
ask_for_fee(
    struct db *db, struct act *a, const struct dossier *d, struct err *e)
{
	bool asked = a->action->event == DOSSIER_EV_REQUEST_PAYMENT;
	struct money owed;

	if (!payment_request_open(db, d, a->req->now_us, &owed, e))
		return false;
	if (owed.dong == 0)
		return !asked || err_set(e, ERR_WRONG_STATE,
				     "dossier %s: has no fee", d->code);
	return move(db, a, d, DOSSIER_EV_REQUEST_PAYMENT, e);
}

/* Where the fee is due after acceptance, accepting asks for it at once. */
static bool
ask_for_fee_after_accept(struct db *db, struct act *a, struct err *e)
{
	struct procedure *p = NULL;
	struct dossier *d = NULL;
	bool ok = false;

	if (!procedure_load(db, a->req->tenant.n, a->d->procedure, &p, e))
		goto out;
	if (p->fee_due != FEE_DUE_WORK || p->fee.dong == 0) {
		ok = true;
		goto out;
	}
	if (!dossier_load(db, a->req->tenant, a->d->code, &d, e))
		goto out;
	ok = ask_for_fee(db, a, d, e);

out:
	procedure_free(p);
	dossier_free(d);
	return ok;
}

static bool
act(struct db *db, void *arg, struct err *e)
{
	struct act *a = arg;

	if (!idempotency_claim(db, a->req, e))
		return false;
	if (a->action->event == DOSSIER_EV_REQUEST_PAYMENT) {
		if (!ask_for_fee(db, a, a->d, e))
			return false;
	} else if (!move(db, a, a->d, a->action->event, e)) {
		return false;
	}
	if (a->action->event == DOSSIER_EV_ACCEPT &&
	    !ask_for_fee_after_accept(db, a, e))
		return false;

	reply_free(a->reply);
	a->reply = NULL;
	return reply_dossier(a->req, 200, a->d->code, &a->reply, e) &&
	       idempotency_keep(db, a->req, a->reply, e);
}

struct reply *
api_dossier_act(struct request *req)
{
	struct act a = { .req = req };
	struct reply *reply;
	struct err e = { 0 };

	if (!read_action(&a, &e))
		goto refuse;
	if (!dossier_load(req->db, req->tenant, req->arg.code, &a.d, &e))
		goto refuse;
	if (!auth_dossier(req, a.d, &e))
		goto refuse;
	if (!dossier_match(a.d, req->if_match, &e))
		goto refuse;
	if (!check_accept(&a, &e))
		goto refuse;
	if (!choose_officer(&a, &e))
		goto refuse;
	if (!choose_step(&a, &e))
		goto refuse;
	if (!choose_extension(&a, &e))
		goto refuse;
	if (!choose_hold(&a, &e))
		goto refuse;
	if (!db_tx(req->db, act, &a, &e))
		goto refuse;

	reply = a.reply;
	a.reply = NULL; /* http.c owns it now */
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	reply_free(a.reply);
	dossier_free(a.d);
	return reply;
}
