#include "gateway/payment_provider.h"

#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/clock.h"
#include "gateway/config.h"

#define DAY_US (86400 * CLOCK_SEC_US)

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
	out->terms.own_secret = s->vnpay.item[0];
	out->terms.pay_url = c->vnpay_pay_url;
	out->terms.api_url = c->vnpay_api_url;
	out->terms.our_ip = c->vnpay_our_ip;
	out->sources = &c->vnpay_sources;
	out->life_us = c->vnpay_expire_minutes * 60 * CLOCK_SEC_US;
	out->ask_us = c->vnpay_ask_days * DAY_US;
	return true;
}

static bool
terms_momo(const struct config *c, const struct secrets *s,
    struct payment_provider *out)
{
	if (c->momo_partner[0] == '\0' || s->momo.count == 0)
		return false;
	out->terms.terminal = c->momo_partner;
	out->terms.codes = c->momo_codes.item;
	out->terms.code_count = c->momo_codes.count;
	out->terms.access_key = c->momo_access_key;
	out->terms.secrets = s->momo.item;
	out->terms.secret_count = s->momo.count;
	out->terms.own_secret = s->momo.item[0];
	out->terms.api_url = c->momo_api_url;
	out->sources = &c->momo_sources;
	out->life_us = c->momo_expire_minutes * 60 * CLOCK_SEC_US;
	out->ask_us = c->momo_ask_days * DAY_US;
	return true;
}

/* Key 1 signs what we send, key 2 what they send. */
static bool
terms_zalopay(const struct config *c, const struct secrets *s,
    struct payment_provider *out)
{
	if (c->zalopay_app[0] == '\0' || s->zalopay_key1.count == 0 ||
	    s->zalopay_key2.count == 0)
		return false;
	out->terms.terminal = c->zalopay_app;
	out->terms.secrets = s->zalopay_key2.item;
	out->terms.secret_count = s->zalopay_key2.count;
	out->terms.own_secret = s->zalopay_key1.item[0];
	out->terms.api_url = c->zalopay_api_url;
	out->sources = &c->zalopay_sources;
	out->life_us = c->zalopay_expire_minutes * 60 * CLOCK_SEC_US;
	out->ask_us = c->zalopay_ask_days * DAY_US;
	return true;
}

/* The facts do not say; message is where its other answers are. */
static void
put_places(const struct config *c, struct pay_terms *out)
{
	static const char *const usual[] = { "message" };
	const struct config_list *l = &c->dvcqg_voucher_places;

	out->voucher_places = l->count == 0 ? usual : l->item;
	out->voucher_place_count = l->count == 0 ? nitems(usual) : l->count;
}

static bool
terms_dvcqg(const struct config *c, const struct secrets *s,
    struct payment_provider *out)
{
	if (c->dvcqg_partner[0] == '\0' || s->dvcqg.count == 0)
		return false;
	out->terms.terminal = c->dvcqg_partner;
	out->terms.secrets = s->dvcqg.item;
	out->terms.secret_count = s->dvcqg.count;
	out->terms.own_secret = s->dvcqg.item[0];
	out->terms.token = s->dvcqg_token;
	out->terms.api_url = c->dvcqg_init_url;
	out->terms.query_url = c->dvcqg_query_url;
	out->terms.voucher_url = c->dvcqg_voucher_url;
	put_places(c, &out->terms);
	out->terms.our_ip = c->dvcqg_our_ip;
	out->terms.wrong = c->dvcqg_error_code;
	out->terms.fee_kind = c->portal_fee_kind;
	out->terms.charge_kind = c->portal_charge_kind;
	out->sources = &c->dvcqg_sources;
	out->life_us = c->dvcqg_expire_minutes * 60 * CLOCK_SEC_US;
	out->ask_us = c->dvcqg_ask_days * DAY_US;
	return true;
}

/* Key 1 signs what we send, key 2 what they send. */
static bool
terms_keypay(const struct config *c, const struct secrets *s,
    struct payment_provider *out)
{
	if (c->keypay_client[0] == '\0' || s->keypay_key1.count == 0 ||
	    s->keypay_key2.count == 0)
		return false;
	out->terms.terminal = c->keypay_client;
	out->terms.secrets = s->keypay_key2.item;
	out->terms.secret_count = s->keypay_key2.count;
	out->terms.own_secret = s->keypay_key1.item[0];
	out->terms.api_url = c->keypay_create_url;
	out->terms.query_url = c->keypay_detail_url;
	out->terms.failed = c->keypay_failed_statuses.item;
	out->terms.failed_count = c->keypay_failed_statuses.count;
	out->terms.absent = c->keypay_absent_errors.item;
	out->terms.absent_count = c->keypay_absent_errors.count;
	out->terms.fee_kind = c->portal_fee_kind;
	out->terms.charge_kind = c->portal_charge_kind;
	out->sources = &c->keypay_sources;
	out->life_us = c->keypay_expire_minutes * 60 * CLOCK_SEC_US;
	out->ask_us = c->keypay_ask_days * DAY_US;
	return true;
}

/* The account is the unit's, and so the terminal of each attempt. */
static bool
terms_vietqr(const struct config *c, const struct secrets *s,
    struct payment_provider *out)
{
	if (c->vietqr_auth[0] == '\0' || s->vietqr.count == 0)
		return false;
	out->terms.terminal = "";
	out->terms.secrets = s->vietqr.item;
	out->terms.secret_count = s->vietqr.count;
	out->terms.by_key = strcmp(c->vietqr_auth, "apikey") == 0;
	out->sources = &c->vietqr_sources;
	out->life_us = c->vietqr_expire_minutes * 60 * CLOCK_SEC_US;
	return true;
}

static bool
terms_payos(const struct config *c, const struct secrets *s,
    struct payment_provider *out)
{
	if (c->payos_client[0] == '\0' || s->payos.count == 0)
		return false;
	out->terms.terminal = c->payos_client;
	out->terms.secrets = s->payos.item;
	out->terms.secret_count = s->payos.count;
	out->terms.own_secret = s->payos.item[0];
	out->terms.token = s->payos_key;
	out->terms.api_url = c->payos_create_url;
	out->sources = &c->payos_sources;
	out->life_us = c->payos_expire_minutes * 60 * CLOCK_SEC_US;
	return true;
}

static const struct {
	const char *name;
	terms_fn *terms;
} providers[] = {
	{ "vnpay", terms_vnpay },
	{ "momo", terms_momo },
	{ "zalopay", terms_zalopay },
	{ "dvcqg", terms_dvcqg },
	{ "keypay", terms_keypay },
	{ "vietqr", terms_vietqr },
	{ "payos", terms_payos },
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
		snprintf(out->notice_url, sizeof(out->notice_url),
		    "%s/v1/payments/callbacks/%s", c->public_url, name);
		out->terms.return_url = out->return_url;
		out->terms.notice_url = out->notice_url;
		return providers[i].terms(c, s, out);
	}
	return false;
}

/* Their own names, for those that write it with capitals. */
static const struct {
	const char *name, *title;
} titles[] = {
	{ "vnpay", "VNPay" },
	{ "momo", "MoMo" },
	{ "zalopay", "ZaloPay" },
	{ "vietqr", "VietQR" },
	{ "dvcqg", "Cổng Dịch vụ công quốc gia" },
	{ "keypay", "KeyPay" },
};

const char *
payment_provider_title(const char *name)
{
	for (size_t i = 0; i < nitems(titles); i++)
		if (strcmp(titles[i].name, name) == 0)
			return titles[i].title;
	return name;
}
