#include "adapters/adapter.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/http_client.h"
#include "adapters/pairs.h"
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"

#define ANSWER_MAX 65536

static const struct {
	const char *name;
	const struct pay_adapter *adapter;
} pays[] = {
#define PAY(name, adapter) { name, &adapter },
#include "adapters/adapters.def"
};

const struct pay_adapter *
pay_adapter_find(const char *name)
{
	for (size_t i = 0; i < nitems(pays); i++)
		if (strcmp(pays[i].name, name) == 0)
			return pays[i].adapter;
	return NULL;
}

bool
pay_adds_up(const char *name)
{
	const struct pay_adapter *a = pay_adapter_find(name);

	return a != NULL && a->transfers;
}

bool
pay_has_vouchers(const char *name)
{
	const struct pay_adapter *a = pay_adapter_find(name);

	return a != NULL && a->voucher_call != NULL;
}

bool
pay_code(const struct pay_terms *t, const char *code, enum pay_outcome *out)
{
	static const char *const words[] = {
		[PAY_PAID] = "paid",
		[PAY_FAILED] = "failed",
		[PAY_PENDING] = "pending",
		[PAY_DOUBT] = "doubt",
		[PAY_ABSENT] = "absent",
	};
	size_t len = strlen(code);

	for (size_t i = 0; i < t->code_count; i++) {
		if (strncmp(t->codes[i], code, len) != 0 ||
		    t->codes[i][len] != '=')
			continue;
		for (size_t k = 0; k < nitems(words); k++)
			if (strcmp(words[k], t->codes[i] + len + 1) == 0) {
				*out = (enum pay_outcome)k;
				return true;
			}
	}
	return false;
}

void
pay_notice_release(struct pay_notice *n)
{
	blob_release(&n->raw);
}

void
pay_info(struct buf *out, const char *words, const char *subject)
{
	static const char keep[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "abcdefghijklmnopqrstuvwxyz0123456789 .,:-";
	char *plain = text_unaccent(subject);

	buf_puts(out, words);
	for (const char *s = plain; *s != '\0'; s++)
		if (out->len < PAY_INFO_MAX && strchr(keep, *s) != NULL)
			buf_put(out, s, 1);
	free(plain);
}

void
pay_keep(char *out, size_t cap, const char *value)
{
	snprintf(out, cap, "%s", value);
	text_cut(out);
}

bool
pay_read_attempt(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e)
{
	struct pairs p;

	(void)t;
	if (!pairs_read(raw->query, &p, e))
		return false;
	pay_keep(out->ref, sizeof(out->ref), pairs_find(&p, "attempt"));
	pairs_release(&p);
	return true;
}

bool
pay_parse(const char *who, const struct pay_raw *raw, struct json **out,
    struct err *e)
{
	if (json_parse((const char *)raw->body, raw->body_len, out, e))
		return true;
	*out = NULL;
	return err_set(e, ERR_PROVIDER, "%s: not JSON", who);
}

bool
pay_lexeme(const struct json *obj, const char *name, char *out, size_t cap)
{
	const struct json *value = json_find(obj, name);
	int n = 0;

	out[0] = '\0';
	if (value == NULL)
		return true;
	switch (json_kind(value)) {
	case JSON_KIND_NULL:
		return true;
	case JSON_KIND_TEXT:
		n = snprintf(out, cap, "%s", json_text_value(value));
		break;
	case JSON_KIND_INT:
		n = snprintf(out, cap, "%" PRId64, json_int_value(value));
		break;
	case JSON_KIND_BOOL:
	case JSON_KIND_REAL:
	case JSON_KIND_LIST:
	case JSON_KIND_OBJECT:
		return false;
	}
	return n >= 0 && (size_t)n < cap;
}

static void
hmac(enum mac_algorithm alg, const char *secret, const struct buf *data,
    uint8_t out[MAC_LEN_MAX])
{
	mac_hmac(alg, secret, strlen(secret),
	    data->data == NULL ? "" : data->data, data->len, out);
}

bool
pay_proves(const struct pay_terms *t, enum mac_algorithm alg,
    const struct buf *data, struct pay_proof *proof)
{
	uint8_t mac[MAC_LEN_MAX];

	for (size_t i = 0; i < t->secret_count; i++) {
		hmac(alg, t->secrets[i], data, mac);
		if (mac_equal_hex(alg, mac, proof->hex)) {
			proof->secret = i;
			return true;
		}
	}
	return false;
}

void
pay_sign(enum mac_algorithm alg, const char *secret, const struct buf *data,
    struct buf *out)
{
	uint8_t mac[MAC_LEN_MAX];

	hmac(alg, secret, data, mac);
	buf_hex(out, mac, alg);
}

/* An answer is what came with a 200; whether it can be believed is the
 * adapter's to say. */
static bool
call(struct http_client *client, const struct pay_call *c,
    struct http_answer *got, struct err *e)
{
	const char *headers[1 + PAY_HEADERS_MAX] = {
		"Content-Type: application/json"
	};
	struct http_call http = {
		.method = "POST",
		.url = c->url.data,
		.headers = headers,
		.header_count = 1,
		.body = c->body.data,
		.body_len = c->body.len,
		.timeout_ms = c->timeout_ms,
		.answer_max = c->answer_max == 0 ? ANSWER_MAX : c->answer_max,
	};

	for (size_t i = 0; i < PAY_HEADERS_MAX; i++)
		if (c->headers[i].len > 0)
			headers[http.header_count++] = c->headers[i].data;
	if (!http_client_call(client, &http, got, e))
		return false;
	if (got->status != 200)
		return err_set(
		    e, ERR_PROVIDER, "%s: HTTP %d", c->url.data, got->status);
	return true;
}

void
pay_call_release(struct pay_call *c)
{
	buf_release(&c->url);
	buf_release(&c->body);
	for (size_t i = 0; i < PAY_HEADERS_MAX; i++)
		buf_release(&c->headers[i]);
}

/* What came, and where its bytes are. */
struct answer {
	struct http_answer got;
	struct pay_raw raw;
};

/* The caller releases out->got.body, whatever this returns. */
static bool
ask(pay_call_fn *write, const struct pay_question *q, struct answer *out,
    struct err *e)
{
	struct pay_call c = { 0 };
	bool ok;

	assert(write != NULL && q->client != NULL);

	ok = write(q, &c, e) && call(q->client, &c, &out->got, e);
	out->raw.body = (const uint8_t *)out->got.body.data;
	out->raw.body_len = out->got.body.len;
	pay_call_release(&c);
	return ok;
}

bool
pay_open(const struct pay_adapter *a, const struct pay_question *q,
    struct buf *url, struct err *e)
{
	struct answer said = { 0 };
	bool ok;

	if (a->start != NULL)
		return a->start(q->terms, q->order, url, e);
	ok = ask(a->open_call, q, &said, e) &&
	     a->open_read(q, &said.raw, url, e);
	buf_release(&said.got.body);
	return ok;
}

bool
pay_query(const struct pay_adapter *a, const struct pay_question *q,
    struct pay_notice *out, struct err *e)
{
	struct answer said = { 0 };
	bool ok = ask(a->query_call, q, &said, e) &&
		  a->query_read(q, &said.raw, out, e);

	buf_release(&said.got.body);
	return ok;
}

bool
pay_can_refund(const struct pay_adapter *a)
{
	return a->refund_call != NULL;
}

bool
pay_refund(const struct pay_adapter *a, const struct pay_question *q,
    struct pay_refunded *out, struct err *e)
{
	struct answer said = { 0 };
	bool ok = ask(a->refund_call, q, &said, e) &&
		  a->refund_read(q, &said.raw, out, e);

	buf_release(&said.got.body);
	return ok;
}

bool
pay_refund_query(const struct pay_adapter *a, const struct pay_question *q,
    struct pay_refunded *out, struct err *e)
{
	struct answer said = { 0 };
	bool ok = ask(a->refund_query_call, q, &said, e) &&
		  a->refund_query_read(q, &said.raw, out, e);

	buf_release(&said.got.body);
	return ok;
}

bool
pay_voucher(const struct pay_adapter *a, const struct pay_question *q,
    struct blob *pdf, struct err *e)
{
	struct answer said = { 0 };
	bool ok = ask(a->voucher_call, q, &said, e) &&
		  a->voucher_read(q, &said.raw, pdf, e);

	buf_release(&said.got.body);
	return ok;
}
