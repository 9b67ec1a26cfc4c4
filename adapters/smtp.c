#include "adapters/smtp.h"

#include <assert.h>
#include <ctype.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/blob.h"
#include "base/log.h"

#define CONNECT_MS 5000L

/*
 * A session sends one message at a time, on a thread of its own: libcurl's
 * multi interface would wait for the answer to a message in smtp_done() and
 * keep all others waiting with it.  Whose turn it is to touch the rest of it
 * is said by step, and step is under the lock.
 */
enum step { STEP_FREE, STEP_READY, STEP_ENDED };

struct session {
	struct smtp *smtp;
	pthread_t thread;
	pthread_cond_t wake;
	enum step step;
	CURL *easy;
	struct curl_slist *to;
	void *tag;
	const char *data;
	size_t len, done;
	bool started; /* the server asked for the message itself */
	char why[CURL_ERROR_SIZE];
	struct smtp_reply reply;
};

struct smtp {
	pthread_mutex_t lock;
	pthread_cond_t ended;
	bool stopping;
	char *url, *ca_file, *user, *password;
	bool tls_required;
	size_t count, busy;
	struct session session[];
};

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
	struct session *one = arg;
	size_t len = size * n;

	if (!one->started && curl_easy_getinfo(one->easy, CURLINFO_TLS_SSL_PTR,
				 &session) == CURLE_OK)
		one->reply.tls = session != NULL && session->internals != NULL;
	one->started = true;
	if (len > one->len - one->done)
		len = one->len - one->done;
	memcpy(out, one->data + one->done, len);
	one->done += len;
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
	struct session *one = arg;
	size_t len = size * n;

	if (len < 3 || memcmp(data, "221", 3) != 0)
		keep_text(&one->reply, data, len);
	return len;
}

static void
set_rules(const struct smtp *s, struct session *one)
{
	CURL *h = one->easy;

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
	curl_easy_setopt(h, CURLOPT_READDATA, one);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, one);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, one->why);
	curl_easy_setopt(h, CURLOPT_PRIVATE, one);
}

/* CURLE_SEND_ERROR is what libcurl makes of a refused MAIL, RCPT or DATA. */
static void
judge(struct session *one, CURLcode rc)
{
	struct smtp_reply *reply = &one->reply;
	const char *why = one->why;
	long code = 0;

	curl_easy_getinfo(one->easy, CURLINFO_RESPONSE_CODE, &code);
	reply->code = code > 0 && code <= 599 ? (int)code : 0;
	if (rc == CURLE_OK) {
		reply->verdict = SMTP_ACCEPTED;
		return;
	}
	reply->verdict =
	    smtp_judge(reply->code, one->started || rc == CURLE_SEND_ERROR);
	if (reply->code >= 400 && reply->text[0] != '\0')
		return; /* the server said why itself */
	if (why[0] == '\0')
		why = curl_easy_strerror(rc);
	keep_text(reply, why, strlen(why));
}

/* False when the session is to end. */
static bool
wait_for_work(struct session *one)
{
	struct smtp *s = one->smtp;
	bool go_on;

	pthread_mutex_lock(&s->lock);
	while (one->step != STEP_READY && !s->stopping)
		pthread_cond_wait(&one->wake, &s->lock);
	go_on = one->step == STEP_READY;
	pthread_mutex_unlock(&s->lock);
	return go_on;
}

static void *
run(void *arg)
{
	struct session *one = arg;
	struct smtp *s = one->smtp;

	pthread_setname_np(pthread_self(), "smtp");
	while (wait_for_work(one)) {
		judge(one, curl_easy_perform(one->easy));
		pthread_mutex_lock(&s->lock);
		one->step = STEP_ENDED;
		pthread_cond_signal(&s->ended);
		pthread_mutex_unlock(&s->lock);
	}
	return NULL;
}

static void
open_handle(const struct smtp *s, struct session *one)
{
	one->easy = curl_easy_init();
	if (one->easy == NULL)
		fatalx("smtp: libcurl does not start");
	set_rules(s, one);
}

static void
open_session(struct smtp *s, struct session *one)
{
	one->smtp = s;
	pthread_cond_init(&one->wake, NULL);
	open_handle(s, one);
	if (pthread_create(&one->thread, NULL, run, one) != 0)
		fatal("smtp: thread");
}

struct smtp *
smtp_new(const struct smtp_options *o)
{
	struct smtp *s =
	    blob_calloc(1, sizeof(*s) + o->sessions * sizeof(s->session[0]));

	assert(o->sessions > 0 && o->sessions <= SMTP_SESSIONS_MAX);

	pthread_mutex_init(&s->lock, NULL);
	pthread_cond_init(&s->ended, NULL);
	s->url = blob_strdup(o->url);
	s->ca_file = blob_strdup(o->ca_file);
	s->user = blob_strdup(o->user);
	s->password = blob_strdup(o->password);
	s->tls_required = o->tls_required;
	s->count = o->sessions;
	for (size_t i = 0; i < s->count; i++)
		open_session(s, &s->session[i]);
	return s;
}

static void
close_session(struct session *one)
{
	pthread_join(one->thread, NULL);
	curl_easy_cleanup(one->easy);
	curl_slist_free_all(one->to);
	pthread_cond_destroy(&one->wake);
}

void
smtp_free(struct smtp *s)
{
	if (s == NULL)
		return;
	pthread_mutex_lock(&s->lock);
	s->stopping = true;
	for (size_t i = 0; i < s->count; i++)
		pthread_cond_signal(&s->session[i].wake);
	pthread_mutex_unlock(&s->lock);
	for (size_t i = 0; i < s->count; i++)
		close_session(&s->session[i]);
	pthread_cond_destroy(&s->ended);
	pthread_mutex_destroy(&s->lock);
	free(s->url);
	free(s->ca_file);
	free(s->user);
	free(s->password);
	free(s);
}

bool
smtp_has_room(const struct smtp *s)
{
	return s->busy < s->count;
}

static struct session *
find_session(struct smtp *s, enum step step)
{
	for (size_t i = 0; i < s->count; i++)
		if (s->session[i].step == step)
			return &s->session[i];
	return NULL;
}

static void
load(struct session *one, const struct smtp_message *m)
{
	CURL *h = one->easy;
	long ms = m->timeout_ms;

	one->data = m->data;
	one->len = m->len;
	one->done = 0;
	one->started = false;
	one->why[0] = '\0';
	one->reply = (struct smtp_reply){ .verdict = SMTP_UNREACHABLE };
	curl_slist_free_all(one->to);
	one->to = curl_slist_append(NULL, m->to);
	if (one->to == NULL)
		fatalx("smtp: out of memory");
	curl_easy_setopt(h, CURLOPT_MAIL_FROM, m->from);
	curl_easy_setopt(h, CURLOPT_MAIL_RCPT, one->to);
	curl_easy_setopt(h, CURLOPT_INFILESIZE_LARGE, (curl_off_t)m->len);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(
	    h, CURLOPT_CONNECTTIMEOUT_MS, ms < CONNECT_MS ? ms : CONNECT_MS);
}

void
smtp_start(struct smtp *s, const struct smtp_message *m, void *tag)
{
	struct session *one;

	assert(tag != NULL);
	assert(smtp_has_room(s));

	pthread_mutex_lock(&s->lock);
	one = find_session(s, STEP_FREE);
	load(one, m);
	one->tag = tag;
	one->step = STEP_READY;
	pthread_cond_signal(&one->wake);
	pthread_mutex_unlock(&s->lock);
	s->busy++;
}

void *
smtp_next(struct smtp *s, struct smtp_reply *out)
{
	struct session *one;

	if (s->busy == 0)
		return NULL;
	pthread_mutex_lock(&s->lock);
	while ((one = find_session(s, STEP_ENDED)) == NULL)
		pthread_cond_wait(&s->ended, &s->lock);
	one->step = STEP_FREE;
	*out = one->reply;
	pthread_mutex_unlock(&s->lock);
	s->busy--;
	return one->tag;
}

/* A connection lives as long as its handle. */
void
smtp_disconnect(struct smtp *s)
{
	assert(s->busy == 0);

	for (size_t i = 0; i < s->count; i++) {
		curl_easy_cleanup(s->session[i].easy);
		open_handle(s, &s->session[i]);
	}
}
