#ifndef ADAPTERS_PAY_VNPAY_H
#define ADAPTERS_PAY_VNPAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "adapters/adapter.h"

/*
 * What VNPay's two halves share: pay_vnpay.c, where one pays and is told, and
 * pay_vnpay_api.c, where we ask.
 */
#define VNPAY_HASH_NAME "vnp_SecureHash"

/* Đồng from an amount times 100; -1 for what is no such number. */
int64_t vnpay_amount(const char *s, const char *currency);

/* n1..15, and not 0, which stands for no transaction at all. */
bool vnpay_is_txn(const char *s);

enum pay_outcome vnpay_outcome(const char *response, const char *status);

/* Copies what fits; what does not is no value of VNPay's. */
bool vnpay_take(char *out, size_t cap, const char *value);

pay_call_fn vnpay_query_call;
bool vnpay_query_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_notice *out, struct err *e);

pay_call_fn vnpay_refund_call;
bool vnpay_refund_read(const struct pay_question *q, const struct pay_raw *raw,
    struct pay_refunded *out, struct err *e);
bool vnpay_refund_query_read(const struct pay_question *q,
    const struct pay_raw *raw, struct pay_refunded *out, struct err *e);

#endif /* ADAPTERS_PAY_VNPAY_H */
