#ifndef BASE_MONEY_H
#define BASE_MONEY_H

#include <stdbool.h>
#include <stdint.h>

/* Whole đồng, never a fraction; at most MONEY_MAX either way. */
#define MONEY_MAX INT64_C(9999999999999)

struct money {
	int64_t dong;
};

/* False, with *out untouched, beyond MONEY_MAX. */
bool money_make(int64_t dong, struct money *out);
bool money_add(struct money a, struct money b, struct money *out);

/* A plain decimal integer: no sign, blank, leading zero or exponent. */
bool money_parse(const char *s, struct money *out);

/* "60.000 ₫", as Vietnamese write it. */
#define MONEY_TEXT_LEN 32
void money_text(struct money m, char out[MONEY_TEXT_LEN]);

#endif /* BASE_MONEY_H */
