/*
 * One easy handle a client; curl_easy_reset() between calls keeps its
 * connections and forgets everything else.  libcurl initialises itself in
 * curl_easy_init(), thread-safe since 7.84.
 */
#include "adapters/http_client.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include <curl/curl.h>

#include "adapters/http_guard.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"

#define CONNECT_MS 5000L
#define SLOW_BYTES 16L /* a second, over SLOW_SEC: given up */
#define SLOW_SEC   10L

struct http_client {
	CURL *easy;
	char *ca_file;
	char **allow;
	size_t allow_count;
};

/* What the callbacks of one call share. */
struct exchange {
	struct buf *body;
	const int *sink;
	size_t len, max;
	bool allowed; /* host:port stands on the operator's list */
	bool too_long;
	bool refused;
};

struct http_client *
http_client_new(const struct http_client_options *o)
{
	struct http_client *c = blob_calloc(1, sizeof(*c));

	c->easy = curl_easy_init();
	if (c->easy == NULL)
		fatalx("http client: libcurl does not start");
	c->ca_file = blob_strdup(o->ca_file);
	c->allow = blob_calloc(o->allow_private_count + 1, sizeof(c->allow[0]));
	for (; c->allow_count < o->allow_private_count; c->allow_count++)
		c->allow[c->allow_count] =
		    blob_strdup(o->allow_private[c->allow_count]);
	return c;
}

void
http_client_free(struct http_client *c)
{
	if (c == NULL)
		return;
	curl_easy_cleanup(c->easy);
	for (size_t i = 0; i < c->allow_count; i++)
		free(c->allow[i]);
	free(c->allow);
	free(c->ca_file);
	free(c);
}

/* "host:port" of a URL, as libcurl itself reads it; never its query, which
 * may hold a secret and so must not reach the log. */
bool
http_client_peer(const char *url, char out[HTTP_PEER_LEN], struct err *e)
{
	CURLU *u = curl_url();
	char *host = NULL, *port = NULL;
	bool ok = false;

	if (u == NULL)
		fatalx("http client: out of memory");
	if (curl_url_set(u, CURLUPART_URL, url, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_HOST, &host, 0) != CURLUE_OK ||
	    curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) !=
		CURLUE_OK) {
		err_set(e, ERR_PROVIDER, "http client: not a URL");
		goto out;
	}
	snprintf(out, HTTP_PEER_LEN, "%s:%s", host, port);
	ok = true;

out:
	curl_free(host);
	curl_free(port);
	curl_url_cleanup(u);
	return ok;
}

static bool
is_allowed(const struct http_client *c, const char *peer)
{
	for (size_t i = 0; i < c->allow_count; i++)
		if (strcasecmp(c->allow[i], peer) == 0)
			return true;
	return false;
}

static curl_socket_t
open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *a)
{
	struct exchange *x = arg;

	(void)purpose;
	if (!x->allowed && !http_guard_public(&a->addr)) {
		x->refused = true;
		return CURL_SOCKET_BAD;
	}
	return socket(a->family, a->socktype | SOCK_CLOEXEC, a->protocol);
}

static size_t
take_body(char *data, size_t size, size_t n, void *arg)
{
	struct exchange *x = arg;
	size_t len = size * n;

	if (len > x->max - x->len) {
		x->too_long = true;
		return 0;
	}
	x->len += len;
	if (x->sink == NULL)
		buf_put(x->body, data, len);
	else if (write(*x->sink, data, len) != (ssize_t)len)
		return 0;
	return len;
}

/* libcurl copies the list's strings. */
static struct curl_slist *
header_list(const struct http_call *call)
{
	struct curl_slist *list = curl_slist_append(NULL, "Expect:");

	for (size_t i = 0; i < call->header_count && list != NULL; i++) {
		struct curl_slist *longer =
		    curl_slist_append(list, call->headers[i]);

		if (longer == NULL)
			fatalx("http client: out of memory");
		list = longer;
	}
	if (list == NULL)
		fatalx("http client: out of memory");
	return list;
}

/*
 * What never changes from call to call.  No proxy, whatever the environment
 * says: the guard would see the proxy's address.  With a CA file of the
 * operator's the system's folder must go too, or both would be trusted.
 */
static void
set_rules(const struct http_client *c, struct exchange *x)
{
	CURL *h = c->easy;

	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "https");
	curl_easy_setopt(h, CURLOPT_FOLLOWLOCATION, 0L);
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	if (c->ca_file[0] != '\0') {
		curl_easy_setopt(h, CURLOPT_CAINFO, c->ca_file);
		curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
	curl_easy_setopt(h, CURLOPT_LOW_SPEED_TIME, SLOW_SEC);
	curl_easy_setopt(h, CURLOPT_USERAGENT, "hosogate");
	curl_easy_setopt(h, CURLOPT_OPENSOCKETFUNCTION, open_socket);
	curl_easy_setopt(h, CURLOPT_OPENSOCKETDATA, x);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, take_body);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, x);
}

static void
set_call(CURL *h, const struct http_call *call, struct curl_slist *headers)
{
	long ms = call->timeout_ms;

	assert(ms > 0);
	assert(strcmp(call->method, "GET") == 0 ||
	       strcmp(call->method, "POST") == 0);

	curl_easy_setopt(h, CURLOPT_URL, call->url);
	if (call->plain)
		curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
	curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, ms);
	curl_easy_setopt(
	    h, CURLOPT_CONNECTTIMEOUT_MS, ms < CONNECT_MS ? ms : CONNECT_MS);
	if (strcmp(call->method, "GET") == 0)
		return;
	curl_easy_setopt(h, CURLOPT_POST, 1L);
	curl_easy_setopt(
	    h, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)call->body_len);
	curl_easy_setopt(
	    h, CURLOPT_POSTFIELDS, call->body != NULL ? call->body : "");
}

static bool
fail(const char *peer, const struct exchange *x, CURLcode rc, const char *why,
    struct err *e)
{
	if (x->refused)
		return err_set(e, ERR_PROVIDER,
		    "%s: resolves to an address that is not public", peer);
	if (x->too_long)
		return err_set(e, ERR_PROVIDER,
		    "%s: an answer of more than %zu bytes", peer, x->max);
	return err_set(e, ERR_PROVIDER, "%s: %s", peer,
	    why[0] != '\0' ? why : curl_easy_strerror(rc));
}

static void
read_status(CURL *h, struct http_answer *out)
{
	curl_off_t retry_after = 0;
	long status = 0;

	curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, &status);
	curl_easy_getinfo(h, CURLINFO_RETRY_AFTER, &retry_after);
	out->status = (int)status;
	out->retry_after_sec = retry_after > 0 ? retry_after : 0;
}

bool
http_client_call(struct http_client *c, const struct http_call *call,
    struct http_answer *out, struct err *e)
{
	struct curl_slist *headers = NULL;
	struct http_answer answer = { 0 };
	struct exchange x = { .body = &answer.body,
		.sink = call->sink,
		.max = call->answer_max };
	char peer[HTTP_PEER_LEN], why[CURL_ERROR_SIZE] = "";
	bool ok = false;
	CURLcode rc;

	if (!http_client_peer(call->url, peer, e))
		goto out;
	x.allowed = is_allowed(c, peer);
	headers = header_list(call);
	set_rules(c, &x);
	set_call(c->easy, call, headers);
	curl_easy_setopt(c->easy, CURLOPT_ERRORBUFFER, why);

	rc = curl_easy_perform(c->easy);
	if (rc != CURLE_OK) {
		fail(peer, &x, rc, why, e);
		goto out;
	}
	read_status(c->easy, &answer);
	*out = answer;
	answer = (struct http_answer){ 0 };
	ok = true;

out:
	curl_easy_reset(c->easy);
	curl_slist_free_all(headers);
	buf_release(&answer.body);
	return ok;
}
