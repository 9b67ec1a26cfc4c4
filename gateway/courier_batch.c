/*
 * One batch of a courier: a destination is taken, what is due there claimed and
 * sent, and what became of it written down.
 */
#include <assert.h>
#include <string.h>

#include "adapters/smtp.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "crypto/mac.h"
#include "gateway/backoff.h"
#include "gateway/config.h"
#include "gateway/courier.h"
#include "gateway/courier_send.h"
#include "gateway/courier_tray.h"
#include "gateway/db.h"
#include "gateway/metrics.h"
#include "gateway/precedence.h"

#define BATCH_MAX TRAY_MAX

/* One message may take that long beyond the budget of its batch: a mail waits
 * for one other, and each may take TIMEOUT_MS of courier_mail.c. */
#define SEND_MAX_MS   INT64_C(45000)
#define BUDGET_MIN_MS INT64_C(5000)

/* A destination and what was claimed of it. */
struct batch {
	struct courier *c;
	struct db *db;
	struct db_rows *rows;
	int64_t tenant, client;
	char channel[16];
	enum backoff_channel kind;
	bool disabled;
	int failures; /* of the destination in a row */
	bool failed;  /* it did so in this batch: nothing more goes there */
	int64_t began_us;
	int64_t ids[BATCH_MAX];
	size_t count, done; /* claimed; begun of these */
	size_t left;        /* of these: in the queue still */
	bool taken;
};

static int64_t
lease_ms(const struct batch *b)
{
	return b->c->config->courier_lease_seconds * 1000;
}

/* No destination with something to send is success, and b->taken false. */
static bool
take(struct batch *b, struct err *e)
{
	const struct db_arg args[] = { DB_INT(b->c->owner), DB_INT(lease_ms(b)),
		DB_END };
	struct db_rows *rows = NULL;

	if (!db_query(b->db, DB_courier_take, args, &rows, e))
		return false;
	b->taken = db_count(rows) > 0;
	if (b->taken) {
		b->tenant = db_int(rows, 0, "tenant_id");
		b->client = db_int(rows, 0, "client_id");
		b->failures = (int)db_int(rows, 0, "failures");
		b->disabled = db_bool(rows, 0, "disabled");
		courier_keep(b->channel, sizeof(b->channel),
		    db_text(rows, 0, "channel"));
		b->kind = b->client == 0 ? BACKOFF_MAIL : BACKOFF_WEBHOOK;
	}
	db_rows_free(rows);
	return true;
}

static bool
is_shared(const struct batch *b)
{
	return b->kind == BACKOFF_MAIL && b->c->config->smtp_sessions_fleet > 0;
}

/* As many sessions with the mail server as the fleet has left for us. */
static bool
enter(struct batch *b, struct err *e)
{
	const struct config *config = b->c->config;
	/* The message in hand may outlast the lease on it. */
	const struct db_arg args[] = { DB_INT(b->c->owner),
		DB_INT(lease_ms(b) + SEND_MAX_MS),
		DB_INT(config->smtp_sessions_fleet),
		DB_INT(config->smtp_sessions), DB_END };
	int count = (int)config->smtp_sessions;

	b->c->flight_open = 0;
	if (is_shared(b) && !db_exec(b->db, DB_courier_enter, args, &count, e))
		return false;
	b->c->flight_open = COURIER_FLIGHTS * (size_t)count;
	return true;
}

static bool
claim(struct batch *b, struct err *e)
{
	const struct db_arg args[] = {
		DB_INT(b->tenant),
		DB_TEXT(b->channel),
		DB_INT(b->client),
		DB_INT(b->c->owner),
		DB_INT(lease_ms(b)),
		DB_END,
	};
	struct db_rows *rows = NULL;

	if (!db_query(b->db, DB_courier_claim, args, &rows, e))
		return false;
	b->left = b->count = (size_t)db_count(rows);
	assert(b->count <= BATCH_MAX);
	for (size_t i = 0; i < b->count; i++)
		b->ids[i] = db_int(rows, (int)i, "id");
	db_rows_free(rows);
	return true;
}

/* A db_tx_fn: what another courier holds is seen once it has claimed. */
static bool
begin(struct db *db, void *arg, struct err *e)
{
	struct batch *b = arg;

	(void)db;
	b->left = b->count = 0;
	if (!take(b, e))
		return false;
	if (!b->taken)
		return true;
	return enter(b, e) && (b->c->flight_open == 0 || claim(b, e));
}

static bool
load(struct batch *b, struct err *e)
{
	const struct db_arg args[] = { DB_INT(b->tenant),
		DB_INTS(b->ids, b->count), DB_INT(b->c->config->quiet_from),
		DB_INT(b->c->config->quiet_until), DB_END };

	precedence_give_way();
	if (!db_query(b->db, DB_courier_letters, args, &b->rows, e))
		return false;
	b->count = (size_t)db_count(b->rows);
	for (size_t i = 0; i < b->count; i++)
		b->ids[i] = db_int(b->rows, (int)i, "id");
	return true;
}

static uint32_t
dice(void)
{
	uint32_t n;

	mac_random(&n, sizeof(n));
	return n;
}

static struct backoff
backoff_of(const struct batch *b, const struct courier_letter *l,
    const struct courier_outcome *o)
{
	return (struct backoff){
		.channel = b->kind,
		.failures = l->failures + 1,
		.dest_failures = b->failures + 1,
		.unreachable = o->dest_failed,
		.age_ms = db_int(l->rows, l->row, "age_ms"),
		.percent = b->c->config->courier_backoff_percent,
		.dice = dice(),
	};
}

/* Deferred, if the schedule has a step left. */
static void
plan_retry(const struct batch *b, struct courier_entry *entry)
{
	const struct courier_outcome *o = entry->outcome;
	const struct courier_letter *l = entry->letter;
	struct backoff step = backoff_of(b, l, o);
	bool free_of_charge = b->kind == BACKOFF_MAIL && o->dest_failed;

	entry->failures = l->failures;
	if (o->hold_ms > 0) {
		entry->status = "deferred";
		entry->wait_ms = o->hold_ms;
		return;
	}
	if (!backoff_next(&step, &entry->wait_ms)) {
		entry->status = "expired";
		return;
	}
	entry->status = "deferred";
	entry->failures += free_of_charge ? 0 : 1;
	if (entry->wait_ms < o->retry_after_ms)
		entry->wait_ms = o->retry_after_ms;
}

static void
tell_operator(const struct batch *b, const struct courier_entry *entry)
{
	const struct courier_outcome *o = entry->outcome;
	long long id = entry->letter->id;

	switch (o->end) {
	case COURIER_SENT:
		metrics_add(b->kind == BACKOFF_MAIL
				? METRIC_mails_sent_total
				: METRIC_callbacks_sent_total,
		    1);
		return;
	case COURIER_MOOT:
		return;
	case COURIER_DEFERRED:
		metrics_add(METRIC_sends_failed_total, 1);
		break;
	case COURIER_DEAD:
		break;
	}
	if (strcmp(entry->status, "deferred") == 0) {
		log_info("outbox %lld: again in %lld ms: %s", id,
		    (long long)entry->wait_ms, o->reply);
	} else {
		metrics_add(METRIC_sends_dead_total, 1);
		log_warnx("outbox %lld: given up: %s", id, o->reply);
	}
}

/* Puts what became of a letter on the tray. */
static void
finish(const struct batch *b, const struct courier_letter *l,
    const struct courier_outcome *o)
{
	struct courier_entry entry = { .letter = l, .outcome = o };

	switch (o->end) {
	case COURIER_SENT:
		entry.status = "sent";
		break;
	case COURIER_MOOT:
		entry.status = "moot";
		break;
	case COURIER_DEAD:
		entry.status = "dead";
		break;
	case COURIER_DEFERRED:
		plan_retry(b, &entry);
		break;
	}
	tell_operator(b, &entry);
	courier_tray_put(b->c->tray, &entry, clock_mono_us());
}

/* The destination failed: how long the whole fleet leaves it alone. */
static bool
open_breaker(
    const struct batch *b, const struct courier_flight *f, struct err *e)
{
	struct backoff step = backoff_of(b, &f->letter, &f->outcome);
	const struct db_arg args[] = { DB_INT(b->tenant), DB_TEXT(b->channel),
		DB_INT(b->client), DB_INT(backoff_breaker(&step)), DB_END };

	return db_exec(b->db, DB_courier_went_badly, args, NULL, e);
}

/* The destination answered, or did not: what the whole fleet should know. */
static bool
judge_destination(
    struct batch *b, const struct courier_flight *f, struct err *e)
{
	const struct courier_outcome *o = &f->outcome;
	bool was_down = b->failures >=
			(b->kind == BACKOFF_MAIL ? 1 : BACKOFF_PORTAL_FAILURES);
	const struct db_arg dest[] = { DB_INT(b->tenant), DB_TEXT(b->channel),
		DB_INT(b->client), DB_END };
	const struct db_arg portal[] = { dest[0], dest[2], DB_END };

	if (o->disable)
		return db_exec(b->db, DB_courier_disable, portal, NULL, e);
	if (o->dest_failed)
		return open_breaker(b, f, e);
	if (o->end != COURIER_SENT || b->failures == 0)
		return true;
	b->failures = 0;
	if (!db_exec(b->db, DB_courier_went_well, dest, NULL, e))
		return false;
	return !was_down || db_exec(b->db, DB_courier_catch_up, dest, NULL, e);
}

/* False: the outcome is there already. */
static bool
deliver(const struct batch *b, struct courier_flight *f)
{
	struct courier_outcome *out = &f->outcome;

	log_trace(db_text(f->letter.rows, f->letter.row, "trace_id"));
	if (b->disabled)
		courier_say(out, COURIER_DEAD, "endpoint disabled (410)");
	else if (b->kind == BACKOFF_MAIL)
		return courier_mail(b->c, f);
	else
		courier_webhook(b->c, f);
	return false;
}

/* Time enough for one more, before our lease runs out?  One that is too short
 * for a slow message is still of use for quick ones. */
static bool
may_go_on(const struct batch *b)
{
	int64_t lease = lease_ms(b);
	int64_t budget = lease >= SEND_MAX_MS + BUDGET_MIN_MS
			     ? lease - SEND_MAX_MS
			     : lease / 2;

	if (atomic_load(&b->c->stopping))
		return false;
	return clock_mono_us() - b->began_us < budget * 1000;
}

/* Onto the tray, and from there into the database when it is time. */
static bool
land(struct batch *b, struct courier_flight *f, struct err *e)
{
	struct courier_outcome *o = &f->outcome;
	int64_t now_us = clock_mono_us();
	bool first = !b->failed;

	log_trace(db_text(f->letter.rows, f->letter.row, "trace_id"));
	f->busy = false;
	courier_keep(o->peer, sizeof(o->peer), o->peer);
	b->failed = b->failed || o->dest_failed || o->disable;
	if (o->end != COURIER_DEFERRED)
		b->left--;
	finish(b, &f->letter, o);
	if (courier_tray_is_due(b->c->tray, f->took_us, now_us)) {
		precedence_give_way();
		if (!courier_tray_flush(b->c->tray, b->db, e))
			return false;
	}
	/* What fails beside the first one fails for the same reason. */
	return !first || judge_destination(b, f, e);
}

static struct courier_flight *
free_flight(struct courier *c)
{
	for (size_t i = 0; i < c->flight_open; i++)
		if (!c->flights[i].busy)
			return &c->flights[i];
	return NULL;
}

/* Sends off as many as the sessions have room for. */
static bool
fill_sessions(struct batch *b, struct err *e)
{
	struct courier_flight *f;

	while (b->done < b->count && !b->failed && may_go_on(b) &&
	       (f = free_flight(b->c)) != NULL) {
		int row = (int)b->done++;

		f->busy = true;
		f->outcome = (struct courier_outcome){ 0 };
		f->took_us = 0;
		f->letter = (struct courier_letter){
			.rows = b->rows,
			.row = row,
			.tenant = b->tenant,
			.id = b->ids[row],
			.event = db_int(b->rows, row, "event_id"),
			.failures = (int)db_int(b->rows, row, "failures"),
		};
		if (!deliver(b, f) && !land(b, f, e))
			return false;
	}
	return true;
}

/* Until all are out, or the destination fails: then the others need not find
 * out one by one.  What is under way is waited for even when the database has
 * failed, since it reads from our memory; it goes out again then. */
static bool
deliver_all(struct batch *b, struct err *e)
{
	struct courier_flight *f;
	bool ok = true;

	do {
		ok = ok && fill_sessions(b, e);
		f = courier_mail_next(b->c);
		if (f != NULL && ok)
			ok = land(b, f, e);
		else if (f != NULL)
			f->busy = false;
	} while (f != NULL);
	return ok && courier_tray_flush(b->c->tray, b->db, e);
}

/* Our sessions end before others may have theirs. */
static bool
leave_mail(const struct batch *b, struct err *e)
{
	const struct db_arg owner[] = { DB_INT(b->c->owner), DB_END };

	if (!is_shared(b))
		return true;
	if (b->c->smtp != NULL)
		smtp_disconnect(b->c->smtp);
	return db_exec(b->db, DB_courier_exit, owner, NULL, e);
}

/* What was not sent is free for whoever comes next.  After a failure what was
 * tried stays leased: it may have gone without being written down. */
static bool
leave(const struct batch *b, bool failed, struct err *e)
{
	const struct db_arg kept[] = { DB_INT(b->c->owner),
		DB_INTS(b->ids, failed ? b->done : 0), DB_END };
	const struct db_arg dest[] = { DB_INT(b->tenant), DB_TEXT(b->channel),
		DB_INT(b->client), DB_INT(b->c->owner), DB_END };

	if (b->left > 0 && !db_exec(b->db, DB_courier_put_back, kept, NULL, e))
		return false;
	if (b->kind == BACKOFF_MAIL)
		return leave_mail(b, e);
	return db_exec(b->db, DB_courier_leave, dest, NULL, e);
}

/* The claimed ones, one after another or side by side. */
static bool
work(struct batch *b, struct err *e)
{
	b->c->tray->tenant = b->tenant;
	if (b->c->smtp != NULL)
		smtp_limit(b->c->smtp, b->c->flight_open / COURIER_FLIGHTS);
	return b->count == 0 || (load(b, e) && deliver_all(b, e));
}

bool
courier_tick(struct db *db, void *arg, bool *more, struct err *e)
{
	struct courier *c = arg;
	struct batch b = { .c = c, .db = db, .began_us = clock_mono_us() };
	struct err ignored = { 0 };
	bool ok;

	*more = false;
	c->tray->count = 0;
	if (!db_tune(db, DB_courier_session, e) || !db_tx(db, begin, &b, e))
		return false;
	if (!b.taken)
		return true;

	ok = work(&b, e);
	*more = ok && b.done > 0 && !atomic_load(&c->stopping);
	log_trace("");
	/* After a failure this one most likely fails as well, and the lease
	 * says the same a little later. */
	if (!leave(&b, !ok, ok ? e : &ignored))
		ok = false;
	db_rows_free(b.rows);
	return ok;
}
