#include "adapters/pay_codes.h"

#include <fnmatch.h>
#include <stddef.h>
#include <string.h>

#include "base/base.h"

static const struct {
	const char *of, *code;
	enum pay_outcome outcome;
} payments[] = {
#define PAYMENT(of, code, outcome) { of, code, PAY_##outcome },
#include "adapters/pay_codes.def"
};

static const struct {
	const char *of, *code;
	bool answers;
	enum pay_refund_outcome outcome;
} refunds[] = {
#define REFUND(of, code, outcome) { of, code, true, PAY_REFUND_##outcome },
#define NEITHER(of, code)         { of, code, false, PAY_REFUND_ABSENT },
#include "adapters/pay_codes.def"
};

bool
pay_code_find(const char *of, const char *code, enum pay_outcome *out)
{
	for (size_t i = 0; i < nitems(payments); i++) {
		if (strcmp(payments[i].of, of) != 0 ||
		    fnmatch(payments[i].code, code, 0) != 0)
			continue;
		*out = payments[i].outcome;
		return true;
	}
	return false;
}

bool
pay_code_find_refund(
    const char *of, const char *code, enum pay_refund_outcome *out)
{
	for (size_t i = 0; i < nitems(refunds); i++) {
		if (strcmp(refunds[i].of, of) != 0 ||
		    fnmatch(refunds[i].code, code, 0) != 0)
			continue;
		if (refunds[i].answers)
			*out = refunds[i].outcome;
		return refunds[i].answers;
	}
	return false;
}
