#include "adapters/vietqr.h"

#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/base.h"
#include "base/err.h"

#define HEAD_LEN  4 /* of an object: id, length */
#define VALUE_MAX 99
#define CRC_LEN   4
#define GUID      "A000000727" /* NAPAS among the issuers of such codes */
#define ACCOUNT   "QRIBFTTA"
#define CARD      "QRIBFTTC"

/* Ids: of the whole, of template 38, of 38-01, of 62. */
enum {
	ID_FORMAT = 0,
	ID_METHOD = 1,
	ID_TRANSFER = 38,
	ID_CURRENCY = 53,
	ID_AMOUNT = 54,
	ID_COUNTRY = 58,
	ID_MORE = 62,
	ID_CRC = 63,

	TRANSFER_GUID = 0,
	TRANSFER_TO = 1,
	TRANSFER_SERVICE = 2,

	TO_BIN = 0,
	TO_ACCOUNT = 1,

	MORE_BILL = 1,
	MORE_PURPOSE = 8,
};

static const char digits[] = "0123456789";
static const char alnum[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
			    "abcdefghijklmnopqrstuvwxyz0123456789";

/* CRC-16/CCITT-FALSE: polynomial 1021, from FFFF, nothing reflected. */
static unsigned
crc16(const char *s, size_t len)
{
	unsigned crc = 0xFFFF;

	for (size_t i = 0; i < len; i++) {
		crc ^= (unsigned)(uint8_t)s[i] << 8;
		for (int bit = 0; bit < 8; bit++)
			crc = crc & 0x8000 ? crc << 1 ^ 0x1021 : crc << 1;
	}
	return crc & 0xFFFF;
}

static bool
is_of(const char *s, const char *set, size_t least, size_t most)
{
	size_t len = strlen(s);

	return len >= least && len <= most && strspn(s, set) == len;
}

static bool
is_printable(const char *s)
{
	for (; *s != '\0'; s++)
		if (*s < ' ' || *s > '~')
			return false;
	return true;
}

static bool
is_bin(const char *s)
{
	return is_of(s, digits, 6, 6) && strncmp(s, "970", 3) == 0;
}

static bool
is_account(const char *s)
{
	return is_of(s, alnum, 1, VIETQR_ACCOUNT_LEN - 1);
}

static void
put(struct buf *out, int id, const char *value)
{
	buf_printf(out, "%02d%02zu%s", id, strlen(value), value);
}

static void
put_transfer(const struct vietqr *q, struct buf *out)
{
	struct buf to = { 0 }, all = { 0 };

	put(&to, TO_BIN, q->bin);
	put(&to, TO_ACCOUNT, q->account);
	put(&all, TRANSFER_GUID, GUID);
	put(&all, TRANSFER_TO, to.data);
	put(&all, TRANSFER_SERVICE, q->card ? CARD : ACCOUNT);
	put(out, ID_TRANSFER, all.data);
	buf_release(&all);
	buf_release(&to);
}

static void
put_more(const struct vietqr *q, struct buf *out)
{
	struct buf all = { 0 };

	if (q->bill[0] != '\0')
		put(&all, MORE_BILL, q->bill);
	if (q->purpose[0] != '\0')
		put(&all, MORE_PURPOSE, q->purpose);
	if (all.len > 0)
		put(out, ID_MORE, all.data);
	buf_release(&all);
}

/* What no code can hold; NULL: all of it can stand. */
static const char *
fault(const struct vietqr *q)
{
	if (!is_bin(q->bin))
		return "bin";
	if (!is_account(q->account))
		return "account";
	if (q->amount.dong < 0 || q->amount.dong > MONEY_MAX)
		return "amount";
	if (!is_printable(q->bill))
		return "bill";
	if (!is_printable(q->purpose))
		return "purpose";
	return NULL;
}

bool
vietqr_write(const struct vietqr *q, struct buf *out, struct err *e)
{
	const char *bad = fault(q);
	size_t from = out->len;
	char amount[24];

	if (bad != NULL)
		return err_set(e, ERR_BAD_FIELD, "vietqr: %s", bad);
	put(out, ID_FORMAT, "01");
	put(out, ID_METHOD, q->amount.dong > 0 ? "12" : "11");
	put_transfer(q, out);
	put(out, ID_CURRENCY, "704");
	if (q->amount.dong > 0) {
		snprintf(amount, sizeof(amount), "%" PRId64, q->amount.dong);
		put(out, ID_AMOUNT, amount);
	}
	put(out, ID_COUNTRY, "VN");
	put_more(q, out);
	buf_puts(out, "6304");
	buf_printf(out, "%04X", crc16(out->data + from, out->len - from));
	return true;
}

/* What a text has said so far. */
struct reading {
	struct vietqr q;
	bool format, method, dynamic, guid, service, currency, country, crc;
};

/* One object's value; false: it may not be there, or not be so. */
typedef bool take_fn(struct reading *r, int id, const char *value);

static int
two_digits(const char *s)
{
	if (strchr(digits, s[0]) == NULL || strchr(digits, s[1]) == NULL)
		return -1;
	return (s[0] - '0') * 10 + (s[1] - '0');
}

/* The objects that fill a template, each once and in order. */
static bool
take_all(struct reading *r, const char *s, size_t len, take_fn *take)
{
	char value[VALUE_MAX + 1];
	int last = -1;

	while (len > 0) {
		int id, n;

		if (len < HEAD_LEN)
			return false;
		id = two_digits(s);
		n = two_digits(s + 2);
		if (id <= last || n < 1 || (size_t)n > len - HEAD_LEN)
			return false;
		memcpy(value, s + HEAD_LEN, (size_t)n);
		value[n] = '\0';
		if (!take(r, id, value))
			return false;
		last = id;
		s += HEAD_LEN + n;
		len -= HEAD_LEN + (size_t)n;
	}
	return true;
}

static bool
keep(char *out, size_t cap, const char *value)
{
	return (size_t)snprintf(out, cap, "%s", value) < cap;
}

static bool
take_to(struct reading *r, int id, const char *value)
{
	if (id == TO_BIN)
		return is_bin(value) && keep(r->q.bin, VIETQR_BIN_LEN, value);
	if (id == TO_ACCOUNT)
		return is_account(value) &&
		       keep(r->q.account, VIETQR_ACCOUNT_LEN, value);
	return true;
}

static bool
take_transfer(struct reading *r, int id, const char *value)
{
	switch (id) {
	case TRANSFER_GUID:
		r->guid = strcmp(value, GUID) == 0;
		return r->guid;
	case TRANSFER_TO:
		return take_all(r, value, strlen(value), take_to);
	case TRANSFER_SERVICE:
		r->q.card = strcmp(value, CARD) == 0;
		r->service = r->q.card || strcmp(value, ACCOUNT) == 0;
		return r->service;
	default:
		return true;
	}
}

static bool
take_more(struct reading *r, int id, const char *value)
{
	if (id == MORE_BILL)
		return keep(r->q.bill, VIETQR_TEXT_LEN, value);
	if (id == MORE_PURPOSE)
		return keep(r->q.purpose, VIETQR_TEXT_LEN, value);
	return true;
}

static bool
take_method(struct reading *r, const char *value)
{
	r->dynamic = strcmp(value, "12") == 0;
	r->method = r->dynamic || strcmp(value, "11") == 0;
	return r->method;
}

static bool
take(struct reading *r, int id, const char *value)
{
	if (!r->format && id != ID_FORMAT)
		return false;
	switch (id) {
	case ID_FORMAT:
		r->format = strcmp(value, "01") == 0;
		return r->format;
	case ID_METHOD:
		return take_method(r, value);
	case ID_TRANSFER:
		return take_all(r, value, strlen(value), take_transfer);
	case ID_CURRENCY:
		r->currency = strcmp(value, "704") == 0;
		return r->currency;
	case ID_AMOUNT:
		return money_parse(value, &r->q.amount) && r->q.amount.dong > 0;
	case ID_COUNTRY:
		r->country = strcmp(value, "VN") == 0;
		return r->country;
	case ID_MORE:
		return take_all(r, value, strlen(value), take_more);
	case ID_CRC:
		r->crc = true;
		return true;
	default:
		return id < ID_CRC;
	}
}

static bool
crc_is_true(const char *text, size_t len)
{
	char crc[CRC_LEN + 1];

	if (len < HEAD_LEN + CRC_LEN)
		return false;
	snprintf(crc, sizeof(crc), "%04X", crc16(text, len - CRC_LEN));
	return memcmp(text + len - CRC_LEN, crc, CRC_LEN) == 0 &&
	       memcmp(text + len - CRC_LEN - HEAD_LEN, "6304", HEAD_LEN) == 0;
}

static bool
is_whole(const struct reading *r)
{
	return r->format && r->method && r->guid && r->service && r->currency &&
	       r->country && r->crc && r->q.bin[0] != '\0' &&
	       r->q.account[0] != '\0' && r->dynamic == (r->q.amount.dong > 0);
}

bool
vietqr_read(const char *text, size_t len, struct vietqr *out, struct err *e)
{
	struct reading r = { 0 };

	if (len > VIETQR_LEN_MAX)
		return err_set(e, ERR_UNREADABLE, "vietqr: %zu bytes", len);
	for (size_t i = 0; i < len; i++)
		if (text[i] < ' ' || text[i] > '~')
			return err_set(
			    e, ERR_UNREADABLE, "vietqr: byte %zu", i);
	if (!crc_is_true(text, len))
		return err_set(e, ERR_UNREADABLE, "vietqr: CRC");
	if (!take_all(&r, text, len, take) || !is_whole(&r))
		return err_set(e, ERR_UNREADABLE, "vietqr: not such objects");
	*out = r.q;
	return true;
}
