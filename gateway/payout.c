#include "gateway/payout.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"

enum { YEAR, MONTH, DAY, PARTS };

static const struct {
	const char *name;
	int part, digits, plus;
} places[] = {
	{ "{DD}", DAY, 2, 0 },
	{ "{MM}", MONTH, 2, 0 },
	{ "{YYYY}", YEAR, 4, 0 },
	{ "{YY}", YEAR, 2, 2000 },
};

static const struct json_field fields[] = {
	{ "content", JSON_KIND_LIST, true, 1, 20, false, NULL },
	{ "within_days", JSON_KIND_INT, true, 0, 60, false, NULL },
	{ "net_of_fee", JSON_KIND_BOOL, true, 0, 0, false, NULL },
	{ "net_of_refunds", JSON_KIND_BOOL, false, 0, 0, false, NULL },
};

static const struct json_field content = { "content", JSON_KIND_TEXT, true, 3,
	200, false, NULL };

bool
payout_check(const struct json *payout, struct err *e)
{
	const struct json *texts;

	if (payout == NULL)
		return true;
	if (!json_check(payout, "/payout", fields, nitems(fields), e))
		return false;
	texts = json_find(payout, "content");
	for (size_t i = 0; i < json_count(texts); i++)
		if (!json_check_value(
			json_at(texts, i), "/payout/content", &content, e))
			return false;
	return true;
}

/* The dates of one line, as far as they were read. */
struct dates {
	int part[2][PARTS];
	int count[PARTS]; /* how often each was read */
};

/* Takes a place's digits off *s. */
static bool
take_digits(const char **s, size_t place, struct dates *d)
{
	int part = places[place].part, n = 0;

	if (d->count[part] == 2)
		return false;
	for (int i = 0; i < places[place].digits; i++, (*s)++) {
		if (!isdigit((unsigned char)**s))
			return false;
		n = 10 * n + **s - '0';
	}
	d->part[d->count[part]++][part] = n + places[place].plus;
	return true;
}

static bool
fits_at(const char *text, const char *s, struct dates *d)
{
	memset(d, 0, sizeof(*d));
	while (*text != '\0') {
		size_t i = 0;

		while (i < nitems(places) &&
		       strncmp(text, places[i].name, strlen(places[i].name)))
			i++;
		if (i == nitems(places)) {
			if (tolower((unsigned char)*text++) !=
			    tolower((unsigned char)*s++))
				return false;
		} else if (!take_digits(&s, i, d)) {
			return false;
		} else {
			text += strlen(places[i].name);
		}
	}
	return true;
}

/* "01/11-03/11/2026" and "01-03/11/2026": what one date lacks is the other's.
 */
static void
complete(struct dates *d)
{
	for (int p = 0; d->count[DAY] == 2 && p < PARTS; p++)
		if (d->count[p] == 1)
			d->part[1][p] = d->part[0][p];
}

/* False: the digits that were read are no day. */
static bool
put_day(const struct dates *d, int which, char out[PAYOUT_DAY_LEN])
{
	const int *part = d->part[which];
	bool said = false;
	struct clock_date unused;

	for (int p = 0; p < PARTS; p++)
		said = said || d->count[p] > which;
	if (!said) {
		out[0] = '\0';
		return true;
	}
	return snprintf(out, PAYOUT_DAY_LEN, "%04d-%02d-%02d", part[YEAR],
		   part[MONTH], part[DAY]) < PAYOUT_DAY_LEN &&
	       clock_parse_date(out, &unused);
}

static bool
fits(const char *text, const char *line, struct payout *out)
{
	struct dates d;

	for (const char *s = line; *s != '\0'; s++) {
		if (!fits_at(text, s, &d))
			continue;
		complete(&d);
		if (!put_day(&d, 0, out->from) || !put_day(&d, 1, out->to))
			return false;
		if (out->to[0] == '\0')
			memcpy(out->to, out->from, PAYOUT_DAY_LEN);
		return strcmp(out->from, out->to) <= 0;
	}
	return false;
}

bool
payout_find(const struct json *formats, const char *line, struct payout *out)
{
	const char *name = NULL;

	while ((name = json_key_next(formats, name)) != NULL) {
		const struct json *p =
		    json_find(json_find(formats, name), "payout");
		const struct json *texts = json_find(p, "content");

		out->provider = name;
		out->within_days = json_int(p, "within_days", 0);
		for (size_t i = 0; i < json_count(texts); i++)
			if (fits(json_text_value(json_at(texts, i)), line, out))
				return true;
	}
	return false;
}
