#ifndef GATEWAY_CALENDAR_H
#define GATEWAY_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Working time: which seconds of which days a unit works, and arithmetic on
 * them.  Pure once loaded: a sorted list of working intervals with their sums,
 * so that any span costs two binary searches.
 *
 * An instant outside hours counts as the next working instant; a due instant
 * keeps the clock time, since a working day is always CALENDAR_DAY_SEC.  A
 * span that would end beyond the calendar's last day has no answer: nobody
 * knows the days off there.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such calendar
 */
struct calendar;
struct db;
struct err;

#define CALENDAR_DAY_SEC INT64_C(28800) /* 8 working hours */

/* The rows as they are stored, for tests and for the loader. */
struct calendar_span {
	int opens, closes; /* seconds of the Vietnamese day */
};
struct calendar_hours {
	int64_t from_day; /* days since 1970 */
	int weekday;      /* 1 is Monday */
	int opens, closes;
};
struct calendar_day {
	int64_t day;
	bool works;       /* a make-up day */
	int like_weekday; /* whose hours it has; 0: its own weekday's */
	const struct calendar_span *spans; /* instead: the hours worked; of a
					    * day off, what is closed */
	size_t span_count;                 /* 0: all of the day */
};

/*
 * What one calendar says itself.  With a base, closures add up: what is closed
 * in either is.  A make-up day of its own is worked whatever the base says; one
 * of the base, unless it is closed here.  The base's weekly hours hold while
 * there are none of its own.
 */
struct calendar_own {
	const struct calendar_hours *hours; /* by from_day, weekday, opens */
	size_t hours_count;
	const struct calendar_day *days; /* by day */
	size_t days_count;
};
struct calendar_base {
	int64_t from_day; /* until the next one begins */
	struct calendar_own own;
};

struct calendar_rows {
	struct calendar_own own;
	const struct calendar_base *bases; /* by from_day */
	size_t bases_count;
	int64_t first, last; /* the days that it is to cover */
};
struct calendar *calendar_make(const struct calendar_rows *rows);

/* Which calendar, and what was found. */
struct calendar_wanted {
	int64_t id;
	const struct calendar *found;
};

/* Finds a tenant's calendars, each loaded or the copy of this thread while its
 * version stands, which is asked for once for all of them.  Borrowed; good
 * until the next call on this thread. */
bool calendar_load_many(struct db *db, int64_t tenant,
    struct calendar_wanted *wanted, size_t n, struct err *e);
bool calendar_load(struct db *db, int64_t tenant, int64_t id,
    const struct calendar **out, struct err *e);
void calendar_free(struct calendar *c);

/* Working time in [from, to), in microseconds and in whole seconds; 0 when
 * to <= from. */
int64_t calendar_elapsed_us(
    const struct calendar *c, int64_t from_us, int64_t to_us);
int64_t calendar_elapsed(
    const struct calendar *c, int64_t from_us, int64_t to_us);

/* The instant at which so much working time has passed since from; false
 * beyond the calendar's end. */
bool calendar_after_us(const struct calendar *c, int64_t from_us,
    int64_t span_us, int64_t *out_us);
bool calendar_after(
    const struct calendar *c, int64_t from_us, int64_t sec, int64_t *out_us);

bool calendar_is_working_day(const struct calendar *c, int64_t day);

/* The due instant of a limit: unit is same-day, working-hour, working-day, day
 * or month.  Calendar limits keep the clock time and roll forward off days
 * off; one of the same day ends when the office closes, on the first working
 * day with 1, on the next with 2. */
bool calendar_due(const struct calendar *c, int64_t from_us, int amount,
    const char *unit, int64_t *out_us);

#endif /* GATEWAY_CALENDAR_H */
