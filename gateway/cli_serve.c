/*
 * hosogate serve: runs the gateway until SIGTERM or SIGINT.
 *
 * The order matters.  The verifier's children are forked first, before any
 * thread and before any key is in memory; the listeners come last, so that
 * nobody is answered by half a gateway.  Stopping goes the other way: take
 * nothing new, answer what has begun, then end.  SIGHUP reads trust anchors
 * and CRLs anew; changed files are noticed without it too.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/verifier.h"
#include "gateway/bounce.h"
#include "gateway/cli.h"
#include "gateway/config.h"
#include "gateway/courier.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/fetch.h"
#include "gateway/files.h"
#include "gateway/http.h"
#include "gateway/metrics.h"
#include "gateway/notify.h"
#include "gateway/paper_sign.h"
#include "gateway/payment_asker.h"
#include "gateway/payment_sweep.h"
#include "gateway/payment_voucher.h"
#include "gateway/pending.h"
#include "gateway/receipt_sign.h"
#include "gateway/receipt_summary.h"
#include "gateway/refund_sweep.h"
#include "gateway/slip.h"
#include "gateway/ticker.h"
#include "gateway/timer.h"
#include "gateway/trust_store.h"
#include "gateway/worker.h"

#define DRAIN_US       (20 * CLOCK_SEC_US)
#define TRUST_LOOK_MS  5000 /* between two looks at trust folders and rows */
#define COURIERS_MAX   64
#define TICKERS_MAX    (COURIERS_MAX + 16)
#define SUMMARY_TICKS  10 /* a day has time */
#define KEYS_PERIOD_MS 60000
#define KEYS_AT_ONCE   1000

struct server {
	struct config *config;
	struct secrets *secrets;
	struct verifier *verifier;
	struct trust_store *trust;
	struct fetcher *fetcher; /* for those who wait */
	struct fetcher *renewer; /* for nobody in particular */
	struct worker_pool *workers;
	struct http *http;
	struct payment_asker *asker; /* about payments */
	struct receipt_summarizer *summarizer;
	struct receipt_signer *signer;  /* NULL: receipts stay pending */
	struct payment_asker *refunder; /* and about refunds */
	struct voucher_fetcher *vouchers;
	struct slip_maker *slips;
	struct pending_checker pending;
	struct bounce_reader *bounces; /* NULL: none are read */
	struct courier *couriers[COURIERS_MAX];
	struct ticker *tickers[TICKERS_MAX];
	struct ticker *trust_ticker; /* one of them */
	size_t ticker_count;
};

/* ---- jobs that have no module of their own ---- */

/* Nothing new since the last head is success, and makes none. */
static bool
make_head(struct db *db, void *arg, bool *more, struct err *e)
{
	const struct secrets *secrets = arg;
	int64_t now_us;

	(void)more;
	return db_now(db, &now_us, e) &&
	       event_make_head(db, secrets->head_key, now_us, e);
}

/* Keys whose time is over are no longer promised to anyone. */
static bool
forget_keys(struct db *db, void *arg, bool *more, struct err *e)
{
	const struct db_arg args[] = { DB_INT(KEYS_AT_ONCE), DB_END };
	int gone = 0;

	(void)arg;
	if (!db_exec(db, DB_idempotency_sweep, args, &gone, e))
		return false;
	*more = gone == KEYS_AT_ONCE;
	return true;
}

static void
start_ticker(struct server *s, const char *name, int64_t period_ms,
    ticker_fn *fn, void *arg)
{
	const struct ticker_job job = { name, (int)period_ms, fn, arg,
		s->config->database };

	s->tickers[s->ticker_count++] = ticker_start(&job);
}

/* Each on a connection and a thread of its own, so that a slow mail server
 * delays no timer. */
static void
start_tickers(struct server *s)
{
	const struct config *c = s->config;

	for (int64_t i = 0; i < c->couriers && i < COURIERS_MAX; i++) {
		char name[16];

		snprintf(name, sizeof(name), "courier-%d", (int)i % 100);
		s->couriers[i] = courier_new(c, s->secrets);
		start_ticker(s, name, c->tick_ms, courier_tick, s->couriers[i]);
	}
	s->asker = payment_asker_new(c, s->secrets);
	s->renewer = fetcher_new(c, s->verifier);
	start_ticker(s, "timers", c->tick_ms, timer_sweep, NULL);
	start_ticker(s, "payments", c->tick_ms, payment_sweep, s->asker);
	s->refunder = payment_asker_new(c, s->secrets);
	start_ticker(s, "refunds", c->tick_ms, refund_sweep, s->refunder);
	s->vouchers = voucher_fetcher_new(c, s->secrets);
	start_ticker(s, "vouchers", c->tick_ms, voucher_fetch, s->vouchers);
	s->bounces = bounce_reader_new(c);
	if (s->bounces != NULL)
		start_ticker(s, "bounces", c->imap_seconds * 1000, bounce_read,
		    s->bounces);
	start_ticker(s, "forms", c->tick_ms, slip_issue, s->slips);
	s->pending =
	    (struct pending_checker){ c, s->verifier, s->fetcher, s->trust };
	start_ticker(s, "pending", c->tick_ms, pending_check, &s->pending);
	if (fetcher_is_on(s->renewer))
		start_ticker(s, "fetch", c->tick_ms, fetch_tick, s->renewer);
	start_ticker(s, "trust", TRUST_LOOK_MS, trust_store_tick, s->trust);
	s->trust_ticker = s->tickers[s->ticker_count - 1];
	start_ticker(s, "keys", KEYS_PERIOD_MS, forget_keys, NULL);
	s->summarizer = receipt_summarizer_new(c);
	start_ticker(s, "summaries", SUMMARY_TICKS * c->tick_ms,
	    receipt_summarize, s->summarizer);
	if (s->signer != NULL)
		start_ticker(
		    s, "receipts", c->tick_ms, receipt_sign, s->signer);
	else
		log_warnx("serve: without a key receipts stay "
			  "pending");
	if (s->secrets->head_key != NULL)
		start_ticker(
		    s, "heads", c->head_seconds * 1000, make_head, s->secrets);
	else
		log_warnx("serve: without head_key_file no head is signed");
}

/* ---- start and stop ---- */

/* Each connection, part and child costs descriptors; take what we may. */
static void
raise_limits(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return;
	files.rlim_cur = files.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &files) != 0)
		log_warn("serve: nofile");
}

static int
children(const struct config *c)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	if (c->verifiers > 0)
		return (int)c->verifiers;
	return cores < 1 ? 1 : (int)cores;
}

/*
 * A schema that is not ours stops the start with a word; a database that does
 * not answer does not, since it may come back, and until then the answer is
 * 503 and readyz tells.
 */
static bool
check_schema(const struct config *c, struct err *e)
{
	const struct db_arg none[] = { DB_END };
	struct db_rows *rows = NULL;
	struct db *db = NULL;
	bool ok = true;

	if (!db_open_bare(c->database, &db, e) ||
	    !db_one(db, DB_migrate_begun, none, &rows, e)) {
		log_warnx("serve: %s", e->detail);
		goto out;
	}
	ok = db_bool(rows, 0, "begun");
	db_rows_free(rows);
	rows = NULL;
	if (ok && db_one(db, DB_schema_version, none, &rows, e))
		ok = db_int(rows, 0, "number") == files_schema_version();
	if (!ok)
		err_set(e, ERR_STORAGE,
		    "the database has another schema than %d: run hosogate "
		    "migrate",
		    files_schema_version());
	else if (!db_prepare_all(db, e))
		log_warnx("serve: %s", e->detail);

out:
	db_rows_free(rows);
	db_close(db);
	return ok;
}

static bool
open_signer(struct server *s, struct err *e)
{
	const struct paper_signer_means means = { s->config, s->trust,
		s->verifier };

	return receipt_signer_new(&means, &s->signer, e);
}

/* Before anyone is answered: anchors may be rows.  Without a database nobody
 * will be, and the ticker looks again. */
static void
read_trust_rows(struct server *s)
{
	struct db *db = NULL;
	struct err e = { 0 };

	if (!db_open_bare(s->config->database, &db, &e) ||
	    !trust_store_refresh(s->trust, db, &e))
		log_warnx("trust: the files alone: %s", e.detail);
	db_close(db);
}

static bool
open_slips(struct server *s, struct err *e)
{
	const struct paper_signer_means means = { s->config, s->trust,
		s->verifier };

	return slip_maker_new(&means, &s->slips, e);
}

static bool
start(struct server *s, struct err *e)
{
	struct http_options o;

	s->verifier = verifier_new(children(s->config));
	if (!secrets_load(s->config, &s->secrets, e))
		return false;
	if (!trust_store_open(s->config, s->verifier, &s->trust, e))
		return false;
	if (!check_schema(s->config, e) || !open_signer(s, e))
		return false;
	if (!open_slips(s, e))
		return false;
	s->workers = worker_start(s->config, s->trust);
	read_trust_rows(s);
	s->fetcher = fetcher_new(s->config, s->verifier);
	o = (struct http_options){ s->config, s->secrets, s->verifier,
		s->fetcher, s->workers };
	if (!http_start(&o, &s->http, e))
		return false;
	start_tickers(s);
	return true;
}

/* Couriers end after the message in hand; what they had claimed falls back
 * to the queue when its lease ends. */
static void
stop(struct server *s)
{
	if (s->http != NULL)
		http_drain(s->http, DRAIN_US);
	for (size_t i = 0; i < COURIERS_MAX; i++)
		if (s->couriers[i] != NULL)
			courier_stop(s->couriers[i]);
	for (size_t i = 0; i < s->ticker_count; i++)
		ticker_stop(s->tickers[i]);
	worker_stop(s->workers);
	http_stop(s->http);
	worker_free(s->workers);
	for (size_t i = 0; i < COURIERS_MAX; i++)
		courier_free(s->couriers[i]);
	payment_asker_free(s->asker);
	fetcher_free(s->renewer);
	fetcher_free(s->fetcher);
	receipt_signer_free(s->signer);
	receipt_summarizer_free(s->summarizer);
	payment_asker_free(s->refunder);
	voucher_fetcher_free(s->vouchers);
	slip_maker_free(s->slips);
	bounce_reader_free(s->bounces);
	trust_store_free(s->trust);
	verifier_free(s->verifier);
	secrets_free(s->secrets);
}

/* The main thread does no more than wait. */
static void
wait_for_end(struct server *s, const sigset_t *signals)
{
	for (;;) {
		int signal = sigwaitinfo(signals, NULL);

		if (signal == SIGTERM || signal == SIGINT)
			return;
		if (signal == SIGHUP)
			ticker_wake(s->trust_ticker);
	}
}

int
cli_serve(int argc, char **argv)
{
	static const char usage[] = "serve [-c FILE]";
	struct server s = { 0 };
	struct err e = { 0 };
	sigset_t signals;
	int status = cli_config(argc, argv, usage, &s.config);

	if (status != CLI_OK)
		return status;
	raise_limits();
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	/* Before any thread, so that all threads leave them to the main one;
	 * the verifier's nursery sets its own. */
	sigprocmask(SIG_BLOCK, &signals, NULL);

	if (start(&s, &e)) {
		log_info("listening %s", http_where(s.http));
		notify_supervisor("READY=1");
		wait_for_end(&s, &signals);
		notify_supervisor("STOPPING=1");
		log_info("stopping");
	} else {
		cli_complain(argv[0], &e);
		status = CLI_FAILED;
	}
	stop(&s);
	config_free(s.config);
	return status;
}
