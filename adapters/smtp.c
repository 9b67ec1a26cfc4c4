#include "adapters/smtp.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/blob.h"
#include "base/log.h"

#define CONNECT_MS 5000L

struct smtp {
	CURL *easy;
	char *url, *ca_file, *user, *password;
	bool tls_required;
};

/* What the callbacks of one message share. */
struct delivery {
	CURL *easy;
	const char *data;
	size_t len, done;
	bool started; /* the server asked for the message itself */
	struct smtp_reply *reply;
};

struct smtp *
smtp_new(const struct smtp_options *o)
{
	struct smtp *s = blob_calloc(1, sizeof(*s));

	s->easy = curl_easy_init();
	if (s->easy == NULL)
		fatalx("smtp: libcurl does not start");
	s->url = blob_strdup(o->url);
	s->ca_file = blob_strdup(o->ca_file);
	s->user = blob_strdup(o->user);
	s->password = blob_strdup(o->password);
	s->tls_required = o->tls_required;
	return s;
}

void
smtp_free(struct smtp *s)
{
	if (s == NULL)
		return;
	curl_easy_cleanup(s->easy);
	free(s->url);
	free(s->ca_file);
	free(s->user);
	free(s->password);
	free(s);
}

/*
 * 530, 534, 535 and 538 (RFC 4954, 6) are about our log-in, and 421 about the
 * server: none of them is a reason to give a message up.
 */
enum smtp_verdict
smtp_judge(int code, bool about_message)
{
	if (!about_message || code == 421 || code == 530 || code == 534 ||
	    code == 535 || code == 538)
		return SMTP_UNREACHABLE;
	if (code >= 500 && code <= 599)
		return SMTP_PERMANENT;
	if (code >= 400 && code <= 499)
		return SMTP_TEMPORARY;
	return SMTP_UNREACHABLE;
}

/* libcurl knows the session only while it runs, so it is asked here. */
static size_t
give_data(char *out, size_t size, size_t n, void *arg)
{
	struct curl_tlssessioninfo *session = NULL;
	struct delivery *d = arg;
	size_t len = size * n;

	if (!d->started && curl_easy_getinfo(d->easy, CURLINFO_TLS_SSL_PTR,
			       &session) == CURLE_OK)
		d->reply->tls = session != NULL && session->internals != NULL;
	d->started = true;
	if (len > d->len - d->done)
		len = d->len - d->done;
	memcpy(out, d->data + d->done, len);
	d->done += len;
	return len;
}

/* A stranger's words, to be kept in a table and shown: ASCII alone. */
static void
keep_text(struct smtp_reply *reply, const char *text, size_t len)
{
	size_t n = 0;

	for (size_t i = 0; i < len && n + 1 < sizeof(reply->text); i++) {
		if (text[i] == '\r' || text[i] == '\n')
			break;
		reply->text[n++] =
		    isprint((unsigned char)text[i]) ? text[i] : '?';
	}
	reply->text[n] = '\0';
}

/* Each line of each reply comes by here; the last one stays, but for the 221
 * to the QUIT that follows a refusal. */
static size_t
take_line(char *data, size_t size, size_t n, void *arg)
{
	struct delivery *d = arg;
	size_t len = size * n;

	if (len < 3 || memcmp(data, "221", 3) != 0)
		keep_text(d->reply, data, len);
	return len;
}

static void
set_rules(const struct smtp *s, struct delivery *d)
{
	CURL *h = s->easy;

	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(h, CURLOPT_URL, s->url);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_USE_SSL,
	    (long)(s->tls_required ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	curl_easy_setopt(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	if (s->ca_file[0] != '\0') {
		curl_easy_setopt(h, CURLOPT_CAINFO, s->ca_file);
		curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
	}
	if (s->user[0] != '\0') {
		curl_easy_setopt(h, CURLOPT_USERNAME, s->user);
		curl_easy_setopt(h, CURLOPT_PASSWORD, s->password);
	}
	curl_easy_setopt(h, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(h, CURLOPT_READFUNCTION, give_data);
	curl_easy_setopt(h, CURLOPT_READDATA, d);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, d);
}

/* CURLE_SEND_ERROR is what libcurl makes of a refused MAIL, RCPT or DATA. */
static void
judge(struct delivery *d, CURLcode rc, const char *why)
{
	struct smtp_reply *reply = d->reply;
	long code = 0;

	curl_easy_getinfo(d->easy, CURLINFO_RESPONSE_CODE, &code);
	reply->code = code > 0 && code <= 599 ? (int)code : 0;
	if (rc == CURLE_OK) {
		reply->verdict = SMTP_ACCEPTED;
		return;
	}
	reply->verdict =
	    smtp_judge(reply->code, d->started || rc == CURLE_SEND_ERROR);
	if (reply->code >= 400 && reply->text[0] != '\0')
		return; /* the server said why itself */
	if (why[0] == '\0')
		why = curl_easy_strerror(rc);
	keep_text(reply, why, strlen(why));
}

void
smtp_send(struct smtp *s, const struct smtp_message *m, struct smtp_reply *out)
{
	struct delivery d = {
		.easy = s->easy, .data = m->data, .len = m->len, .reply = out
	};
	struct curl_slist *to = curl_slist_append(NULL, m->to);
	char why[CURL_ERROR_SIZE] = "";
	long ms = m->timeout_ms;

	if (to == NULL)
		fatalx("smtp: out of memory");
	*out = (struct smtp_reply){ .verdict = SMTP_UNREACHABLE };

	set_rules(s, &d);
	curl_easy_setopt(s->easy, CURLOPT_MAIL_FROM, m->from);
	curl_easy_setopt(s->easy, CURLOPT_MAIL_RCPT, to);
	curl_easy_setopt(s->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->len);
	curl_easy_setopt(s->easy, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(s->easy, CURLOPT_CONNECTTIMEOUT_MS,
	    ms < CONNECT_MS ? ms : CONNECT_MS);
	curl_easy_setopt(s->easy, CURLOPT_ERRORBUFFER, why);
	judge(&d, curl_easy_perform(s->easy), why);

	curl_easy_reset(s->easy);
	curl_slist_free_all(to);
}
