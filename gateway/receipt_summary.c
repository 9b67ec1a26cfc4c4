#include "gateway/receipt_summary.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/http_client.h"
#include "base/base.h"
#include "base/blob.h"
#include "base/buf.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "gateway/auth.h"
#include "gateway/config.h"
#include "gateway/csv.h"
#include "gateway/db.h"
#include "gateway/event.h"
#include "gateway/metrics.h"

#define LEASE_MS   60000
#define TIMEOUT_MS 20000
#define ANSWER_MAX 65536

struct receipt_summarizer {
	const struct config *config;
	struct http_client *client;
	int64_t now_us;
	bool made; /* another may be due */
};

struct receipt_summarizer *
receipt_summarizer_new(const struct config *c)
{
	struct receipt_summarizer *s = blob_calloc(1, sizeof(*s));

	s->config = c;
	s->client = http_client_new(&(struct http_client_options){
	    .ca_file = c->http_ca_file,
	    .allow_private = c->http_allow_private.item,
	    .allow_private_count = c->http_allow_private.count,
	});
	return s;
}

void
receipt_summarizer_free(struct receipt_summarizer *s)
{
	if (s == NULL)
		return;
	http_client_free(s->client);
	free(s);
}

/* A summary of which something is to be recorded. */
struct part {
	const struct receipt_summarizer *s;
	const struct db_rows *rows;
	int i;
};

/* In the tenant's own chain. */
static bool
record(struct db *db, const struct part *p, const char *kind, struct err *e)
{
	struct json *data = json_new_object();
	struct event event = {
		.tenant = db_int(p->rows, p->i, "tenant_id"),
		.kind = kind,
		.at_us = p->s->now_us,
		.actor = ACTOR_GATEWAY,
	};
	char *text;
	bool ok;

	json_put_text(data, "day", db_text(p->rows, p->i, "day"));
	json_put_int(data, "part", db_int(p->rows, p->i, "part"));
	text = json_write_sorted(data);
	event.data = text;
	ok = event_append(db, &event, 1, e);
	free(text);
	json_free(data);
	return ok;
}

/* The numbers, words and order of form 01/TH-BLĐT as far as they are known. */
static void
write_table(const struct db_rows *rows, struct buf *out)
{
	static const char *const head[] = { "STT", "Mẫu số", "Ký hiệu", "Số",
		"Ngày lập", "Người nộp", "Số tiền", "Loại",
		"Biên lai liên quan" };
	static const char *const columns[] = { "form", "series", "number",
		"issued", "payer", "amount", "kind", "corrects" };
	const char *cells[nitems(columns) + 1];
	char place[12];

	csv_row(out, head, nitems(head));
	for (int i = 0; i < db_count(rows); i++) {
		snprintf(place, sizeof(place), "%d", i + 1);
		cells[0] = place;
		for (size_t c = 0; c < nitems(columns); c++)
			cells[c + 1] = db_text(rows, i, columns[c]);
		csv_row(out, cells, nitems(cells));
	}
}

static bool
store(struct db *db, const struct receipt_summarizer *s,
    const struct db_rows *due, const struct db_rows *rows, struct err *e)
{
	int64_t tenant = db_int(due, 0, "tenant_id");
	int64_t *ids = blob_calloc((size_t)db_count(rows), sizeof(*ids));
	uint8_t sha256[DIGEST_LEN];
	struct db_rows *made = NULL;
	struct buf table = { 0 };
	bool ok;

	write_table(rows, &table);
	digest_sha256(table.data, table.len, sha256);
	for (int i = 0; i < db_count(rows); i++)
		ids[i] = db_int(rows, i, "id");
	ok = db_exec(db, DB_content_add,
		 (const struct db_arg[]){ DB_INT(tenant),
		     DB_BYTES(sha256, DIGEST_LEN),
		     DB_BYTES(table.data, table.len), DB_END },
		 NULL, e) &&
	     db_one(db, DB_receipt_summary_add,
		 (const struct db_arg[]){ DB_INT(tenant),
		     DB_INT(db_int(due, 0, "book_id")),
		     DB_TEXT(db_text(due, 0, "day")),
		     DB_BYTES(sha256, DIGEST_LEN), DB_TIME(s->now_us),
		     DB_INT(db_int(due, 0, "year")),
		     DB_INT(db_int(rows, db_count(rows) - 1, "number")),
		     DB_INTS(ids, db_count(rows)),
		     DB_BOOL(s->config->receipt_summary_url[0] != '\0'),
		     DB_END },
		 &made, e);
	db_rows_free(made);
	buf_release(&table);
	free(ids);
	return ok;
}

/* One summary, of one book and day. */
static bool
make_in_tx(struct db *db, void *arg, struct err *e)
{
	struct receipt_summarizer *s = arg;
	struct db_rows *due = NULL, *rows = NULL;
	bool ok = false;

	s->made = false;
	if (!db_now(db, &s->now_us, e) ||
	    !db_query(db, DB_receipt_summary_due,
		(const struct db_arg[]){ DB_TIME(s->now_us),
		    DB_INT(s->config->receipt_summary_hour), DB_END },
		&due, e))
		goto out;
	ok = true;
	if (db_count(due) == 0)
		goto out;
	ok = db_query(db, DB_receipt_summary_rows,
		 (const struct db_arg[]){ DB_INT(db_int(due, 0, "tenant_id")),
		     DB_INT(db_int(due, 0, "book_id")),
		     DB_INT(db_int(due, 0, "year")),
		     DB_INT(db_int(due, 0, "after")),
		     DB_TEXT(db_text(due, 0, "day")), DB_END },
		 &rows, e) &&
	     store(db, s, due, rows, e);
	s->made = ok;

out:
	db_rows_free(rows);
	db_rows_free(due);
	return ok;
}

static bool
post(struct receipt_summarizer *s, struct db_rows *row, struct err *e)
{
	struct db_bytes table = db_bytes(row, 0, "bytes");
	struct http_answer answer = { 0 };
	char name[128], hash[128];
	const char *const headers[] = { "Content-Type: text/csv; charset=utf-8",
		name, hash };
	bool ok;

	/* The same part has the same name however often it is sent. */
	snprintf(name, sizeof(name), "Idempotency-Key: \"%s-%s-%s-%s-%d\"",
	    db_text(row, 0, "tax_code"), db_text(row, 0, "form"),
	    db_text(row, 0, "series"), db_text(row, 0, "day"),
	    (int)db_int(row, 0, "part"));
	snprintf(hash, sizeof(hash), "Content-SHA256: %s",
	    db_text(row, 0, "sha256"));
	ok = http_client_call(s->client,
	    &(struct http_call){
		.method = "POST",
		.url = s->config->receipt_summary_url,
		.headers = headers,
		.header_count = nitems(headers),
		.body = table.data,
		.body_len = table.len,
		.timeout_ms = TIMEOUT_MS,
		.answer_max = ANSWER_MAX,
	    },
	    &answer, e);
	buf_release(&answer.body);
	if (ok && (answer.status < 200 || answer.status > 299))
		return err_set(e, ERR_PROVIDER, "HTTP %d", answer.status);
	return ok;
}

static bool
taken_in_tx(struct db *db, void *arg, struct err *e)
{
	const struct part *p = arg;
	const struct db_arg args[] = { DB_INT(db_int(p->rows, 0, "tenant_id")),
		DB_INT(db_int(p->rows, 0, "summary_id")), DB_END };
	int mine = 0;

	return db_exec(db, DB_receipt_summary_done, args, &mine, e) &&
	       (mine == 0 || record(db, p, "receipt-summary-sent", e));
}

static bool
hand_over(struct receipt_summarizer *s, struct db *db, struct db_rows *row,
    struct err *e)
{
	struct part part = { s, row, 0 };
	struct err why = { 0 };

	if (post(s, row, &why))
		return db_tx(db, taken_in_tx, &part, e);
	log_warnx("receipts of %s, part %" PRId64 ": not handed over: %s",
	    db_text(row, 0, "day"), db_int(row, 0, "part"), why.detail);
	metrics_add(METRIC_receipt_summaries_failed_total, 1);
	return db_exec(db, DB_receipt_summary_failed,
	    (const struct db_arg[]){ DB_INT(db_int(row, 0, "tenant_id")),
		DB_INT(db_int(row, 0, "summary_id")), DB_END },
	    NULL, e);
}

static bool
alarm_in_tx(struct db *db, void *arg, struct err *e)
{
	struct receipt_summarizer *s = arg;
	struct db_rows *late = NULL;
	bool ok;

	ok = db_query(db, DB_receipt_summary_late,
	    (const struct db_arg[]){ DB_TIME(s->now_us),
		DB_INT(s->config->receipt_alarm_hour), DB_END },
	    &late, e);
	for (int i = 0; ok && i < db_count(late); i++) {
		log_warnx("receipts of %s, part %" PRId64
			  ": the day is nearly over and nobody has them",
		    db_text(late, i, "day"), db_int(late, i, "part"));
		metrics_add(METRIC_receipt_summaries_late_total, 1);
		ok = record(db, &(struct part){ s, late, i },
		    "receipt-summary-late", e);
	}
	db_rows_free(late);
	return ok;
}

bool
receipt_summarize(struct db *db, void *arg, bool *more, struct err *e)
{
	struct receipt_summarizer *s = arg;
	struct db_rows *row = NULL;
	bool ok;

	if (!db_tx(db, make_in_tx, s, e))
		return false;
	if (!db_query(db, DB_receipt_summary_claim,
		(const struct db_arg[]){ DB_INT(LEASE_MS), DB_END }, &row, e))
		return false;
	*more = s->made || db_count(row) == 1;
	ok = db_count(row) == 1 ? hand_over(s, db, row, e)
				: db_tx(db, alarm_in_tx, s, e);
	db_rows_free(row);
	return ok;
}
