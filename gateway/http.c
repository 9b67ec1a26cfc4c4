#include "gateway/http.h"

#include <arpa/inet.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/file.h"
#include "base/log.h"
#include "gateway/condition.h"
#include "gateway/config.h"
#include "gateway/http_exchange.h"
#include "gateway/http_headers.h"
#include "gateway/http_reaper.h"
#include "gateway/http_socket.h"
#include "gateway/metrics.h"
#include "gateway/reply.h"

/* GnuTLS's own default still speaks TLS 1.0 and 1.1 (measured). */
#define TLS_PRIORITIES                                                         \
	"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2:%SERVER_PRECEDENCE"

#define HEAD_US       (10 * CLOCK_SEC_US) /* for the head of a request */
#define LISTENERS_MAX 4
#define PEM_LEN_MAX   (1 << 20)
#define THREAD_STACK  (256 * 1024)

/* A socket that we listen on, with the threads that serve it. */
struct listener {
	struct http *http;
	struct MHD_Daemon *daemon;
	const char *kind;
	int fd;
	bool tls, inward;
};

struct http {
	struct http_home home;
	struct http_reaper *reaper;
	struct listener listeners[LISTENERS_MAX];
	size_t count;
	struct buf where;
	struct blob certificate, key; /* PEM, while libmicrohttpd needs them */
	pthread_mutex_t lock;
	pthread_cond_t idle;
	_Atomic int64_t active; /* requests between first byte and end */
};

/* ---- one request, in the order in which libmicrohttpd calls ---- */

/* Whoever waits for the last one waits only while we drain. */
static void
end_active(struct http *h)
{
	metrics_add(METRIC_requests_open, -1);
	if (atomic_fetch_sub(&h->active, 1) > 1 ||
	    !atomic_load(&h->home.draining))
		return;
	pthread_mutex_lock(&h->lock);
	pthread_cond_broadcast(&h->idle);
	pthread_mutex_unlock(&h->lock);
}

/* Every phase of a connection has a deadline of its own; see http_reaper.h. */
static void
set_deadline(struct exchange *x, int64_t allowed_us)
{
	http_reaper_set(x->seat, clock_mono_us() + allowed_us);
}

static int64_t
request_us(const struct exchange *x)
{
	return x->home->config->request_seconds * CLOCK_SEC_US;
}

/* The request line has been read.  What is returned here becomes *req_cls. */
static void *
on_url(void *cls, const char *url, struct MHD_Connection *connection)
{
	struct listener *l = cls;
	struct exchange *x = exchange_new(&l->http->home, url);
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	atomic_fetch_add(&l->http->active, 1);
	metrics_add(METRIC_requests_open, 1);
	x->connection = connection;
	x->seat = info->socket_context;
	x->req.inward = l->inward;
	return x;
}

/* Of the TLS listener: nobody has written X-Forwarded-For but the client. */
static void
take_address(struct exchange *x, struct MHD_Connection *connection)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	const struct sockaddr *at = info == NULL ? NULL : info->client_addr;
	const void *address = NULL;

	x->peer[0] = '\0';
	if (at != NULL && at->sa_family == AF_INET)
		address =
		    &((const struct sockaddr_in *)(const void *)at)->sin_addr;
	else if (at != NULL && at->sa_family == AF_INET6)
		address =
		    &((const struct sockaddr_in6 *)(const void *)at)->sin6_addr;
	if (address != NULL)
		inet_ntop(at->sa_family, address, x->peer, sizeof(x->peer));
}

/* The lengths are libmicrohttpd's; a value may hold bytes that are no text. */
static enum MHD_Result
on_field(void *cls, /* lint-ok: libmicrohttpd fixes this signature */
    enum MHD_ValueKind kind, const char *name, size_t name_len,
    const char *value, size_t value_len)
{
	const struct http_field f = { name, value, name_len, value_len };

	(void)kind;
	exchange_field(cls, &f);
	return MHD_YES;
}

static void
free_reply(void *cls)
{
	reply_free(cls);
}

/* The response takes the reply over: its bytes are sent from where they are. */
static struct MHD_Response *
make_response(struct exchange *x, bool tls)
{
	struct reply *reply = x->job.reply;
	struct http_header headers[HTTP_HEADERS_MAX];
	size_t len, count;
	const void *body = reply_body(reply, &len);
	struct MHD_Response *r =
	    MHD_create_response_from_buffer_with_free_callback_cls(
		len, (void *)body, free_reply, reply);

	if (r == NULL)
		fatalx("http: response");
	count = http_headers(x, tls, headers);
	for (size_t i = 0; i < count; i++)
		if (MHD_add_response_header(
			r, headers[i].name, headers[i].value) != MHD_YES)
			fatalx("http: header %s", headers[i].name);
	x->job.reply = NULL;
	return r;
}

static enum MHD_Result
queue_reply(struct exchange *x, struct MHD_Connection *connection, bool tls)
{
	struct MHD_Response *r;
	enum MHD_Result result;

	x->job.reply = reply_fresh(x->job.reply, x->req.if_none_match);
	x->status = reply_status(x->job.reply);
	r = make_response(x, tls);
	set_deadline(x, request_us(x));
	result = MHD_queue_response(connection, (unsigned int)x->status, r);
	MHD_destroy_response(r);
	return result;
}

/* The head is complete.  One walk over its fields serves the checks and the
 * request alike. */
static void
begin(struct exchange *x, struct MHD_Connection *connection, const char *method,
    const char *version)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(
	    connection, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	set_deadline(x, request_us(x));
	MHD_get_connection_values_n(connection, MHD_HEADER_KIND, on_field, x);
	exchange_open(x, method, version, info == NULL ? 0 : info->header_size);
}

/* The worker has answered; libmicrohttpd calls on_request() again.  Nothing
 * of x may be touched after this, since that call may already run. */
static void
on_answered(struct worker_job *job)
{
	struct exchange *x =
	    (struct exchange *)((char *)job - offsetof(struct exchange, job));

	MHD_resume_connection(x->connection);
}

/* Suspended connections have no time-out (cited), and the reaper lets them
 * be too: workers bound their own time. */
static void
sleep_until_answered(struct exchange *x, struct MHD_Connection *connection)
{
	x->asleep = true;
	x->job.done = on_answered;
	http_reaper_set(x->seat, HTTP_REAPER_NEVER);
	MHD_suspend_connection(connection);
	if (worker_push(x->home->workers, &x->job))
		return;
	err_set(&x->refusal, ERR_BUSY, "http: stopping");
	exchange_refuse(x);
	on_answered(&x->job);
}

static enum MHD_Result
on_request(void *cls, /* lint-ok: libmicrohttpd fixes this signature */
    struct MHD_Connection *connection, const char *url, const char *method,
    const char *version, const char *data, size_t *data_len, void **req_cls)
{
	struct listener *l = cls;
	struct exchange *x = *req_cls;
	bool cut;

	(void)url;
	/* The first call.  Answering here would end the connection (measured),
	 * so only what is to end it anyway is answered now. */
	if (!x->begun) {
		begin(x, connection, method, version);
		if (l->tls)
			take_address(x, connection);
		if (!exchange_is_hopeless(x))
			return MHD_YES;
		x->must_close = true;
		exchange_refuse(x);
		return queue_reply(x, connection, l->tls);
	}
	/* Bytes of the body; whatever happens, all of them are taken. */
	if (*data_len > 0) {
		cut = !exchange_feed(x, data, *data_len);
		*data_len = 0;
		return cut ? MHD_NO : MHD_YES;
	}
	/* No more bytes: the body is complete, or a worker has answered. */
	if (!x->asleep && !exchange_close(x)) {
		sleep_until_answered(x, connection);
		return MHD_YES;
	}
	return queue_reply(x, connection, l->tls);
}

/* Probes come every few seconds for ever, and tell nothing when all is well. */
static bool
is_worth_a_line(const struct exchange *x)
{
	return x->job.route == NULL || x->job.route->where != ROUTE_FRONT ||
	       x->status >= 400;
}

/* One line a request: the path without its query, in which a key may stand. */
static void
tell(const struct exchange *x)
{
	long long ms = (clock_mono_us() - x->started_us) / 1000;

	metrics_add(METRIC_requests_total, 1);
	if (x->status >= 500)
		metrics_add(METRIC_replies_5xx_total, 1);
	else if (x->status >= 400)
		metrics_add(METRIC_replies_4xx_total, 1);
	if (!is_worth_a_line(x))
		return;
	log_trace(x->req.trace_id);
	log_info("request method=%s path=%s status=%d dur_ms=%lld "
		 "principal=%s",
	    x->req.method, x->req.path, x->status, ms, x->req.principal);
	log_trace("");
}

/* The only place where an exchange ends: libmicrohttpd calls it once for each
 * that on_url() made, whatever became of it. */
static void
on_completed(void *cls, struct MHD_Connection *connection, void **req_cls,
    enum MHD_RequestTerminationCode how)
{
	struct listener *l = cls;
	struct exchange *x = *req_cls;
	const struct config *c = l->http->home.config;

	(void)connection;
	(void)how;
	if (x == NULL)
		return;
	/* The next request must begin in time, and its head come in time. */
	set_deadline(x, c->idle_seconds * CLOCK_SEC_US + HEAD_US);
	if (x->status != 0)
		tell(x);
	exchange_free(x);
	*req_cls = NULL;
	end_active(l->http);
}

/* ---- connections and listeners ---- */

/* A connection that says nothing at first is worth no more than a slow head. */
static int64_t
head_us(const struct config *c)
{
	int64_t request = c->request_seconds * CLOCK_SEC_US;

	return request < HEAD_US ? request : HEAD_US;
}

/* Seats in the reaper live exactly as long as the descriptor is open: the end
 * is told before the socket is closed. */
static void
on_connection(void *cls, struct MHD_Connection *connection, void **socket_cls,
    enum MHD_ConnectionNotificationCode what)
{
	struct listener *l = cls;
	struct http *h = l->http;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_STARTED) {
		info = MHD_get_connection_info(
		    connection, MHD_CONNECTION_INFO_CONNECTION_FD);
		*socket_cls = http_reaper_add(h->reaper, info->connect_fd,
		    clock_mono_us() + head_us(h->home.config));
		atomic_fetch_add(&h->home.connections, !l->inward);
		metrics_add(METRIC_connections_open, 1);
	} else {
		http_reaper_remove(h->reaper, *socket_cls);
		atomic_fetch_sub(&h->home.connections, !l->inward);
		metrics_add(METRIC_connections_open, -1);
	}
}

static void on_log(void *cls, const char *fmt, va_list ap)
    __attribute__((format(printf, 2, 0)));

/* What libmicrohttpd has to say is about single connections: debug. */
static void
on_log(void *cls, const char *fmt, va_list ap)
{
	char line[256];

	(void)cls;
	vsnprintf(line, sizeof(line), fmt, ap);
	line[strcspn(line, "\n")] = '\0';
	log_debug("libmicrohttpd: %s", line);
}

/* request.c decodes, strictly; libmicrohttpd would cut at %00. */
static size_t
leave_encoded(void *cls, struct MHD_Connection *connection, char *s)
{
	(void)cls;
	(void)connection;
	return strlen(s);
}

/* These threads never wait, so more of them than cores win nothing. */
static unsigned int
pool_size(const struct config *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->threads > 0)
		return (unsigned int)c->threads;
	return cores < 1 ? 1 : (unsigned int)cores;
}

#define OPTION(name, value, pointer)                                           \
	{                                                                      \
		MHD_OPTION_##name, (intptr_t)(value), (void *)(pointer)        \
	}

static bool
start_daemon(struct http *h, struct listener *l, struct err *e)
{
	const struct config *c = h->home.config;
	struct MHD_OptionItem tls[] = {
		OPTION(HTTPS_PRIORITIES, 0, TLS_PRIORITIES),
		OPTION(HTTPS_MEM_CERT, 0, h->certificate.data),
		OPTION(HTTPS_MEM_KEY, 0, h->key.data),
		OPTION(END, 0, NULL),
	};
	struct MHD_OptionItem none[] = { OPTION(END, 0, NULL) };
	/* Twice what we take: at its own limit libmicrohttpd leaves clients
	 * hanging, and it divides the limit by its threads (measured). */
	struct MHD_OptionItem options[] = {
		OPTION(EXTERNAL_LOGGER, on_log, NULL),
		OPTION(LISTEN_SOCKET, l->fd, NULL),
		OPTION(THREAD_POOL_SIZE, pool_size(c), NULL),
		OPTION(THREAD_STACK_SIZE, THREAD_STACK, NULL),
		OPTION(CONNECTION_LIMIT, 2 * h->home.connections_most, NULL),
		OPTION(CONNECTION_TIMEOUT, c->idle_seconds, NULL),
		OPTION(UNESCAPE_CALLBACK, leave_encoded, NULL),
		OPTION(URI_LOG_CALLBACK, on_url, l),
		OPTION(NOTIFY_COMPLETED, on_completed, l),
		OPTION(NOTIFY_CONNECTION, on_connection, l),
		OPTION(ARRAY, 0, l->tls ? tls : none),
		OPTION(END, 0, NULL),
	};
	unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD |
			     MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG |
			     (l->tls ? MHD_USE_TLS : 0);

	l->daemon = MHD_start_daemon(flags, 0, NULL, NULL, on_request, l,
	    MHD_OPTION_ARRAY, options, MHD_OPTION_END);
	if (l->daemon == NULL)
		return err_set(
		    e, ERR_CONFIG, "listen: %s does not start", l->kind);
	return true;
}

static struct listener *
add_listener(struct http *h, const char *kind, bool tls, bool inward)
{
	struct listener *l = &h->listeners[h->count++];

	l->http = h;
	l->kind = kind;
	l->fd = -1;
	l->tls = tls;
	l->inward = inward;
	return l;
}

static bool
listen_unix(struct http *h, const char *path, bool inward, struct err *e)
{
	struct listener *l;

	if (*path == '\0')
		return true;
	l = add_listener(h, inward ? "operator" : "unix", false, inward);
	if (!http_socket_unix(path, &l->fd, e))
		return false;
	buf_printf(&h->where, " %s=%s", l->kind, path);
	return start_daemon(h, l, e);
}

static bool
listen_tcp(struct http *h, const char *address, bool inward, struct err *e)
{
	char name[HTTP_SOCKET_NAME_LEN];
	struct listener *l;

	if (*address == '\0')
		return true;
	l = add_listener(
	    h, inward ? "operator_address" : "https", !inward, inward);
	if (!http_socket_tcp(address, inward, &l->fd, name, e))
		return false;
	buf_printf(&h->where, " %s=%s", l->kind, name);
	return start_daemon(h, l, e);
}

/* In this order, so that the operator's socket answers last: whoever asks
 * readyz there and hears 200 finds the others open. */
static bool
listen_all(struct http *h, struct err *e)
{
	const struct config *c = h->home.config;

	if (c->listen_https[0] != '\0' &&
	    (!file_read(c->tls_certificate, PEM_LEN_MAX, &h->certificate, e) ||
		!file_read(c->tls_key, PEM_LEN_MAX, &h->key, e)))
		return false;
	if (!listen_tcp(h, c->listen_https, false, e) ||
	    !listen_unix(h, c->listen_unix, false, e) ||
	    !listen_unix(h, c->listen_operator, true, e) ||
	    !listen_tcp(h, c->operator_address, true, e))
		return false;
	if (h->count == 0)
		return err_set(e, ERR_CONFIG, "config: no listener");
	return true;
}

bool
http_start(const struct http_options *o, struct http **out, struct err *e)
{
	struct http *h = blob_calloc(1, sizeof(*h));

	h->home.config = o->config;
	h->home.secrets = o->secrets;
	h->home.verifier = o->verifier;
	h->home.fetcher = o->fetcher;
	h->home.workers = o->workers;
	h->home.connections_most = http_socket_most(o->config->connections_max);
	pthread_mutex_init(&h->lock, NULL);
	condition_init(&h->idle);
	h->reaper = http_reaper_start();
	if (!listen_all(h, e)) {
		http_stop(h);
		return false;
	}
	*out = h;
	return true;
}

const char *
http_where(const struct http *h)
{
	return h->where.data + 1;
}

void
http_drain(struct http *h, int64_t limit_us)
{
	int64_t until = clock_mono_us() + limit_us;

	atomic_store(&h->home.draining, true);
	for (size_t i = 0; i < h->count; i++) {
		MHD_quiesce_daemon(h->listeners[i].daemon);
		/* Who is in the backlog hears now that nobody will come. */
		shutdown(h->listeners[i].fd, SHUT_RDWR);
	}
	pthread_mutex_lock(&h->lock);
	while (h->active > 0 && clock_mono_us() < until)
		condition_wait_until(&h->idle, &h->lock, until);
	if (h->active > 0)
		log_warnx(
		    "http: %lld requests are cut off", (long long)h->active);
	pthread_mutex_unlock(&h->lock);
}

void
http_stop(struct http *h)
{
	if (h == NULL)
		return;
	for (size_t i = 0; i < h->count; i++) {
		if (h->listeners[i].daemon != NULL)
			MHD_stop_daemon(h->listeners[i].daemon);
		if (h->listeners[i].fd >= 0)
			close(h->listeners[i].fd);
	}
	http_reaper_stop(h->reaper);
	if (h->key.data != NULL)
		explicit_bzero(h->key.data, h->key.len);
	blob_release(&h->key);
	blob_release(&h->certificate);
	buf_release(&h->where);
	pthread_cond_destroy(&h->idle);
	pthread_mutex_destroy(&h->lock);
	free(h);
}
