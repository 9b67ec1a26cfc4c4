#ifndef ADAPTERS_ADAPTER_H
#define ADAPTERS_ADAPTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/blob.h"
#include "base/buf.h"
#include "base/money.h"
#include "crypto/mac.h"

/*
 * A payment provider: it writes the address where one pays, reads what the
 * provider sends, asks it, and answers as the provider demands.  It
 * translates and decides nothing: whether money is owed is payment.c's.
 *
 * A notice that was read has had its MAC proved, in constant time, over the
 * very values that it holds.
 *
 * DIAGNOSTICS
 *	ERR_MISSING_FIELD	a notice without anything in it
 *	ERR_UNAUTHENTICATED	its MAC is wrong, or it is not spelt as it must
 *	ERR_WRONG_AMOUNT	an amount that this provider cannot take
 *	ERR_PROVIDER		asked, and no answer that can be believed
 *	ERR_NOT_FOUND		it has no voucher of that order yet
 *	ERR_CONFIG		by our contract it gives none
 */
struct err;
struct http_client;
struct json;

/* Our side of the contract with a provider. */
struct pay_terms {
	const char *terminal;
	const char *const *secrets; /* of its MACs: newest first, all live */
	size_t secret_count;
	const char *own_secret; /* of ours */
	const char *access_key; /* MoMo's; or NULL */
	bool by_key;            /* its notices bear a secret, and no MAC */
	const char *token;      /* of a bearer; or NULL */
	const char *pay_url;
	const char *api_url;
	const char *query_url;
	const char *voucher_url;           /* "": it gives none */
	const char *const *voucher_places; /* where one is, in an answer */
	size_t voucher_place_count;
	const char *fee_kind, *charge_kind; /* the National Portal's words */
	const char *wrong;                  /* its code for what went wrong */
	const char *const *failed;          /* its statuses that are final */
	const char *const *absent; /* its errors for an order it has not got */
	size_t absent_count;
	const char *const *codes; /* "1006=failed": before what is built in */
	size_t code_count;
	size_t failed_count;
	const char *return_url; /* where the browser comes back */
	const char *notice_url; /* where notices go */
	const char *our_ip;
};

/* Whose account the money goes to: the agency's or the Treasury's.  The
 * gateway holds no money (Decree 52/2024/NĐ-CP, art. 22). */
struct pay_payee {
	const char *bank; /* BIN, 970xxx */
	const char *account;
	const char *name;
};

struct pay_line {
	const char *code, *title;
	bool charge; /* lệ phí; false: phí */
	struct money amount;
};

/* What is paid for, in the words that the National Portal prints. */
struct pay_bill {
	const char *unit_code, *unit_name;
	const char *procedure_code, *procedure_name;
	const char *payer_name, *payer_id;
	const struct pay_line *lines;
	size_t line_count;
};

struct pay_order {
	const char *ref;
	struct money amount;
	int64_t created_us, expires_us;
	const char *subject; /* what is paid for: the dossier's code */
	const char *payer_ip;
	bool english;
	const struct pay_payee *payee; /* NULL: the provider knows whose */
	const struct pay_bill *bill;   /* to start; or NULL */
};

/* A request as it came. */
struct pay_raw {
	const char *query;
	const uint8_t *body;
	size_t body_len;
	const char *authorization; /* these headers: "" for none */
	const char *stamp, *mac;   /* X-SePay-Timestamp, -Signature */
	int64_t now_us;            /* when it came */
};

enum pay_outcome {
	PAY_PAID,
	PAY_FAILED,
	PAY_PENDING, /* not finished */
	PAY_DOUBT,   /* suspected or contradictory: neither paid nor failed */
	PAY_ABSENT,  /* asked: the provider knows no such order */
	PAY_NO_NEWS, /* no word of money to us: a probe, a transfer that left */
};

#define PAY_REF_LEN  101
#define PAY_TXN_LEN  65
#define PAY_CODE_LEN 41
#define PAY_MARK_LEN 21

/* What a provider said.  dong is -1 when its amount is none of ours to read:
 * another currency, a fraction, not a plain number. */
struct pay_notice {
	char ref[PAY_REF_LEN];
	char mark[PAY_MARK_LEN]; /* where ref does not fit: how what follows
				  * its R begins; "" for none */
	char terminal[PAY_TXN_LEN];
	bool foreign; /* it names a terminal whose keys are not ours to prove
		       * it by; the gateway says so */
	struct money amount;
	enum pay_outcome outcome;
	char txn[PAY_TXN_LEN]; /* its number of the transaction; "" for none */
	char code[PAY_CODE_LEN]; /* its own codes */
	size_t secret;           /* under which of the secrets; 0: the newest */
	struct blob raw;         /* byte for byte */
};

void pay_notice_release(struct pay_notice *n);

/* What a provider is told, in the words of payment_apply().  What nobody has
 * decided is trouble. */
enum pay_answer {
	PAY_ANSWER_TROUBLE,
	PAY_ANSWER_DONE,
	PAY_ANSWER_ALREADY,
	PAY_ANSWER_UNKNOWN,
	PAY_ANSWER_OTHER_AMOUNT,
	PAY_ANSWER_CLASH, /* its transaction is another order's */
	PAY_ANSWER_BAD_MAC,
	PAY_ANSWER_FLOOD, /* a wrong MAC again, of one source */
	PAY_ANSWER_NO_INPUT,
};

/* The MAC as it was given, and under which secret it was made. */
struct pay_proof {
	const char *hex;
	size_t secret;
};

/* What is answered: said is zeroed if it was not proved. */
struct pay_heard {
	const struct pay_terms *terms;
	const struct pay_notice *said;
	int64_t now_us;
};

struct pay_reply {
	int status;
	const char *type;
	struct buf body; /* the caller releases */
};

/*
 * Money to be given back, of what paid an order.  Its reference is ours: up to
 * PAY_REFUND_REF_MAX letters and digits, committed before the first call, and
 * the same in every repetition; it is what a provider tells repetitions by.
 */
#define PAY_REFUND_REF_MAX 32

struct pay_refund {
	const char *ref;
	struct money amount;
	const char *txn;  /* the provider's number of what was paid */
	bool whole;       /* all of it; false: a part */
	const char *by;   /* who asks for it */
	int64_t asked_us; /* when it was first sent; now, if never */
};

/* What became of a refund. */
enum pay_refund_outcome {
	PAY_REFUND_DONE,
	PAY_REFUND_PROCESSING, /* taken in, and not yet carried out */
	PAY_REFUND_REJECTED,   /* it will not be, and nothing was given back */
	PAY_REFUND_ABSENT,     /* asked: the provider knows no such refund */
};

struct pay_refunded {
	enum pay_refund_outcome outcome;
	char txn[PAY_TXN_LEN];   /* its number of the refund; "" for none */
	char code[PAY_CODE_LEN]; /* its own codes */
};

struct pay_question {
	const struct pay_terms *terms;
	const struct pay_order *order;
	const struct pay_refund *refund; /* for refund_*; order is what paid */
	int64_t now_us;
	struct http_client *client;
};

/* One call to a provider: POST, JSON. */
#define PAY_HEADERS_MAX 2
struct pay_call {
	struct buf url, body;
	struct buf headers[PAY_HEADERS_MAX]; /* "Name: value"; empty: none */
	int timeout_ms;
	size_t answer_max; /* bytes; 0: as many as a few values may have */
};

void pay_call_release(struct pay_call *c);

/* Writes what is asked; one that can refuse says so in *e. */
typedef bool pay_call_fn(
    const struct pay_question *q, struct pay_call *out, struct err *e);

/*
 * A provider that writes its pay address itself is asked for it (open_*);
 * of any other we write it (start).  One of the two is NULL.
 *
 * *out is zeroed before; the caller releases it.
 */
struct pay_adapter {
	const char *method; /* of its notices */

	/* What start and open_read write is the text of a VietQR, and no
	 * address.  A payer's bank takes any amount, so what comes adds up. */
	bool transfers;

	/* To start, it is told whose account is paid, and for what. */
	bool bills;

	/* The MAC of its notices does not cover whether it was paid: one is a
	 * reason to ask, and what was asked is believed alone. */
	bool asks_first;

	bool (*start)(const struct pay_terms *t, const struct pay_order *o,
	    struct buf *url, struct err *e);
	pay_call_fn *open_call;
	bool (*open_read)(const struct pay_question *q,
	    const struct pay_raw *raw, struct buf *url, struct err *e);

	/* It asks us what a dossier owes, and may pay that order: its bill.
	 * An order that it has not made it may not know when it is asked
	 * about.  The caller frees it.  NULL: it never asks. */
	struct json *(*bill)(const struct pay_question *q);

	bool (*read_notice)(const struct pay_terms *t,
	    const struct pay_raw *raw, struct pay_notice *out, struct err *e);

	/* What the payer's browser carries back; never a proof of payment. */
	bool (*read_return)(const struct pay_terms *t,
	    const struct pay_raw *raw, struct pay_notice *out, struct err *e);

	/* Does a notice repeat what we sent, in all that only we know?  NULL:
	 * it repeats nothing but what struct pay_notice holds. */
	bool (*is_echo)(const struct pay_order *o, const struct pay_raw *raw);

	void (*answer)(enum pay_answer a, const struct pay_heard *h,
	    struct pay_reply *out);

	/* Both NULL: it cannot be asked. */
	pay_call_fn *query_call;
	bool (*query_read)(const struct pay_question *q,
	    const struct pay_raw *raw, struct pay_notice *out, struct err *e);

	/* All four NULL: this provider gives nothing back when asked to, and
	 * an officer does it by hand.  refund_call may refuse an amount. */
	pay_call_fn *refund_call;
	bool (*refund_read)(const struct pay_question *q,
	    const struct pay_raw *raw, struct pay_refunded *out, struct err *e);
	pay_call_fn *refund_query_call;
	bool (*refund_query_read)(const struct pay_question *q,
	    const struct pay_raw *raw, struct pay_refunded *out, struct err *e);

	/* Both NULL: it has no receipt of its own for who paid an order. */
	pay_call_fn *voucher_call;
	bool (*voucher_read)(const struct pay_question *q,
	    const struct pay_raw *raw, struct blob *pdf, struct err *e);
};

/* The address where one pays, asked for if need be. */
bool pay_open(const struct pay_adapter *a, const struct pay_question *q,
    struct buf *url, struct err *e);

/* Asks what became of one order. */
bool pay_query(const struct pay_adapter *a, const struct pay_question *q,
    struct pay_notice *out, struct err *e);

/* Can this provider be asked to give money back? */
bool pay_can_refund(const struct pay_adapter *a);

/* Asks for money to be given back.  ERR_PROVIDER: it may or may not have been
 * done; ask about it before asking for it again. */
bool pay_refund(const struct pay_adapter *a, const struct pay_question *q,
    struct pay_refunded *out, struct err *e);

/* Asks what became of a refund. */
bool pay_refund_query(const struct pay_adapter *a, const struct pay_question *q,
    struct pay_refunded *out, struct err *e);

/* Has a provider of this name receipts of its own to give? */
bool pay_has_vouchers(const char *name);

/* Asks for the one of an order that was paid: a PDF by its first bytes and of
 * no more than PAY_VOUCHER_MAX; the caller releases it. */
#define PAY_VOUCHER_MAX (4 * 1024 * 1024)
bool pay_voucher(const struct pay_adapter *a, const struct pay_question *q,
    struct blob *pdf, struct err *e);

/* What may stand in a description that is sent, after words: letters without
 * their marks, digits and " .,:-".  Encoders disagree about the rest, and raw
 * strings that are signed are joined by it. */
#define PAY_INFO_MAX 255
void pay_info(struct buf *out, const char *words, const char *subject);

/* Keeps what fits of a stranger's text, in whole characters. */
void pay_keep(char *out, size_t cap, const char *value);

/* A read_return for providers that send the browser back with nothing of
 * their own: the address that we gave says ?attempt=<ref>. */
bool pay_read_attempt(const struct pay_terms *t, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e);

/*
 * A member of a body as MACs want it: a text unescaped, a number as it was
 * written, null and nothing as "".  False: a fraction or an exponent, which
 * no double may come near, or a value that is not single, or over cap.
 */
bool pay_lexeme(
    const struct json *obj, const char *name, char *out, size_t cap);

/* The body of an answer; who is the provider that gave it.  ERR_PROVIDER: it
 * is no JSON. */
bool pay_parse(const char *who, const struct pay_raw *raw, struct json **out,
    struct err *e);

/* Is this HMAC, in hex, that of any live secret?  *which says of which. */
bool pay_proves(const struct pay_terms *t, enum mac_algorithm alg,
    const struct buf *data, struct pay_proof *proof);

/* The HMAC under one secret, appended in lower-case hex. */
void pay_sign(enum mac_algorithm alg, const char *secret,
    const struct buf *data, struct buf *out);

/* Is it paid by transfers, of any amount? */
bool pay_adds_up(const char *name);

/* What the terms say that a code of the provider's means: "paid", "failed",
 * "pending", "doubt" or "absent", in *out; false, with it untouched: nothing.
 */
bool pay_code(
    const struct pay_terms *t, const char *code, enum pay_outcome *out);

/* NULL: no such provider. */
const struct pay_adapter *pay_adapter_find(const char *name);

#define PAY(name, adapter) extern const struct pay_adapter adapter;
#include "adapters/adapters.def"

#endif /* ADAPTERS_ADAPTER_H */
