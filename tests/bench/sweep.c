/*
 * sweep CONNINFO: what of a payment sweep is the database's, until nothing is
 * due: the claims, and then the provider's answers, here that each has failed.
 * Then claims that find nothing.  One figure a line; payments.js fills the
 * database.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "gateway/db.h"
#include "gateway/payment.h"

#define IDLE_COUNT 200

static const int64_t pauses[] = { 60, 300, 900, 3600 };

static bool
claim(struct db *db, struct db_rows **rows, struct err *e)
{
	return db_query(db, DB_payment_sweep_claim,
	    (const struct db_arg[]){ DB_INTS(pauses, 4), DB_END }, rows, e);
}

static bool
answer(struct db *db, const struct db_rows *rows, struct err *e)
{
	size_t n = (size_t)db_count(rows);
	struct pay_notice *said = blob_calloc(n + 1, sizeof(*said));
	struct payment_notice *in = blob_calloc(n + 1, sizeof(*in));
	enum pay_answer *answers = blob_calloc(n + 1, sizeof(*answers));
	bool ok;

	for (int i = 0; i < (int)n; i++) {
		const char *ref = db_text(rows, i, "ref");

		pay_keep(said[i].ref, sizeof(said[i].ref), ref);
		pay_keep(said[i].terminal, sizeof(said[i].terminal),
		    db_text(rows, i, "terminal"));
		said[i].amount.dong = db_int(rows, i, "amount");
		said[i].outcome = PAY_FAILED;
		said[i].raw = blob_copy(ref, strlen(ref));
		in[i] = (struct payment_notice){ db_text(rows, i, "provider"),
			PAYMENT_VIA_QUERY, &said[i] };
	}
	ok = payment_apply_apart(db, in, n, answers, e);
	for (size_t i = 0; i < n; i++)
		pay_notice_release(&said[i]);
	free(answers);
	free(in);
	free(said);
	return ok;
}

static bool
sweep(struct db *db, int64_t *found, struct err *e)
{
	struct db_rows *rows = NULL;
	bool ok, more = true;

	while (more) {
		if (!claim(db, &rows, e))
			return false;
		more = db_count(rows) > 0;
		*found += db_count(rows);
		ok = !more || answer(db, rows, e);
		db_rows_free(rows);
		rows = NULL;
		if (!ok)
			return false;
	}
	return true;
}

static bool
idle(struct db *db, struct err *e)
{
	struct db_rows *rows = NULL;

	for (int i = 0; i < IDLE_COUNT; i++) {
		if (!claim(db, &rows, e))
			return false;
		db_rows_free(rows);
		rows = NULL;
	}
	return true;
}

int
main(int argc, char **argv)
{
	struct err e = { 0 };
	struct db *db = NULL;
	int64_t began, found = 0;
	bool ok = argc == 2 && db_open(argv[1], "bench", &db, &e) &&
		  db_prepare_all(db, &e);

	began = clock_mono_us();
	ok = ok && sweep(db, &found, &e);
	printf(
	    "swept %" PRId64 " %" PRId64 "\n", found, clock_mono_us() - began);
	began = clock_mono_us();
	ok = ok && idle(db, &e);
	printf("idle %d %" PRId64 "\n", IDLE_COUNT, clock_mono_us() - began);
	if (!ok)
		fprintf(stderr, "sweep: %s\n", e.detail);
	db_close(db);
	return ok ? 0 : 1;
}
