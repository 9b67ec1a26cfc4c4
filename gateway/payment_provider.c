#include "gateway/payment_provider.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "gateway/config.h"

/* False: the configuration says that we have no contract with it. */
typedef bool terms_fn(const struct config *c, const struct secrets *s,
    struct payment_provider *out);

static bool
terms_vnpay(const struct config *c, const struct secrets *s,
    struct payment_provider *out)
{
	if (c->vnpay_terminal[0] == '\0' || s->vnpay.count == 0)
		return false;
	out->terms.terminal = c->vnpay_terminal;
	out->terms.secrets = s->vnpay.item;
	out->terms.secret_count = s->vnpay.count;
	out->terms.pay_url = c->vnpay_pay_url;
	out->terms.api_url = c->vnpay_api_url;
	out->terms.our_ip = c->vnpay_our_ip;
	out->life_us = c->vnpay_expire_minutes * 60 * CLOCK_SEC_US;
	return true;
}

static const struct {
	const char *name;
	terms_fn *terms;
} providers[] = {
	{ "vnpay", terms_vnpay },
};

bool
payment_provider_find(const struct config *c, const struct secrets *s,
    const char *name, struct payment_provider *out)
{
	memset(out, 0, sizeof(*out));
	out->adapter = pay_adapter_find(name);
	if (out->adapter == NULL)
		return false;
	for (size_t i = 0; i < nitems(providers); i++) {
		if (strcmp(providers[i].name, name) != 0)
			continue;
		snprintf(out->return_url, sizeof(out->return_url),
		    "%s/v1/payments/return/%s", c->public_url, name);
		out->terms.return_url = out->return_url;
		return providers[i].terms(c, s, out);
	}
	return false;
}
