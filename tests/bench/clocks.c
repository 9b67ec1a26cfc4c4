/*
 * clocks CONNINFO: due dates from a loaded calendar, then every timer that is
 * due, then sweeps that find nothing; one figure a line.  clocks.js fills the
 * database.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/err.h"
#include "gateway/calendar.h"
#include "gateway/db.h"
#include "gateway/timer.h"

#define DUE_COUNT  2000000
#define IDLE_COUNT 200

static bool
due_dates(struct db *db, struct err *e)
{
	const struct calendar *c;
	int64_t began, us, sum = 0, now;

	if (!calendar_load(db, 1, 1, &c, e) || !db_now(db, &now, e))
		return false;
	began = clock_mono_us();
	for (int64_t i = 0; i < DUE_COUNT; i++)
		if (calendar_due(c, now - i * 60 * CLOCK_SEC_US / 10,
			1 + (int)(i % 30), "working-day", &us))
			sum += us & 1; /* so that it is not optimized away */
	printf("due %" PRId64 " %d\n", clock_mono_us() - began, DUE_COUNT);
	return sum >= 0;
}

static bool
sweeps(struct db *db, struct err *e)
{
	int64_t began = clock_mono_us();
	bool more = true;

	while (more)
		if (!timer_sweep(db, NULL, &more, e))
			return false;
	printf("fired %" PRId64 "\n", clock_mono_us() - began);

	began = clock_mono_us();
	for (int i = 0; i < IDLE_COUNT; i++)
		if (!timer_sweep(db, NULL, &more, e))
			return false;
	printf("idle %" PRId64 " %d\n", clock_mono_us() - began, IDLE_COUNT);
	return true;
}

int
main(int argc, char **argv)
{
	struct err e = { 0 };
	struct db *db = NULL;
	bool ok = argc == 2 && db_open(argv[1], "bench", &db, &e) &&
		  due_dates(db, &e) && sweeps(db, &e);

	if (!ok)
		fprintf(stderr, "clocks: %s\n", e.detail);
	db_close(db);
	return ok ? 0 : 1;
}
