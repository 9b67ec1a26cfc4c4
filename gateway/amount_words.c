#include "gateway/amount_words.h"

#include <assert.h>
#include <string.h>

#include "base/base.h"
#include "base/buf.h"

static const char *const digits[] = { "không", "một", "hai", "ba", "bốn", "năm",
	"sáu", "bảy", "tám", "chín" };

/* Each word but the first after a blank. */
static void
say(struct buf *b, const char *word)
{
	buf_printf(b, "%s%s", b->len == 0 ? "" : " ", word);
}

/* After "mươi" one, four and five are called otherwise; five also after ten. */
static void
say_unit(struct buf *b, int64_t tens, int64_t unit)
{
	if (unit == 0)
		return;
	if (unit == 1 && tens > 1)
		say(b, "mốt");
	else if (unit == 4 && tens > 1)
		say(b, "tư");
	else if (unit == 5 && tens > 0)
		say(b, "lăm");
	else
		say(b, digits[unit]);
}

/* 1 to 999; whole: behind other words, so that its zeros are said too. */
static void
say_three(struct buf *b, int64_t n, bool whole)
{
	int64_t hundreds = n / 100, tens = n / 10 % 10, unit = n % 10;

	if (hundreds > 0 || whole) {
		say(b, digits[hundreds]);
		say(b, "trăm");
	}
	if (tens == 0 && unit > 0 && (hundreds > 0 || whole))
		say(b, "linh");
	if (tens == 1)
		say(b, "mười");
	if (tens > 1) {
		say(b, digits[tens]);
		say(b, "mươi");
	}
	say_unit(b, tens, unit);
}

/* Groups of three digits; thousands of thousands of millions are "nghìn tỷ",
 * and what is zero is passed over. */
static void
say_groups(struct buf *b, int64_t n)
{
	static const struct {
		int64_t unit;
		const char *word;
	} groups[] = {
		{ 1000000, "triệu" },
		{ 1000, "nghìn" },
		{ 1, NULL },
	};

	for (size_t i = 0; i < nitems(groups); i++) {
		int64_t three = n / groups[i].unit % 1000;

		if (three == 0)
			continue;
		say_three(b, three, b->len > 0);
		if (groups[i].word != NULL)
			say(b, groups[i].word);
	}
}

void
amount_words(struct money m, struct buf *out)
{
	struct buf b = { 0 };
	const char *capital;

	assert(m.dong >= 0 && m.dong <= MONEY_MAX);

	if (m.dong == 0)
		say(&b, digits[0]);
	if (m.dong >= INT64_C(1000000000)) {
		say_groups(&b, m.dong / INT64_C(1000000000));
		say(&b, "tỷ");
	}
	say_groups(&b, m.dong % INT64_C(1000000000));
	say(&b, "đồng");
	if (m.dong > 0 && m.dong % 1000 == 0)
		say(&b, "chẵn");

	capital = b.data;
	buf_printf(out, "%c%s", *capital - 'a' + 'A', capital + 1);
	buf_release(&b);
}
