#include "gateway/courier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/http_client.h"
#include "adapters/smtp.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/mac.h"
#include "crypto/sign.h"
#include "gateway/config.h"
#include "gateway/courier_send.h"
#include "gateway/courier_tray.h"

static struct smtp *
open_smtp(const struct config *config)
{
	char user[256] = "", password[256] = "";
	struct smtp *smtp;
	struct err e = { 0 };

	if (config->smtp_url[0] == '\0')
		return NULL;
	if (config->smtp_user_file[0] != '\0' &&
	    (!courier_secret(
		 config->smtp_user_file, 0, user, sizeof(user), &e) ||
		!courier_secret(
		    config->smtp_user_file, 1, password, sizeof(password), &e)))
		fatalx("courier: %s", e.detail);
	smtp = smtp_new(&(struct smtp_options){
	    .url = config->smtp_url,
	    .tls_required = strcmp(config->smtp_tls, "opportunistic") != 0,
	    .ca_file = config->smtp_ca_file,
	    .user = user,
	    .password = password,
	    .sessions = (size_t)config->smtp_sessions,
	});
	explicit_bzero(password, sizeof(password));
	return smtp;
}

static struct signer_key *
open_signer(const struct config *config)
{
	const char *password = config->smime_password_file;
	struct signer_key *signer = NULL;
	struct err e = { 0 };

	if (config->smime_key_file[0] != '\0' &&
	    !sign_open_pkcs12(config->smime_key_file,
		password[0] != '\0' ? password : NULL, &signer, &e))
		fatalx("courier: %s", e.detail);
	return signer;
}

struct courier *
courier_new(const struct config *config, const struct secrets *secrets)
{
	struct courier *c = blob_calloc(1, sizeof(*c));

	c->config = config;
	c->secrets = secrets;
	c->smtp = open_smtp(config);
	c->flight_count = COURIER_FLIGHTS * (size_t)config->smtp_sessions;
	c->flights = blob_calloc(c->flight_count, sizeof(*c->flights));
	c->signer = open_signer(config);
	c->http = http_client_new(&(struct http_client_options){
	    .ca_file = config->http_ca_file,
	    .allow_private = config->http_allow_private.item,
	    .allow_private_count = config->http_allow_private.count,
	});
	mac_random(&c->owner, sizeof(c->owner));
	c->owner &= INT64_MAX;
	c->tray = blob_calloc(1, sizeof(*c->tray));
	c->tray->owner = c->owner;
	return c;
}

void
courier_free(struct courier *c)
{
	if (c == NULL)
		return;
	http_client_free(c->http);
	smtp_free(c->smtp);
	sign_close(c->signer);
	for (size_t i = 0; i < c->flight_count; i++)
		buf_release(&c->flights[i].mail);
	free(c->flights);
	free(c->tray);
	free(c);
}

void
courier_stop(struct courier *c)
{
	atomic_store(&c->stopping, true);
}

void
courier_keep(char *out, size_t cap, const char *s)
{
	size_t len = strnlen(s, cap - 1);

	while (len > 0 && !text_is_utf8(s, len))
		len--;
	memmove(out, s, len);
	out[len] = '\0';
}

void
courier_say(struct courier_outcome *out, enum courier_end end, const char *why)
{
	out->end = end;
	courier_keep(out->reply, sizeof(out->reply), why);
}

bool
courier_secret(const char *path, int n, char *out, size_t cap, struct err *e)
{
	FILE *f = fopen(path, "re");
	bool ok = f != NULL;

	for (int i = 0; ok && i <= n; i++)
		ok = fgets(out, (int)cap, f) != NULL;
	if (f != NULL)
		fclose(f);
	if (!ok)
		return err_set(e, ERR_FILE, "%s: no line %d", path, n + 1);
	out[strcspn(out, "\r\n")] = '\0';
	return true;
}
