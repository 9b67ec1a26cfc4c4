/* What the server says of itself: its clock, and whether it takes writes. */
#include "base/clock.h"
#include "base/err.h"
#include "gateway/db.h"

bool
db_now(struct db *db, int64_t *us, struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	struct db_rows *r;

	if (!db_one(db, DB_db_now, none, &r, e))
		return false;
	*us = db_time(r, 0, "now");
	db_rows_free(r);
	return true;
}

/* A standby answers too, but takes no writes. */
bool
db_alive(struct db *db, struct err *e)
{
	static const struct db_arg none[] = { { DB_KIND_END, 0, NULL } };
	struct db_rows *r;
	bool standby;

	if (!db_one(db, DB_db_alive, none, &r, e))
		return false;
	standby = db_bool(r, 0, "standby");
	db_rows_free(r);
	if (standby)
		return err_set(e, ERR_STORAGE, "db: the server is a standby");
	return true;
}

bool
db_clock_fits(struct db *db, int64_t most_us, struct err *e)
{
	int64_t before = clock_now_us(), theirs, after, skew = 0;

	if (!db_now(db, &theirs, e))
		return false;
	after = clock_now_us();
	if (theirs < before)
		skew = theirs - before;
	else if (theirs > after)
		skew = theirs - after;
	if (skew < -most_us || skew > most_us)
		return err_set(e, ERR_STORAGE, "clocks differ by %lld ms",
		    (long long)(skew / 1000));
	return true;
}
