/*
 * Calendars out of the database.  Each thread keeps those that it has used: a
 * worker asks for the same few all day, and sharing them would need a lock for
 * nothing.
 */
#include <pthread.h>
#include <stdlib.h>

#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"
#include "gateway/calendar.h"
#include "gateway/db.h"

/* Kept by a thread; one batch that needs more makes it more. */
#define CACHE_LEN 16

struct kept {
	struct calendar *c;
	int64_t tenant, id, version;
	int64_t round; /* in which it was last asked for */
};

struct cache {
	struct kept *item;
	size_t count;
	int64_t round;
};

static pthread_key_t cache_key;
static pthread_once_t cache_once = PTHREAD_ONCE_INIT;

static void
cache_free(void *p)
{
	struct cache *cache = p;

	for (size_t i = 0; i < cache->count; i++)
		calendar_free(cache->item[i].c);
	free(cache->item);
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

static struct kept *
cache_find(const struct cache *cache, int64_t tenant, int64_t id)
{
	for (size_t i = 0; i < cache->count; i++)
		if (cache->item[i].tenant == tenant && cache->item[i].id == id)
			return &cache->item[i];
	return NULL;
}

/* A place for another: that of the one which was not asked for the longest,
 * but of none that this round has found already. */
static struct kept *
cache_place(struct cache *cache)
{
	struct kept *oldest = cache->item;

	if (cache->count >= CACHE_LEN) {
		for (size_t i = 1; i < cache->count; i++)
			if (cache->item[i].round < oldest->round)
				oldest = &cache->item[i];
		if (oldest->round < cache->round)
			return oldest;
	}
	cache->item =
	    blob_grow(cache->item, cache->count + 1, sizeof(cache->item[0]));
	cache->item[cache->count] = (struct kept){ 0 };
	return &cache->item[cache->count++];
}

static bool
read_hours(struct db *db, const struct db_arg *key, struct calendar_own *out,
    struct err *e)
{
	struct calendar_hours *hours;
	struct db_rows *r;

	if (!db_query(db, DB_calendar_hours, key, &r, e))
		return false;
	out->hours_count = (size_t)db_count(r);
	out->hours = hours = blob_calloc(out->hours_count + 1, sizeof(*hours));
	for (int i = 0; i < db_count(r); i++)
		hours[i] = (struct calendar_hours){
			.from_day = db_int(r, i, "from_day"),
			.weekday = (int)db_int(r, i, "weekday"),
			.opens = (int)db_int(r, i, "opens"),
			.closes = (int)db_int(r, i, "closes"),
		};
	db_rows_free(r);
	return true;
}

/* A day has a row for each of its spans, and one without any.  The spans lie
 * in one piece, which the first day's points to. */
static void
put_day(const struct db_rows *r, int i, struct calendar_own *own,
    struct calendar_day *days, struct calendar_span *spans)
{
	int64_t day = db_int(r, i, "day");
	struct calendar_day *d = days + own->days_count - 1;

	if (own->days_count == 0 || d->day != day) {
		days[own->days_count++] = (struct calendar_day){
			.day = day,
			.works = db_bool(r, i, "works"),
			.like_weekday = (int)db_int(r, i, "like_weekday"),
			.spans = spans + i,
		};
		d = &days[own->days_count - 1];
	}
	if (db_is_null(r, i, "opens"))
		return;
	spans[i] = (struct calendar_span){ (int)db_int(r, i, "opens"),
		(int)db_int(r, i, "closes") };
	d->span_count++;
}

static bool
read_days(struct db *db, const struct db_arg *key, struct calendar_own *out,
    struct calendar_span **spans, struct err *e)
{
	struct calendar_day *days;
	struct db_rows *r;
	size_t n;

	if (!db_query(db, DB_calendar_days, key, &r, e))
		return false;
	n = (size_t)db_count(r);
	out->days = days = blob_calloc(n + 1, sizeof(*days));
	*spans = blob_calloc(n + 1, sizeof(**spans));
	for (int i = 0; i < db_count(r); i++)
		put_day(r, i, out, days, *spans);
	db_rows_free(r);
	return true;
}

/* What a calendar says, its base's part or its own, and what that rests on. */
struct part {
	struct calendar_own own;
	struct calendar_span *spans;
};

static bool
read_part(
    struct db *db, int64_t tenant, int64_t id, struct part *out, struct err *e)
{
	const struct db_arg key[] = { DB_INT(tenant), DB_INT(id), DB_END };

	return read_hours(db, key, &out->own, e) &&
	       read_days(db, key, &out->own, &out->spans, e);
}

static void
part_release(struct part *p)
{
	free((void *)(uintptr_t)p->own.hours);
	free((void *)(uintptr_t)p->own.days);
	free(p->spans);
}

struct head {
	int64_t tenant, id, version;
	int64_t first, last;
};

/* own, and after it a part for each base. */
struct whole {
	struct part *part;
	struct calendar_base *bases;
	size_t bases_count;
};

static bool
read_bases(
    struct db *db, const struct head *h, struct whole *out, struct err *e)
{
	const struct db_arg key[] = { DB_INT(h->tenant), DB_INT(h->id),
		DB_END };
	struct db_rows *r;
	bool ok = true;

	if (!db_query(db, DB_calendar_bases, key, &r, e))
		return false;
	out->bases_count = (size_t)db_count(r);
	out->bases = blob_calloc(out->bases_count + 1, sizeof(*out->bases));
	out->part = blob_calloc(out->bases_count + 1, sizeof(*out->part));
	for (int i = 0; ok && i < db_count(r); i++) {
		ok = read_part(db, h->tenant, db_int(r, i, "base_id"),
		    &out->part[i + 1], e);
		out->bases[i] =
		    (struct calendar_base){ db_int(r, i, "from_day"),
			    out->part[i + 1].own };
	}
	db_rows_free(r);
	return ok;
}

static void
whole_release(struct whole *w)
{
	for (size_t i = 0; w->part != NULL && i <= w->bases_count; i++)
		part_release(&w->part[i]);
	free(w->part);
	free(w->bases);
}

static bool
read_calendar(
    struct db *db, const struct head *h, struct calendar **out, struct err *e)
{
	struct whole w = { 0 };
	bool ok = read_bases(db, h, &w, e) &&
		  read_part(db, h->tenant, h->id, &w.part[0], e);

	if (ok)
		*out = calendar_make(&(struct calendar_rows){
		    .own = w.part[0].own,
		    .bases = w.bases,
		    .bases_count = w.bases_count,
		    .first = h->first,
		    .last = h->last,
		});
	whole_release(&w);
	return ok;
}

/* The version is read before the rows: an import in between makes the copy
 * newer than it says, and the next call reads it again. */
static bool
refresh(struct db *db, const struct head *h, struct err *e)
{
	struct cache *cache = cache_mine();
	struct kept *k = cache_find(cache, h->tenant, h->id);
	struct calendar *fresh = NULL;

	if (k == NULL || k->version != h->version) {
		if (!read_calendar(db, h, &fresh, e))
			return false;
		if (k == NULL)
			k = cache_place(cache);
		calendar_free(k->c);
		*k = (struct kept){ fresh, h->tenant, h->id, h->version, 0 };
	}
	k->round = cache->round;
	return true;
}

static bool
refresh_all(
    struct db *db, int64_t tenant, const int64_t *ids, size_t n, struct err *e)
{
	const struct db_arg args[] = { DB_INT(tenant), DB_INTS(ids, n),
		DB_END };
	struct db_rows *r = NULL;
	bool ok = db_query(db, DB_calendar_heads, args, &r, e);

	for (int i = 0; ok && i < db_count(r); i++)
		ok = refresh(db,
		    &(struct head){
			.tenant = tenant,
			.id = db_int(r, i, "id"),
			.version = db_int(r, i, "version"),
			.first = db_int(r, i, "first_day"),
			.last = db_int(r, i, "last_day"),
		    },
		    e);
	db_rows_free(r);
	return ok;
}

bool
calendar_load_many(struct db *db, int64_t tenant,
    struct calendar_wanted *wanted, size_t n, struct err *e)
{
	int64_t *ids = blob_calloc(n, sizeof(*ids));
	struct cache *cache = cache_mine();
	const struct kept *k;
	bool ok;

	for (size_t i = 0; i < n; i++)
		ids[i] = wanted[i].id;
	cache->round++;
	ok = refresh_all(db, tenant, ids, n, e);
	for (size_t i = 0; ok && i < n; i++) {
		k = cache_find(cache, tenant, wanted[i].id);
		if (k == NULL || k->round != cache->round)
			ok = err_set(e, ERR_NOT_FOUND, "calendar %lld: none",
			    (long long)wanted[i].id);
		else
			wanted[i].found = k->c;
	}
	free(ids);
	return ok;
}

bool
calendar_load(struct db *db, int64_t tenant, int64_t id,
    const struct calendar **out, struct err *e)
{
	struct calendar_wanted w = { id, NULL };

	if (!calendar_load_many(db, tenant, &w, 1, e))
		return false;
	*out = w.found;
	return true;
}
