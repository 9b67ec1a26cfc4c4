/*
 * What anyone may send in a provider's name, and what a provider may answer:
 * the first byte says to whom and how, the rest is what came.  A refusal
 * leaves nothing behind; what is accepted as paid has a transaction, an
 * amount or the word that it has none, and the very bytes that came.
 *
 * Where a MAC stands before the parser, the fuzzer is given the key: its
 * bytes are signed here as that provider would.
 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/adapter.h"
#include "adapters/pairs.h"
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char *const secrets[] = { "key" };
static const char *const places[] = { "message", "message.Pdf" };
static const struct pay_terms terms = {
	.voucher_places = places,
	.voucher_place_count = 2,
	.terminal = "2553",
	.by_key = true, /* SePay's bodies reach their reader */
	.access_key = "access",
	.secrets = secrets,
	.secret_count = 1,
	.own_secret = "key",
	.wrong = "99",
};
static const struct pay_order order = { .ref = "P1R0", .amount = { 1000 } };
static const struct pay_question question = { .terms = &terms,
	.order = &order };
static const struct pay_adapter *const adapters[] = { &pay_vnpay, &pay_momo,
	&pay_zalopay, &pay_dvcqg, &pay_keypay, &pay_vietqr, &pay_payos };

static void
is_sound(const struct pay_notice *n)
{
	assert(n->amount.dong == -1 || n->amount.dong >= 0);
	assert(n->outcome != PAY_PAID || n->txn[0] != '\0');
	assert(text_is_utf8(n->txn, strlen(n->txn)));
	assert(strlen(n->mark) < sizeof(n->mark));
	assert(memchr(n->ref, '\0', sizeof(n->ref)) != NULL);
	assert(memchr(n->terminal, '\0', sizeof(n->terminal)) != NULL);
	assert(text_is_utf8(n->ref, strlen(n->ref)));
}

static void
hear(const struct pay_adapter *a, const struct pay_raw *raw)
{
	struct pay_notice n = { 0 };
	struct err e = { 0 };

	if (a->read_notice(&terms, raw, &n, &e)) {
		is_sound(&n);
		assert(n.raw.len > 0);
	} else {
		assert(e.code == ERR_UNAUTHENTICATED ||
		       e.code == ERR_MISSING_FIELD);
		assert(n.raw.data == NULL);
	}
	pay_notice_release(&n);
}

static void
come_back(const struct pay_adapter *a, const struct pay_raw *raw)
{
	struct pay_notice n = { 0 };
	struct err e = { 0 };

	if (!a->read_return(&terms, raw, &n, &e))
		assert(e.code != ERR_NONE);
	pay_notice_release(&n);
}

static void
be_told(const struct pay_adapter *a, const struct pay_raw *raw)
{
	struct pay_notice n = { 0 };
	struct err e = { 0 };

	if (a->query_read == NULL)
		return;
	if (a->query_read(&question, raw, &n, &e)) {
		is_sound(&n);
		assert(strcmp(n.ref, order.ref) == 0);
	} else {
		assert(e.code == ERR_PROVIDER);
		assert(n.raw.data == NULL);
	}
	pay_notice_release(&n);
}

static void
open_read(const struct pay_adapter *a, const struct pay_raw *raw)
{
	struct buf url = { 0 };
	struct err e = { 0 };

	if (a->open_read == NULL)
		return;
	if (a->open_read(&question, raw, &url, &e))
		assert(a->transfers || strncmp(url.data, "https://", 8) == 0);
	else
		assert(url.len == 0 && e.code == ERR_PROVIDER);
	buf_release(&url);
}

static void
be_given(const struct pay_adapter *a, const struct pay_raw *raw)
{
	struct blob pdf = { 0 };
	struct err e = { 0 };

	if (a->voucher_read == NULL)
		return;
	if (a->voucher_read(&question, raw, &pdf, &e))
		assert(pdf.len >= 5 && memcmp(pdf.data, "%PDF-", 5) == 0);
	else
		assert(pdf.data == NULL &&
		       (e.code == ERR_PROVIDER || e.code == ERR_NOT_FOUND));
	blob_release(&pdf);
}

/* VNPay's: the pairs as they stand, and their hash. */
static void
signed_query(const char *text)
{
	struct buf data = { 0 }, query = { 0 };
	struct pay_raw raw = { 0 };

	buf_puts(&data, text);
	buf_printf(&query, "%s&vnp_SecureHash=", text);
	pay_sign(MAC_SHA512, "key", &data, &query);
	raw.query = query.data;
	hear(&pay_vnpay, &raw);
	buf_release(&query);
	buf_release(&data);
}

/* ZaloPay's: one string, and its MAC. */
static void
signed_data(const char *text)
{
	struct json *j = json_new_object();
	struct buf data = { 0 }, hex = { 0 };
	struct pay_raw raw = { .query = "" };
	char *body;

	buf_puts(&data, text);
	pay_sign(MAC_SHA256, "key", &data, &hex);
	json_put_text(j, "data", text);
	json_put_text(j, "mac", hex.data);
	body = json_write(j);
	raw.body = (const uint8_t *)body;
	raw.body_len = strlen(body);
	hear(&pay_zalopay, &raw);
	free(body);
	json_free(j);
	buf_release(&hex);
	buf_release(&data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct pay_adapter *a;
	struct pay_raw raw;
	char *text;

	if (len < 1)
		return 0;
	text = blob_calloc(len, 1);
	memcpy(text, data + 1, len - 1);
	a = adapters[data[0] % nitems(adapters)];
	raw = (struct pay_raw){ .query = text,
		.body = (const uint8_t *)text,
		.body_len = len - 1,
		.authorization = "Apikey key",
		.stamp = "0",
		.mac = "sha256=" };
	hear(a, &raw);
	come_back(a, &raw);
	be_told(a, &raw);
	open_read(a, &raw);
	be_given(a, &raw);
	if (text_is_utf8(text, strlen(text))) {
		signed_query(text);
		signed_data(text);
	}
	free(text);
	return 0;
}
