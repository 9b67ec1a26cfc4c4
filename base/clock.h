#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

/*
 * The only asker of the time, and its spellings.  Instants are microseconds
 * since 1970-01-01T00:00:00Z, leap seconds not counted.  Vietnam keeps UTC+7
 * without summer time, so its dates are arithmetic.
 */
#define CLOCK_SEC_US      INT64_C(1000000)
#define CLOCK_DAY_SEC     INT64_C(86400)
#define CLOCK_VN_SEC      INT64_C(25200) /* UTC+7 */
#define CLOCK_RFC3339_LEN 32
#define CLOCK_STAMP_LEN   15

/* A day of the Gregorian calendar; month and day from 1. */
struct clock_date {
	int year, month, day;
};

int64_t clock_now_us(void);  /* wall clock: for logs and outgoing stamps */
int64_t clock_mono_us(void); /* monotonic: for leases and time-outs */
int64_t clock_cpu_us(void);  /* this thread's CPU time */

/* "2026-11-23T03:04:05.000006Z" */
void clock_rfc3339(int64_t us, char out[CLOCK_RFC3339_LEN]);

/* RFC 3339 with any offset; decimals after the sixth are cut off, and 23:59:60
 * is refused. */
bool clock_parse_rfc3339(const char *s, int64_t *us);

/* "20261123100405" in Vietnamese time, and back (exactly 14 digits). */
void clock_vn_stamp(int64_t us, char out[CLOCK_STAMP_LEN]);
bool clock_parse_vn_stamp(const char *s, int64_t *us);

/* Days since 1970-01-01, and back. */
int64_t clock_days(struct clock_date d);
struct clock_date clock_date(int64_t days);
bool clock_parse_date(const char *s, struct clock_date *d); /* "2026-11-23" */

/* The Vietnamese day in which an instant falls, in days since 1970. */
int64_t clock_vn_day(int64_t us);

/* The instant at which that Vietnamese day is sec seconds old. */
int64_t clock_vn_instant(int64_t days, int64_t sec);

#endif /* BASE_CLOCK_H */
