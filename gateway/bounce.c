#include "gateway/bounce.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/imap.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/config.h"
#include "gateway/courier_send.h"
#include "gateway/db.h"
#include "gateway/dsn.h"
#include "gateway/metrics.h"

struct bounce_reader {
	struct imap *imap;
};

struct bounce_reader *
bounce_reader_new(const struct config *c)
{
	char user[256] = "", password[256] = "";
	struct bounce_reader *r;
	struct err e = { 0 };

	if (c->imap_url[0] == '\0')
		return NULL;
	if (!courier_secret(c->imap_user_file, 0, user, sizeof(user), &e) ||
	    !courier_secret(
		c->imap_user_file, 1, password, sizeof(password), &e))
		fatalx("bounces: %s", e.detail);
	r = blob_calloc(1, sizeof(*r));
	r->imap = imap_new(&(struct imap_options){
	    .url = c->imap_url,
	    .mailbox = c->imap_mailbox,
	    .ca_file = c->imap_ca_file,
	    .user = user,
	    .password = password,
	});
	explicit_bzero(password, sizeof(password));
	return r;
}

void
bounce_reader_free(struct bounce_reader *r)
{
	if (r == NULL)
		return;
	imap_free(r->imap);
	free(r);
}

/* hosogate.TENANT.EVENT.RECIPIENT@domain, as courier_mail.c writes it. */
static bool
read_message_id(const char *id, int64_t *tenant, int64_t *event)
{
	return sscanf(id, "hosogate.%18" SCNd64 ".%18" SCNd64 ".", tenant,
		   event) == 2;
}

/* The log keeps no citizen's address, so neither does what a server says. */
static void
say(const struct dsn *d, char *out, size_t cap)
{
	const char *domain = strrchr(d->recipient, '@');
	const char *at = strstr(d->diagnostic, d->recipient);

	if (at == NULL || domain == NULL)
		snprintf(out, cap, "%s %s", d->status, d->diagnostic);
	else
		snprintf(out, cap, "%s %.*s*%s%s", d->status,
		    (int)(at - d->diagnostic), d->diagnostic, domain,
		    at + strlen(d->recipient));
}

static bool
take(struct db *db, const struct dsn *d, struct err *e)
{
	int64_t tenant, event;
	char reply[301];
	int added = 0;

	if (d->action != DSN_FAILED ||
	    !read_message_id(d->message_id, &tenant, &event))
		return true;
	say(d, reply, sizeof(reply));
	if (!db_exec(db, DB_bounce_add,
		(const struct db_arg[]){ DB_INT(tenant), DB_INT(event),
		    DB_TEXT(d->message_id), DB_TEXT(d->recipient),
		    DB_TEXT(reply), DB_END },
		&added, e))
		return false;
	if (added > 0) {
		metrics_add(METRIC_mails_bounced_total, 1);
		log_warnx("mail %s: bounced: %s", d->message_id, reply);
	}
	return true;
}

static bool
read_one(
    const struct bounce_reader *r, struct db *db, uint32_t uid, struct err *e)
{
	struct buf mail = { 0 };
	struct dsn d = { 0 };
	bool ok = imap_fetch(r->imap, uid, &mail, e) &&
		  (mail.len == 0 || !dsn_read(mail.data, mail.len, &d) ||
		      take(db, &d, e)) &&
		  imap_mark(r->imap, uid, e);

	buf_release(&mail);
	return ok;
}

bool
bounce_read(struct db *db, void *arg, bool *more, struct err *e)
{
	const struct bounce_reader *r = arg;
	struct imap_list list = { 0 };

	if (!imap_look(r->imap, &list, e))
		return false;
	for (size_t i = 0; i < list.count; i++)
		if (!read_one(r, db, list.uid[i], e))
			return false;
	*more = list.count == IMAP_LIST_MAX;
	return true;
}
