#include "gateway/calendar.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/db.h"

/* Working time without a gap, and how much of it lies before. */
struct span {
	int64_t from_us, to_us;
	int64_t before_us;
};

struct calendar {
	struct span *spans;
	size_t count;
	int64_t last; /* the last day that it covers */

	int64_t tenant, id, version; /* of the cached one */
};

/* 1970-01-01 was a Thursday. */
static int
weekday_of(int64_t day)
{
	return (int)(((day + 3) % 7 + 7) % 7) + 1;
}

static void
add_span(struct calendar *c, int64_t from_us, int64_t to_us)
{
	const struct span *last =
	    c->count == 0 ? NULL : &c->spans[c->count - 1];
	int64_t before = 0;

	/* Hours that overlap are worked once. */
	if (last != NULL) {
		before = last->before_us + last->to_us - last->from_us;
		if (from_us < last->to_us)
			from_us = last->to_us;
	}
	if (from_us >= to_us)
		return;
	if ((c->count & (c->count - 1)) == 0)
		c->spans = blob_grow(c->spans, c->count == 0 ? 1 : 2 * c->count,
		    sizeof(c->spans[0]));
	c->spans[c->count++] = (struct span){ from_us, to_us, before };
}

/* Rows of the latest set that has begun by that day: [*from, *to). */
static void
hours_in_force(const struct calendar_hours *hours, size_t count, int64_t day,
    size_t *from, size_t *to)
{
	*from = *to = 0;
	for (size_t i = 0; i < count && hours[i].from_day <= day; i++) {
		if (hours[i].from_day != hours[*from].from_day)
			*from = i;
		*to = i + 1;
	}
}

static void
add_day(struct calendar *c, const struct calendar_rows *rows, int64_t day,
    int weekday)
{
	const struct calendar_hours *h = rows->hours;
	size_t from, to;

	hours_in_force(h, rows->hours_count, day, &from, &to);
	for (size_t i = from; i < to; i++)
		if (h[i].weekday == weekday)
			add_span(c, clock_vn_instant(day, h[i].opens),
			    clock_vn_instant(day, h[i].closes));
}

struct calendar *
calendar_make(const struct calendar_rows *rows)
{
	const struct calendar_day *next = rows->days;
	const struct calendar_day *end = next + rows->days_count;
	struct calendar *c = blob_calloc(1, sizeof(*c));

	c->last = rows->last;
	for (int64_t day = rows->first; day <= rows->last; day++) {
		int weekday = weekday_of(day);

		while (next < end && next->day < day)
			next++;
		if (next < end && next->day == day) {
			if (!next->works)
				continue;
			if (next->like_weekday != 0)
				weekday = next->like_weekday;
		}
		add_day(c, rows, day, weekday);
	}
	return c;
}

void
calendar_free(struct calendar *c)
{
	if (c == NULL)
		return;
	free(c->spans);
	free(c);
}

/* The first span that ends after us; count when there is none. */
static size_t
span_at(const struct calendar *c, int64_t us)
{
	size_t lo = 0, hi = c->count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->spans[mid].to_us > us)
			hi = mid;
		else
			lo = mid + 1;
	}
	return lo;
}

/* Working time from the calendar's beginning to us. */
static int64_t
worked_until(const struct calendar *c, int64_t us)
{
	size_t i = span_at(c, us);
	const struct span *s;

	if (c->count == 0)
		return 0;
	if (i == c->count) {
		s = &c->spans[i - 1];
		return s->before_us + s->to_us - s->from_us;
	}
	s = &c->spans[i];
	return s->before_us + (us > s->from_us ? us - s->from_us : 0);
}

int64_t
calendar_elapsed(const struct calendar *c, int64_t from_us, int64_t to_us)
{
	if (to_us <= from_us)
		return 0;
	return (worked_until(c, to_us) - worked_until(c, from_us)) /
	       CLOCK_SEC_US;
}

/* An end that falls on closing time is the next opening: one and the same
 * working instant, and so a day later is the same time of day. */
bool
calendar_after(
    const struct calendar *c, int64_t from_us, int64_t sec, int64_t *out_us)
{
	int64_t target = worked_until(c, from_us) + sec * CLOCK_SEC_US;
	size_t lo = 0, hi = c->count;

	assert(sec >= 0);

	/* The last span that begins at or before the target. */
	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (c->spans[mid].before_us <= target)
			lo = mid + 1;
		else
			hi = mid;
	}
	if (lo == 0)
		return false;
	hi = lo - 1;
	target += c->spans[hi].from_us - c->spans[hi].before_us;
	if (target >= c->spans[hi].to_us)
		return false;
	*out_us = target;
	return true;
}

bool
calendar_is_working_day(const struct calendar *c, int64_t day)
{
	size_t i = span_at(c, clock_vn_instant(day, 0));

	return i < c->count &&
	       c->spans[i].from_us < clock_vn_instant(day + 1, 0);
}

/* The same day of a later month, or its last one. */
static int64_t
add_months(int64_t day, int months)
{
	struct clock_date d = clock_date(day);
	int wanted = d.day;
	int64_t first;

	d.month += months;
	d.year += (d.month - 1) / 12;
	d.month = (d.month - 1) % 12 + 1;
	d.day = 1;
	first = clock_days(d);
	for (int64_t at = first + wanted - 1;; at--)
		if (clock_date(at).month == d.month)
			return at;
}

/* Calendar limits end at the clock time of their beginning, on the first
 * working day that is not before their last (Civil Code 2015, art. 148). */
static bool
roll_forward(
    const struct calendar *c, int64_t from_us, int64_t day, int64_t *out_us)
{
	int64_t begun = clock_vn_instant(clock_vn_day(from_us), 0);

	for (; day <= c->last; day++) {
		if (calendar_is_working_day(c, day)) {
			*out_us = clock_vn_instant(day, 0) + from_us - begun;
			return true;
		}
	}
	return false;
}

/* When the amount-th working day from that instant on closes. */
static bool
closing(const struct calendar *c, int64_t from_us, int amount, int64_t *out_us)
{
	size_t i = span_at(c, from_us);
	int64_t day;

	for (; i < c->count; i++) {
		day = clock_vn_day(c->spans[i].from_us);
		if (i + 1 < c->count &&
		    clock_vn_day(c->spans[i + 1].from_us) == day)
			continue;
		if (--amount == 0) {
			*out_us = c->spans[i].to_us;
			return true;
		}
	}
	return false;
}

bool
calendar_due(const struct calendar *c, int64_t from_us, int amount,
    const char *unit, int64_t *out_us)
{
	int64_t day;

	if (strcmp(unit, "working-hour") == 0)
		return calendar_after(
		    c, from_us, amount * INT64_C(3600), out_us);
	if (strcmp(unit, "working-day") == 0)
		return calendar_after(
		    c, from_us, amount * CALENDAR_DAY_SEC, out_us);

	if (strcmp(unit, "same-day") == 0)
		return closing(c, from_us, amount, out_us);

	if (!calendar_after(c, from_us, 0, &from_us))
		return false;
	day = clock_vn_day(from_us);
	if (strcmp(unit, "day") == 0)
		return roll_forward(c, from_us, day + amount, out_us);
	if (strcmp(unit, "month") == 0)
		return roll_forward(
		    c, from_us, add_months(day, amount), out_us);
	fatalx("calendar: no such unit of a limit: %s", unit);
}

/*
 * The cache.  Each thread keeps the calendars that it has used: a worker asks
 * for the same few all day, and sharing them would need a lock for nothing.
 */
#define CACHE_LEN 16

struct cache {
	struct calendar *item[CACHE_LEN];
	size_t oldest;
};

static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

static void
cache_free(void *p)
{
	struct cache *cache = p;

	for (size_t i = 0; i < CACHE_LEN; i++)
		calendar_free(cache->item[i]);
	free(cache);
}

static void
cache_init(void)
{
	if (pthread_key_create(&cache_key, cache_free) != 0)
		fatalx("calendar: no thread key");
}

static struct cache *
cache_mine(void)
{
	struct cache *cache;

	pthread_once(&cache_once, cache_init);
	cache = pthread_getspecific(cache_key);
	if (cache == NULL) {
		cache = blob_calloc(1, sizeof(*cache));
		if (pthread_setspecific(cache_key, cache) != 0)
			fatalx("out of memory");
	}
	return cache;
}

/* The place of that calendar, or of the one to give up for it. */
static struct calendar **
cache_find(struct cache *cache, int64_t tenant, int64_t id)
{
	for (size_t i = 0; i < CACHE_LEN; i++)
		if (cache->item[i] != NULL &&
		    cache->item[i]->tenant == tenant &&
		    cache->item[i]->id == id)
			return &cache->item[i];
	return &cache->item[cache->oldest++ % CACHE_LEN];
}

static bool
read_hours(struct db *db, const struct db_arg *key, struct calendar_hours **out,
    size_t *count, struct err *e)
{
	struct db_rows *r;

	if (!db_query(db, DB_calendar_hours, key, &r, e))
		return false;
	*count = (size_t)db_count(r);
	*out = blob_calloc(*count + 1, sizeof(**out));
	for (int i = 0; i < db_count(r); i++) {
		(*out)[i].from_day = db_int(r, i, "from_day");
		(*out)[i].weekday = (int)db_int(r, i, "weekday");
		(*out)[i].opens = (int)db_int(r, i, "opens");
		(*out)[i].closes = (int)db_int(r, i, "closes");
	}
	db_rows_free(r);
	return true;
}

static bool
read_days(struct db *db, const struct db_arg *key, struct calendar_day **out,
    size_t *count, struct err *e)
{
	struct db_rows *r;

	if (!db_query(db, DB_calendar_days, key, &r, e))
		return false;
	*count = (size_t)db_count(r);
	*out = blob_calloc(*count + 1, sizeof(**out));
	for (int i = 0; i < db_count(r); i++) {
		(*out)[i].day = db_int(r, i, "day");
		(*out)[i].works = db_bool(r, i, "works");
		(*out)[i].like_weekday = (int)db_int(r, i, "like_weekday");
	}
	db_rows_free(r);
	return true;
}

/* head has its version and span. */
static bool
read_calendar(struct db *db, const struct db_arg *key,
    const struct db_rows *head, struct calendar **out, struct err *e)
{
	struct calendar_rows rows = { .first = db_int(head, 0, "first_day"),
		.last = db_int(head, 0, "last_day") };
	struct calendar_hours *hours = NULL;
	struct calendar_day *days = NULL;
	bool ok = false;

	if (!read_hours(db, key, &hours, &rows.hours_count, e))
		goto out;
	if (!read_days(db, key, &days, &rows.days_count, e))
		goto out;
	rows.hours = hours;
	rows.days = days;
	*out = calendar_make(&rows);
	(*out)->version = db_int(head, 0, "version");
	ok = true;

out:
	free(hours);
	free(days);
	return ok;
}

bool
calendar_load(struct db *db, int64_t tenant, int64_t calendar,
    const struct calendar **out, struct err *e)
{
	const struct db_arg key[] = { DB_INT(tenant), DB_INT(calendar),
		DB_END };
	struct calendar **place = cache_find(cache_mine(), tenant, calendar);
	struct calendar *fresh = NULL;
	struct db_rows *head;
	bool ok = false;

	/* The version is read before the rows: an import in between makes
	 * the copy newer than it says, and the next call reads it again. */
	if (!db_one(db, DB_calendar_head, key, &head, e))
		return false;
	if (*place == NULL || (*place)->tenant != tenant ||
	    (*place)->id != calendar ||
	    (*place)->version != db_int(head, 0, "version")) {
		if (!read_calendar(db, key, head, &fresh, e))
			goto out;
		fresh->tenant = tenant;
		fresh->id = calendar;
		calendar_free(*place);
		*place = fresh;
	}
	*out = *place;
	ok = true;

out:
	db_rows_free(head);
	return ok;
}
