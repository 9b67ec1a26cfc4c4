#include "base/money.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

bool
money_make(int64_t dong, struct money *out)
{
	if (dong > MONEY_MAX || dong < -MONEY_MAX)
		return false;
	out->dong = dong;
	return true;
}

bool
money_add(struct money a, struct money b, struct money *out)
{
	return money_make(a.dong + b.dong, out); /* two of them fit 64 bits */
}

bool
money_parse(const char *s, struct money *out)
{
	int64_t n = 0;

	if (*s == '\0' || (*s == '0' && s[1] != '\0'))
		return false;
	for (; *s != '\0'; s++) {
		if (*s < '0' || *s > '9')
			return false;
		n = n * 10 + (*s - '0');
		if (n > MONEY_MAX)
			return false;
	}
	return money_make(n, out);
}

void
money_text(struct money m, char out[MONEY_TEXT_LEN])
{
	char plain[24];
	size_t len, n = 0;
	int64_t dong = m.dong < 0 ? -m.dong : m.dong;

	snprintf(plain, sizeof(plain), "%" PRId64, dong);
	len = strlen(plain);
	if (m.dong < 0)
		out[n++] = '-';
	for (size_t i = 0; i < len; i++) {
		if (i > 0 && (len - i) % 3 == 0)
			out[n++] = '.';
		out[n++] = plain[i];
	}
	snprintf(out + n, MONEY_TEXT_LEN - n, " ₫");
}
