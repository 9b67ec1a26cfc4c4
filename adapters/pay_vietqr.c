/*
 * A bank transfer by VietQR into the agency's own account, and SePay, which
 * watches that account and tells of each transfer.
 *
 * The QR names the account, the amount and a code; whoever pays may change any
 * of it in his bank's application.  So any amount may come, and what comes for
 * one code adds up (transfers).  Nobody can be asked.
 *
 * SePay proves itself by HMAC-SHA256 over "<timestamp>.<body>", the body as it
 * came, within five minutes either way; or, where that is what was agreed, by
 * an API key.  Only the one that is configured counts.
 */
#include <stdio.h>
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/transfer_answer.h"
#include "adapters/transfer_code.h"
#include "adapters/vietqr.h"
#include "base/clock.h"
#include "base/err.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

#define WINDOW_SEC 300
#define VALUE_MAX  256

static bool
start(const struct pay_terms *t, const struct pay_order *o, struct buf *text,
    struct err *e)
{
	struct vietqr q = { .amount = o->amount };

	(void)t;
	pay_keep(q.bin, sizeof(q.bin), o->payee->bank);
	pay_keep(q.account, sizeof(q.account), o->payee->account);
	transfer_code_make(o->ref, q.purpose);
	return vietqr_write(&q, text, e);
}

static bool
by_key(const struct pay_terms *t, const char *authorization, size_t *which)
{
	static const char scheme[] = "Apikey ";
	const char *key = authorization + sizeof(scheme) - 1;

	if (strncmp(authorization, scheme, sizeof(scheme) - 1) != 0)
		return false;
	for (*which = 0; *which < t->secret_count; (*which)++) {
		const char *live = t->secrets[*which];

		if (strlen(key) == strlen(live) &&
		    mac_equal(key, live, strlen(live)))
			return true;
	}
	return false;
}

static bool
by_mac(const struct pay_terms *t, const struct pay_raw *raw, size_t *which)
{
	static const char scheme[] = "sha256=";
	struct pay_proof proof = { .hex = raw->mac + sizeof(scheme) - 1 };
	struct buf data = { 0 };
	bool ok;

	if (strncmp(raw->mac, scheme, sizeof(scheme) - 1) != 0)
		return false;
	buf_printf(&data, "%s.", raw->stamp);
	buf_put(&data, raw->body, raw->body_len);
	ok = pay_proves(t, MAC_SHA256, &data, &proof);
	buf_release(&data);
	*which = proof.secret;
	return ok;
}

/* Only of a stamp that was proved: it is SePay's clock against ours. */
static bool
is_timely(const struct pay_raw *raw)
{
	int64_t sent, now = raw->now_us / CLOCK_SEC_US;

	if (!text_int(raw->stamp, &sent))
		return false;
	if (sent >= now - WINDOW_SEC && sent <= now + WINDOW_SEC)
		return true;
	log_warnx(
	    "vietqr: clock: a notice is %lld s off", (long long)(now - sent));
	return false;
}

static bool
proved(const struct pay_terms *t, const struct pay_raw *raw, size_t *which)
{
	if (t->by_key)
		return by_key(t, raw->authorization, which);
	return by_mac(t, raw, which) && is_timely(raw);
}

/* What left the account is no news of money to us. */
static enum pay_outcome
direction(const char *type)
{
	if (strcmp(type, "in") == 0)
		return PAY_PAID;
	return strcmp(type, "out") == 0 ? PAY_NO_NEWS : PAY_DOUBT;
}

static bool
read_transfer(const struct json *j, struct pay_notice *out)
{
	char id[VALUE_MAX], amount[VALUE_MAX], account[VALUE_MAX];
	int64_t number;

	if (!pay_lexeme(j, "id", id, sizeof(id)) || !text_int(id, &number) ||
	    !pay_lexeme(j, "accountNumber", account, sizeof(account)))
		return false;
	if (!pay_lexeme(j, "transferAmount", amount, sizeof(amount)) ||
	    !money_parse(amount, &out->amount))
		out->amount.dong = -1;
	pay_keep(out->txn, sizeof(out->txn), id);
	pay_keep(out->terminal, sizeof(out->terminal), account);
	pay_keep(
	    out->code, sizeof(out->code), json_text(j, "referenceCode", ""));
	out->outcome = direction(json_text(j, "transferType", ""));
	transfer_content(json_text(j, "content", ""), out);
	return true;
}

/* The proof is over the bytes, so that it is judged before they are read. */
static bool
read_notice(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct json *j = NULL;
	bool ok = false;

	if (raw->body_len == 0)
		return err_set(e, ERR_MISSING_FIELD, "vietqr: no body");
	if (!proved(t, raw, &out->secret))
		return err_set(e, ERR_UNAUTHENTICATED, "vietqr: not SePay's");
	if (!json_parse((const char *)raw->body, raw->body_len, &j, e) ||
	    !read_transfer(j, out)) {
		err_set(e, ERR_MISSING_FIELD, "vietqr: no transfer");
		goto out;
	}
	out->raw = blob_copy(raw->body, raw->body_len);
	ok = true;

out:
	json_free(j);
	return ok;
}

const struct pay_adapter pay_vietqr = {
	.method = "POST",
	.transfers = true,
	.bills = true,
	.start = start,
	.read_notice = read_notice,
	.read_return = pay_read_attempt,
	.answer = transfer_answer,
};
