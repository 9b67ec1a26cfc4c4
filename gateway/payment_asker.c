#include "gateway/payment_asker.h"

#include <stdlib.h>

#include "adapters/http_client.h"
#include "base/base.h"
#include "base/blob.h"
#include "base/err.h"
#include "base/log.h"
#include "base/text.h"
#include "gateway/config.h"
#include "gateway/payment_provider.h"

size_t
payment_asker_pauses(const struct config *c, int64_t out[PAYMENT_PAUSES_MAX])
{
	static const int64_t usual[] = { 60, 300, 900, 3600 };
	const struct config_list *l = &c->payment_sweep_seconds;

	if (l->count > PAYMENT_PAUSES_MAX)
		fatalx(
		    "payment_sweep_seconds: more than %d", PAYMENT_PAUSES_MAX);
	for (size_t i = 0; i < l->count; i++)
		if (!text_int(l->item[i], &out[i]) || out[i] < 1 ||
		    out[i] > 86400)
			fatalx("payment_sweep_seconds: %s is not between 1 and "
			       "86400",
			    l->item[i]);
	if (l->count > 0)
		return l->count;
	for (size_t i = 0; i < nitems(usual); i++)
		out[i] = usual[i];
	return nitems(usual);
}

struct payment_asker *
payment_asker_new(const struct config *c, const struct secrets *s)
{
	const struct http_client_options options = {
		.ca_file = c->http_ca_file,
		.allow_private = c->http_allow_private.item,
		.allow_private_count = c->http_allow_private.count,
	};
	struct payment_asker *a = blob_calloc(1, sizeof(*a));

	a->config = c;
	a->secrets = s;
	a->client = http_client_new(&options);
	a->pause_count = payment_asker_pauses(c, a->pauses);
	return a;
}

void
payment_asker_free(struct payment_asker *a)
{
	if (a == NULL)
		return;
	http_client_free(a->client);
	free(a);
}

bool
payment_asker_find(const struct payment_asker *a, const char *name,
    const char *terminal, struct payment_provider *out, struct err *e)
{
	if (!payment_provider_find(a->config, a->secrets, name, out))
		return err_set(e, ERR_CONFIG, "%s is not configured", name);
	out->terms.terminal = terminal;
	return true;
}
