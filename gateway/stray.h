#ifndef GATEWAY_STRAY_H
#define GATEWAY_STRAY_H

#include "gateway/four_eyes.h"

/*
 * Money for nobody: a provider has proved it, and it is for no order of ours,
 * or came under another terminal than its order's.  It credits nothing until
 * one officer has said to which order it belongs and another has confirmed;
 * then it goes through payment_apply() like any other.
 *
 * DIAGNOSTICS
 *	ERR_NOT_FOUND	no such money here
 *	ERR_BAD_FIELD	no such order at this provider
 *	ERR_WRONG_AMOUNT	the order asks for another amount
 *	ERR_WRONG_STATE	proposed already, or not yet
 *	ERR_SAME_PERSON	who proposed does not confirm
 *	ERR_STORAGE	from db.c
 */
struct db_rows;
struct json;

four_eyes_fn stray_propose; /* without an attempt: it belongs to none of ours */
four_eyes_fn stray_confirm;
four_eyes_fn stray_reopen;

/* A row of stray_list, as the API shows it. */
struct json *stray_row(const struct db_rows *rows, int i);

#endif /* GATEWAY_STRAY_H */
