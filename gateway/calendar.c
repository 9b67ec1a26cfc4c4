#include "gateway/calendar.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/blob.h"
#include "base/clock.h"
#include "base/log.h"

/* Working time without a gap, and how much of it lies before. */
struct span {
	int64_t from_us, to_us;
	int64_t before_us;
};

struct calendar {
	struct span *spans;
	size_t count;
	int64_t last; /* the last day that it covers */
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
hours_in_force(
    const struct calendar_own *own, int64_t day, size_t *from, size_t *to)
{
	const struct calendar_hours *hours = own->hours;

	*from = *to = 0;
	for (size_t i = 0; i < own->hours_count && hours[i].from_day <= day;
	     i++) {
		if (hours[i].from_day != hours[*from].from_day)
			*from = i;
		*to = i + 1;
	}
}

static const struct calendar_day *
find_day(const struct calendar_own *own, int64_t day)
{
	size_t lo = 0, hi = own->days_count;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (own->days[mid].day < day)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo < own->days_count && own->days[lo].day == day ? &own->days[lo]
								: NULL;
}

/* A day as it is put together; makes and closes are NULL or say so. */
struct day {
	int64_t day;
	const struct calendar_own *hours;     /* whose weekly hours hold */
	const struct calendar_day *makes;     /* it is worked to make up */
	const struct calendar_day *closes[2]; /* off here, and in the base */
};

static const struct calendar_own *
base_of(const struct calendar_rows *rows, int64_t day)
{
	static const struct calendar_own none;
	const struct calendar_own *base = &none;

	for (size_t i = 0;
	     i < rows->bases_count && rows->bases[i].from_day <= day; i++)
		base = &rows->bases[i].own;
	return base;
}

static struct day
day_of(const struct calendar_rows *rows, int64_t day)
{
	const struct calendar_own *base = base_of(rows, day);
	const struct calendar_day *here = find_day(&rows->own, day);
	const struct calendar_day *there = find_day(base, day);
	struct day d = { .day = day, .hours = &rows->own };
	size_t from, to;

	hours_in_force(&rows->own, day, &from, &to);
	if (from == to)
		d.hours = base;
	if (here != NULL && here->works) {
		d.makes = here;
		return d;
	}
	if (there != NULL && there->works)
		d.makes = there;
	else
		d.closes[1] = there;
	d.closes[0] = here;
	return d;
}

/* Where the closure that begins first of what is left after at begins, and
 * where it ends; both *closes when none is left. */
static struct calendar_span
next_closure(const struct day *d, int at, int closes)
{
	struct calendar_span first = { closes, closes };

	for (size_t k = 0; k < nitems(d->closes); k++) {
		const struct calendar_day *off = d->closes[k];

		if (off != NULL && off->span_count == 0)
			return (struct calendar_span){ at, closes };
		for (size_t i = 0; off != NULL && i < off->span_count; i++)
			if (off->spans[i].closes > at &&
			    off->spans[i].opens < first.opens)
				first = off->spans[i];
	}
	return first;
}

/* What is not closed of it. */
static void
add_open(struct calendar *c, const struct day *d, struct calendar_span s)
{
	int64_t midnight_us = clock_vn_instant(d->day, 0);
	struct calendar_span shut;

	for (int at = s.opens; at < s.closes; at = shut.closes) {
		shut = next_closure(d, at, s.closes);
		add_span(c, midnight_us + at * CLOCK_SEC_US,
		    midnight_us + shut.opens * CLOCK_SEC_US);
	}
}

static void
add_day(struct calendar *c, const struct day *d)
{
	const struct calendar_hours *h = d->hours->hours;
	int weekday = weekday_of(d->day);
	size_t from, to;

	if (d->makes != NULL && d->makes->span_count > 0) {
		for (size_t i = 0; i < d->makes->span_count; i++)
			add_open(c, d, d->makes->spans[i]);
		return;
	}
	if (d->makes != NULL && d->makes->like_weekday != 0)
		weekday = d->makes->like_weekday;
	hours_in_force(d->hours, d->day, &from, &to);
	for (size_t i = from; i < to; i++)
		if (h[i].weekday == weekday)
			add_open(c, d,
			    (struct calendar_span){ h[i].opens, h[i].closes });
}

struct calendar *
calendar_make(const struct calendar_rows *rows)
{
	struct calendar *c = blob_calloc(1, sizeof(*c));

	c->last = rows->last;
	for (int64_t day = rows->first; day <= rows->last; day++) {
		struct day d = day_of(rows, day);

		add_day(c, &d);
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
calendar_elapsed_us(const struct calendar *c, int64_t from_us, int64_t to_us)
{
	if (to_us <= from_us)
		return 0;
	return worked_until(c, to_us) - worked_until(c, from_us);
}

int64_t
calendar_elapsed(const struct calendar *c, int64_t from_us, int64_t to_us)
{
	return calendar_elapsed_us(c, from_us, to_us) / CLOCK_SEC_US;
}

/* An end that falls on closing time is the next opening: one and the same
 * working instant, and so a day later is the same time of day. */
bool
calendar_after_us(
    const struct calendar *c, int64_t from_us, int64_t span_us, int64_t *out_us)
{
	int64_t target = worked_until(c, from_us) + span_us;
	size_t lo = 0, hi = c->count;

	assert(span_us >= 0);

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
calendar_after(
    const struct calendar *c, int64_t from_us, int64_t sec, int64_t *out_us)
{
	return calendar_after_us(c, from_us, sec * CLOCK_SEC_US, out_us);
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
