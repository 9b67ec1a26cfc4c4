/* One letter of the outbox as a callback to a portal. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/http_client.h"
#include "adapters/portal_webhook.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "gateway/courier_send.h"
#include "gateway/db.h"
#include "gateway/dossier_state.h"

#define TIMEOUT_MS         15000
#define RETRY_AFTER_MAX_MS INT64_C(86400000)
#define SECRET_LEN         128
#define PATH_LEN           1024

/*
 * Thin on purpose: what happened and to which dossier.  The state is that of
 * the moment of sending; the rest is asked for with GET.
 */
static char *
make_body(const struct courier_letter *l)
{
	struct json *body = json_new_object(), *data = json_new_object();
	int64_t state = db_int(l->rows, l->row, "state");
	char type[64];
	char *out;

	snprintf(
	    type, sizeof(type), "dossier.%s", db_text(l->rows, l->row, "kind"));
	json_put_text(data, "code", db_text(l->rows, l->row, "code"));
	json_put_text(
	    data, "state", dossier_state_name((enum dossier_state)state));
	json_put_int(data, "state_number", state);
	json_put_int(data, "event", l->event);
	json_put_text(body, "type", type);
	json_put_time(body, "timestamp", db_time(l->rows, l->row, "at"));
	json_put(body, "data", data);
	out = json_write(body);
	json_free(body);
	return out;
}

/* The secrets of the files that paths (one a line) name. */
static bool
load_secrets(const char *paths,
    char secrets[PORTAL_WEBHOOK_SECRETS_MAX][SECRET_LEN], size_t *count,
    struct err *e)
{
	*count = 0;
	while (*paths != '\0' && *count < PORTAL_WEBHOOK_SECRETS_MAX) {
		size_t len = strcspn(paths, "\n");
		char path[PATH_LEN];

		snprintf(path, sizeof(path), "%.*s", (int)len, paths);
		if (!courier_secret(path, 0, secrets[*count], SECRET_LEN, e))
			return false;
		++*count;
		paths += len + (paths[len] == '\n');
	}
	return true;
}

/* 2xx alone is success, so a redirect is a failure.  What a portal says of
 * this one message (4xx) does not count against the portal. */
static void
read_answer(const struct http_answer *a, struct courier_outcome *out)
{
	out->code = a->status;
	out->tls = true;
	snprintf(out->reply, sizeof(out->reply), "HTTP %d", a->status);
	out->retry_after_ms = a->retry_after_sec < RETRY_AFTER_MAX_MS / 1000
				  ? a->retry_after_sec * 1000
				  : RETRY_AFTER_MAX_MS;
	if (a->status >= 200 && a->status <= 299) {
		out->end = COURIER_SENT;
	} else if (a->status == 410) {
		out->end = COURIER_DEAD;
		out->disable = true;
	} else {
		out->end = COURIER_DEFERRED;
		out->dest_failed = a->status >= 500 || a->status == 429;
	}
}

static bool
post(struct courier *c, const struct courier_letter *l, const char *body,
    struct courier_outcome *out, struct err *e)
{
	char secrets[PORTAL_WEBHOOK_SECRETS_MAX][SECRET_LEN];
	const char *each[PORTAL_WEBHOOK_SECRETS_MAX];
	struct http_answer answer = { 0 };
	bool ok = false;
	size_t count;

	if (!load_secrets(db_text(l->rows, l->row, "callback_secret"), secrets,
		&count, e))
		goto out;
	for (size_t i = 0; i < count; i++)
		each[i] = secrets[i];
	if (!portal_webhook_send(c->http,
		&(struct portal_webhook){
		    .url = db_text(l->rows, l->row, "callback_url"),
		    .id = out->message_id,
		    .timestamp = clock_now_us() / CLOCK_SEC_US,
		    .body = body,
		    .secrets = each,
		    .secret_count = count,
		    .timeout_ms = TIMEOUT_MS,
		},
		&answer, e))
		goto out;
	read_answer(&answer, out);
	ok = true;

out:
	explicit_bzero(secrets, sizeof(secrets));
	buf_release(&answer.body);
	return ok;
}

void
courier_webhook(struct courier *c, struct courier_flight *f)
{
	const struct courier_letter *l = &f->letter;
	struct courier_outcome *out = &f->outcome;
	int64_t began_us = clock_mono_us();
	char *body = make_body(l);
	struct err e = { 0 };

	snprintf(out->message_id, sizeof(out->message_id),
	    "evt_%" PRId64 "_%" PRId64, l->tenant, l->event);
	snprintf(out->peer, sizeof(out->peer), "%s",
	    db_text(l->rows, l->row, "client"));
	if (db_text(l->rows, l->row, "callback_url")[0] == '\0') {
		courier_say(out, COURIER_DEAD, "no callback URL any more");
	} else if (!post(c, l, body, out, &e)) {
		courier_say(out, COURIER_DEFERRED, e.detail);
		out->dest_failed = true;
	}
	f->took_us = clock_mono_us() - began_us;
	free(body);
}
