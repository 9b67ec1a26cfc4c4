#ifndef ADAPTERS_DVCQG_BILL_H
#define ADAPTERS_DVCQG_BILL_H

struct json;
struct pay_order;
struct pay_terms;

/*
 * The bill that the National Public Service Portal prints and books by:
 * bill_info of KEYPAY_DVCQG 3.0 and ThongTinBienLai of PaymentPlatform 1.0.6
 * are the same object.  Amounts are texts, like everything in it; what is
 * only for fines is there and empty, since the Portal's schema wants it.
 *
 * The order has its bill and its payee.  The caller owns the object.
 */
struct json *dvcqg_bill(const struct pay_terms *t, const struct pay_order *o);

#endif /* ADAPTERS_DVCQG_BILL_H */
