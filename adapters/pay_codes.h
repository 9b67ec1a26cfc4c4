#ifndef ADAPTERS_PAY_CODES_H
#define ADAPTERS_PAY_CODES_H

#include <stdbool.h>

#include "adapters/adapter.h"

/*
 * What a provider's code means by the table of pay_codes.def, under the name
 * of the message that it stands in.  False, with *out untouched: nothing, and
 * never that something was paid.
 */
bool pay_code_find(const char *of, const char *code, enum pay_outcome *out);
bool pay_code_find_refund(
    const char *of, const char *code, enum pay_refund_outcome *out);

#endif /* ADAPTERS_PAY_CODES_H */
