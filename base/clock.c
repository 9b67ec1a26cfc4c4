#include "base/clock.h"

#include <ctype.h>
#include <string.h>
#include <time.h>

#include "base/base.h"

static int64_t
ask(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (int64_t)ts.tv_sec * CLOCK_SEC_US + ts.tv_nsec / 1000;
}

int64_t
clock_now_us(void)
{
	return ask(CLOCK_REALTIME);
}

int64_t
clock_mono_us(void)
{
	return ask(CLOCK_MONOTONIC);
}

int64_t
clock_cpu_us(void)
{
	return ask(CLOCK_THREAD_CPUTIME_ID);
}

static int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

/* Howard Hinnant's days_from_civil: years begin in March. */
int64_t
clock_days(struct clock_date d)
{
	int64_t y = d.year - (d.month <= 2);
	int64_t era = floor_div(y, 400);
	int64_t yoe = y - era * 400;
	int64_t doy =
	    (153 * (d.month + (d.month > 2 ? -3 : 9)) + 2) / 5 + d.day - 1;

	return era * 146097 + yoe * 365 + yoe / 4 - yoe / 100 + doy - 719468;
}

struct clock_date
clock_date(int64_t days)
{
	int64_t z = days + 719468;
	int64_t era = floor_div(z, 146097);
	int64_t doe = z - era * 146097;
	int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
	int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
	int64_t mp = (5 * doy + 2) / 153;
	struct clock_date d;

	d.day = (int)(doy - (153 * mp + 2) / 5 + 1);
	d.month = (int)(mp < 10 ? mp + 3 : mp - 9);
	d.year = (int)(yoe + era * 400 + (d.month <= 2));
	return d;
}

/* n as exactly that many digits; returns what follows them. */
static char *
put(char *out, int64_t n, int digits)
{
	for (int i = digits - 1; i >= 0; i--, n /= 10)
		out[i] = (char)('0' + n % 10);
	return out + digits;
}

/* An instant as date and second of the day, zone seconds east of UTC. */
static struct clock_date
split(int64_t us, int64_t zone, int64_t *sec)
{
	int64_t all = floor_div(us, CLOCK_SEC_US) + zone;
	int64_t days = floor_div(all, CLOCK_DAY_SEC);

	*sec = all - days * CLOCK_DAY_SEC;
	return clock_date(days);
}

void
clock_rfc3339(int64_t us, char out[CLOCK_RFC3339_LEN])
{
	int64_t s;
	struct clock_date d = split(us, 0, &s);
	const int64_t value[] = { d.year, d.month, d.day, s / 3600, s / 60 % 60,
		s % 60, us - floor_div(us, CLOCK_SEC_US) * CLOCK_SEC_US };
	static const int digits[] = { 4, 2, 2, 2, 2, 2, 6 };

	for (size_t i = 0; i < nitems(value); i++) {
		out = put(out, value[i], digits[i]);
		*out++ = "--T::.Z"[i];
	}
	*out = '\0';
}

/* Exactly n digits at *s, which is moved past them. */
static bool
digits(const char **s, int n, int *out)
{
	*out = 0;
	for (; n > 0; n--, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return false;
		*out = *out * 10 + (**s - '0');
	}
	return true;
}

static bool
expect(const char **s, const char *any)
{
	if (**s == '\0' || strchr(any, **s) == NULL)
		return false;
	(*s)++;
	return true;
}

static bool
date_exists(struct clock_date d)
{
	struct clock_date back;

	if (d.year < 1 || d.month < 1 || d.month > 12 || d.day < 1)
		return false;
	back = clock_date(clock_days(d));
	return back.month == d.month && back.day == d.day;
}

static bool
read_date(const char **s, struct clock_date *d)
{
	return digits(s, 4, &d->year) && expect(s, "-") &&
	       digits(s, 2, &d->month) && expect(s, "-") &&
	       digits(s, 2, &d->day) && date_exists(*d);
}

bool
clock_parse_date(const char *s, struct clock_date *d)
{
	return read_date(&s, d) && *s == '\0';
}

static bool
read_fraction(const char **s, int *us)
{
	int scale = 100000;

	*us = 0;
	if (**s != '.')
		return true;
	(*s)++;
	if (!isdigit((unsigned char)**s))
		return false;
	for (; isdigit((unsigned char)**s); (*s)++, scale /= 10)
		*us += (**s - '0') * scale;
	return true;
}

static bool
read_offset(const char **s, int *sec)
{
	int h, m, sign;

	*sec = 0;
	if (**s == 'Z' || **s == 'z')
		return expect(s, "Zz");
	sign = **s == '-' ? -1 : 1;
	if (!expect(s, "+-") || !digits(s, 2, &h) || !expect(s, ":") ||
	    !digits(s, 2, &m) || h > 23 || m > 59)
		return false;
	*sec = sign * (h * 3600 + m * 60);
	return true;
}

bool
clock_parse_rfc3339(const char *s, int64_t *us)
{
	struct clock_date d;
	int h, m, sec, frac, offset;

	if (!read_date(&s, &d) || !expect(&s, "Tt ") || !digits(&s, 2, &h) ||
	    !expect(&s, ":") || !digits(&s, 2, &m) || !expect(&s, ":") ||
	    !digits(&s, 2, &sec) || h > 23 || m > 59 || sec > 59)
		return false;
	if (!read_fraction(&s, &frac) || !read_offset(&s, &offset) ||
	    *s != '\0')
		return false;
	*us =
	    (clock_days(d) * CLOCK_DAY_SEC + h * 3600 + m * 60 + sec - offset) *
		CLOCK_SEC_US +
	    frac;
	return true;
}

void
clock_vn_stamp(int64_t us, char out[CLOCK_STAMP_LEN])
{
	int64_t s;
	struct clock_date d = split(us, CLOCK_VN_SEC, &s);

	out = put(out, d.year, 4);
	out = put(out, d.month, 2);
	out = put(out, d.day, 2);
	out = put(out, s / 3600, 2);
	out = put(out, s / 60 % 60, 2);
	out = put(out, s % 60, 2);
	*out = '\0';
}

bool
clock_parse_vn_stamp(const char *s, int64_t *us)
{
	struct clock_date d;
	int h, m, sec;

	if (!digits(&s, 4, &d.year) || !digits(&s, 2, &d.month) ||
	    !digits(&s, 2, &d.day) || !digits(&s, 2, &h) ||
	    !digits(&s, 2, &m) || !digits(&s, 2, &sec) || *s != '\0')
		return false;
	if (!date_exists(d) || h > 23 || m > 59 || sec > 59)
		return false;
	*us = clock_vn_instant(clock_days(d), h * 3600 + m * 60 + sec);
	return true;
}

int64_t
clock_vn_day(int64_t us)
{
	return floor_div(
	    floor_div(us, CLOCK_SEC_US) + CLOCK_VN_SEC, CLOCK_DAY_SEC);
}

int64_t
clock_vn_instant(int64_t days, int64_t sec)
{
	return (days * CLOCK_DAY_SEC + sec - CLOCK_VN_SEC) * CLOCK_SEC_US;
}
