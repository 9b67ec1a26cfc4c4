#include "adapters/smtp_connection.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <curl/curl.h>

#include "adapters/smtp.h"
#include "adapters/smtp_reply.h"
#include "base/blob.h"
#include "base/log.h"

#define CONNECT_MS 5000L

struct smtp_dialer {
	CURLM *multi;
	size_t busy;
};

struct smtp_connection {
	struct smtp_dialer *dialer;
	void *owner;
	CURL *easy;
	bool added, dialing, open;
	bool named; /* the server's name came, the first line of its EHLO */
	bool tls, pipelining, size;
	int fd;
	struct smtp_answer why;
	char error[CURL_ERROR_SIZE];
};

struct smtp_dialer *
smtp_dialer_new(void)
{
	struct smtp_dialer *d = blob_calloc(1, sizeof(*d));

	d->multi = curl_multi_init();
	if (d->multi == NULL)
		fatalx("smtp: libcurl does not start");
	return d;
}

void
smtp_dialer_free(struct smtp_dialer *d)
{
	curl_multi_cleanup(d->multi);
	free(d);
}

bool
smtp_dialer_is_busy(const struct smtp_dialer *d)
{
	return d->busy > 0;
}

/* libcurl tells of fewer events than poll() does, so all count as ready. */
void
smtp_dialer_wait(
    struct smtp_dialer *d, struct pollfd *fds, size_t count, int timeout_ms)
{
	struct curl_waitfd extra[SMTP_SESSIONS_MAX];

	if (d->busy == 0) {
		poll(fds, count, timeout_ms);
		return;
	}
	for (size_t i = 0; i < count; i++) {
		extra[i] = (struct curl_waitfd){
			.fd = fds[i].fd,
			.events = CURL_WAIT_POLLIN,
		};
		if ((fds[i].events & POLLOUT) != 0)
			extra[i].events |= CURL_WAIT_POLLOUT;
		fds[i].revents = fds[i].events;
	}
	curl_multi_poll(d->multi, extra, (unsigned)count, timeout_ms, NULL);
}

/* What the server said, where it said no; otherwise libcurl's words. */
static void
keep_why(struct smtp_connection *c, CURLcode rc)
{
	const char *words =
	    c->error[0] != '\0' ? c->error : curl_easy_strerror(rc);
	long code = 0;

	curl_easy_getinfo(c->easy, CURLINFO_RESPONSE_CODE, &code);
	c->why.code = code > 0 && code <= 599 ? (int)code : 0;
	if (c->why.code < 400 || c->why.text[0] == '\0')
		smtp_reply_keep(c->why.text, words, strlen(words));
}

static void
take_result(struct smtp_connection *c, CURLcode rc)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	c->dialing = false;
	c->dialer->busy--;
	if (rc == CURLE_OK)
		rc = curl_easy_getinfo(c->easy, CURLINFO_ACTIVESOCKET, &fd);
	c->fd = fd;
	c->open = rc == CURLE_OK && fd != CURL_SOCKET_BAD;
	if (!c->open)
		keep_why(c, rc);
}

void *
smtp_dialer_next(struct smtp_dialer *d)
{
	struct smtp_connection *c = NULL;
	CURLMsg *msg;
	int count;

	if (d->busy == 0)
		return NULL;
	curl_multi_perform(d->multi, &count);
	msg = curl_multi_info_read(d->multi, &count);
	if (msg == NULL)
		return NULL;
	curl_easy_getinfo(msg->easy_handle, CURLINFO_PRIVATE, &c);
	take_result(c, msg->data.result);
	return c->owner;
}

static bool
has_word(const char *line, size_t len, const char *word)
{
	size_t n = strlen(word);

	return len >= n && strncasecmp(line, word, n) == 0 &&
	       (len == n || strchr(" \r\n", line[n]) != NULL);
}

/* What counts is said last: what a server offered before STARTTLS, anybody may
 * have said (RFC 3207, 4.2). */
static void
note_offer(struct smtp_connection *c, const char *line, size_t len)
{
	if (len < 4)
		return;
	if (memcmp(line, "220", 3) == 0)
		c->named = c->pipelining = c->size = false;
	if (memcmp(line, "250", 3) != 0)
		return;
	if (c->named && has_word(line + 4, len - 4, "PIPELINING"))
		c->pipelining = true;
	if (c->named && has_word(line + 4, len - 4, "SIZE"))
		c->size = true;
	c->named = true;
}

/*
 * Each line of each reply until the connection stands.  The last one stays,
 * but for the 221 to the QUIT that follows a refusal.  libcurl knows whether
 * there is TLS only while it is at work, so it is asked here.
 */
static size_t
take_line(char *data, size_t size, size_t n, void *arg)
{
	struct curl_tlssessioninfo *session = NULL;
	struct smtp_connection *c = arg;
	size_t len = size * n;

	if (len < 3 || memcmp(data, "221", 3) != 0)
		smtp_reply_keep(c->why.text, data, len);
	note_offer(c, data, len);
	if (curl_easy_getinfo(c->easy, CURLINFO_TLS_SSL_PTR, &session) ==
	    CURLE_OK)
		c->tls = session != NULL && session->internals != NULL;
	return len;
}

static void
set_server(CURL *h, const struct smtp_options *o)
{
	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(h, CURLOPT_URL, o->url);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_USE_SSL,
	    (long)(o->tls_required ? CURLUSESSL_ALL : CURLUSESSL_TRY));
	curl_easy_setopt(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	if (o->ca_file[0] != '\0') {
		curl_easy_setopt(h, CURLOPT_CAINFO, o->ca_file);
		curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
	}
	if (o->user[0] != '\0') {
		curl_easy_setopt(h, CURLOPT_USERNAME, o->user);
		curl_easy_setopt(h, CURLOPT_PASSWORD, o->password);
	}
}

struct smtp_connection *
smtp_connection_new(
    struct smtp_dialer *d, const struct smtp_options *o, void *owner)
{
	struct smtp_connection *c = blob_calloc(1, sizeof(*c));
	CURL *h = curl_easy_init();

	c->dialer = d;
	c->owner = owner;
	c->easy = h;
	if (h == NULL)
		fatalx("smtp: libcurl does not start");
	set_server(h, o);
	curl_easy_setopt(h, CURLOPT_CONNECT_ONLY, 1L);
	curl_easy_setopt(h, CURLOPT_HEADERFUNCTION, take_line);
	curl_easy_setopt(h, CURLOPT_HEADERDATA, c);
	curl_easy_setopt(h, CURLOPT_ERRORBUFFER, c->error);
	curl_easy_setopt(h, CURLOPT_PRIVATE, c);
	return c;
}

void
smtp_connection_free(struct smtp_connection *c)
{
	smtp_connection_close(c);
	curl_easy_cleanup(c->easy);
	free(c);
}

void
smtp_connection_open(struct smtp_connection *c, int timeout_ms)
{
	long ms = timeout_ms;

	smtp_connection_close(c);
	c->named = c->tls = c->pipelining = c->size = false;
	c->why = (struct smtp_answer){ 0 };
	c->error[0] = '\0';
	curl_easy_setopt(c->easy, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(c->easy, CURLOPT_CONNECTTIMEOUT_MS,
	    ms < CONNECT_MS ? ms : CONNECT_MS);
	if (curl_multi_add_handle(c->dialer->multi, c->easy) != CURLM_OK)
		fatalx("smtp: libcurl does not connect");
	c->added = c->dialing = true;
	c->dialer->busy++;
}

bool
smtp_connection_is_open(const struct smtp_connection *c)
{
	return c->open;
}

/* libcurl closes what it can hand to nobody else. */
void
smtp_connection_close(struct smtp_connection *c)
{
	if (c->added)
		curl_multi_remove_handle(c->dialer->multi, c->easy);
	if (c->dialing)
		c->dialer->busy--;
	c->added = c->dialing = c->open = false;
}

int
smtp_connection_fd(const struct smtp_connection *c)
{
	return c->fd;
}

bool
smtp_connection_tls(const struct smtp_connection *c)
{
	return c->tls;
}

bool
smtp_connection_pipelining(const struct smtp_connection *c)
{
	return c->pipelining;
}

bool
smtp_connection_size(const struct smtp_connection *c)
{
	return c->size;
}

static enum smtp_io
judge_io(struct smtp_connection *c, CURLcode rc, const char *lost)
{
	if (rc == CURLE_AGAIN)
		return SMTP_IO_AGAIN;
	if (rc == CURLE_OK && lost == NULL)
		return SMTP_IO_DONE;
	if (rc != CURLE_OK)
		lost = curl_easy_strerror(rc);
	c->why.code = 0;
	smtp_reply_keep(c->why.text, lost, strlen(lost));
	return SMTP_IO_LOST;
}

enum smtp_io
smtp_connection_send(
    struct smtp_connection *c, const char *data, size_t len, size_t *n)
{
	*n = 0;
	return judge_io(c, curl_easy_send(c->easy, data, len, n), NULL);
}

enum smtp_io
smtp_connection_recv(
    struct smtp_connection *c, char *out, size_t cap, size_t *n)
{
	CURLcode rc;

	*n = 0;
	rc = curl_easy_recv(c->easy, out, cap, n);
	return judge_io(
	    c, rc, *n == 0 ? "the server closed the connection" : NULL);
}

const struct smtp_answer *
smtp_connection_why(const struct smtp_connection *c)
{
	return &c->why;
}
