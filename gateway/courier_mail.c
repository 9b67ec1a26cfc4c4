/* One letter of the outbox as a mail. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "adapters/smtp.h"
#include "base/base.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/money.h"
#include "gateway/auth.h"
#include "gateway/config.h"
#include "gateway/courier_send.h"
#include "gateway/db.h"
#include "gateway/files.h"
#include "gateway/mail.h"
#include "gateway/template.h"

#define TIMEOUT_MS 20000

/* The values that a template may name; see gateway/web/mail-*.txt. */
struct values {
	char received[MAIL_TIME_LEN], intake_due[MAIL_TIME_LEN];
	char due[MAIL_TIME_LEN], ended[MAIL_TIME_LEN];
	char original_due[MAIL_TIME_LEN], new_due[MAIL_TIME_LEN];
	char amount[MONEY_TEXT_LEN];
	char link[512], pay_link[512];
};

static const char *
text(const struct courier_letter *l, const char *column)
{
	return db_text(l->rows, l->row, column);
}

static bool
to_applicant(const struct courier_letter *l)
{
	return strcmp(text(l, "recipient"), "applicant") == 0;
}

/* To whom, as things stand now; "" when there is nobody any more.  The desk is
 * the officer in charge, and the unit's mailbox while there is none. */
static const char *
address_of(const struct courier_letter *l)
{
	if (to_applicant(l))
		return text(l, "applicant_mail");
	if (db_bool(l->rows, l->row, "officer_active"))
		return text(l, "officer_mail");
	if (strcmp(text(l, "recipient"), "desk") == 0)
		return text(l, "mailbox");
	return "";
}

/* Before anything is sent: is there still a point, and may it go there? */
static bool
may_go(
    const struct courier_letter *l, const char *to, struct courier_outcome *out)
{
	if (db_bool(l->rows, l->row, "moot")) {
		courier_say(out, COURIER_MOOT, "overtaken by events");
		return false;
	}
	if (to[0] == '\0') {
		courier_say(out, COURIER_MOOT, "nobody to send to");
		return false;
	}
	out->hold_ms = db_int(l->rows, l->row, "quiet_ms");
	if (out->hold_ms > 0) {
		courier_say(out, COURIER_DEFERRED, "quiet hours");
		return false;
	}
	if (!mail_address_is_plain(to) ||
	    !mail_address_is_plain(text(l, "mailbox"))) {
		courier_say(out, COURIER_DEAD, "bad-address");
		return false;
	}
	if (!to_applicant(l) &&
	    !mail_is_official(to, text(l, "mail_domains"))) {
		courier_say(out, COURIER_DEAD, "not-official");
		return false;
	}
	return true;
}

/* The log of deliveries keeps a citizen's domain and not his address. */
static void
name_message(
    const struct courier_letter *l, const char *to, struct courier_outcome *out)
{
	const char *domain = strrchr(text(l, "mailbox"), '@');
	const char *peer = to_applicant(l) ? strrchr(to, '@') : to;

	snprintf(out->message_id, sizeof(out->message_id),
	    "hosogate.%" PRId64 ".%" PRId64 ".%s%s", l->tenant, l->event,
	    text(l, "recipient"), domain != NULL ? domain : "@invalid");
	snprintf(out->peer, sizeof(out->peer), "%s", peer != NULL ? peer : "");
}

/* The applicant's link carries his key; an officer has a session. */
static void
make_links(
    const struct courier *c, const struct courier_letter *l, struct values *v)
{
	const char *code = text(l, "code"), *base = c->config->public_url;
	char key[AUTH_LINK_LEN];

	v->link[0] = v->pay_link[0] = '\0';
	if (base[0] == '\0')
		return;
	if (!to_applicant(l)) {
		snprintf(
		    v->link, sizeof(v->link), "%s/v1/dossiers/%s", base, code);
		return;
	}
	auth_link(c->secrets->link_key, code, key);
	snprintf(v->link, sizeof(v->link), "%s/v1/dossiers/%s?key=%s", base,
	    code, key);
	snprintf(v->pay_link, sizeof(v->pay_link), "%s/v1/pay/%s?key=%s", base,
	    code, key);
}

static void
make_values(
    const struct courier *c, const struct courier_letter *l, struct values *v)
{
	struct money owed;

	mail_time(db_time(l->rows, l->row, "received_at"), v->received);
	mail_time(db_time(l->rows, l->row, "intake_due_at"), v->intake_due);
	mail_time(db_time(l->rows, l->row, "due_at"), v->due);
	mail_time(db_time(l->rows, l->row, "ended_at"), v->ended);
	mail_time(db_time(l->rows, l->row, "original_due_at"), v->original_due);
	mail_time(db_time(l->rows, l->row, "new_due_at"), v->new_due);
	v->amount[0] = '\0';
	if (money_make(db_int(l->rows, l->row, "amount"), &owed) &&
	    owed.dong > 0)
		money_text(owed, v->amount);
	make_links(c, l, v);
}

static bool
find_template(const char *name, const char **out, struct err *e)
{
	char file[64];

	snprintf(file, sizeof(file), "%s.txt", name);
	*out = files_text(file);
	if (*out == NULL)
		return err_set(e, ERR_CONFIG, "%s: no such template", file);
	return true;
}

/* The file that the event names or calls for, out of the archive. */
static size_t
attach(const struct courier_letter *l, struct mail_file *out)
{
	struct db_bytes bytes;

	if (db_is_null(l->rows, l->row, "file_bytes"))
		return 0;
	bytes = db_bytes(l->rows, l->row, "file_bytes");
	*out = (struct mail_file){
		.name = text(l, "file"),
		.type = "application/pdf",
		.data = bytes.data,
		.len = bytes.len,
	};
	return 1;
}

static bool
render(const struct courier *c, const struct courier_letter *l,
    const struct courier_outcome *outcome, struct buf *out, struct err *e)
{
	const char *template, *footer;
	struct mail_file file;
	size_t files = attach(l, &file);
	char thread[301];
	struct values v;
	const struct template_field fields[] = {
		{ "code", text(l, "code"), true },
		{ "procedure", text(l, "procedure"), false },
		{ "unit", text(l, "unit"), false },
		{ "applicant", text(l, "applicant"), false },
		{ "officer", text(l, "officer"), false },
		{ "reason", text(l, "reason"), false },
		{ "ground", text(l, "ground"), false },
		{ "received", v.received, true },
		{ "intake_due", v.intake_due, true },
		{ "due", v.due, true },
		{ "ended", v.ended, true },
		{ "original_due", v.original_due, true },
		{ "new_due", v.new_due, true },
		{ "amount", v.amount, false },
		{ "link", v.link, true },
		{ "pay_link", v.pay_link, true },
	};

	make_values(c, l, &v);
	snprintf(thread, sizeof(thread), "hosogate.%" PRId64 ".%s%s", l->tenant,
	    text(l, "code"), strrchr(outcome->message_id, '@'));
	if (!find_template(text(l, "template"), &template, e) ||
	    !find_template("mail-footer", &footer, e))
		return false;
	return mail_render(
	    &(struct mail){
		.template = template,
		.footer = footer,
		.fields = fields,
		.field_count = nitems(fields),
		.files = &file,
		.file_count = files,
		.from_name = text(l, "unit"),
		.from = text(l, "mailbox"),
		.to = address_of(l),
		.message_id = outcome->message_id,
		.thread_id = thread,
		.now_us = clock_now_us(),
		.signer = c->signer,
	    },
	    out, e);
}

static void
read_reply(const struct smtp_reply *reply, struct courier_outcome *out)
{
	out->code = reply->code;
	out->tls = reply->tls;
	snprintf(out->reply, sizeof(out->reply), "%s", reply->text);
	switch (reply->verdict) {
	case SMTP_ACCEPTED:
		out->end = COURIER_SENT;
		break;
	case SMTP_TEMPORARY:
		out->end = COURIER_DEFERRED;
		break;
	case SMTP_PERMANENT:
		out->end = COURIER_DEAD;
		break;
	case SMTP_UNREACHABLE:
		out->end = COURIER_DEFERRED;
		out->dest_failed = true;
		break;
	}
}

bool
courier_mail(struct courier *c, struct courier_flight *f)
{
	const struct courier_letter *l = &f->letter;
	struct courier_outcome *out = &f->outcome;
	const char *to = address_of(l);
	struct err e = { 0 };

	name_message(l, to, out);
	if (!may_go(l, to, out))
		return false;
	f->mail.len = 0;
	if (!render(c, l, out, &f->mail, &e)) {
		courier_say(out, COURIER_DEAD, e.detail);
		return false;
	}
	if (c->smtp == NULL) {
		courier_say(out, COURIER_DEFERRED, "no smtp_url is configured");
		out->dest_failed = true;
		return false;
	}

	smtp_start(c->smtp,
	    &(struct smtp_message){
		.from = text(l, "mailbox"),
		.to = to,
		.data = f->mail.data,
		.len = f->mail.len,
		.timeout_ms = TIMEOUT_MS,
	    },
	    f);
	return true;
}

struct courier_flight *
courier_mail_next(struct courier *c)
{
	struct smtp_reply reply;
	struct courier_flight *f =
	    c->smtp == NULL ? NULL : smtp_next(c->smtp, &reply);

	if (f == NULL)
		return NULL;
	read_reply(&reply, &f->outcome);
	f->took_us = reply.took_us;
	return f;
}
