#include "adapters/imap.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/log.h"

#define KEYWORD    "hosogate"
#define CONNECT_MS 5000L
#define TIMEOUT_MS 30000L
#define ANSWER_MAX (64L * 1024L) /* of a search */

struct imap {
	CURL *easy;
	char *url, *mailbox, *ca_file, *user, *password;
};

/* What a call keeps of its answer. */
struct answer {
	struct buf *out;
	size_t most;
};

struct imap *
imap_new(const struct imap_options *o)
{
	struct imap *m = blob_calloc(1, sizeof(*m));

	m->easy = curl_easy_init();
	if (m->easy == NULL)
		fatalx("imap: libcurl does not start");
	m->url = blob_strdup(o->url);
	m->mailbox = blob_strdup(o->mailbox);
	m->ca_file = blob_strdup(o->ca_file);
	m->user = blob_strdup(o->user);
	m->password = blob_strdup(o->password);
	return m;
}

void
imap_free(struct imap *m)
{
	if (m == NULL)
		return;
	curl_easy_cleanup(m->easy);
	free(m->url);
	free(m->mailbox);
	free(m->ca_file);
	free(m->user);
	explicit_bzero(m->password, strlen(m->password));
	free(m->password);
	free(m);
}

/* What is too much is read and let go, so that the connection stays good. */
static size_t
keep(char *data, size_t size, size_t n, void *arg)
{
	const struct answer *a = arg;
	size_t len = size * n;
	size_t room = a->most > a->out->len ? a->most - a->out->len : 0;

	buf_put(a->out, data, len < room ? len : room);
	return len;
}

static void
set_rules(const struct imap *m, struct answer *a)
{
	CURL *h = m->easy;

	curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "imap,imaps");
	curl_easy_setopt(h, CURLOPT_PROXY, "");
	curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(h, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	curl_easy_setopt(h, CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYPEER, 1L);
	curl_easy_setopt(h, CURLOPT_SSL_VERIFYHOST, 2L);
	if (m->ca_file[0] != '\0') {
		curl_easy_setopt(h, CURLOPT_CAINFO, m->ca_file);
		curl_easy_setopt(h, CURLOPT_CAPATH, NULL);
	}
	curl_easy_setopt(h, CURLOPT_USERNAME, m->user);
	curl_easy_setopt(h, CURLOPT_PASSWORD, m->password);
	curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS, CONNECT_MS);
	curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, keep);
	curl_easy_setopt(h, CURLOPT_WRITEDATA, a);
}

/* command NULL: the URL says what is fetched. */
static bool
ask(const struct imap *m, const char *where, const char *command,
    struct answer *a, struct err *e)
{
	char url[1024], why[CURL_ERROR_SIZE] = "";
	CURLcode rc;

	snprintf(url, sizeof(url), "%s/%s%s", m->url, m->mailbox, where);
	set_rules(m, a);
	curl_easy_setopt(m->easy, CURLOPT_URL, url);
	curl_easy_setopt(m->easy, CURLOPT_CUSTOMREQUEST, command);
	curl_easy_setopt(m->easy, CURLOPT_ERRORBUFFER, why);
	rc = curl_easy_perform(m->easy);
	curl_easy_reset(m->easy);
	if (rc != CURLE_OK)
		return err_set(e, ERR_PROVIDER, "imap: %s",
		    why[0] == '\0' ? curl_easy_strerror(rc) : why);
	return true;
}

/* "* SEARCH 3 5 9" (RFC 3501, 7.2.5); what more there is comes next time. */
static void
read_search(const char *text, struct imap_list *out)
{
	const char *p = text == NULL ? NULL : strstr(text, "* SEARCH");

	out->count = 0;
	if (p == NULL)
		return;
	p += strlen("* SEARCH");
	while (out->count < IMAP_LIST_MAX && *p == ' ') {
		char *end;
		unsigned long uid = strtoul(p + 1, &end, 10);

		if (end == p + 1 || uid == 0 || uid > UINT32_MAX)
			break;
		out->uid[out->count++] = (uint32_t)uid;
		p = end;
	}
}

bool
imap_look(struct imap *m, struct imap_list *out, struct err *e)
{
	struct buf text = { 0 };
	struct answer a = { &text, ANSWER_MAX };
	bool ok = ask(m, "", "UID SEARCH UNKEYWORD " KEYWORD, &a, e);

	if (ok)
		read_search(text.data, out);
	buf_release(&text);
	return ok;
}

bool
imap_fetch(struct imap *m, uint32_t uid, struct buf *out, struct err *e)
{
	struct answer a = { out, IMAP_MESSAGE_MAX };
	char where[32];

	snprintf(where, sizeof(where), "/;UID=%" PRIu32, uid);
	out->len = 0;
	return ask(m, where, NULL, &a, e);
}

bool
imap_mark(struct imap *m, uint32_t uid, struct err *e)
{
	struct buf text = { 0 };
	struct answer a = { &text, ANSWER_MAX };
	char command[80];
	bool ok;

	snprintf(command, sizeof(command),
	    "UID STORE %" PRIu32 " +FLAGS.SILENT (" KEYWORD ")", uid);
	ok = ask(m, "", command, &a, e);
	buf_release(&text);
	return ok;
}
