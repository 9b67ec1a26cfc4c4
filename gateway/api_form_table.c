/*
 * GET /v1/dossiers/{code}/forms/06?format= and /v1/register/form?period=&unit=
 *
 * The control slip of a dossier and the register of a period, as a PDF or,
 * with format=csv, as a table.  For officers.
 */
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/buf.h"
#include "base/err.h"
#include "gateway/auth.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/mail.h"
#include "gateway/reply.h"
#include "gateway/request.h"
#include "gateway/route.h"
#include "gateway/score.h"
#include "gateway/slip_table.h"

#define REGISTER_MAX                                                           \
	1500 /* dossiers; a longer period is asked for in parts                \
	      */

static const struct slip_column control[] = {
	{ "STT", "", SLIP_NUMBER },
	{ "Bước", "title", SLIP_TEXT },
	{ "Người giao", "began_by", SLIP_TEXT },
	{ "Người thực hiện", "officer", SLIP_TEXT },
	{ "Giao lúc", "began_at", SLIP_TIME },
	{ "Nhận lúc", "taken_at", SLIP_TIME },
	{ "Hạn", "due_at", SLIP_TIME },
	{ "Xong lúc", "ended_at", SLIP_TIME },
	{ "Kết quả", "late", SLIP_LATE },
};

static const struct slip_column reg[] = {
	{ "STT", "", SLIP_NUMBER },
	{ "Mã hồ sơ", "code", SLIP_TEXT },
	{ "Thủ tục", "procedure_name", SLIP_TEXT },
	{ "Người nộp", "applicant", SLIP_TEXT },
	{ "Nhận lúc", "received_at", SLIP_TIME },
	{ "Hẹn trả", "original_due_at", SLIP_TIME },
	{ "Kết thúc", "ended_at", SLIP_TIME },
	{ "Trả kết quả", "returned_at", SLIP_TIME },
	{ "Người xử lý", "officer", SLIP_TEXT },
	{ "Trạng thái", "state", SLIP_STATE },
};

static bool
read_format(const struct request *req, bool *csv, struct err *e)
{
	const char *format = request_query(req, "format", "pdf");

	if (req->who != AUTH_OFFICER)
		return err_set(
		    e, ERR_FORBIDDEN, "%s is no officer", req->principal);
	*csv = strcmp(format, "csv") == 0;
	if (!*csv && strcmp(format, "pdf") != 0)
		return err_set(e, ERR_BAD_REQUEST, "format %s", format);
	return true;
}

static bool
answer(struct request *req, const struct slip_table *t, bool csv,
    struct reply **out, struct err *e)
{
	struct buf bytes = { 0 };
	char name[160];

	if (csv)
		slip_table_csv(t, &bytes);
	else if (!slip_table_pdf(req->config, t, &bytes, e)) {
		buf_release(&bytes);
		return false;
	}
	snprintf(name, sizeof(name), "mau-%.2s-%s.%s",
	    t->template + strlen("paper-form-"), t->about, csv ? "csv" : "pdf");
	*out = reply_attachment(
	    csv ? "text/csv; charset=utf-8" : "application/pdf", bytes.data,
	    bytes.len, name);
	buf_release(&bytes);
	return true;
}

/* The unit's, by its code or id, or the tenant's name. */
static bool
find_agency(struct request *req, const char *unit, int64_t id,
    struct db_rows **out, struct err *e)
{
	return db_one(req->db, DB_slip_agency,
	    (const struct db_arg[]){
		DB_INT(req->tenant.n), DB_TEXT(unit), DB_INT(id), DB_END },
	    out, e);
}

struct reply *
api_form_control(struct request *req)
{
	struct db_rows *rows = NULL, *unit = NULL;
	struct dossier *d = NULL;
	struct reply *reply;
	char as_of[MAIL_TIME_LEN];
	struct err e = { 0 };
	bool csv;

	if (!read_format(req, &csv, &e))
		goto refuse;
	if (!dossier_load(req->db, req->tenant, req->arg.code, &d, &e) ||
	    !auth_dossier(req, d, &e))
		goto refuse;
	if (!db_query(req->db, DB_step_of_dossier,
		(const struct db_arg[]){
		    DB_INT(d->tenant.n), DB_INT(d->id.n), DB_END },
		&rows, &e) ||
	    !find_agency(req, "", d->unit.n, &unit, &e))
		goto refuse;

	mail_time(req->now_us, as_of);
	if (!answer(req,
		&(struct slip_table){ rows, control, nitems(control),
		    "paper-form-06.txt", db_text(unit, 0, "name"), d->code,
		    as_of, req->now_us },
		csv, &reply, &e))
		goto refuse;
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	db_rows_free(unit);
	dossier_free(d);
	return reply;
}

static bool
load_register(struct request *req, const char *code,
    struct score_period *period, struct db_rows **rows, struct err *e)
{
	if (!score_period_or_year(
		request_query(req, "period", NULL), req->now_us, period, e))
		return false;
	if (!db_query(req->db, DB_step_register,
		(const struct db_arg[]){ DB_INT(req->tenant.n),
		    DB_TIME(period->from_us), DB_TIME(period->to_us),
		    DB_TEXT(code), DB_TIME(1), DB_INT(0),
		    DB_INT(REGISTER_MAX + 1), DB_END },
		rows, e))
		return false;
	if (db_count(*rows) > REGISTER_MAX)
		return err_set(e, ERR_TOO_LARGE,
		    "register: over %d dossiers in %s", REGISTER_MAX,
		    period->name);
	return true;
}

struct reply *
api_register_form(struct request *req)
{
	const char *code = request_query(req, "unit", "");
	struct db_rows *rows = NULL, *unit = NULL;
	struct score_period period;
	struct reply *reply;
	char as_of[MAIL_TIME_LEN];
	struct err e = { 0 };
	bool csv;

	if (!read_format(req, &csv, &e))
		goto refuse;
	if (!load_register(req, code, &period, &rows, &e) ||
	    !find_agency(req, code, 0, &unit, &e))
		goto refuse;

	mail_time(req->now_us, as_of);
	if (!answer(req,
		&(struct slip_table){ rows, reg, nitems(reg),
		    "paper-form-07.txt", db_text(unit, 0, "name"), period.name,
		    as_of, req->now_us },
		csv, &reply, &e))
		goto refuse;
	goto out;

refuse:
	reply = reply_err(req, &e);
out:
	db_rows_free(rows);
	db_rows_free(unit);
	return reply;
}
