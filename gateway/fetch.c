#include "gateway/fetch.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "adapters/http_client.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/verifier.h"
#include "gateway/config.h"
#include "gateway/db.h"
#include "gateway/metrics.h"

#define RENEW_US (60 * CLOCK_SEC_US) /* a long CRL, and nobody waits for it */

struct fetcher {
	const struct config *config;
	struct verifier *verifier;
	/* One at a time: of many that lack the same CRL one fetches it, and
	 * the others find it. */
	pthread_mutex_t lock;
	struct http_client *client;
};

struct fetcher *
fetcher_new(const struct config *c, struct verifier *v)
{
	struct fetcher *f = blob_calloc(1, sizeof(*f));

	f->config = c;
	f->verifier = v;
	pthread_mutex_init(&f->lock, NULL);
	f->client = http_client_new(&(struct http_client_options){
	    .ca_file = c->http_ca_file,
	    .allow_private = c->http_allow_private.item,
	    .allow_private_count = c->http_allow_private.count,
	});
	return f;
}

void
fetcher_free(struct fetcher *f)
{
	if (f == NULL)
		return;
	http_client_free(f->client);
	pthread_mutex_destroy(&f->lock);
	free(f);
}

bool
fetcher_is_on(const struct fetcher *f)
{
	return f->config->fetch_hosts.count > 0;
}

/* An entry without a port is for the usual two. */
static bool
is_entry(const char *entry, const char *peer)
{
	size_t host = (size_t)(strrchr(peer, ':') - peer);
	const char *port = peer + host + 1;

	if (text_ieq(entry, peer))
		return true;
	return (strcmp(port, "80") == 0 || strcmp(port, "443") == 0) &&
	       strlen(entry) == host && strncasecmp(entry, peer, host) == 0;
}

static bool
is_allowed(const struct fetcher *f, const char *peer)
{
	const struct config_list *hosts = &f->config->fetch_hosts;

	for (size_t i = 0; i < hosts->count; i++)
		if (is_entry(hosts->item[i], peer))
			return true;
	return false;
}

/* What is being fetched. */
struct fetching {
	struct fetcher *f;
	struct db *db;
	const struct want *want;
	int64_t deadline_us;
	char peer[HTTP_PEER_LEN];
	int fd; /* takes it; an OCSP answer behind its request */
	struct trust_term term;
};

static enum trust_kind
trust_kind_of(enum want_kind k)
{
	static const enum trust_kind kinds[] = {
		[WANT_ISSUER] = TRUST_UNTRUSTED,
		[WANT_CRL] = TRUST_CRL,
		[WANT_OCSP] = TRUST_OCSP_ASKED,
	};

	return kinds[k];
}

/* An answer that is kept has lost its request: its nonce fitted once. */
static bool
find(const struct fetching *g, struct fetched *out, bool *resting)
{
	const struct want *w = g->want;
	const struct db_arg args[] = { DB_TEXT(want_kind_name(w->kind)),
		DB_TEXT(w->url), DB_BYTES(w->subject, sizeof(w->subject)),
		DB_TEXT(g->peer), DB_END };
	struct db_rows *r = NULL;
	struct db_bytes bytes;
	struct err e = { 0 };
	bool found;

	*resting = true;
	if (!db_one(g->db, DB_fetch_find, args, &r, &e)) {
		log_warnx("fetch: %s", e.detail);
		return false;
	}
	found = !db_is_null(r, 0, "bytes");
	*resting = db_bool(r, 0, "resting");
	if (found) {
		bytes = db_bytes(r, 0, "bytes");
		out->kind =
		    w->kind == WANT_OCSP ? TRUST_OCSP : trust_kind_of(w->kind);
		out->bytes = blob_copy(bytes.data, bytes.len);
	}
	db_rows_free(r);
	return found;
}

static bool
open_sink(struct fetching *g, struct err *e)
{
	const struct want *w = g->want;

	g->fd = memfd_create("fetched", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	if (g->fd < 0 ||
	    write(g->fd, w->request, w->request_len) != (ssize_t)w->request_len)
		return err_set(e, ERR_BUSY, "memfd: %s", strerror(errno));
	return true;
}

/* Whose fault it was: *host is set when nothing sensible was answered. */
static bool
call(struct fetching *g, bool *host, struct err *e)
{
	static const char *const type[] = {
		"Content-Type: application/ocsp-request"
	};
	const struct want *w = g->want;
	bool posts = w->kind == WANT_OCSP;
	int64_t left_ms = (g->deadline_us - clock_mono_us()) / 1000;
	const struct http_call c = {
		.method = posts ? "POST" : "GET",
		.url = w->url,
		.headers = type,
		.header_count = posts,
		.body = w->request,
		.body_len = w->request_len,
		.timeout_ms = left_ms < 1 ? 1 : (int)left_ms,
		.answer_max =
		    w->kind == WANT_CRL ? TRUST_FILE_MAX : FETCH_SHORT_MAX,
		.plain = true,
		.sink = &g->fd,
	};
	struct http_answer answer = { 0 };
	bool ok;

	*host = true;
	ok = http_client_call(g->f->client, &c, &answer, e);
	buf_release(&answer.body);
	if (!ok)
		return false;
	*host = answer.status >= 500;
	return answer.status == 200 ||
	       err_set(e, ERR_PROVIDER, "status %d", answer.status);
}

static bool
check(struct fetching *g, struct err *e)
{
	if (fcntl(g->fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0)
		return err_set(e, ERR_BUSY, "seals: %s", strerror(errno));
	return verifier_describe(g->f->verifier, g->fd,
		   trust_kind_of(g->want->kind), &g->term) ||
	       err_set(e, ERR_PROVIDER, "not what was asked for");
}

static struct blob
read_back(const struct fetching *g)
{
	off_t len = lseek(g->fd, 0, SEEK_END);
	void *p = mmap(NULL, (size_t)len, PROT_READ, MAP_PRIVATE, g->fd, 0);
	struct blob b;

	if (p == MAP_FAILED)
		fatal("fetch: mmap");
	b = blob_copy(p, (size_t)len);
	munmap(p, (size_t)len);
	return b;
}

static void
keep(const struct fetching *g, const struct blob *bytes)
{
	const struct want *w = g->want;
	const struct db_arg args[] = { DB_TEXT(want_kind_name(w->kind)),
		DB_TEXT(w->url), DB_BYTES(w->subject, sizeof(w->subject)),
		DB_TEXT(g->peer),
		DB_BYTES(
		    bytes->data + w->request_len, bytes->len - w->request_len),
		DB_TIME(g->term.from_us), DB_TIME(g->term.until_us),
		w->kind == WANT_CRL ? DB_INT(g->f->config->fetch_renew_percent)
				    : DB_NULL,
		DB_END };
	struct err e = { 0 };

	metrics_add(METRIC_evidence_fetched_total, 1);
	/* Without nextUpdate an answer is of its moment alone. */
	if (w->kind == WANT_OCSP && g->term.until_us == 0)
		return;
	if (!db_exec(g->db, DB_fetch_keep, args, NULL, &e))
		log_warnx("fetch: %s", e.detail);
}

static void
note_failure(const struct fetching *g, bool host, const char *why)
{
	const struct want *w = g->want;
	const struct db_arg args[] = { DB_TEXT(want_kind_name(w->kind)),
		DB_TEXT(w->url), DB_BYTES(w->subject, sizeof(w->subject)),
		DB_TEXT(g->peer), DB_TEXT(why), DB_BOOL(host),
		DB_BOOL(w->kind == WANT_CRL), DB_END };
	struct err e = { 0 };

	metrics_add(METRIC_evidence_fetch_failed_total, 1);
	log_warnx("fetch: %s of %s: %s", want_kind_name(w->kind), g->peer, why);
	if (!db_exec(g->db, DB_fetch_fail, args, NULL, &e))
		log_warnx("fetch: %s", e.detail);
}

/* Under the lock. */
static bool
fetch(struct fetching *g, struct fetched *out)
{
	struct err e = { 0 };
	bool host = false, ok;

	ok = open_sink(g, &e) && call(g, &host, &e) && check(g, &e);
	if (ok) {
		out->kind = trust_kind_of(g->want->kind);
		out->bytes = read_back(g);
		keep(g, &out->bytes);
	} else {
		note_failure(g, host, e.detail);
	}
	if (g->fd >= 0)
		close(g->fd);
	return ok;
}

/* The lock's clock is the wall's; a moment more or less does no harm. */
static bool
lock_until(struct fetcher *f, int64_t deadline_us)
{
	int64_t us = clock_now_us() + deadline_us - clock_mono_us();
	const struct timespec until = { us / CLOCK_SEC_US,
		us % CLOCK_SEC_US * 1000 };

	return pthread_mutex_timedlock(&f->lock, &until) == 0;
}

static bool
begin(struct fetching *g, const char *url)
{
	struct err e = { 0 };

	g->fd = -1;
	return http_client_peer(url, g->peer, &e) && is_allowed(g->f, g->peer);
}

bool
fetcher_get(struct fetcher *f, struct db *db, const struct want *w,
    int64_t deadline_us, struct fetched *out)
{
	struct fetching g = { f, db, w, deadline_us, "", -1, { 0, 0 } };
	bool resting, ok;

	if (!begin(&g, w->url))
		return false;
	if (find(&g, out, &resting))
		return true;
	if (resting || !lock_until(f, deadline_us))
		return false;
	ok = find(&g, out, &resting);
	if (!ok && !resting && clock_mono_us() < deadline_us)
		ok = fetch(&g, out);
	pthread_mutex_unlock(&f->lock);
	return ok;
}

static bool
count_stale(struct db *db, struct err *e)
{
	const struct db_arg none[] = { DB_END };
	struct db_rows *r = NULL;

	if (!db_one(db, DB_fetch_stale, none, &r, e))
		return false;
	metrics_set(METRIC_evidence_stale, db_int(r, 0, "stale"));
	db_rows_free(r);
	return true;
}

/* One that is no longer allowed is not asked for, and so grows old. */
static void
renew(struct fetcher *f, struct db *db, const char *url)
{
	struct want w = { .kind = WANT_CRL };
	struct fetching g = { f, db, &w, clock_mono_us() + RENEW_US, "", -1,
		{ 0, 0 } };
	struct fetched out = { 0 };

	snprintf(w.url, sizeof(w.url), "%s", url);
	if (!begin(&g, w.url) || !lock_until(f, g.deadline_us))
		return;
	if (fetch(&g, &out))
		log_info("fetch: crl of %s renewed", g.peer);
	blob_release(&out.bytes);
	pthread_mutex_unlock(&f->lock);
}

bool
fetch_tick(struct db *db, void *arg, bool *more, struct err *e)
{
	const struct db_arg none[] = { DB_END };
	struct db_rows *r = NULL;

	if (!db_query(db, DB_fetch_due, none, &r, e))
		return false;
	*more = db_count(r) > 0;
	if (*more)
		renew(arg, db, db_text(r, 0, "url"));
	db_rows_free(r);
	return count_stale(db, e);
}
