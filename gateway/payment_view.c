#include "gateway/payment_view.h"

#include <stdio.h>
#include <string.h>

#include "adapters/adapter.h"
#include "base/base.h"
#include "base/err.h"
#include "base/json.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "gateway/db.h"
#include "gateway/dossier.h"
#include "gateway/html.h"
#include "gateway/payment.h"
#include "gateway/payment_provider.h"
#include "gateway/reply.h"
#include "gateway/request.h"

#define TAG_BYTES 16

static const struct {
	const char *name;
	struct html_state say;
} words[] = {
	[STANDING_NOTHING] = { "nothing",
	    { "good", "Không có khoản phải nộp", "Nothing to pay",
		"Hồ sơ hiện không có khoản phí, lệ phí phải nộp.",
		"There is no fee to pay on this dossier." } },
	[STANDING_OWED] = { "owed",
	    { "todo", "Chờ thanh toán", "To be paid",
		"Chưa có khoản tiền nào bị trừ. Xin chọn cách nộp.",
		"No money has been taken. Choose how to pay." } },
	[STANDING_FAILED] = { "failed",
	    { "bad", "Thanh toán không thành công", "The payment did not work",
		"Chưa có khoản tiền nào bị trừ. Quý vị có thể thanh toán lại.",
		"No money has been taken. You may pay again." } },
	[STANDING_WAITING] = { "waiting",
	    { "wait", "Ngân hàng chưa trả lời", "The bank has not answered yet",
		"Ngân hàng chưa trả lời – đừng trả lại lần nữa. "
		"Trang này tự cập nhật khi có kết quả.",
		"The bank has not answered yet – do not pay again. "
		"This page changes when there is an answer." } },
	[STANDING_UNDERPAID] = { "underpaid",
	    { "todo", "Nộp chưa đủ", "Not all of it has arrived",
		"Số tiền chuyển khoản chưa đủ. Xin chuyển tiếp phần còn lại "
		"với cùng mã thanh toán.",
		"Less than the fee has arrived. Transfer the rest under the "
		"same code." } },
	[STANDING_REVIEW] = { "review",
	    { "wait", "Đang được kiểm tra", "Being checked",
		"Giao dịch đang được kiểm tra – đừng trả lại lần nữa.",
		"The transaction is being checked – do not pay again." } },
	[STANDING_PAID] = { "paid",
	    { "good", "Đã thanh toán", "Paid",
		"Đã nhận được tiền. Hồ sơ được tiếp tục xử lý.",
		"The money has been received. The dossier goes on." } },
	[STANDING_SURPLUS] = { "surplus",
	    { "wait", "Nộp thừa, chờ hoàn trả", "Paid twice",
		"Khoản phí này đã được nộp trước đó; "
		"số tiền nộp thừa sẽ được hoàn trả.",
		"This fee was not owed any more; the surplus "
		"will be returned." } },
};

const struct html_state *
payment_words(enum payment_standing s)
{
	return &words[s].say;
}

const char *
payment_standing_name(enum payment_standing s)
{
	return words[s].name;
}

enum payment_standing
payment_standing_find(const char *name)
{
	for (unsigned i = 0; i < nitems(words); i++)
		if (strcmp(words[i].name, name) == 0)
			return (enum payment_standing)i;
	return STANDING_NOTHING;
}

enum payment_standing
payment_standing_of(enum payment_state s)
{
	switch (s) {
	case PAYMENT_CREATED:
	case PAYMENT_PENDING:
		return STANDING_WAITING;
	case PAYMENT_PAID:
	case PAYMENT_PAID_LATE:
		return STANDING_PAID;
	case PAYMENT_UNDERPAID:
		return STANDING_UNDERPAID;
	case PAYMENT_FAILED:
	case PAYMENT_EXPIRED:
		return STANDING_FAILED;
	case PAYMENT_REVIEW:
		return STANDING_REVIEW;
	case PAYMENT_SUPERSEDED:
	case PAYMENT_SURPLUS:
		return STANDING_SURPLUS;
	}
	return STANDING_WAITING;
}

static struct json *
providers_json(const struct request *req)
{
#define PAY(name, adapter) name,
	static const char *const names[] = {
#include "adapters/adapters.def"
	};
	struct json *list = json_new_list(), *item;
	struct payment_provider p;

	for (size_t i = 0; i < nitems(names); i++) {
		if (!payment_provider_find(
			req->config, req->secrets, names[i], &p))
			continue;
		item = json_new_object();
		json_put_text(item, "provider", names[i]);
		json_put_text(item, "title", payment_provider_title(names[i]));
		json_add(list, item);
	}
	return list;
}

/* The worst that an attempt may still bring decides: as long as one has no
 * answer, money may have moved. */
static enum payment_standing
standing(const struct db_rows *request, const struct db_rows *attempts)
{
	enum payment_standing all = STANDING_OWED;

	if (db_count(request) == 0)
		return STANDING_NOTHING;
	if (!db_is_null(request, 0, "paid_at"))
		return STANDING_PAID;
	for (int i = 0; i < db_count(attempts); i++) {
		enum payment_standing one;

		if (db_int(attempts, i, "request_id") !=
		    db_int(request, 0, "id"))
			continue;
		one = payment_standing_of(
		    (enum payment_state)db_int(attempts, i, "state"));
		if (one > all)
			all = one;
	}
	return all;
}

static struct json *
lines_json(const struct db_rows *lines, int64_t request)
{
	struct json *list = json_new_list(), *item;

	for (int i = 0; i < db_count(lines); i++) {
		if (db_int(lines, i, "request_id") != request)
			continue;
		item = json_new_object();
		json_put_text(item, "title", db_text(lines, i, "title"));
		json_put_int(item, "amount", db_int(lines, i, "amount"));
		json_add(list, item);
	}
	return list;
}

/* The number of the receipt that holds now, once it is signed. */
static struct json *
receipt_json(const struct db_rows *receipts)
{
	struct json *j;

	for (int i = db_count(receipts) - 1; i >= 0; i--) {
		if (strcmp(db_text(receipts, i, "state"), "issued") != 0 ||
		    strcmp(db_text(receipts, i, "kind"), "void") == 0)
			continue;
		j = json_new_object();
		json_put_int(j, "number", db_int(receipts, i, "number"));
		json_put_text(j, "code", db_text(receipts, i, "code"));
		return j;
	}
	return NULL;
}

/* Those that there are or will be. */
static struct json *
vouchers_json(const struct db_rows *attempts)
{
	struct json *list = json_new_list(), *item;

	for (int i = 0; i < db_count(attempts); i++) {
		const char *provider = db_text(attempts, i, "provider");

		item = payment_voucher(attempts, i);
		if (item == NULL)
			continue;
		json_put_text(item, "attempt", db_text(attempts, i, "ref"));
		json_put_text(item, "provider", provider);
		json_put_text(item, "title", payment_provider_title(provider));
		json_add(list, item);
	}
	return list;
}

struct rows {
	struct db_rows *request, *lines, *attempts, *receipts;
};

static struct json *
view(const struct request *req, const struct dossier *d, const struct rows *r)
{
	enum payment_standing s = standing(r->request, r->attempts);
	bool owes = s != STANDING_NOTHING;
	int64_t request = owes ? db_int(r->request, 0, "id") : 0;
	struct json *j = json_new_object(), *receipt;

	json_put_text(j, "code", d->code);
	json_put_text(j, "state", words[s].name);
	json_put_text(j, "message", words[s].say.en);
	json_put_text(j, "message_vi", words[s].say.vi);
	json_put_int(j, "amount", owes ? db_int(r->request, 0, "amount") : 0);
	json_put(j, "lines", lines_json(r->lines, request));
	json_put(j, "providers",
	    s == STANDING_OWED || s == STANDING_FAILED || s == STANDING_WAITING
		? providers_json(req)
		: json_new_list());
	receipt = receipt_json(r->receipts);
	if (receipt != NULL)
		json_put(j, "receipt", receipt);
	else
		json_put_null(j, "receipt");
	json_put(j, "vouchers", vouchers_json(r->attempts));
	return j;
}

bool
payment_view(struct request *req, const struct dossier *d, struct json **out,
    struct err *e)
{
	const struct db_arg args[] = { DB_INT(d->tenant.n), DB_INT(d->id.n),
		DB_END };
	struct rows r = { 0 };
	bool ok = false;

	if (!db_query(req->db, DB_payment_last, args, &r.request, e) ||
	    !db_query(req->db, DB_payment_lines, args, &r.lines, e) ||
	    !db_query(req->db, DB_payment_attempts, args, &r.attempts, e) ||
	    !db_query(req->db, DB_receipt_of_dossier, args, &r.receipts, e))
		goto out;
	*out = view(req, d, &r);
	ok = true;

out:
	db_rows_free(r.receipts);
	db_rows_free(r.attempts);
	db_rows_free(r.lines);
	db_rows_free(r.request);
	return ok;
}

struct reply *
payment_view_json(struct json *j)
{
	char hex[2 * TAG_BYTES + 1], tag[sizeof(hex) + 2];
	struct reply *reply = reply_json(200, j);
	uint8_t hash[DIGEST_LEN];
	const void *body;
	size_t len;

	body = reply_body(reply, &len);
	digest_sha256(body, len, hash);
	text_hex(hash, TAG_BYTES, hex);
	snprintf(tag, sizeof(tag), "\"%s\"", hex);
	reply_header(reply, "ETag", tag);
	reply_header(reply, "Cache-Control", "no-cache");
	reply_header(reply, "Vary", "Accept");
	return reply;
}
